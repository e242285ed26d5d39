"""The POST with which a portal's page opens an application's frame."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from .model.applications import Application
from .model.people import Person

if TYPE_CHECKING:
    from .portal import Portal

DEFAULT = "DEFAULT"


@dataclass(frozen=True)
class FramePost:
    """What the browser posts: `fields` as a form to `url`, with `query` behind it."""

    url: str
    query: dict[str, str]
    fields: dict[str, str]

    @property
    def full_url(self) -> str:
        return f"{self.url}{'&' if '?' in self.url else '?'}{urlencode(self.query)}"

    @property
    def name(self) -> str:
        """The frame's `name`, which the JavaScript libraries read."""
        return f"{self.query['DOMAIN']}|{self.query['PROTOCOL']}|{self.query['APP_SID']}"


def frame_post(
    portal: Portal,
    person: Person,
    application: Application,
    url: str,
    placement: str,
    options: dict[str, Any] | str | None,
) -> FramePost:
    """A render of the application for this person, with a fresh token pair of his."""
    installation = portal.installations.register(application)
    pair = portal.authority.issue(application.client_id, portal.member_id, person.id, installation.scope)
    query = {
        "DOMAIN": portal.host,
        "PROTOCOL": portal.protocol,
        "LANG": person.language,
        "APP_SID": secrets.token_hex(16),
    }
    fields = {
        "AUTH_ID": pair.access_token,
        "AUTH_EXPIRES": "3600",
        "REFRESH_ID": pair.refresh_token,
        "SERVER_ENDPOINT": portal.authority_endpoint,
        "APPLICATION_TOKEN": installation.application_token,
        "APPLICATION_SCOPE": installation.scope,
        "member_id": portal.member_id,
        "status": installation.status,
        "PLACEMENT": placement,
    }
    if portal.state.readings.frames == "old":
        for name in ("SERVER_ENDPOINT", "APPLICATION_TOKEN", "APPLICATION_SCOPE"):
            del fields[name]
    if options:
        fields["PLACEMENT_OPTIONS"] = options if isinstance(options, str) else as_json(options)
    return FramePost(url, query, fields)


def as_json(options: dict[str, Any]) -> str:
    """As PHP prints it: slashes escaped."""
    return json.dumps(options, separators=(",", ":")).replace("/", "\\/")
