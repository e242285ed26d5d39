"""Log entries: checks what a person typed, saves it once, and finds entries."""

import hashlib
import json
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cache
from typing import Any, cast

from sqlalchemy import Table, bindparam, select, union_all
from sqlalchemy.orm import Session, joinedload
from sqlalchemy.orm.attributes import set_committed_value

from b24app.bitrix24.entities import Entity
from b24app.bitrix24.related_cards import NamedCard
from b24app.codes import Reason
from b24app.db import database_time, insert_for
from b24app.i18n import zone_of
from b24app.models import EntryState, LogEntry, Person, Source
from b24app.prepared import Prepared, among, either, padded
from b24app.services import text_rules
from b24app.services.access.lookups import AUTHORS_AT_ONCE, person_of
from b24app.services.access.people import Author
from b24app.services.delivery import bound_cards
from b24app.services.delivery.outbox import WAITING
from b24app.services.delivery.retry import GIVEN_UP_REASONS
from b24app.services.text_rules import TextProblem

LONGEST_TITLE = 255
LONGEST_TEXT = 10_000
# As many as an opening finds the names of the authors of.
SHOWN = AUTHORS_AT_ONCE
# The values of a deleted entry; its row stays, so that the same form cannot create it again.
WORDLESS: Mapping[str, object] = {"title": "", "text": "", "prefix": None, "kept": None}

_OF_CARD = (
    (LogEntry.portal_id == bindparam("portal_id"))
    & (LogEntry.entity_type_id == bindparam("entity_type_id"))
    & (LogEntry.entity_id == bindparam("entity_id"))
    & LogEntry.deleted_at.is_(None)
    # Failed entries are listed only if they had been accepted; the others went back into their forms at once.
    & ((LogEntry.state != EntryState.FAILED) | (LogEntry.attempts > 1) | either(LogEntry.reason, GIVEN_UP_REASONS))
)
_LATEST = select(LogEntry.id, LogEntry.state).where(_OF_CARD).order_by(LogEntry.id.desc()).limit(SHOWN).subquery()
_BESIDE = Prepared(
    select(LogEntry, Person)
    .join(LogEntry.person)
    .where(
        LogEntry.id.in_(
            union_all(
                select(LogEntry.id).where(
                    LogEntry.portal_id == bindparam("portal_id"), among(LogEntry.bitrix_id, "bitrix_id", SHOWN)
                ),
                select(_LATEST.c.id).where(_LATEST.c.state != EntryState.SENT),
                # The index of states finds these few rows; a sum would use no index.
                select(LogEntry.id).where(
                    LogEntry.portal_id == bindparam("portal_id"),
                    LogEntry.person_id + 0 == bindparam("person_id"),
                    either(LogEntry.state, WAITING),
                    LogEntry.reason == Reason.PAIR_DEAD,
                ),
            )
        )
    )
    .order_by(LogEntry.id.desc())
)
_LATEST_OF_PERSON = (
    select(LogEntry.id)
    .where(_OF_CARD, LogEntry.person_id == bindparam("person_id"))
    .order_by(LogEntry.id.desc())
    .limit(SHOWN)
)
_OF_PERSON = Prepared(
    select(LogEntry)
    .where(
        LogEntry.id.in_(_LATEST_OF_PERSON),
        (LogEntry.state != EntryState.SENT)
        | (LogEntry.bitrix_id > bindparam("after"))
        # It may have got its number long before we knew.
        | (LogEntry.attempts > 1)
        | (LogEntry.lookups > 0),
    )
    .order_by(LogEntry.id.desc())
)
_OF_FORM = (LogEntry.person_id == bindparam("person_id")) & (LogEntry.form_key == bindparam("form_key"))
_WRITTEN, _IS_WRITTEN = Prepared(select(LogEntry).where(_OF_FORM)), Prepared(select(LogEntry.id).where(_OF_FORM))

_ENTRIES = cast(Table, LogEntry.__table__)

SETTLING_SECONDS = 20
LOOK_AGAIN_SECONDS = 0.05


@dataclass(frozen=True)
class Draft:
    """The content of the form."""

    icon_code: str = ""
    title: str = ""
    text: str = ""
    # When it happened, as typed.
    happened: str = ""
    # Further cards as ``4-17``: the type's and the card's number.
    also_on: tuple[str, ...] = ()
    # The number of our entry that it corrects.
    corrects: str = ""

    def tidied(self) -> "Draft":
        """Trimmed, with normalized line breaks."""
        return replace(self, title=text_rules.tidied(self.title), text=text_rules.tidied(self.text))

    @property
    def more(self) -> dict[str, object]:
        """What was typed besides icon, title and text, without empty fields."""
        typed = {"happened": self.happened, "also_on": list(self.also_on), "corrects": self.corrects}
        return {name: value for name, value in typed.items() if value}


def problems(draft: Draft, icon_codes: Collection[str]) -> dict[str, TextProblem | str]:
    """The problems that keep a tidied draft from being posted, by field."""
    found: dict[str, TextProblem | str | None] = {
        "icon": "" if draft.icon_code in icon_codes else "unknown",
        "title": text_rules.problem(draft.title, LONGEST_TITLE),
        "text": text_rules.problem(draft.text, LONGEST_TEXT),
    }
    return {field: problem for field, problem in found.items() if problem}


def write(
    session: Session,
    person: Person,
    entity: Entity,
    draft: Draft,
    form_key: str,
    *,
    happened_at: datetime | None = None,
    prefix: str = "",
    also_on: Sequence[NamedCard] = (),
    claimed_for_seconds: float | None = None,
    corrects_id: int | None = None,
) -> tuple[LogEntry, bool]:
    """Save an entry and commit; returns it and whether it is new. A form sent again finds its first row.

    ``prefix`` is put in front of the text (services/settings/extras); ``also_on`` are further cards.
    ``claimed_for_seconds`` claims the entry at once for the caller, as services/delivery/claims does.
    """
    more = bound_cards.columns(also_on, entity)
    if also_on and not draft.also_on:
        draft = replace(draft, also_on=tuple(f"{card.entity.type_id}-{card.entity.id}" for card in also_on))
    if happened_at and not draft.happened:
        draft = replace(draft, happened=happened_at.isoformat())
    key = fingerprint(entity, draft, form_key)
    shown = replace(draft, text=prefix + draft.text)
    more |= {"prefix": prefix or None, "happened_at": happened_at, "corrects_id": corrects_id}
    written = insert(session, person, entity, shown, key, more, claimed_for_seconds=claimed_for_seconds)
    is_new = written is not None
    if written is None:
        written = by(person, _WRITTEN.first(session, {"person_id": person.id, "form_key": key}))
    session.commit()
    return written, is_new


def insert(
    session: Session,
    person: Person,
    entity: Entity,
    draft: Draft,
    key: str,
    more: Mapping[str, object],
    *,
    claimed_for_seconds: float | None = None,
) -> LogEntry | None:
    """Insert an entry, pending unless claimed; None if ``key`` was used before. ``more`` are further columns."""
    row = {**columns(person, entity, draft, key), **more}
    statement = _inserting(session.get_bind().dialect.name, tuple(row), claimed_for_seconds)
    written = statement.first(session, row)
    return None if written is None else by(person, written)


def columns(person: Person, entity: Entity, draft: Draft, key: str) -> dict[str, object]:
    """What every new entry stores of its author, card and form."""
    return {
        "portal_id": person.portal_id,
        "person_id": person.id,
        "form_key": key,
        "entity_type_id": entity.type_id,
        "entity_id": entity.id,
        "icon_code": draft.icon_code,
        "title": draft.title,
        "text": draft.text,
        "source": Source.PERSON,
    }


def by(person: Person, entry: LogEntry) -> LogEntry:
    """The entry, which need not load its author any more."""
    set_committed_value(entry, "person", person)
    return entry


@cache
def _inserting(dialect: str, names: tuple[str, ...], claimed_for_seconds: float | None) -> Prepared:
    """The INSERT for a set of columns, built once: building it takes longer than executing it."""
    values = {name: bindparam(name) for name in names} | _claim(claimed_for_seconds)
    statement = insert_for(dialect, _ENTRIES).values(lookups=0, written_at=database_time(), **values)
    return Prepared(statement.on_conflict_do_nothing(), returning=[LogEntry])


def _claim(seconds: float | None) -> dict[str, Any]:
    """The columns of a new entry that is claimed for ``seconds``, or pending without them."""
    if seconds is None:
        return {"state": EntryState.PENDING, "attempts": 0, "due_at": database_time()}
    until = database_time(seconds)
    return {"state": EntryState.SENDING, "attempts": 1, "attempted_at": database_time(), "due_at": until}


def as_draft(entry: LogEntry) -> Draft:
    """The form's content from which an entry was written."""
    happened_at = entry.happened_at and entry.happened_at.astimezone(zone_of(entry.person.time_zone))
    happened = f"{happened_at:%Y-%m-%dT%H:%M}" if happened_at else ""
    also_on = tuple(f"{card.type}-{card.id}" for card in bound_cards.of(entry))
    return Draft(entry.icon_code, entry.title, entry.text.removeprefix(entry.prefix or ""), happened, also_on)


def deleted() -> dict[str, object]:
    """The column values of a deleted entry."""
    gone = {"happened_at": None, "cards": None, "cards_due_at": None}
    return {**WORDLESS, **gone, "deleted_at": database_time(), "deletion_due_at": None}


def is_written(session: Session, author: Person | Author, key: str) -> bool:
    """Whether the form with this fingerprint has become an entry."""
    return _IS_WRITTEN.first(session, {"person_id": author.id, "form_key": key}) is not None


def wait_until_settled(session: Session, entry: LogEntry, sleep: Callable[[float], None] = time.sleep) -> LogEntry:
    """Wait for a limited time until the process that sends this entry knows the outcome."""
    deadline = time.monotonic() + SETTLING_SECONDS
    while _is_under_way(entry) and time.monotonic() < deadline:
        sleep(LOOK_AGAIN_SECONDS)
        session.refresh(entry)
        session.commit()
    return entry


def of_person(session: Session, person: Person, entity: Entity, *, after: int = 0) -> list[LogEntry]:
    """The latest entries that a person has written with Logbook on a card, newest first.

    Failed entries are listed only if they had been accepted; the others went back into their forms at once. Sent ones
    are listed only if they may have come after the portal's entry ``after``.
    """
    place = {"portal_id": person.portal_id, "entity_type_id": entity.type_id, "entity_id": entity.id}
    rows = _OF_PERSON.rows(session, {**place, "person_id": person.id, "after": after})
    return [by(person, entry) for (entry,) in rows]


def with_words(session: Session, person: Person, entity: Entity, most: int, *, is_of_all: bool) -> list[LogEntry]:
    """The latest entries of a card whose text we still have, by anybody or by this person, newest first."""
    of_card = select(LogEntry).where(_OF_CARD, LogEntry.title != "").order_by(LogEntry.id.desc()).limit(most)
    wanted = of_card if is_of_all else of_card.where(LogEntry.person_id == person.id)
    place = {"portal_id": person.portal_id, "entity_type_id": entity.type_id, "entity_id": entity.id}
    # Whoever asks has the portal at hand; read with each row, its secret would be opened with each row.
    without_portal = joinedload(LogEntry.person, innerjoin=True).lazyload(Person.portal)
    return list(session.scalars(wanted.options(without_portal), place))


def beside(session: Session, person: Person, entity: Entity, bitrix_ids: Collection[int]) -> list[LogEntry]:
    """Our entries for a card's timeline, on which the portal has listed ``bitrix_ids``, newest first.

    These are the listed ones written with Logbook, unsent ones on the card, and this person's entries on any card that
    wait for their pair.
    """
    wanted = {
        "portal_id": person.portal_id,
        "person_id": person.id,
        "entity_type_id": entity.type_id,
        "entity_id": entity.id,
        **padded("bitrix_id", bitrix_ids, SHOWN),
    }
    return [by(person_of(person.portal, author), entry) for entry, author in _BESIDE.rows(session, wanted)]


def by_bitrix_id(session: Session, portal_id: int, ids: Collection[int]) -> dict[int, LogEntry]:
    """Our entries with these numbers of the portal, by number."""
    statement = select(LogEntry).where(LogEntry.portal_id == portal_id, LogEntry.bitrix_id.in_(ids))
    return {entry.bitrix_id: entry for entry in session.scalars(statement) if entry.bitrix_id is not None}


def _is_under_way(entry: LogEntry) -> bool:
    return entry.state == EntryState.SENDING or (entry.state == EntryState.PENDING and entry.attempts == 0)


def fingerprint(entity: Entity, draft: Draft, form_key: str) -> str:
    """A digest of the form's key and content: a form that was changed after a failure is another entry."""
    words: list[object] = [form_key, entity.type_id, entity.id, draft.icon_code, draft.title, draft.text]
    if draft.more:
        words.append(draft.more)
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()
