"""Calls back programs when their entries are done: signed, and tried a few times."""

import hashlib
import hmac
import json
import logging
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24 import Bitrix24
from b24app.db import change
from b24app.machine_models import ApiKey, Callback
from b24app.models import EntryState, LogEntry, Portal
from b24app.prepared import Prepared, either
from b24app.services.machines import keys

log = logging.getLogger(__name__)

SIGNATURE = "X-Logbook-Signature"
# The pause after each attempt; after the last attempt, the callback is dropped.
WAIT_SECONDS = (10, 60, 600, 3600, 6 * 3600)
# Longer than an attempt can take, so that no other worker repeats it.
LEASE_SECONDS = 60
# Addresses that hang must not hold up the portal's other chores.
TOLD_AT_ONCE = 10

STATES = {EntryState.SENT: "posted", EntryState.FAILED: "failed"}
_HAS_ENDED = either(LogEntry.state, tuple(STATES)) & LogEntry.deletion_due_at.is_(None)
_PORTALS = Prepared(
    select(Callback.portal_id)
    .join(LogEntry, LogEntry.id == Callback.entry_id)
    .join(Portal, Portal.id == Callback.portal_id)
    .where(Callback.due_at <= db.database_time(), _HAS_ENDED, Portal.suspended_at.is_(None))
    .group_by(Callback.portal_id)
)


def state_of(entry: LogEntry) -> str:
    """The state in the API: waiting, posted, failed or deleted."""
    return "deleted" if entry.deleted_at else STATES.get(entry.state, "waiting")


def moment(time: datetime | None) -> str | None:
    return None if time is None else time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def describe(entry: LogEntry) -> dict[str, Any]:
    """An entry as the API shows it."""
    return {
        "id": str(entry.id),
        "state": state_of(entry),
        "reason": entry.reason if entry.deleted_at is None else None,
        "bitrix_id": entry.bitrix_id,
        "written_at": moment(entry.written_at),
    }


def due(session: Session) -> list[int]:
    """The portals with callbacks to make."""
    return _PORTALS.scalars(session, {})


def tell_due(session: Session, b24: Bitrix24, portal_id: int) -> None:
    """Make some of the due callbacks; commits before and after each."""
    wanted = select(Callback).where(Callback.portal_id == portal_id, Callback.due_at <= db.now(session), _HAS_ENDED)
    wanted = wanted.join(LogEntry, LogEntry.id == Callback.entry_id)
    rows = list(session.scalars(wanted.order_by(Callback.due_at).limit(TOLD_AT_ONCE)))
    session.commit()
    for row in rows:
        if _claim(session, row):
            _tell(session, b24, row)


def sign(secret: str, body: bytes, sent_at: int) -> str:
    """``t=…,v1=…``: the time, and the HMAC of the time, a full stop and the body."""
    digest = hmac.new(secret.encode(), f"{sent_at}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={sent_at},v1={digest}"


def _claim(session: Session, row: Callback) -> bool:
    """Count an attempt before it is made, so that killed processes cannot repeat it forever; commits."""
    until = db.now(session) + timedelta(seconds=LEASE_SECONDS)
    as_read = update(Callback).where(Callback.entry_id == row.entry_id, Callback.due_at == row.due_at)
    is_ours = change(session, as_read.values(due_at=until, attempts=Callback.attempts + 1)) == 1
    session.commit()
    return is_ours


def _tell(session: Session, b24: Bitrix24, row: Callback) -> None:
    key = session.get_one(ApiKey, row.key_id)
    secret = keys.callback_secret(key) or ""
    body = json.dumps(describe(row.entry)).encode()
    session.commit()
    is_told = b24.callbacks.post(row.url, body, {SIGNATURE: sign(secret, body, int(datetime.now(UTC).timestamp()))})
    attempts = row.attempts + 1
    if is_told or attempts > len(WAIT_SECONDS):
        session.execute(delete(Callback).where(Callback.entry_id == row.entry_id))
        if not is_told:
            log.warning("callback was given up", extra={"entry": row.entry_id, "attempts": attempts})
    else:
        again_at = db.now(session) + timedelta(seconds=WAIT_SECONDS[attempts - 1])
        change(session, update(Callback).where(Callback.entry_id == row.entry_id).values(due_at=again_at))
    session.commit()
