"""A named action with fields, and what a person or a program filled into them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..model.people import Person
from ..portal import Portal
from ..weather import Weather

FieldKind = Literal["text", "method", "number", "flag", "choice", "person"]


class LeverError(Exception):
    """What was filled in makes no sense; the words are for whoever did it."""


@dataclass(frozen=True)
class Field:
    """One input; `default` is what an empty one means."""

    name: str
    label: str
    kind: FieldKind = "text"
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Lever:
    """One action; `group` is its heading on the page."""

    name: str
    group: str
    label: str
    fields: tuple[Field, ...]
    action: Callable[[Given], None]


LEVERS: dict[str, Lever] = {}


def lever(name: str, group: str, label: str, *fields: Field) -> Callable[[Action], Action]:
    def register(action: Action) -> Action:
        LEVERS[name] = Lever(name, group, label, fields, action)
        return action

    return register


class Given:
    """The filled-in fields of one pull, read as what they mean; raises `LeverError`."""

    def __init__(self, portal: Portal, fields: Mapping[str, Any]) -> None:
        self.portal = portal
        self._fields = fields

    def text(self, name: str, default: str = "") -> str:
        value = self._fields.get(name)
        return default if value in (None, "") else str(value)

    def number(self, name: str, default: float) -> float:
        try:
            return float(self.text(name, str(default)))
        except ValueError:
            raise LeverError(f"{name} is not a number") from None

    def count(self, name: str, default: int = 1) -> int:
        return int(self.number(name, default))

    def flag(self, name: str) -> bool:
        return str(self._fields.get(name, "")).lower() in ("1", "true", "on", "yes", "y")

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, choices[0])
        if value not in choices:
            raise LeverError(f"{name} is one of {', '.join(choices)}")
        return value

    @property
    def times(self) -> int | None:
        """How often; 0 means until switched off."""
        return self.count("times") or None

    @property
    def person(self) -> Person:
        found = self.optional_person
        if found is None:
            raise LeverError("person is missing")
        return found

    @property
    def optional_person(self) -> Person | None:
        given = self.text("person")
        if not given:
            return None
        found = self.portal.state.person(int(given)) if given.isdigit() else None
        if found is None:
            raise LeverError(f"there is no person {given}")
        return found

    @property
    def weather(self) -> Weather:
        """That of the portal, or of the authorization server when `where` says so."""
        where = self.choice("where", WHERE.choices)
        return self.portal.box.weather if where == "authority" else self.portal.weather


Action = Callable[[Given], None]

METHOD = Field("method", "Method", "method", "*")
TIMES = Field("times", "Times (0: always)", "number", "1")
WHERE = Field("where", "Where", "choice", "portal", ("portal", "authority"))
PERSON = Field("person", "Person", "person")
PROCESSED = Field("processed", "processed first", "flag")
