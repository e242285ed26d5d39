"""One request on its way through a portal or the authorization server, and who sent it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from .http import Request
from .model.applications import Application, Installation
from .model.people import Person


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
