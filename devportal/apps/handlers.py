"""Binding handlers to events."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .. import errors
from ..errors import ApiError
from ..model.applications import EventHandler
from ..model.people import Person
from ..model.portal_state import PortalState
from .placements import require_web_address

BASIC_EVENTS = [
    "ONAPPINSTALL",
    "ONAPPUPDATE",
    "ONAPPUNINSTALL",
    "ONAPPPAYMENT",
    "ONAPPMETHODCONFIRM",
    "ONAPPTEST",
    "ONSUBSCRIPTIONRENEW",
    "ONOFFLINEEVENT",
]
CHANGES = ("ADD", "UPDATE", "DELETE")
CRM_KINDS = ("LEAD", "DEAL", "CONTACT", "COMPANY", "QUOTE", "DYNAMICITEM", "TYPE", "TIMELINECOMMENT", "ACTIVITY")
CRM_EVENTS = [f"ONCRM{name}{change}" for name in CRM_KINDS for change in CHANGES]
# Events of users and of task comments can be bound, but nothing here fires them.
OTHER_EVENTS = {
    "user": ["ONUSERADD"],
    "task": [f"ONTASK{name}{change}" for name in ("", "COMMENT") for change in CHANGES],
}


class Handlers:
    """The bound event handlers of one portal, under its rules."""

    def __init__(self, state: PortalState) -> None:
        self._state = state

    def names(self, scopes: Iterable[str]) -> list[str]:
        """The events that an application with these scopes may receive."""
        return [*BASIC_EVENTS, *(event for scope in scopes for event in self.of_scope(scope))]

    def of_scope(self, scope: str) -> list[str]:
        """The events that belong to one scope."""
        return self._crm_events() if scope == "crm" else OTHER_EVENTS.get(scope, [])

    def all_names(self) -> list[str]:
        """Every event of the portal, whatever the application's scopes."""
        return self.names(["crm", *OTHER_EVENTS])

    def _crm_events(self) -> list[str]:
        """The CRM's events: each smart process has its own besides the common ones."""
        is_old = self._state.dialect.type_events == "unknown"
        known = [event for event in CRM_EVENTS if not (is_old and event.startswith("ONCRMTYPE"))]
        numbers = [smart.entity_type_id for smart in self._state.types]
        return known + [f"ONCRMDYNAMICITEM{change}_{number}" for number in numbers for change in CHANGES]

    def bound(self, client_id: str | None = None, event: str | None = None) -> list[EventHandler]:
        rows = self._state.event_handlers
        return [row for row in rows if client_id in (None, row.client_id) and event in (None, row.event)]

    def bind(self, wanted: EventHandler, person: Person, scopes: list[str]) -> None:
        """Raises `ApiError` for an unknown event, a wrong address, a foreign `auth_type` or a handler bound before."""
        if wanted.event not in self.names(scopes):
            raise ApiError("ERROR_EVENT_NOT_FOUND", "Event not found")
        require_web_address(wanted.handler)
        if not person.is_admin:
            if wanted.auth_type not in (0, person.id):
                raise ApiError("ACCESS_DENIED", "Access denied!", status=403)
            wanted.auth_type = person.id
        same = (wanted.handler, wanted.auth_type)
        if any((row.handler, row.auth_type) == same for row in self.bound(wanted.client_id, wanted.event)):
            raise ApiError("ERROR_CORE", "Unable to set event handler: Handler already binded")
        wanted.id = self._state.next_id("event_handler")
        self._state.event_handlers.append(wanted)

    def unbind(self, client_id: str, person: Person, given: dict[str, Any]) -> int:
        """Unbinds handlers and returns how many; without parameters, all that this person may unbind."""
        gone = [row for row in self.bound(client_id) if may_change(person, row) and matches(row, given)]
        for row in gone:
            self._state.event_handlers.remove(row)
        return len(gone)

    def unbind_all(self, client_id: str) -> None:
        rows = self._state.event_handlers
        rows[:] = [row for row in rows if row.client_id != client_id]


def may_change(person: Person, row: EventHandler) -> bool:
    return person.is_admin or row.auth_type == person.id


def matches(row: EventHandler, given: dict[str, Any]) -> bool:
    event = str(given.get("EVENT") or "").upper()
    handler = given.get("HANDLER")
    if not event and not handler:
        return True
    auth_type = str(given.get("AUTH_TYPE") or "")
    if "AUTH_TYPE" in given and row.auth_type != (int(auth_type) if auth_type.isdigit() else 0):
        return False
    return row.event == event and row.handler == handler


def from_parameters(parameters: dict[str, Any], client_id: str, person: Person) -> EventHandler:
    """The handler from the parameters of `event.bind`, whose keys are upper case."""
    if not parameters.get("EVENT"):
        raise errors.argument("EVENT")
    if str(parameters.get("EVENT_TYPE") or "online").lower() == "offline":
        raise ApiError("ACCESS_DENIED", "Offline events are not part of this portal", status=403)
    if not isinstance(parameters.get("HANDLER"), str) or not parameters["HANDLER"]:
        raise errors.argument("HANDLER")
    auth_type = str(parameters.get("AUTH_TYPE") or "0")
    return EventHandler(
        id=0,
        event=str(parameters["EVENT"]).upper(),
        handler=parameters["HANDLER"],
        auth_type=int(auth_type) if auth_type.isdigit() else 0,
        client_id=client_id,
        bound_by=person.id,
    )
