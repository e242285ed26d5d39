"""One call of one method, with everything that the method may look at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..model.applications import Application, Installation
from ..model.people import Person
from .parameters import Parameters

if TYPE_CHECKING:
    from ..portal import Portal


@dataclass(frozen=True, slots=True)
class Caller:
    """The person and the application behind an access token."""

    person: Person
    application: Application
    installation: Installation
    scopes: list[str]


@dataclass(frozen=True, slots=True)
class Call:
    """A method's arguments."""

    portal: Portal
    caller: Caller
    parameters: Parameters

    @property
    def person(self) -> Person:
        return self.caller.person

    @property
    def client_id(self) -> str:
        return self.caller.application.client_id
