"""Checks and counts the API key of a request."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Concatenate, ParamSpec
from urllib.parse import unquote

from flask import Response, g, request

from b24app.context import b24, database
from b24app.machine_models import ApiKey
from b24app.masking import API_KEY
from b24app.models import Person
from b24app.services.machines import keys, rates
from b24app.services.settings import own_templates, settings, templates, writers
from b24app.services.settings.settings import Chosen, Section
from b24app.services.settings.templates import Template
from b24app.web.api.problems import Problem, with_rate

BEARER = re.compile(r"[Bb]earer +([!-~]{1,200})")
IN_ADDRESS = "A key must not be part of an address, where logs keep it. Revoke it, and send another in Authorization."
REALM = 'Bearer realm="Logbook"'

Words = ParamSpec("Words")


@dataclass(frozen=True)
class Machine:
    """A valid key and the person in whose name it writes."""

    key: ApiKey
    author: Person
    now: datetime

    @property
    def chosen(self) -> Chosen:
        """The portal's settings, read together with the key."""
        return settings.of(self.author.portal)

    def templates(self) -> list[Template]:
        """The administrators' templates, followed by those of the key's maker for personal keys."""
        shared = templates.of(self.chosen[Section.TEMPLATES])
        return shared if self.key.is_application else [*shared, *own_templates.read(database(), self.author)[0]]

    def require_kind(self, type_id: int) -> None:
        """Raise Problem with 403 for a kind of card that this key may not write on."""
        if self.key.kinds and type_id not in self.key.kinds:
            raise Problem(403, "This key may not write on this kind of card.", errors={"card.type": "is not allowed"})

    def require_icon(self, code: str) -> None:
        if self.key.icons and code not in self.key.icons:
            raise Problem(403, "This key may not use this icon.", errors={"icon": "is not allowed"})

    def require_writer(self) -> None:
        """Raise Problem if a personal key's maker may no longer write; keys of the application always may."""
        if self.key.is_application:
            return
        if not writers.may_write_now(database(), b24(), self.author, writers.of(self.chosen[Section.WRITERS])):
            raise Problem(403, "The administrators of this Bitrix24 do not let the maker of this key write.")


def for_machines(
    view: Callable[Concatenate[Machine, Words], Response],
) -> Callable[Words, Response]:
    """Decorate a view that needs a key and counts against its rate; the view commits."""

    @wraps(view)
    def guarded(*args: Words.args, **kwargs: Words.kwargs) -> Response:
        return with_rate(view(enter(), *args, **kwargs))

    return guarded


def enter() -> Machine:
    """The key of this request, counted with the next commit; raises Problem with 400, 401, 403 or 429."""
    row, now = keys.find(database(), _key())
    if row is None:
        raise _unauthorized("This key is unknown, revoked or expired.", "invalid_token")
    if row.maker.portal.suspended_at:
        raise Problem(403, "Logbook has been removed from this Bitrix24.")
    keys.note_first_use(database(), row, now)
    allowance = g.allowance = rates.spend(database(), row, now)
    if allowance.is_over:
        database().rollback()
        headers = {"Retry-After": str(allowance.retry_seconds)}
        raise Problem(429, f"This key may make {allowance.limit} requests a minute.", headers=headers)
    return Machine(row, keys.author(database(), row), now)


def _key() -> str:
    """The key in this request's header. Raises Problem for a key in the URL, since that ends up in logs."""
    match = BEARER.fullmatch(request.headers.get("Authorization", "").strip())
    if API_KEY.search(unquote(request.full_path)):
        if match:
            raise Problem(400, IN_ADDRESS)
        raise _unauthorized(IN_ADDRESS, "invalid_request")
    if not match:
        raise _unauthorized("Send your key as Authorization: Bearer KEY.", "")
    return match[1]


def _unauthorized(detail: str, error: str) -> Problem:
    challenge = f'{REALM}, error="{error}"' if error else REALM
    return Problem(401, detail, headers={"WWW-Authenticate": challenge})
