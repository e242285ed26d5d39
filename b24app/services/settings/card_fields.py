"""What a template asks of its card: one batch reads the card, its fields, and the names behind numbers and codes."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24, fields, methods, related
from b24app.bitrix24.calls import Answers, Call, Json, as_map, as_number
from b24app.bitrix24.entities import TYPE_IDS, Entity
from b24app.bitrix24.fields import CardField
from b24app.errors import AnswerLost, LogbookError
from b24app.i18n import gettext as _
from b24app.i18n import zone_of
from b24app.models import Person
from b24app.services.access import portals, tokens
from b24app.services.access.people import shown_name
from b24app.services.settings import field_words
from b24app.services.settings.field_words import Around
from b24app.services.settings.placeholders import FIELD, OF_PORTAL, Placeholder

COMPANY = TYPE_IDS["COMPANY"]
# With the card, its fields and its company, far from the fifty commands of a batch.
MOST_NAMINGS = 30
ENTITY, FIELDS, COMPANY_NAME, NAMING = "entity", "fields", "company", "naming_"


@dataclass(frozen=True)
class CardWords:
    """Values by the names of placeholders; ``missing`` are those that have none, ``empty`` the titles of empty fields.

    ``described`` are all the fields of the kind of card, by their names in lower case.
    """

    values: Mapping[str, str] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    empty: tuple[str, ...] = ()
    described: Mapping[str, CardField] = field(default_factory=dict)


def ask(session: Session, b24: Bitrix24, person: Person, card: Entity, wanted: Iterable[Placeholder]) -> CardWords:
    """What these placeholders stand for on this card, as this person may read it; no request if nothing is asked.

    Raises CallFailed or PairDead. Commits.
    """
    asked = {one for one in wanted if one.base in OF_PORTAL}
    calls = questions(card, asked)
    if not calls:
        return CardWords(missing=_names(asked))
    return read(session, person, card, asked, tokens.ask_all_as(session, b24, person, calls))


def questions(card: Entity, wanted: Collection[Placeholder]) -> dict[str, Call]:
    """None for a kind of card that the portal describes to nobody."""
    about = methods.entity(card)
    asked = {one for one in wanted if one.base in OF_PORTAL}
    if about is None or not asked:
        return {}
    calls = {ENTITY: about}
    if any(one.base == FIELD for one in asked):
        calls[FIELDS] = fields.of_kind(card.type_id)
    if card.type_id != COMPANY and any(one.base == "company" for one in asked):
        calls[COMPANY_NAME] = related.listing(COMPANY, {"@id": [related.value_of(ENTITY, "companyId")]})
    named = {name: call for name in sorted({one.field for one in asked}) if (call := fields.naming(name))}
    return calls | {f"{NAMING}{name}": named[name] for name in [*named][:MOST_NAMINGS]}


def read(session: Session, person: Person, card: Entity, wanted: Iterable[Placeholder], answers: Answers) -> CardWords:
    """The answers to those questions; raises what the portal says about the card itself."""
    asked = sorted(one for one in wanted if one.base in OF_PORTAL)
    item = {name.lower(): value for name, value in as_map(as_map(answers[ENTITY]).get("item")).items()}
    described = _described(answers)
    shown = {one: described[one.field] for one in asked if one.field in described}
    names = {one.field: fields.read_names(answers, f"{NAMING}{one.field}", of) for one, of in shown.items()}
    people = portals.names(session, person.portal, _people(item, shown.values()))
    around = Around(zone_of(person.time_zone), item, people, names)
    said: dict[Placeholder, str | None] = {one: field_words.in_words(of, one.days, around) for one, of in shown.items()}
    for one in asked:
        if one.base == "responsible":
            said[one] = _responsible(around)
        elif one.base == "company":
            said[one] = _company(card, answers, item)
    known = {one: words for one, words in said.items() if words is not None}
    return CardWords(
        values={one.name: words.strip() or _("(empty)") for one, words in known.items()},
        missing=_names(one for one in asked if one not in known),
        empty=tuple(dict.fromkeys(_title(one, shown) for one, words in known.items() if not words.strip())),
        described=described,
    )


def _described(answers: Answers) -> dict[str, CardField]:
    try:
        return fields.read(answers[FIELDS])
    except LogbookError:
        return {}


def _people(item: Mapping[str, Json], shown: Iterable[CardField]) -> set[int]:
    """The numbers of the people in these fields, and of who is responsible."""
    found = {"assignedbyid", *(one.name.lower() for one in shown if one.type in {"user", "employee"})}
    values = [item.get(name) for name in found]
    numbers = [number for value in values for number in (value if isinstance(value, list) else [value])]
    return {number for one in numbers if (number := _number(one))}


def _responsible(around: Around) -> str:
    number = _number(around.item.get("assignedbyid"))
    return (around.people.get(number) or shown_name("", number)) if number else ""


def _company(card: Entity, answers: Answers, item: Mapping[str, Json]) -> str | None:
    """Leads may have the company's name alone."""
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
