"""The POST with which a portal's page opens an application's frame."""

from __future__ import annotations

import json
import secrets
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from ..authority import Authority
from ..model.applications import Application, Installation
from ..model.people import Person
from ..model.portal_state import PortalState
from .installations import Installations

DEFAULT = "DEFAULT"


@dataclass(frozen=True)
class FramePost:
    """What the browser posts: `fields` as a form to `url` with `query`."""

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


class Frames:
    """Opens applications for people, each time with a fresh token pair."""

    def __init__(self, state: PortalState, authority: Authority, installations: Installations) -> None:
        self._state = state
        self._authority = authority
        self._installations = installations

    def post(
        self,
        person: Person,
        application: Application,
        url: str,
        placement: str,
        options: dict[str, Any] | str | None,
        host: str = "",
    ) -> FramePost:
        """The POST that opens the application at this address for this person, who browses under `host`."""
        installation = self._installations.register(application)
        query = {
            "DOMAIN": host or self._state.host,
            "PROTOCOL": self._state.protocol,
            "LANG": person.language,
            "APP_SID": secrets.token_hex(16),
        }
        fields = self._fields(person, installation) | {"PLACEMENT": placement}
        if options:
            fields["PLACEMENT_OPTIONS"] = options if isinstance(options, str) else as_json(options)
        return FramePost(url, query, fields)

    def _fields(self, person: Person, installation: Installation) -> dict[str, str]:
        """The fields of every frame; older portals leave out three of them."""
        member_id = self._state.member_id
        pair = self._authority.issue(installation.client_id, member_id, person.id, installation.scope)
        fields = {
            "AUTH_ID": pair.access_token,
            "AUTH_EXPIRES": "3600",
            "REFRESH_ID": pair.refresh_token,
            "SERVER_ENDPOINT": self._authority.endpoint,
            "APPLICATION_TOKEN": installation.application_token,
            "APPLICATION_SCOPE": installation.scope,
            "member_id": member_id,
            "status": installation.status,
        }
        if self._state.dialect.frames == "old":
            for name in ("SERVER_ENDPOINT", "APPLICATION_TOKEN", "APPLICATION_SCOPE"):
                del fields[name]
        return fields


def as_json(options: dict[str, Any]) -> str:
    """JSON as PHP prints it, with slashes escaped."""
    return json.dumps(options, separators=(",", ":")).replace("/", "\\/")
