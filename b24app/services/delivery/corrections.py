"""Corrects an entry by adding a new one and deleting the old one, since log entries cannot be changed.

The old entry is marked for deletion in the commit that records the new one as sent. If the process is killed, or the
portal refuses for now, the worker deletes it later.
"""

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24.entities import Entity
from b24app.db import change
from b24app.models import EntryState, LogEntry, Person


def find(session: Session, person: Person, card: Entity, entry_id: int) -> LogEntry | None:
    """An entry that this person may correct: their own, on this card's timeline, and not corrected yet."""
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
    """After ``entry`` was sent, mark the one that it corrects for deletion. Commits if there is one."""
    if entry.corrects_id is None:
        return
    old = update(LogEntry).where(
        LogEntry.id == entry.corrects_id, LogEntry.person_id == entry.person_id, LogEntry.deleted_at.is_(None)
    )
    change(session, old.values(deletion_due_at=db.now(session)))
    session.commit()


def corrected_by(session: Session, entry: LogEntry) -> LogEntry | None:
    """The entry that this one corrects, if it still has to be deleted."""
    old = select(LogEntry).where(LogEntry.id == entry.corrects_id, LogEntry.person_id == entry.person_id)
    return session.scalar(old.where(LogEntry.deleted_at.is_(None)))
