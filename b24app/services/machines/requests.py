"""Parses and checks a program's request for an entry, field by field. Pure.

Problems are sentences for the program's developer, in English like the rest of the API.
"""

import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from b24app.bitrix24.entities import FIRST_SMART_PROCESS, TYPE_CODES, TYPE_IDS, Entity
from b24app.bitrix24.public_addresses import is_public_url
from b24app.services import text_rules
from b24app.services.delivery import bound_cards, happening_time
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE, Draft
from b24app.services.delivery.happening_time import MomentProblem
from b24app.services.settings import placeholders, templates
from b24app.services.settings.templates import Template
from b24app.services.text_rules import TextProblem

FIELDS = frozenset({"card", "icon", "title", "text", "template", "values", "also_on", "happened_at", "callback_url"})
# Values that may be given even if the template does not name them.
ALWAYS_ALLOWED = ("card", "number", "author", "today")
NUMBER = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
# The largest integer that every JSON parser reads exactly (RFC 8259).
LARGEST_NUMBER = 2**53 - 1
LONGEST_URL = 2000
MOST_CARDS = bound_cards.MOST
# RFC 3339 requires an offset; without one, the time would be ambiguous.
OFFSET = re.compile(r"(?:[Zz]|[+-][0-9]{2}:?[0-9]{2})$", re.ASCII)
MOMENT_PROBLEMS = {
    MomentProblem.UNREADABLE: "must be a moment of RFC 3339 with an offset, such as 2026-01-31T12:00:00Z",
    MomentProblem.EARLY: "must not be before 1970",
    MomentProblem.FUTURE: "must not be in the future",
}

TEXT_PROBLEMS = {
    TextProblem.EMPTY: "must not be empty",
    TextProblem.LONG: "is too long: at most {limit} characters",
    TextProblem.CONTROL: "contains control characters other than line breaks",
}


@dataclass(frozen=True)
class Wanted:
    """A valid request; ``digest`` covers all its fields before templates are filled in."""

    card: Entity
    draft: Draft
    digest: str
    also_on: tuple[Entity, ...] = ()
    happened_at: datetime | None = None
    callback_url: str | None = None


@dataclass(frozen=True)
class Circumstances:
    """What a request is checked against: the offered icons and templates, the author's name, and now in their zone."""

    icon_codes: Collection[str]
    templates: Sequence[Template]
    author: str
    now: datetime
    is_insecure_allowed: bool = False


@dataclass
class Reading:
    """Parses a request's fields; ``errors`` has the problems, by field."""

    fields: Mapping[str, Any]
    around: Circumstances
    errors: dict[str, str] = field(default_factory=dict)

    def read(self) -> Wanted | None:
        """The valid request; None if there are errors."""
        for name in self.fields.keys() - FIELDS:
            self.errors[name] = "is not a field of this request"
        card = self.card("card", self.fields.get("card"))
        draft = self._draft(card)
        also_on, happened_at, callback_url = self._also_on(card), self._happened_at(), self._callback_url()
        if self.errors or card is None:
            return None
        digest = hashlib.sha256(json.dumps(self.fields, sort_keys=True).encode()).hexdigest()
        return Wanted(card, draft, digest, also_on, happened_at, callback_url)

    def card(self, name: str, value: Any) -> Entity | None:
        """Parse a card, ``{"type": "deal", "id": 5}``."""
        if value is None:
            self.errors[name] = "is required"
            return None
        if not isinstance(value, dict):
            self.errors[name] = "must be an object with type and id"
            return None
        for unknown in value.keys() - {"type", "id"}:
            self.errors[f"{name}.{unknown}"] = "is not a field of a card"
        type_id, number = read_type(value.get("type")), _number(value.get("id"))
        if type_id is None:
            known = ", ".join(sorted(code.lower() for code in TYPE_IDS))
            self.errors[f"{name}.type"] = f"must be one of {known}, or the number of an entity type"
        if number is None:
            self.errors[f"{name}.id"] = "must be a positive whole number"
        return Entity(type_id, number) if type_id is not None and number is not None else None

    def _draft(self, card: Entity | None) -> Draft:
        draft = Draft(self._text("icon"), self._text("title"), self._text("text")).tidied()
        if template := self._template(card):
            values = self._values(template, card)
            draft = templates.insert(template, draft, values, self.around.icon_codes).draft.tidied()
        self._check("title", draft.title, LONGEST_TITLE)
        self._check("text", draft.text, LONGEST_TEXT)
        if "icon" not in self.errors and draft.icon_code not in self.around.icon_codes:
            self.errors["icon"] = "is not an icon on offer: see /api/v1/icons" if draft.icon_code else "is required"
        return draft

    def _text(self, name: str) -> str:
        value = self.fields.get(name)
        if value is None:
            return ""
        if not isinstance(value, str):
            self.errors[name] = "must be a text"
            return ""
        return value

    def _check(self, name: str, text: str, longest: int) -> None:
        problem = text_rules.problem(text, longest)
        if problem and name not in self.errors:
            self.errors[name] = TEXT_PROBLEMS[problem].format(limit=longest)

    def _template(self, card: Entity | None) -> Template | None:
        wanted = self._text("template")
        if not wanted:
            if self.fields.get("values") is not None:
                self.errors["values"] = "is only used together with template"
            return None
        offered = self.around.templates
        template = templates.find(offered, wanted) or next((one for one in offered if one.name == wanted), None)
        if template is None:
            self.errors["template"] = "is not a template on offer: see /api/v1/templates"
        elif card and template.kinds and card.type_id not in template.kinds:
            self.errors["template"] = "is not offered for this kind of card"
        return template

    def _values(self, template: Template, card: Entity | None) -> dict[str, str]:
        """The values of placeholders: those of the request first, then those that we know without asking the portal."""
        wanted = placeholders.found_in(template.title, template.text)
        names = {one.name for one in wanted}
        known = {"number": str(card.id) if card else "", "author": self.around.author}
        known |= placeholders.days(wanted, self.around.now) | self._given(names)
        for name in sorted(names):
            if name not in known or (name == "card" and not known[name]):
                self.errors.setdefault(f"values.{name}", "is required, since it is part of the template")
        return known

    def _given(self, names: Collection[str]) -> dict[str, str]:
        """The request's values; ``names`` are the template's placeholders."""
        given = self.fields.get("values")
        if given is None:
            return {}
        if not isinstance(given, dict):
            self.errors["values"] = "must be an object of texts"
            return {}
        allowed = {*names, *ALWAYS_ALLOWED}
        # Made once: a template may have hundreds of placeholders, and a request thousands of unknown names.
        unknown = f"must be one of {', '.join(sorted(allowed))}"
        for name, value in given.items():
            if name not in allowed:
                self.errors[f"values.{name}"] = unknown
            elif not isinstance(value, str | int) or isinstance(value, bool):
                self.errors[f"values.{name}"] = "must be a text"
        return {name: str(value) for name, value in given.items() if f"values.{name}" not in self.errors}

    def _also_on(self, card: Entity | None) -> tuple[Entity, ...]:
        value = self.fields.get("also_on")
        if value is None:
            return ()
        if not isinstance(value, list):
            self.errors["also_on"] = "must be a list of cards"
            return ()
        if len(value) > MOST_CARDS:
            self.errors["also_on"] = f"has too many cards: at most {MOST_CARDS}"
            return ()
        read = [self.card(f"also_on[{place}]", one) for place, one in enumerate(value)]
        return tuple(dict.fromkeys(one for one in read if one and one != card))

    def _happened_at(self) -> datetime | None:
        value = self._text("happened_at")
        if not value:
            return None
        found = happening_time.read(value, UTC)
        if isinstance(found, MomentProblem) or not OFFSET.search(value):
            problem = found if isinstance(found, MomentProblem) else MomentProblem.UNREADABLE
            self.errors["happened_at"] = MOMENT_PROBLEMS[problem]
            return None
        return found

    def _callback_url(self) -> str | None:
        value = self._text("callback_url")
        if not value:
            return None
        is_short = len(value) <= LONGEST_URL
        if not (is_short and is_public_url(value, is_insecure_allowed=self.around.is_insecure_allowed)):
            self.errors["callback_url"] = "must be an https address of a public host"
            return None
        return value


def read_type(value: Any) -> int | None:
    """Parse a kind of card, given by name or number; None for anything else."""
    if isinstance(value, str) and value.upper() in TYPE_IDS:
        return TYPE_IDS[value.upper()]
    number = _number(value)
    is_known = number is not None and (number in TYPE_CODES or FIRST_SMART_PROCESS <= number < 10**9)
    return number if is_known else None


def type_name(type_id: int) -> str | int:
    """The name of a kind of card in the API."""
    return TYPE_CODES[type_id].lower() if type_id in TYPE_CODES else type_id


def card_map(card: Entity) -> dict[str, str | int]:
    return {"type": type_name(card.type_id), "id": card.id}


def _number(value: Any) -> int | None:
    text = str(value) if type(value) in {str, int} else ""
    number = int(text) if NUMBER.fullmatch(text) else 0
    return number if 0 < number <= LARGEST_NUMBER else None
