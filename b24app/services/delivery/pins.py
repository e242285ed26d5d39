"""Pins entries to the top of their card's timeline. Portals do not say what is pinned, so our rows do."""

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24 import Bitrix24
from b24app.bitrix24 import pins as calls
from b24app.bitrix24.entities import Entity
from b24app.db import change
from b24app.errors import Refused
from b24app.models import EntryState, LogEntry, Person
from b24app.services.access import tokens

# More than any portal pins on one card.
MOST = 20


def find(session: Session, person: Person, card: Entity, entry_id: int) -> LogEntry | None:
    """An entry on the timeline of its own card, by our number; anybody who may edit the card may pin it."""
    return session.scalar(select(LogEntry).where(*_of_card(person, card), LogEntry.id == entry_id))


def of_card(session: Session, person: Person, card: Entity) -> list[LogEntry]:
    """What Logbook has pinned on a card, the latest first."""
    pinned = select(LogEntry).where(*_of_card(person, card), LogEntry.pinned_at.is_not(None))
    return list(session.scalars(pinned.order_by(LogEntry.pinned_at.desc(), LogEntry.id.desc()).limit(MOST)))


def pin(session: Session, b24: Bitrix24, person: Person, entry: LogEntry) -> bool:
    """Pin an entry; returns False if the card has too many pins. Raises CallFailed or PairDead; commits."""
    try:
        tokens.call_as(session, b24, person, calls.pin(entry.bitrix_id or 0, _card(entry)))
    except Refused as refused:
        if refused.code != calls.TOO_MANY:
            raise
        return False
    change(session, update(LogEntry).where(LogEntry.id == entry.id).values(pinned_at=db.now(session)))
    session.commit()
    return True


def unpin(session: Session, b24: Bitrix24, person: Person, entry: LogEntry) -> None:
    """Unpin an entry, which may be gone from the timeline. Raises CallFailed or PairDead; commits."""
    try:
        tokens.call_as(session, b24, person, calls.unpin(entry.bitrix_id or 0, _card(entry)))
    except Refused as refused:
        if refused.code != calls.NOT_THERE:
            raise
    change(session, update(LogEntry).where(LogEntry.id == entry.id).values(pinned_at=None))
    session.commit()


def _of_card(person: Person, card: Entity) -> tuple[ColumnElement[bool], ...]:
    return (
        LogEntry.portal_id == person.portal_id,
        LogEntry.entity_type_id == card.type_id,
        LogEntry.entity_id == card.id,
        LogEntry.state == EntryState.SENT,
        LogEntry.bitrix_id.is_not(None),
        LogEntry.deleted_at.is_(None),
    )


def _card(entry: LogEntry) -> Entity:
    return Entity(entry.entity_type_id, entry.entity_id)
