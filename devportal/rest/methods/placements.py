"""Methods that attach an application to the portal's pages."""

from __future__ import annotations

from typing import Any

from ... import errors
from ...apps import placements, robots
from ...errors import ApiError
from ...model.applications import Placement
from ...model.robots import Robot
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
    rows = [description(call, row) for row in call.portal.places.bound(call.client_id)]
    return [*rows, *(dialog(call, robot) for robot in robots.dialogs(call.portal.state, call.client_id))]


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
    code = str(given["PLACEMENT"]).upper()
    if code == robots.DIALOG:
        return {"count": 2 * close_dialogs(call, handler)}
    count = call.portal.places.unbind(call.client_id, code, handler or None, user_id)
    return {"count": count}


def close_dialogs(call: Call, handler: Any) -> int:
    """Unbinds robots' dialogs, so that the portal shows their properties."""
    gone = [robot for robot in robots.dialogs(call.portal.state, call.client_id) if handler in (None, "", robot.dialog)]
    for robot in gone:
        robot.fields["USE_PLACEMENT"] = "N"
    return len(gone)


def dialog(call: Call, robot: Robot) -> dict[str, Any]:
    """A robot's dialog, which is listed among the placements without a title."""
    return description(call, Placement(0, robots.DIALOG, robot.dialog, client_id=robot.client_id))


def description(call: Call, row: Placement) -> dict[str, Any]:
    found = {"placement": row.code, "userId": row.user_id, "handler": row.handler, "options": row.options}
    if call.portal.state.dialect.placement_titles == "untold":
        return found
    return {**found, "title": row.title, "description": row.description, "langAll": row.languages}


def require_administrator(call: Call) -> None:
    if not call.person.is_admin:
        raise ApiError("ACCESS_DENIED", "Access denied!", status=403)
