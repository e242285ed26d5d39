"""A request to a portal or the authorization server, and its caller."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .http import Request, Response
from .model.applications import Application, Installation
from .model.people import Person
from .request_log import RecordedCall

ANSWER_KEPT = 4_000


@dataclass(frozen=True, slots=True)
class Caller:
    """The person and the application behind an access token."""

    person: Person
    application: Application
    installation: Installation
    scopes: list[str]


@dataclass
class RequestContext:
    """`names` are the method and, for a batch, its commands."""

    request: Request
    name: str
    parameters: dict[str, Any]
    started: float
    names: list[str] = field(default_factory=list)
    caller: Caller | None = None
    error: str | None = None
    notes: list[str] = field(default_factory=list)

    def recorded(self, response: Response, duration_seconds: float, client_id: str | None) -> RecordedCall:
        """This request and its answer as an entry of the request log."""
        return RecordedCall(
            method=self.name,
            parameters=self.parameters,
            person_id=self.caller.person.id if self.caller else None,
            client_id=client_id,
            status=0 if response.resets else response.status,
            error=self.error,
            duration_seconds=duration_seconds,
            commands=self.names[1:],
            verb=self.request.verb,
            at=self.started,
            answer=response.body[:ANSWER_KEPT],
            note=", ".join(self.notes),
        )
