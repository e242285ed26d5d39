"""Methods that attach an application to the portal's pages."""

from __future__ import annotations

from typing import Any

from ... import errors
from ...apps import placements
from ...errors import ApiError
from ...model.applications import Placement
from ..call import Call
from ..parameters import to_integer, upper
from ..registry import method

BIND_REFUSALS = (
    "ACCESS_DENIED",
    "ERROR_ARGUMENT",
    "ERROR_PLACEMENT_NOT_FOUND",
    "ERROR_UNSUPPORTED_PROTOCOL",
    "ERROR_WRONG_HANDLER_URL",
    "ERROR_CORE",
    "ERROR_PLACEMENT_MAX_COUNT",
    "ERROR_PLACEMENT_USER_MODE",
    "EMPTY_ERROR_HANDLER_URL",
)


@method("placement.bind", scopes=("placement",), who="administrator", refusals=BIND_REFUSALS)
def bind(call: Call) -> bool:
    require_administrator(call)
    wanted = placements.from_parameters(upper(call.parameters), call.client_id)
    call.portal.places.bind(wanted, call.caller.installation)
    return True


@method("placement.get", scopes=("placement",), who="administrator", refusals=("ACCESS_DENIED",))
def get(call: Call) -> list[dict[str, Any]]:
    require_administrator(call)
    return [description(call, row) for row in call.portal.places.bound(call.client_id)]


@method("placement.list", scopes=("placement",), fidelity="places of the CRM, of tasks and some others")
def codes(call: Call) -> list[str]:
    scope = upper(call.parameters).get("SCOPE")
    return call.portal.places.codes([str(scope)] if scope else call.caller.scopes)


@method("placement.unbind", scopes=("placement",), who="administrator", refusals=("ACCESS_DENIED", "ERROR_ARGUMENT"))
def unbind(call: Call) -> dict[str, int]:
    require_administrator(call)
    given = upper(call.parameters)
    if not given.get("PLACEMENT"):
        raise errors.argument("PLACEMENT")
    handler, user_id = given.get("HANDLER"), to_integer(given.get("USER_ID") or "")
    count = call.portal.places.unbind(call.client_id, str(given["PLACEMENT"]).upper(), handler or None, user_id)
    return {"count": count}


def description(call: Call, row: Placement) -> dict[str, Any]:
    found = {"placement": row.code, "userId": row.user_id, "handler": row.handler, "options": row.options}
    if call.portal.state.dialect.placement_titles == "untold":
        return found
    return {**found, "title": row.title, "description": row.description, "langAll": row.languages}


def require_administrator(call: Call) -> None:
    if not call.person.is_admin:
        raise ApiError("ACCESS_DENIED", "Access denied!", status=403)
