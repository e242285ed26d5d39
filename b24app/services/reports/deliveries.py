"""The entries of a portal for its administrators: listed, counted, retried and given up.

Administrators of a portal see everybody's entries, since they are also administrators of its CRM and may read every
card. Drafts are not entries; only their authors see them.
"""

import enum
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, false, func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from b24app.bitrix24.entities import Entity
from b24app.db import change
from b24app.i18n import folded
from b24app.models import EntryState, LogEntry, Portal
from b24app.services import paging
from b24app.services.delivery import retry, sets
from b24app.services.delivery.outbox import WAITING
from b24app.services.paging import LOOKED_AT, Found, Lead, Page, Statement

MOST_COUNTED = 10_000
CHANGED_AT_ONCE = 500
# Row numbers follow the times of saving, apart from clock differences up to this.
CLOCKS_APART = timedelta(hours=1)
# Written like the condition of the index of deleted entries, so that the database uses it.
IS_DELETED = LogEntry.deleted_at.is_not(None)


class Standing(enum.StrEnum):
    """The state of an entry, as administrators see it."""

    WAITING = "waiting"
    UNSURE = "unsure"
    FAILED = "failed"
    SENT = "sent"
    DELETED = "deleted"
    OPEN = "open"
    ALL = "all"


STATES = {
    Standing.WAITING: (EntryState.PENDING, EntryState.SENDING),
    Standing.UNSURE: (EntryState.UNSURE,),
    Standing.FAILED: (EntryState.FAILED,),
    Standing.SENT: (EntryState.SENT,),
    Standing.OPEN: (EntryState.PENDING, EntryState.SENDING, EntryState.UNSURE, EntryState.FAILED),
}
UNSETTLED = {Standing.WAITING, Standing.UNSURE, Standing.FAILED, Standing.OPEN}


@dataclass(frozen=True)
class Filter:
    """Which entries to list; empty or None matches all. ``people`` are our own numbers, ``until`` is exclusive."""

    standing: Standing = Standing.OPEN
    people: tuple[int, ...] = ()
    entity: Entity | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""
    # Only entries of one text on several cards.
    set_id: int | None = None

    def is_wanted(self, row: Found) -> bool:
        card = Entity(row.entity_type_id, row.entity_id)
        return (
            self._is_standing(row)
            and row.person_id in (self.people or (row.person_id,))
            and card == (self.entity or card)
            and row.set_id in (self.set_id or row.set_id,)
            and self._is_in_time(row.written_at)
            and (not self.words or folded(self.words) in folded(f"{row.title}\n{row.text}"))
        )

    def _is_in_time(self, written_at: datetime) -> bool:
        return (self.since or written_at) <= written_at and (self.until is None or written_at < self.until)

    def _is_standing(self, row: Found) -> bool:
        if self.standing in STATES:
            return row.deleted_at is None and row.state in STATES[self.standing]
        return self.standing == Standing.ALL or row.deleted_at is not None


@dataclass(frozen=True)
class Done:
    """How many entries were changed; ``next_key`` is where to continue, None if there are no more."""

    count: int
    next_key: int | None = None


def counts(session: Session, portal: Portal) -> dict[Standing, int]:
    """How many entries are in each state, capped at MOST_COUNTED + 1."""
    of_portal = Lead((LogEntry.portal_id,), (portal.id,))
    by_state = {state: _count(session, of_portal.also(LogEntry.state, state)) for state in EntryState}
    standing = {name: sum(by_state[state] for state in states) for name, states in STATES.items()}
    deleted: Statement = select(LogEntry.id).where(IS_DELETED)
    standing[Standing.DELETED] = paging.count(session, deleted, of_portal, LogEntry.id, MOST_COUNTED)
    session.commit()
    return {name: min(number, MOST_COUNTED + 1) for name, number in standing.items()}


def page(session: Session, portal: Portal, wanted: Filter, *, before: int | None = None) -> tuple[list[LogEntry], Page]:
    """A page of entries, the latest first."""
    found = paging.cut(_walk(session, portal, wanted, before), wanted.is_wanted)
    # Refreshed, since some may have been changed outside this session.
    rows = select(LogEntry).where(LogEntry.id.in_(found.ids)).execution_options(populate_existing=True)
    return list(session.scalars(rows.order_by(LogEntry.id.desc()))), found


def every(session: Session, portal: Portal, wanted: Filter) -> Iterator[Found]:
    """All matching entries with all columns, read in steps."""
    columns = (LogEntry.icon_code, LogEntry.title, LogEntry.text, LogEntry.reason, LogEntry.attempts)
    told = (*columns, LogEntry.bitrix_id, LogEntry.sent_at)
    return filter(wanted.is_wanted, _walk(session, portal, wanted, None, *told))


def count(session: Session, portal: Portal, wanted: Filter, states: Collection[EntryState]) -> int:
    """How many entries that a change of all would reach are in these states."""
    rows = islice(_walk(session, portal, wanted, None), LOOKED_AT)
    return sum(row.state in states and wanted.is_wanted(row) for row in rows)


def find(session: Session, portal: Portal, entry_id: int) -> LogEntry | None:
    """An entry of this portal that is not deleted, by our number."""
    of_portal = select(LogEntry).where(LogEntry.portal_id == portal.id, LogEntry.deleted_at.is_(None))
    return session.scalar(of_portal.where(LogEntry.id == entry_id))


def try_again(session: Session, portal: Portal, entry: LogEntry) -> bool:
    """Make an entry due now; returns False if it was sent or is being sent."""
    _unpark(session, portal)
    return retry.revive(session, LogEntry.id == entry.id) > 0


def give_up(session: Session, entry: LogEntry) -> bool:
    """Give up an entry; returns whether it was waiting."""
    return retry.give_up(session, LogEntry.id == entry.id) > 0


def try_all_again(session: Session, portal: Portal, wanted: Filter, *, before: int | None = None) -> Done:
    """Make the entries of a filter due now, up to the limit of one page."""
    _unpark(session, portal)
    return _change_all(session, _walk(session, portal, wanted, before), wanted, retry.REVIVABLE, retry.revive)


def give_all_up(session: Session, portal: Portal, wanted: Filter, *, before: int | None = None) -> Done:
    """Give up the entries of a filter, up to the limit of one page."""
    return _change_all(session, _walk(session, portal, wanted, before), wanted, WAITING, retry.give_up)


def _change_all(
    session: Session,
    rows: Iterable[Found],
    wanted: Filter,
    states: Collection[EntryState],
    change_some: Callable[[Session, ColumnElement[bool]], int],
) -> Done:
    """Change rows in statements of limited size, each in its own transaction."""
    count, ids = 0, []
    for looked_at, row in enumerate(rows, 1):
        if row.state in states and wanted.is_wanted(row):
            ids.append(row.id)
        if len(ids) == CHANGED_AT_ONCE:
            count += change_some(session, LogEntry.id.in_(ids))
            ids = []
        if looked_at == LOOKED_AT:
            return Done(count + change_some(session, LogEntry.id.in_(ids)), row.id)
    return Done(count + change_some(session, LogEntry.id.in_(ids)))


def _walk(
    session: Session, portal: Portal, wanted: Filter, before: int | None, *told: InstrumentedAttribute[Any]
) -> Iterator[Found]:
    """The candidate rows of a filter, found by its most selective condition."""
    columns = (LogEntry.id, LogEntry.person_id, LogEntry.state, LogEntry.deleted_at, LogEntry.written_at)
    words = (LogEntry.title, LogEntry.text) if wanted.words else ()
    statement: Statement = select(*columns, LogEntry.entity_type_id, LogEntry.entity_id, LogEntry.set_id, *words, *told)
    statement = statement.where(*_between(session, portal, wanted))
    if wanted.standing == Standing.DELETED and not wanted.entity:
        statement = statement.where(IS_DELETED)
    leads = _leads(portal, wanted)
    if wanted.set_id:
        statement = statement.where(sets.IS_IN_SET, LogEntry.portal_id == portal.id)
        author_id = session.scalar(select(LogEntry.person_id).where(LogEntry.id == wanted.set_id))
        leads = [Lead((LogEntry.person_id, LogEntry.set_id), (author_id or 0, wanted.set_id))]
    return paging.walk(session, statement, leads, LogEntry.id, before)


def _leads(portal: Portal, wanted: Filter) -> list[Lead]:
    """The index ranges that contain the rows of a filter; several are merged."""
    of_portal = Lead((LogEntry.portal_id,), (portal.id,))
    if wanted.entity:
        of_kind = of_portal.also(LogEntry.entity_type_id, wanted.entity.type_id)
        return [of_kind.also(LogEntry.entity_id, wanted.entity.id)]
    if wanted.standing == Standing.DELETED:
        return [of_portal]
    if wanted.people and wanted.standing not in UNSETTLED:
        return [of_portal.also(LogEntry.person_id, person_id) for person_id in wanted.people]
    return [of_portal.also(LogEntry.state, state) for state in STATES.get(wanted.standing, ())] or [of_portal]


def _between(session: Session, portal: Portal, wanted: Filter) -> list[ColumnElement[bool]]:
    """The filter's days as a range of row numbers, so that any index can be used."""
    of_portal = select(LogEntry.id).where(LogEntry.portal_id == portal.id)
    bounds = []
    if wanted.since:
        later = of_portal.where(LogEntry.written_at >= wanted.since - CLOCKS_APART).order_by(LogEntry.written_at)
        first = session.scalar(later.limit(1))
        bounds.append(LogEntry.id >= first if first else false())
    if wanted.until:
        earlier = of_portal.where(LogEntry.written_at < wanted.until + CLOCKS_APART)
        last = session.scalar(earlier.order_by(LogEntry.written_at.desc()).limit(1))
        bounds.append(LogEntry.id <= last if last else false())
    return bounds


def _count(session: Session, lead: Lead) -> int:
    """How many rows of a lead are not deleted, counted up to the limit."""
    looked_at = lead.narrow(session, select(LogEntry.deleted_at), LogEntry.id).limit(MOST_COUNTED + 1).subquery()
    return session.scalar(select(func.count()).where(looked_at.c.deleted_at.is_(None))) or 0


def _unpark(session: Session, portal: Portal) -> None:
    """End the worker's pause, since the portal has just answered its administrator."""
    change(session, update(Portal).where(Portal.id == portal.id).values(parked_until=None))
