"""The log of calls that the Market requires: every exchange with a portal, masked and shortened, for some days.

An exchange is noted where it happens and becomes a row with the next commit of the work that needed it: so the log
costs no transaction of its own.
"""

import json
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from b24app.bitrix24.client import Exchange
from b24app.db import postpone, write_postponed
from b24app.masking import mask
from b24app.models import Portal, RestCall
from b24app.tracing import request_id

KEPT_DAYS = 7
KEPT_UNPROVED = 100
LONGEST_STRING = 100
LONGEST_TEXT = 4000
TRIMMED_AT_ONCE = 500

_noted: ContextVar[tuple[Exchange, ...]] = ContextVar("noted", default=())


def forget() -> None:
    """Start a new piece of work in a reused thread: leftovers of an earlier one may belong to another portal."""
    _noted.set(())


def note(exchange: Exchange) -> None:
    """Remember an exchange until it is stored."""
    _noted.set((*_noted.get(), exchange))


def keep(session: Session, portal: Portal, person_id: int | None) -> None:
    """Store what this thread has noted; it is written with the next commit."""
    now = datetime.now(UTC)
    postpone(session, RestCall, [_row(exchange, portal, person_id, now) for exchange in _noted.get()])
    _noted.set(())


def keep_unproved(session: Session, portal: Portal) -> None:
    """Store the calls of an unproved caller: enough to understand a refusal.

    Anybody can send any number of such frames, so only the latest are kept.
    """
    if not _noted.get():
        return
    keep(session, portal, None)
    write_postponed(session)
    of_nobody = select(RestCall.id).where(RestCall.portal_id == portal.id, RestCall.person_id.is_(None))
    older = of_nobody.order_by(RestCall.id.desc()).offset(KEPT_UNPROVED).limit(TRIMMED_AT_ONCE)
    # Another request may be deleting the same ones.
    ids = list(session.scalars(older.with_for_update(skip_locked=True)))
    session.execute(delete(RestCall).where(RestCall.id.in_(ids)))


def trim(session: Session, days: int = KEPT_DAYS) -> int:
    """Delete a batch of calls older than ``days``; returns how many rows were deleted."""
    too_old = datetime.now(UTC) - timedelta(days=days)
    oldest = select(RestCall.id).where(RestCall.called_at < too_old).order_by(RestCall.called_at).limit(TRIMMED_AT_ONCE)
    ids = list(session.scalars(oldest))
    session.execute(delete(RestCall).where(RestCall.id.in_(ids)))
    session.commit()
    return len(ids)


def _row(exchange: Exchange, portal: Portal, person_id: int | None, now: datetime) -> dict[str, Any]:
    parameters = json.dumps(_shortened(exchange.call.parameters), ensure_ascii=False)
    return {
        "portal_id": portal.id,
        "called_at": now,
        "request_id": request_id.get(),
        "person_id": person_id,
        "method": exchange.call.method,
        "code": exchange.code,
        "status": exchange.status,
        "milliseconds": exchange.milliseconds,
        "parameters": mask(parameters)[:LONGEST_TEXT],
        "answer": mask(exchange.answer[:LONGEST_TEXT].decode(errors="replace").replace("\x00", "\ufffd")),
    }


def _shortened(value: Any) -> Any:
    """The same structure with long texts shortened: the log shows what was asked, not what people wrote."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_STRING else f"{value[:LONGEST_STRING]}… ({len(value)})"
    if isinstance(value, dict):
        return {key: _shortened(inner) for key, inner in value.items()}
    return [_shortened(inner) for inner in value] if isinstance(value, list | tuple) else value
