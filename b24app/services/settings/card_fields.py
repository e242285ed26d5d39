"""Reads in one batch what a template needs: the card, its fields, and the names behind numbers and codes."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24, fields, methods, related_cards
from b24app.bitrix24.calls import Answers, Call, Json, as_map, as_number
from b24app.bitrix24.entities import TYPE_IDS, Entity
from b24app.bitrix24.fields import CardField
from b24app.errors import AnswerLost, LogbookError
from b24app.i18n import gettext as _
from b24app.i18n import zone_of
from b24app.models import Person
from b24app.services.access import portals, tokens
from b24app.services.access.people import shown_name
from b24app.services.settings import field_values
from b24app.services.settings.field_values import Around
from b24app.services.settings.placeholders import FIELD, OF_PORTAL, Placeholder

COMPANY = TYPE_IDS["COMPANY"]
# Together with the card, its fields and its company, well below the fifty commands of a batch.
MOST_NAMINGS = 30
ENTITY, FIELDS, COMPANY_NAME, NAMING = "entity", "fields", "company", "naming_"


@dataclass(frozen=True)
class CardWords:
    """Values by placeholder; ``missing`` are placeholders without one, ``empty`` the titles of empty fields.

    ``described`` are all fields of the kind of card, by their names in lower case.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    described: Mapping[str, CardField] = field(default_factory=dict)


def ask(session: Session, b24: Bitrix24, person: Person, card: Entity, wanted: Iterable[Placeholder]) -> CardWords:
    """The values of these placeholders on this card, read as this person; without a request if none is needed.

    Raises CallFailed or PairDead. Commits.
    """
    asked = _asked(wanted)
    calls = questions(card, asked)
    if not calls:
        return CardWords(missing=_names(asked))
    return read(session, person, card, asked, tokens.ask_all_as(session, b24, person, calls))


def questions(card: Entity, wanted: Iterable[Placeholder]) -> dict[str, Call]:
    """The calls that read the values; none for a kind of card whose fields the portal does not describe."""
    about = methods.entity(card)
    asked = _asked(wanted)
    if about is None or not asked:
        return {}
    bases = {one.base for one in asked}
    calls = {ENTITY: about}
    if FIELD in bases:
        calls[FIELDS] = fields.of_kind(card.type_id)
    if "company" in bases and card.type_id != COMPANY:
        calls[COMPANY_NAME] = related_cards.listing(COMPANY, {"@id": [related_cards.value_of(ENTITY, "companyId")]})
    return calls | _namings(asked)


def read(session: Session, person: Person, card: Entity, wanted: Iterable[Placeholder], answers: Answers) -> CardWords:
    """The values from the answers; raises the portal's refusal of the card itself."""
    asked = _asked(wanted)
    item = {name.lower(): value for name, value in as_map(as_map(answers[ENTITY]).get("item")).items()}
    described = _described(answers)
    shown = {one: described[one.field] for one in asked if one.field in described}
    names = {one.field: fields.read_names(answers, f"{NAMING}{one.field}", of) for one, of in shown.items()}
    people = portals.names(session, person.portal, _people(item, shown.values()))
    around = Around(zone_of(person.time_zone), item, people, names)
    said = {one: field_values.in_words(of, one.days, around) for one, of in shown.items()}
    said |= {one: _responsible(around) for one in asked if one.base == "responsible"}
    said |= {one: _company(card, answers, item) for one in asked if one.base == "company"}
    return _told(asked, said, shown, described)


def _asked(wanted: Iterable[Placeholder]) -> list[Placeholder]:
    return sorted(one for one in wanted if one.base in OF_PORTAL)


def _namings(asked: Iterable[Placeholder]) -> dict[str, Call]:
    """The calls that find the names behind these fields' values."""
    namings = {one.field: fields.naming(one.field) for one in asked}
    found = {f"{NAMING}{name}": call for name, call in namings.items() if call}
    return dict(islice(found.items(), MOST_NAMINGS))


def _told(
    asked: Sequence[Placeholder],
    said: Mapping[Placeholder, str | None],
    shown: Mapping[Placeholder, CardField],
    described: Mapping[str, CardField],
) -> CardWords:
    known = {one: words.strip() for one, words in said.items() if words is not None}
    empty = [_title(one, shown) for one, words in known.items() if not words]
    return CardWords(
        values={one.name: words or _("(empty)") for one, words in known.items()},
        missing=_names(one for one in asked if one not in known),
        empty=tuple(dict.fromkeys(empty)),
        described=described,
    )


def _described(answers: Answers) -> dict[str, CardField]:
    try:
        return fields.read(answers[FIELDS])
    except LogbookError:
        return {}


def _people(item: Mapping[str, Json], shown: Iterable[CardField]) -> set[int]:
    """The numbers of the people in these fields, and of the responsible person."""
    found = {"assignedbyid", *(one.name.lower() for one in shown if one.type in {"user", "employee"})}
    values = [item.get(name) for name in found]
    numbers = [number for value in values for number in (value if isinstance(value, list) else [value])]
    return {number for one in numbers if (number := _number(one))}


def _responsible(around: Around) -> str:
    number = _number(around.item.get("assignedbyid"))
    return (around.people.get(number) or shown_name("", number)) if number else ""


def _company(card: Entity, answers: Answers, item: Mapping[str, Json]) -> str | None:
    """The company's name; leads may have only a name instead of a company's card."""
    if card.type_id == COMPANY:
        return str(item.get("title") or "")
    number = _number(item.get("companyid"))
    if not number:
        return str(item.get("companytitle") or "")
    described = CardField("companyId", "crm_company", "")
    return fields.read_names(answers, COMPANY_NAME, described).get(str(number))


def _number(value: Json) -> int:
    try:
        return max(as_number(value), 0)
    except AnswerLost:
        return 0


def _names(placeholders: Iterable[Placeholder]) -> tuple[str, ...]:
    return tuple(f"{{{one.name}}}" for one in sorted(placeholders))


def _title(one: Placeholder, shown: Mapping[Placeholder, CardField]) -> str:
    titles = {"responsible": _("Responsible person"), "company": _("Company")}
    return titles.get(one.base) or shown[one].title
