"""A control: a named action with fields, and the values given for them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ..faults import CallFaults
from ..model.people import Person
from ..portal import Portal

FieldKind = Literal["text", "method", "number", "flag", "choice", "person"]


class ControlError(Exception):
    """The given values are invalid; the message says why."""


@dataclass(frozen=True)
class Field:
    """An input field; `default` is the meaning of an empty one."""

    name: str
    label: str
    kind: FieldKind = "text"
    default: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Control:
    """An action; `group` is its heading on the page."""

    name: str
    group: str
    label: str
    fields: tuple[Field, ...]
    action: Callable[[Given], None]


CONTROLS: dict[str, Control] = {}
EARLIER_NAMES: dict[str, str] = {}


def find(name: str) -> Control | None:
    """The control with this name, with hyphens or underscores; earlier names still work."""
    name = name.replace("_", "-")
    return CONTROLS.get(EARLIER_NAMES.get(name, name))


def control(name: str, group: str, label: str, *fields: Field, earlier_name: str = "") -> Callable[[Action], Action]:
    """A decorator that registers a function as the control `name`."""
    if earlier_name:
        EARLIER_NAMES[earlier_name] = name

    def register(action: Action) -> Action:
        CONTROLS[name] = Control(name, group, label, fields, action)
        return action

    return register


class Given:
    """The given values, parsed by type; raises `ControlError`."""

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
            raise ControlError(f"{name} is not a number") from None

    def count(self, name: str, default: int = 1) -> int:
        return int(self.number(name, default))

    def flag(self, name: str) -> bool:
        return str(self._fields.get(name, "")).lower() in ("1", "true", "on", "yes", "y")

    def choice(self, name: str, choices: tuple[str, ...]) -> str:
        value = self.text(name, choices[0])
        if value not in choices:
            raise ControlError(f"{name} is one of {', '.join(choices)}")
        return value

    @property
    def times(self) -> int | None:
        """How many times; None, given as 0, means until cleared."""
        return self.count("times") or None

    @property
    def person(self) -> Person:
        found = self.optional_person
        if found is None:
            raise ControlError("person is missing")
        return found

    @property
    def optional_person(self) -> Person | None:
        given = self.text("person")
        if not given:
            return None
        found = self.portal.state.person(int(given)) if given.isdigit() else None
        if found is None:
            raise ControlError(f"there is no person {given}")
        return found

    @property
    def faults(self) -> CallFaults:
        """The faults of the portal or, with `where=authority`, of the authorization server."""
        where = self.choice("where", WHERE.choices)
        return self.portal.box.faults if where == "authority" else self.portal.faults


Action = Callable[[Given], None]

METHOD = Field("method", "Method", "method", "*")
TIMES = Field("times", "Times (0: always)", "number", "1")
WHERE = Field("where", "Where", "choice", "portal", ("portal", "authority"))
PERSON = Field("person", "Person", "person")
PROCESSED = Field("processed", "processed first", "flag")
