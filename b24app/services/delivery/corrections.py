"""Correcting an entry: the new one is added, and then the old one is deleted, since a timeline's entries never change.

Once the new entry is on the timeline, the old one is marked for deletion in the same commit as everything else that is
noted then; so a killed process, or a portal that refuses for now, leaves it to the worker.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24.entities import Entity
from b24app.db import change
from b24app.models import EntryState, LogEntry, Person


def find(session: Session, person: Person, card: Entity, entry_id: int) -> LogEntry | None:
    """An entry that this person may correct: their own, on this card and its timeline, and not corrected already."""
    own = select(LogEntry).where(
        LogEntry.id == entry_id,
        LogEntry.person_id == person.id,
        LogEntry.entity_type_id == card.type_id,
        LogEntry.entity_id == card.id,
        LogEntry.state == EntryState.SENT,
        LogEntry.deleted_at.is_(None),
        LogEntry.deletion_due_at.is_(None),
    )
    another = select(LogEntry.id).where(
        LogEntry.portal_id == person.portal_id,
        LogEntry.person_id == person.id,
        LogEntry.corrects_id == entry_id,
        LogEntry.state != EntryState.FAILED,
        LogEntry.deleted_at.is_(None),
    )
    return session.scalar(own) if session.scalar(another.limit(1)) is None else None


def mark_corrected(session: Session, entry: LogEntry) -> None:
    """The entry is on the timeline: what it corrects is to be deleted. Commits, if there is anything."""
    if entry.corrects_id is None:
        return
    old = update(LogEntry).where(
        LogEntry.id == entry.corrects_id, LogEntry.person_id == entry.person_id, LogEntry.deleted_at.is_(None)
    )
    change(session, old.values(deletion_due_at=db.now(session)))
    session.commit()


def corrected_by(session: Session, entry: LogEntry) -> LogEntry | None:
    """The entry that is to be deleted for this one, if it is still there."""
    old = select(LogEntry).where(LogEntry.id == entry.corrects_id, LogEntry.person_id == entry.person_id)
    return session.scalar(old.where(LogEntry.deleted_at.is_(None)))
