"""One call of one method: the portal, the caller and the parameters."""

from __future__ import annotations

from dataclasses import dataclass

from ..context import Caller
from ..model.people import Person
from ..portal import Portal
from .parameters import Parameters


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
