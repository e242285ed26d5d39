"""How long the texts of sent entries are stored here; the worker deletes them afterwards."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, literal_column, select, update
from sqlalchemy.orm import Session

from b24app import db
from b24app.db import change
from b24app.models import EntryState, LogEntry, Portal, SavedSettings
from b24app.prepared import Prepared
from b24app.services.delivery.entries import WORDLESS
from b24app.services.settings import settings
from b24app.services.settings.settings import Section

MOST_DAYS = 3650
TRIMMED_AT_ONCE = 500
ASKED_AT_ONCE = 500
# Written like the condition of the index of entries with text, so that the database uses it.
HAS_WORDS = LogEntry.title != literal_column("''")
_CHOSEN = Prepared(
    select(SavedSettings.portal_id, SavedSettings.choices).where(SavedSettings.section == Section.PRIVACY)
)


@dataclass(frozen=True)
class Retention:
    """``days`` after sending; 0 means not at all, None until Logbook is uninstalled."""

    days: int | None = None

    def as_map(self) -> dict[str, Any]:
        """The form in which the section is saved."""
        return {"days": self.days}


def read(session: Session, portal_id: int) -> tuple[Retention, int]:
    """The choices and the version of the section."""
    saved = settings.read(session, portal_id, Section.PRIVACY)
    return Retention((saved.choices or {}).get("days")), saved.version


def due(session: Session) -> list[int]:
    """The portals with texts to delete."""
    by_days: dict[int, list[int]] = defaultdict(list)
    for portal_id, choices in _CHOSEN.rows(session, {}):
        if choices.get("days") is not None:
            by_days[choices["days"]].append(portal_id)
    return sorted(portal_id for days, ids in by_days.items() for portal_id in _with_old_words(session, ids, days))


def trim(session: Session, portal_id: int) -> None:
    """Delete expired texts, in steps between which others can write; commits."""
    retention, _version = read(session, portal_id)
    session.commit()
    if retention.days is not None:
        while _trim_step(session, portal_id, retention.days) == TRIMMED_AT_ONCE:
            pass


def _with_old_words(session: Session, ids: list[int], days: int) -> Iterable[int]:
    for start in range(0, len(ids), ASKED_AT_ONCE):
        old = exists().where(LogEntry.portal_id == Portal.id, _is_over(days))
        yield from session.scalars(select(Portal.id).where(Portal.id.in_(ids[start : start + ASKED_AT_ONCE]), old))


def _trim_step(session: Session, portal_id: int, days: int) -> int:
    old = select(LogEntry.id).where(LogEntry.portal_id == portal_id, _is_over(days)).limit(TRIMMED_AT_ONCE)
    words = update(LogEntry).where(LogEntry.id.in_(list(session.scalars(old))), LogEntry.state == EntryState.SENT)
    count = change(session, words.values(**WORDLESS))
    session.commit()
    return count


def _is_over(days: int) -> ColumnElement[bool]:
    """The condition that an entry was sent at least ``days`` ago, by the database's time."""
    since = db.database_time(-timedelta(days=days).total_seconds())
    return and_(HAS_WORDS, LogEntry.state == EntryState.SENT, LogEntry.sent_at <= since)
