"""The log of calls that the Market requires: every call to a portal, masked and shortened, for some days.

Exchanges are noted when they happen and written within a second, together with those of other requests, so that the log
needs no transaction per request.
"""

import json
from contextvars import ContextVar
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from sqlalchemy import Engine, bindparam, delete, insert, select
from sqlalchemy.orm import Session

from b24app import write_behind
from b24app.bitrix24.client import Exchange
from b24app.current_request import request_id
from b24app.db import skip_sync
from b24app.masking import mask
from b24app.models import Portal, RestCall
from b24app.prepared import Prepared

KEPT_DAYS = 7
KEPT_UNPROVED = 100
LONGEST_STRING = 100
LONGEST_TEXT = 4000
TRIMMED_AT_ONCE = 500
_OLD = Prepared(
    select(RestCall.id)
    .where(RestCall.called_at < bindparam("too_old"))
    .order_by(RestCall.called_at)
    .limit(TRIMMED_AT_ONCE)
)

_noted: ContextVar[tuple[Exchange, ...]] = ContextVar("noted", default=())


def forget() -> None:
    """Drop what this thread still holds of earlier work, which may belong to another portal."""
    _noted.set(())


def note(exchange: Exchange) -> None:
    """Remember an exchange of this thread until it is stored."""
    _noted.set((*_noted.get(), exchange))


def keep(session: Session, portal: Portal, person_id: int | None) -> None:
    """Store this thread's exchanges within a second; ``person_id`` is None for an unproved caller."""
    if noted := _noted.get():
        now = datetime.now(UTC)
        write_behind.of(_engine(session)).add(_write, [_row(exchange, portal, person_id, now) for exchange in noted])
        _noted.set(())


def complete(session: Session) -> None:
    """Write what this process still holds before rows are read or deleted. ``session`` has no unsaved changes."""
    write_behind.of(_engine(session)).write()


def _engine(session: Session) -> Engine:
    return cast(Engine, session.get_bind())


def _write(session: Session, rows: list[dict[str, Any]]) -> None:
    skip_sync(session)
    session.execute(insert(RestCall), rows)
    for portal_id in sorted({row["portal_id"] for row in rows if row["person_id"] is None}):
        _trim_unproved(session, portal_id)


def _trim_unproved(session: Session, portal_id: int) -> None:
    """Keep only the latest calls of unproved callers, since anybody can cause any number of them."""
    of_nobody = select(RestCall.id).where(RestCall.portal_id == portal_id, RestCall.person_id.is_(None))
    older = of_nobody.order_by(RestCall.id.desc()).offset(KEPT_UNPROVED).limit(TRIMMED_AT_ONCE)
    # Another process may be deleting the same rows.
    ids = list(session.scalars(older.with_for_update(skip_locked=True)))
    session.execute(delete(RestCall).where(RestCall.id.in_(ids)))


def trim(session: Session, days: int = KEPT_DAYS) -> int:
    """Delete a batch of calls older than ``days``; returns how many."""
    ids = _OLD.scalars(session, {"too_old": datetime.now(UTC) - timedelta(days=days)})
    if ids:
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
    """The same structure with long texts shortened: the log is about calls, not about what people wrote."""
    if isinstance(value, str):
        return value if len(value) <= LONGEST_STRING else f"{value[:LONGEST_STRING]}… ({len(value)})"
    if isinstance(value, dict):
        return {key: _shortened(inner) for key, inner in value.items()}
    return [_shortened(inner) for inner in value] if isinstance(value, list | tuple) else value
