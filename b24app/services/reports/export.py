"""Exports for administrators, streamed row by row to save memory.

They never contain tokens, the application token, drafts, or people's own templates.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, tzinfo
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from b24app.crypto import Encrypted
from b24app.machine_models import ApiKey
from b24app.models import (
    Base,
    Change,
    LogEntry,
    OwnTemplates,
    Person,
    Portal,
    RestCall,
    SavedDraft,
    SavedSettings,
    TokenPair,
)
from b24app.services import paging
from b24app.services.access import rest_log
from b24app.services.access.people import shown_name
from b24app.services.paging import Found, Lead
from b24app.services.reports import calls, deliveries

FORMAT = 1
MOST_COUNTED = 100_000
Line = dict[str, Any]

ENTRY_COLUMNS = (
    *("number", "written_at", "author", "author_id", "entity_type_id", "entity_id", "icon", "title", "text"),
    *("state", "reason", "sent_at", "timeline_id", "deleted_at"),
)
CALL_COLUMNS = (
    *("number", "called_at", "person", "person_id", "method", "code", "status", "milliseconds", "request_id"),
    *("parameters", "answer"),
)

# The first have few rows; the others can have any number.
WHOLE: dict[str, type[Base]] = {
    "person": Person,
    "permission": TokenPair,
    "own_templates": OwnTemplates,
    "settings": SavedSettings,
    "key": ApiKey,
}
WALKED: dict[str, Any] = {"change": Change, "entry": LogEntry, "draft": SavedDraft, "call": RestCall}


def entries(session: Session, portal: Portal, wanted: deliveries.Filter, zone: tzinfo) -> Iterator[Line]:
    """The entries of a filter, the latest first, with times in ``zone``."""
    names = _names(session, portal)
    for row in deliveries.every(session, portal, wanted):
        name, bitrix_id = names.get(row.person_id, ("", None))
        entity = (row.entity_type_id, row.entity_id)
        words = (row.icon_code, row.title, row.text, row.state.value, row.reason)
        fate = (_local(row.sent_at, zone), row.bitrix_id, _local(row.deleted_at, zone))
        told = (row.id, _local(row.written_at, zone), name, bitrix_id, *entity, *words, *fate)
        yield dict(zip(ENTRY_COLUMNS, told, strict=True))


def rest_calls(session: Session, portal: Portal, wanted: calls.Filter, zone: tzinfo) -> Iterator[Line]:
    """The calls of a filter, the latest first, with times in ``zone``."""
    names = {bitrix_id: name for name, bitrix_id in _names(session, portal).values()}
    for row in calls.every(session, portal, wanted):
        who = (names.get(row.person_id or 0, ""), row.person_id)
        how = (row.method, row.code, row.status, row.milliseconds, row.request_id, row.parameters, row.answer)
        yield dict(zip(CALL_COLUMNS, (row.id, _local(row.called_at, zone), *who, *how), strict=True))


def stock(session: Session, portal: Portal) -> dict[str, int]:
    """How many rows of each kind are stored, capped at MOST_COUNTED + 1."""
    rest_log.complete(session)
    counted = {kind: _count(session, portal, table) for kind, table in WHOLE.items()}
    for kind, table in WALKED.items():
        counted[kind] = paging.count(session, select(table.id), _lead(portal, table), table.id, MOST_COUNTED)
    session.commit()
    return counted


def everything(session: Session, portal: Portal) -> Iterator[Line]:
    """Everything about a portal: a line about the export, each kind of row in turn, and a line with totals."""
    rest_log.complete(session)
    yield {"kind": "export", "format": FORMAT, "made_at": datetime.now(UTC), "address": portal.origin}
    lines = 0
    for line in _things(session, portal):
        lines += 1
        yield line
    yield {"kind": "end", "lines": lines}


def _things(session: Session, portal: Portal) -> Iterator[Line]:
    yield _line("portal", session.execute(select(*_told(Portal)).where(Portal.id == portal.id)).one())
    for kind, table in WHOLE.items():
        rows = session.execute(select(*_told(table)).where(_is_of(portal, table))).all()
        session.commit()
        yield from (_line(kind, row) for row in rows)
    for kind, table in WALKED.items():
        walk = paging.walk(session, select(*_told(table)), [_lead(portal, table)], table.id)
        yield from (_line(kind, row) for row in walk)


def _lead(portal: Portal, table: Any) -> Lead:
    return Lead((table.portal_id,), (portal.id,))


def _is_of(portal: Portal, table: type[Base]) -> ColumnElement[bool]:
    if table is TokenPair:
        return TokenPair.person_id.in_(select(Person.id).where(Person.portal_id == portal.id))
    return table.__table__.c.portal_id == portal.id


def _told(table: type[Base]) -> list[ColumnElement[Any]]:
    """Encrypted columns are never exported."""
    return [column for column in table.__table__.columns if not isinstance(column.type, Encrypted)]


def _count(session: Session, portal: Portal, table: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(table).where(_is_of(portal, table))) or 0


def _names(session: Session, portal: Portal) -> dict[int, tuple[str, int]]:
    of_portal = select(Person.id, Person.name, Person.bitrix_id).where(Person.portal_id == portal.id)
    return {row.id: (shown_name(row.name, row.bitrix_id), row.bitrix_id) for row in session.execute(of_portal)}


def _line(kind: str, row: Found) -> Line:
    return {"kind": kind, **row._mapping}


def _local(moment: datetime | None, zone: tzinfo) -> str:
    """A time in ``zone``, in the format that spreadsheets read."""
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M:%S}" if moment else ""
