"""The filter of the list of entries, and its rows."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TypeVar

from flask import request

from b24app.bitrix24 import card_urls, methods
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.entities import Entity
from b24app.codes import OutcomeKind
from b24app.errors import LogbookError
from b24app.i18n import ago, zone_of
from b24app.i18n import gettext as _
from b24app.models import LogEntry, Person, Source
from b24app.services.access.people import person_name
from b24app.services.delivery.outbox import WAITING
from b24app.services.delivery.retry import REVIVABLE
from b24app.services.reports.deliveries import Filter, Standing
from b24app.web import frame, key_pages
from b24app.web.admin import filters
from b24app.web.admin.deliveries import wording
from b24app.web.admin.filters import Unclear
from b24app.web.card_kinds import called
from b24app.web.outcomes import Outcome

QUESTIONS = {"types": methods.entity_types()}
FIELDS = ("state", "author", "kind", "card", "since", "until", "words", "set")

Meaning = TypeVar("Meaning")


@dataclass(frozen=True)
class Asked:
    """The content of the filter form; ``wanted`` is None if there are ``errors``, which are by field."""

    typed: Mapping[str, str]
    wanted: Filter | None = None
    errors: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_narrow(self) -> bool:
        """Whether the filter has more than a state."""
        return any(self.typed[name] for name in FIELDS if name not in {"state", "kind"})


def asked(person: Person) -> Asked:
    """The filter of this request's form."""
    typed = {name: request.form.get(name, "").strip() for name in FIELDS}
    errors: dict[str, str] = {}

    def meaning(name: str, read: Callable[[str], Meaning], otherwise: Meaning) -> Meaning:
        try:
            return read(typed[name])
        except Unclear as unclear:
            errors[name] = str(unclear)
            return otherwise

    nobody: tuple[Person, ...] = ()
    authors = meaning("author", lambda text: filters.people_of(person.portal, text), nobody)
    wanted = Filter(
        standing=Standing(typed["state"]) if typed["state"] in list(Standing) else Standing.OPEN,
        people=tuple(author.id for author in authors),
        entity=meaning("card", lambda text: filters.card_of(person.portal, typed["kind"], text), None),
        since=meaning("since", lambda text: filters.day(text, person), None),
        until=meaning("until", lambda text: filters.day(text, person, is_end=True), None),
        words=meaning("words", filters.words_of, ""),
        set_id=filters.key_of(typed["set"]),
    )
    if wanted.since and wanted.until and wanted.since >= wanted.until:
        errors["until"] = _("This day is before the first one.")
    typed["state"] = wanted.standing.value
    return Asked(typed, None if errors else wanted, errors)


def invalid(asked: Asked) -> Outcome | None:
    """The outcome for an invalid filter."""
    if not asked.errors:
        return None
    return Outcome(OutcomeKind.INVALID, 422, _("This filter is not clear"), " ".join(asked.errors.values()))


def type_names(answers: Answers) -> dict[int, str]:
    """The portal's names for its kinds of cards; empty if it does not list them."""
    try:
        return methods.read_entity_types(answers["types"])
    except LogbookError:
        return {}


def row(entry: LogEntry, reader: Person, names: Mapping[int, str], key_names: Mapping[int, str]) -> dict[str, object]:
    """A row of the list; ``key_names`` are the names of keys by number."""
    card = Entity(entry.entity_type_id, entry.entity_id)
    look, state = wording.standing_of(entry)
    is_there = entry.deleted_at is None
    return {
        "id": entry.id,
        "title": entry.title or wording.nameless(is_there=is_there),
        "text": entry.text,
        "author": person_name(entry.person),
        "key": _by_machine(entry, key_names),
        "set": entry.set_id,
        "card": f"{called(card.type_id, names)} {card.id}",
        "card_address": frame.portal_origin(reader.portal) + card_urls.path_of(card),
        "when": entry.written_at.astimezone(zone_of(reader.time_zone)),
        "age": ago(datetime.now(UTC) - entry.written_at),
        "look": look,
        "state": state,
        "reason": wording.of_entry(entry),
        "code": entry.reason or "",
        "hint": wording.hint(entry),
        "can_try": is_there and entry.state in REVIVABLE,
        "can_give_up": entry.state in WAITING,
    }


def _by_machine(entry: LogEntry, key_names: Mapping[int, str]) -> str:
    if entry.source == Source.ROBOT:
        return _("by a robot")
    return key_pages.by_key(key_names.get(entry.key_id, "")) if entry.key_id else ""
