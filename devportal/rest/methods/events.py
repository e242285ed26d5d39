"""Methods that subscribe an application to events."""

from __future__ import annotations

from typing import Any

from ... import errors
from ...apps import handlers
from ..call import Call
from ..parameters import is_true, upper
from ..registry import method

BIND_REFUSALS = (
    "ACCESS_DENIED",
    "ERROR_ARGUMENT",
    "ERROR_EVENT_NOT_FOUND",
    "ERROR_UNSUPPORTED_PROTOCOL",
    "ERROR_WRONG_HANDLER_URL",
    "ERROR_CORE",
)


@method("event.bind", refusals=BIND_REFUSALS, fidelity="online events; offline ones are refused")
def bind(call: Call) -> bool:
    wanted = handlers.from_parameters(upper(call.parameters), call.client_id, call.person)
    call.portal.handlers.bind(wanted, call.person, call.caller.scopes)
    return True


@method("event.get")
def get(call: Call) -> list[dict[str, Any]]:
    rows = call.portal.handlers.bound(call.client_id)
    return [
        {"event": row.event, "handler": row.handler, "auth_type": str(row.auth_type), "offline": 0}
        for row in rows
        if handlers.may_change(call.person, row)
    ]


@method("event.unbind", refusals=("ERROR_ARGUMENT",), fidelity="online events")
def unbind(call: Call) -> dict[str, int]:
    given = upper(call.parameters)
    if bool(given.get("EVENT")) != bool(given.get("HANDLER")):
        raise errors.argument("HANDLER" if given.get("EVENT") else "EVENT")
    return {"count": call.portal.handlers.unbind(call.client_id, call.person, given)}


@method("events", fidelity="events of applications, the CRM, users and tasks")
def names(call: Call) -> list[str]:
    """The events of a scope, all of the portal's, or those that the application may receive."""
    given, known = upper(call.parameters), call.portal.handlers
    if given.get("SCOPE"):
        return known.of_scope(str(given["SCOPE"]))
    return known.all_names() if is_true(given.get("FULL")) else known.names(call.caller.scopes)


@method("event.test")
def test(call: Call) -> int:
    """Fires ONAPPTEST with the given parameters."""
    data = {"QUERY": dict(call.parameters), "LANGUAGE_ID": call.portal.state.language}
    call.portal.events.fire("ONAPPTEST", data, actor=call.person, client_id=call.client_id)
    return 1
