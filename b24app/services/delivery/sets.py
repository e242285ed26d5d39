"""Sets: one text on several cards, each with an entry of its own, saved in one commit.

The worker sends them, fifty in a request, after what people write on single cards. A set consists of its entries alone;
its number is that of the first one.
"""

import enum
import hashlib
import json
from collections.abc import Sequence
from dataclasses import astuple, dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, func, select, update
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24.entities import Entity
from b24app.db import change, insert_into
from b24app.models import EntryState, LogEntry, Person, Source
from b24app.services.delivery import retry
from b24app.services.delivery.entries import Draft, columns

MOST_CARDS = 500
# Of one person; a worker sends fifty in a request.
MOST_WAITING = 2000
LISTED = 5
# Written like the condition of the index of sets, so that the database uses it.
IS_IN_SET = LogEntry.set_id.is_not(None)


class Fate(enum.StrEnum):
    """The state of an entry of a set."""

    SENT = "sent"
    WAITING = "waiting"
    REFUSED = "refused"
    # It is being deleted, or is already.
    LEAVING = "leaving"
    GONE = "gone"
    # Still on its timeline, since the portal has refused to delete it.
    KEPT = "kept"


@dataclass(frozen=True)
class Member:
    """An entry of a set: its card, state and reason."""

    card: Entity
    fate: Fate
    reason: str


@dataclass(frozen=True)
class EntrySet:
    """A set of entries, in the order of its cards."""

    id: int
    written_at: datetime
    icon_code: str
    title: str
    text: str
    members: tuple[Member, ...]

    def having(self, *fates: Fate) -> list[Member]:
        return [one for one in self.members if one.fate in fates]

    @property
    def is_undone(self) -> bool:
        """Whether all its entries are deleted, being deleted, or cannot be."""
        return len(self.having(Fate.LEAVING, Fate.GONE, Fate.KEPT)) == len(self.members)

    @property
    def is_settled(self) -> bool:
        """Whether nothing waits to be sent or deleted."""
        return not self.having(Fate.WAITING, Fate.LEAVING)


@dataclass(frozen=True)
class Glimpse:
    """A set in a list of sets; the title is empty if it is no longer stored, or if the first entry is deleted."""

    id: int
    count: int
    written_at: datetime
    title: str
    deleted_at: datetime | None


def write(
    session: Session,
    person: Person,
    cards: Sequence[Entity],
    draft: Draft,
    form_key: str,
    *,
    happened_at: datetime | None = None,
    prefix: str = "",
) -> int:
    """Save an entry for each of at least one card, and commit; returns the set's number.

    A form sent again finds the same set. ``prefix`` and ``happened_at`` are as in ``entries.write``.
    """
    cards = list(dict.fromkeys(cards))[:MOST_CARDS]
    key = _key(cards, draft, form_key)
    now = db.now(session)
    more = {"happened_at": happened_at, "prefix": prefix or None, "written_at": now, "due_at": now}
    rows = [_row(person, card, replace(draft, text=prefix + draft.text), key) | more for card in cards]
    # The first row decides: another process with the same form waits for this commit and then finds the set.
    inserting = insert_into(session, LogEntry).on_conflict_do_nothing().returning(LogEntry.id)
    set_id = session.scalar(inserting.values(**rows[0]))
    if set_id is None:
        session.rollback()
        return written(session, person, cards, draft, form_key) or 0
    change(session, update(LogEntry).where(LogEntry.id == set_id).values(set_id=set_id))
    if rows[1:]:
        session.execute(insert_into(session, LogEntry), [row | {"set_id": set_id} for row in rows[1:]])
    session.commit()
    return int(set_id)


def written(session: Session, person: Person, cards: Sequence[Entity], draft: Draft, form_key: str) -> int | None:
    """The number of the set that was made from this form, if any."""
    key = _key(cards, draft, form_key)
    first = select(LogEntry.set_id).where(LogEntry.person_id == person.id)
    return session.scalar(first.where(LogEntry.form_key.in_([_digest([key, *astuple(card)]) for card in cards[:1]])))


def count_waiting(session: Session, person: Person) -> int:
    """How many of this person's latest entries in sets have still to be sent, up to MOST_WAITING."""
    latest = select(LogEntry.state, LogEntry.deleted_at).where(LogEntry.person_id == person.id, IS_IN_SET)
    looked = latest.order_by(LogEntry.set_id.desc(), LogEntry.id.desc()).limit(MOST_WAITING).subquery()
    is_waiting = looked.c.state.not_in([EntryState.SENT, EntryState.FAILED]) & looked.c.deleted_at.is_(None)
    return session.scalar(select(func.count()).select_from(looked).where(is_waiting)) or 0


def find(session: Session, person: Person, set_id: int) -> EntrySet | None:
    """A set by its number, if this person wrote it."""
    placed = (LogEntry.entity_type_id, LogEntry.entity_id, LogEntry.state, LogEntry.reason, LogEntry.deleted_at)
    words = (LogEntry.icon_code, LogEntry.title, LogEntry.text, LogEntry.written_at, LogEntry.deletion_due_at)
    rows = session.execute(select(*placed, *words).where(of(person, set_id)).order_by(LogEntry.id)).all()
    session.commit()
    if not rows:
        return None
    members = tuple(Member(Entity(row.entity_type_id, row.entity_id), _fate(row), row.reason or "") for row in rows)
    shown = next((row for row in rows if row.title), rows[0])
    return EntrySet(set_id, rows[0].written_at, shown.icon_code, shown.title, shown.text, members)


def latest(session: Session, person: Person) -> list[Glimpse]:
    """This person's latest sets, the newest first."""
    counted = select(LogEntry.set_id, func.count().label("count")).where(LogEntry.person_id == person.id, IS_IN_SET)
    newest = counted.group_by(LogEntry.set_id).order_by(LogEntry.set_id.desc()).limit(LISTED).subquery()
    firsts = select(newest.c.set_id, newest.c.count, LogEntry.written_at, LogEntry.title, LogEntry.deleted_at)
    rows = session.execute(firsts.join(LogEntry, LogEntry.id == newest.c.set_id))
    return sorted((Glimpse(*row) for row in rows), key=lambda one: -one.id)


def undo(session: Session, person: Person, set_id: int) -> int:
    """Have the worker delete a whole set and send no more of it; returns how many entries. Commits."""
    count = retry.delete_later(session, of(person, set_id), LogEntry.deletion_due_at.is_(None))
    session.commit()
    return count


def of(person: Person, set_id: int) -> ColumnElement[bool]:
    """The condition that an entry belongs to this person's set."""
    return and_(LogEntry.person_id == person.id, LogEntry.set_id == set_id, IS_IN_SET)


def _fate(row: Row[*tuple[Any, ...]]) -> Fate:
    if row.deleted_at is not None:
        return Fate.GONE
    if row.deletion_due_at is not None:
        return Fate.LEAVING
    if row.state == EntryState.SENT:
        return Fate.KEPT if row.reason else Fate.SENT
    return Fate.REFUSED if row.state == EntryState.FAILED else Fate.WAITING


def _row(person: Person, card: Entity, draft: Draft, key: str) -> dict[str, object]:
    waiting = {"state": EntryState.PENDING, "source": Source.SET, "attempts": 0, "lookups": 0}
    return columns(person, card, draft, _digest([key, *astuple(card)])) | waiting


def _key(cards: Sequence[Entity], draft: Draft, form_key: str) -> str:
    """A digest of the form's key and content: a changed form is another set."""
    return _digest([form_key, draft.icon_code, draft.title, draft.text, draft.more, *map(astuple, cards)])


def _digest(words: object) -> str:
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()
