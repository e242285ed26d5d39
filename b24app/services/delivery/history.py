"""What people can do with existing entries: page back, retry waiting ones, delete their own."""

import logging

from sqlalchemy import ColumnElement, and_, select, update
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24 import Bitrix24, methods
from b24app.bitrix24.entities import Entity
from b24app.bitrix24.methods import Entry
from b24app.codes import Reason
from b24app.db import change
from b24app.errors import CallFailed, Refused
from b24app.models import EntryState, LogEntry, Person
from b24app.services.access import tokens
from b24app.services.delivery import entries, outbox, retry, timeline

log = logging.getLogger(__name__)


def older(
    session: Session, b24: Bitrix24, person: Person, entity: Entity, *, offset: int, before: int
) -> tuple[list[Entry], bool]:
    """A page of the portal's entries, from ``offset`` on and older than ``before``, and whether more may follow.

    Portals may repeat a page forever, and pages may shift: entries that are not older have been shown, and a page that
    is short or has nothing older is the last. Raises CallFailed or PairDead.
    """
    answer = tokens.call_as(session, b24, person, methods.entries(entity, offset=offset))
    entries = [row for row in methods.read_entries(answer) if row.id < before]
    return entries, methods.count_entries(answer) >= timeline.PAGE and bool(entries)


def find_own(session: Session, person: Person, entry_id: int) -> LogEntry | None:
    """An entry that this person wrote with Logbook and has not deleted, by our own number."""
    own = select(LogEntry).where(LogEntry.id == entry_id, LogEntry.person_id == person.id)
    return session.scalar(own.where(LogEntry.deleted_at.is_(None)))


def revive(session: Session, b24: Bitrix24, entry: LogEntry) -> LogEntry:
    """Retry a waiting or refused entry now; its row has the outcome.

    An unsure entry only becomes due: the worker looks for it on the timeline first.
    """
    retry.revive(session, LogEntry.id == entry.id)
    session.refresh(entry)
    session.commit()
    return outbox.deliver(session, b24, entry) if entry.state == EntryState.PENDING else entry


def remove(session: Session, b24: Bitrix24, entry: LogEntry) -> bool:
    """Delete an entry from the timeline in its author's name; returns whether it is gone.

    An entry that is being sent cannot be deleted: nobody knows yet whether it arrived.
    Raises CallFailed or PairDead if the portal does not delete it.
    """
    if entry.state not in {EntryState.SENT, EntryState.FAILED}:
        return False
    as_read = _as_it_stands(entry)
    number = entry.bitrix_id if entry.state == EntryState.SENT else _find_given_up(session, b24, entry)
    if number is None and entry.reason == Reason.GIVEN_UP_UNSURE and outbox.seconds_left(entry, db.now(session)) > 0:
        # Its call may still be running: an entry that is missing now may appear within a minute.
        return False
    if number is not None:
        try:
            tokens.call_as(session, b24, entry.person, methods.delete_entry(number))
        except Refused as refused:
            if refused.code != Reason.NOT_FOUND:
                raise
    # The row stays, without its text, so that the same form cannot create it again.
    # If somebody has retried it meanwhile, it is being sent and keeps its text.
    is_gone = change(session, update(LogEntry).where(as_read).values(**entries.deleted())) == 1
    session.commit()
    session.refresh(entry)
    session.commit()
    log.info("entry deleted" if is_gone else "entry tried again while it was deleted", extra={"entry": entry.id})
    return is_gone


def _as_it_stands(entry: LogEntry) -> ColumnElement[bool]:
    """The condition that the entry is unchanged; sending it or looking for it updates the time."""
    return and_(
        LogEntry.id == entry.id,
        LogEntry.deleted_at.is_(None),
        LogEntry.state == entry.state,
        LogEntry.due_at == entry.due_at,
    )


def _find_given_up(session: Session, b24: Bitrix24, entry: LogEntry) -> int | None:
    """The portal's number of an entry that was given up while unsure; None if it is not on the timeline."""
    if entry.reason != Reason.GIVEN_UP_UNSURE:
        return None
    found = timeline.find(session, lambda calls: tokens.ask_all_as(session, b24, entry.person, calls), [entry])[
        entry.id
    ]
    if isinstance(found, CallFailed):
        raise found
    return found.id if found else None
