"""The timeline of a card: what stands there, and whether one of ours is among it."""

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24, methods
from b24app.bitrix24.entities import Entity
from b24app.bitrix24.methods import Entry
from b24app.errors import AnswerLost
from b24app.models import EntryState, LogEntry
from b24app.services import tokens

PAGE = 10
MOST_PAGES = 50
# The portal's clock and ours differ; more than this is somebody else's entry.
CLOCK_TOLERANCE = timedelta(minutes=15)


def find(session: Session, b24: Bitrix24, wanted: LogEntry) -> Entry | None:
    """The entry on the portal's timeline that can only be ``wanted``; None where there is certainly none.

    Raises CallFailed or PairDead where the portal cannot be asked, AnswerLost while an equal entry is on its way.
    """
    if _is_twin_under_way(session, wanted):
        raise AnswerLost(code="TWIN_UNDER_WAY")
    earliest = wanted.written_at - CLOCK_TOLERANCE
    candidates = [entry for entry in _read_since(session, b24, wanted, earliest) if _is_equal(entry, wanted)]
    known = _known_ids(session, wanted, [entry.id for entry in candidates])
    return min((entry for entry in candidates if entry.id not in known), key=lambda entry: entry.id, default=None)


def _read_since(session: Session, b24: Bitrix24, wanted: LogEntry, earliest: datetime) -> list[Entry]:
    """Page by page, newest first. A portal may repeat a page for ever, so a page with nothing new is the last."""
    entity = Entity(wanted.entity_type_id, wanted.entity_id)
    seen: dict[int, Entry] = {}
    for page in range(MOST_PAGES):
        call = methods.entries(entity, offset=page * PAGE)
        rows = methods.read_entries(tokens.call_as(session, b24, wanted.person, call))
        is_new = {row.id for row in rows} - seen.keys()
        seen |= {row.id: row for row in rows}
        if len(rows) < PAGE or not is_new or min(row.created_at for row in rows) < earliest:
            break
    return [entry for entry in seen.values() if entry.created_at >= earliest]


def _is_equal(entry: Entry, wanted: LogEntry) -> bool:
    return (entry.author_id, entry.title, entry.text, entry.icon_code) == (
        wanted.person.bitrix_id,
        wanted.title,
        wanted.text,
        wanted.icon_code,
    )


def _known_ids(session: Session, wanted: LogEntry, ids: list[int]) -> set[int | None]:
    statement = select(LogEntry.bitrix_id).where(LogEntry.portal_id == wanted.portal_id, LogEntry.bitrix_id.in_(ids))
    known = set(session.scalars(statement))
    session.commit()
    return known


def _is_twin_under_way(session: Session, wanted: LogEntry) -> bool:
    """An equal entry that is being sent right now would be taken for this one."""
    twin = select(LogEntry.id).where(
        LogEntry.person_id == wanted.person_id,
        LogEntry.id != wanted.id,
        LogEntry.state == EntryState.SENDING,
        LogEntry.entity_type_id == wanted.entity_type_id,
        LogEntry.entity_id == wanted.entity_id,
        LogEntry.title == wanted.title,
        LogEntry.text == wanted.text,
    )
    found = session.scalars(twin.limit(1)).first()
    session.commit()
    return found is not None
