"""Binding handlers to places."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit

from .. import errors
from ..crm.cards import Cards
from ..errors import ApiError
from ..model.applications import Installation, Placement
from ..model.portal_state import PortalState
from . import places


class Placements:
    """The bound handlers of one portal, under its rules."""

    def __init__(self, state: PortalState, cards: Cards) -> None:
        self._state = state
        self._cards = cards

    def bound(self, client_id: str | None = None, code: str | None = None) -> list[Placement]:
        rows = self._state.placements
        return [row for row in rows if client_id in (None, row.client_id) and code in (None, row.code)]

    def by_id(self, number: int) -> Placement | None:
        return next((row for row in self._state.placements if row.id == number), None)

    def codes(self, scopes: list[str]) -> list[str]:
        return places.codes(self._cards.kinds(), scopes)

    def bind(self, wanted: Placement, installation: Installation) -> None:
        """Binds a handler to a place; raises `ApiError` for an invalid place or handler, or for too many."""
        require_web_address(wanted.handler)
        if wanted.code not in self.codes(installation.scopes):
            raise ApiError("ERROR_PLACEMENT_NOT_FOUND", "Placement not found")
        require_options(wanted)
        rows = self.bound(wanted.client_id, wanted.code)
        if rows and wanted.code in places.SINGLE_HANDLER:
            raise ApiError("ERROR_PLACEMENT_MAX_COUNT", "Placement max count was reached")
        if any(row.handler == wanted.handler for row in rows):
            raise ApiError("ERROR_CORE", "Unable to set placement handler: Handler already binded")
        if not self._keeps_options(wanted.code):
            wanted.options = {}
        wanted.id = self._state.next_id("placement")
        self._state.placements.append(wanted)

    def _keeps_options(self, code: str) -> bool:
        is_too_old = code.endswith(places.ACTIVITY) and self._state.dialect.native == "old"
        return code.endswith(places.KEEPS_OPTIONS) and not is_too_old

    def unbind(self, client_id: str, code: str, handler: str | None, user_id: int | None = None) -> int:
        """Unbinds placements; returns the portal's count, which is twice their number."""
        rows = self.bound(client_id, code)
        gone = [row for row in rows if handler in (None, row.handler) and user_id in (None, row.user_id)]
        for row in gone:
            self._state.placements.remove(row)
        return 2 * len(gone)

    def unbind_all(self, client_id: str) -> None:
        self._state.placements[:] = [row for row in self._state.placements if row.client_id != client_id]


def require_web_address(handler: str) -> None:
    try:
        parts = urlsplit(handler)
        host = parts.hostname or ""
    except ValueError:
        raise ApiError("ERROR_WRONG_HANDLER_URL", "Wrong handler URL") from None
    if parts.scheme not in ("http", "https"):
        raise ApiError("ERROR_UNSUPPORTED_PROTOCOL", "Unsupported event handler protocol")
    if "." not in host and not is_address(host):
        raise ApiError("ERROR_WRONG_HANDLER_URL", "Wrong handler URL")


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def require_options(wanted: Placement) -> None:
    if wanted.user_id and wanted.code not in places.PER_PERSON:
        raise ApiError("ERROR_PLACEMENT_USER_MODE", "Placement does not support user mode")
    if wanted.code == "PAGE_BACKGROUND_WORKER" and not wanted.options.get("errorHandlerUrl"):
        raise ApiError("EMPTY_ERROR_HANDLER_URL", "Option errorHandlerUrl is empty")


def from_parameters(parameters: dict[str, Any], client_id: str) -> Placement:
    """The placement from the parameters of `placement.bind`, whose keys are upper case."""
    for name in ("PLACEMENT", "HANDLER"):
        if not isinstance(parameters.get(name), str) or not parameters[name]:
            raise errors.argument(name)
    options = parameters.get("OPTIONS")
    return Placement(
        id=0,
        code=parameters["PLACEMENT"].upper(),
        handler=parameters["HANDLER"],
        title=str(parameters.get("TITLE") or ""),
        description=str(parameters.get("DESCRIPTION") or ""),
        group_name=str(parameters.get("GROUP_NAME") or ""),
        languages=languages_of(parameters),
        options=options if isinstance(options, dict) else {},
        user_id=int(parameters["USER_ID"]) if str(parameters.get("USER_ID") or "").isdigit() else 0,
        client_id=client_id,
    )


def languages_of(parameters: dict[str, Any]) -> dict[str, dict[str, str]]:
    """The titles by language; LANG_ALL, if given, replaces TITLE."""
    given = parameters.get("LANG_ALL")
    if not isinstance(given, dict):
        return {}
    return {
        str(language).lower(): {str(key).upper(): str(text or "") for key, text in texts.items()}
        for language, texts in given.items()
        if isinstance(texts, dict)
    }
