"""Robots and workflow activities of applications, and the answers to their workflows."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from ...apps import robots
from ...errors import ApiError
from ...model.robots import Robot
from ..call import Call
from ..parameters import mapping, to_integer, upper
from ..registry import method
from .placements import require_administrator

CODE = re.compile(r"[A-Za-z0-9._-]{1,255}", re.ASCII)
INVALID = "ERROR_ACTIVITY_VALIDATION_FAILURE"
REFUSALS = (
    "ACCESS_DENIED",
    INVALID,
    "ERROR_UNSUPPORTED_PROTOCOL",
    "ERROR_WRONG_HANDLER_URL",
    "ERROR_ACTIVITY_ALREADY_INSTALLED",
)
CHANGE_REFUSALS = ("ACCESS_DENIED", INVALID, "ERROR_ACTIVITY_NOT_FOUND")
FIDELITY = "complete but for FILTER, which is kept and does nothing"


@method("bizproc.robot.add", scopes=("bizproc",), who="administrator", refusals=REFUSALS, fidelity=FIDELITY)
def add_robot(call: Call) -> bool:
    return add(call, "robot")


@method("bizproc.activity.add", scopes=("bizproc",), who="administrator", refusals=REFUSALS, fidelity=FIDELITY)
def add_activity(call: Call) -> bool:
    return add(call, "activity")


@method("bizproc.robot.update", scopes=("bizproc",), who="administrator", refusals=CHANGE_REFUSALS)
def update_robot(call: Call) -> bool:
    return update(call, "robot")


@method("bizproc.activity.update", scopes=("bizproc",), who="administrator", refusals=CHANGE_REFUSALS)
def update_activity(call: Call) -> bool:
    return update(call, "activity")


@method("bizproc.robot.delete", scopes=("bizproc",), who="administrator", refusals=CHANGE_REFUSALS)
def delete_robot(call: Call) -> bool:
    return delete(call, "robot")


@method("bizproc.activity.delete", scopes=("bizproc",), who="administrator", refusals=CHANGE_REFUSALS)
def delete_activity(call: Call) -> bool:
    return delete(call, "activity")


@method("bizproc.robot.list", scopes=("bizproc",), who="administrator", refusals=("ACCESS_DENIED",))
def list_robots(call: Call) -> list[str]:
    return codes(call, "robot")


@method("bizproc.activity.list", scopes=("bizproc",), who="administrator", refusals=("ACCESS_DENIED",))
def list_activities(call: Call) -> list[str]:
    return codes(call, "activity")


@method("bizproc.event.send", scopes=("bizproc",), refusals=("ACCESS_DENIED",))
def send_event(call: Call) -> bool:
    """Answers a waiting run once; other tokens are refused."""
    given = upper(call.parameters)
    run = call.portal.state.robot_runs.get(str(given.get("EVENT_TOKEN") or ""))
    if run is None or run.client_id != call.client_id or not run.is_awaited or run.is_answered:
        raise ApiError("ACCESS_DENIED", "Access denied!", status=403)
    run.return_values, run.log_message = mapping(given.get("RETURN_VALUES")), str(given.get("LOG_MESSAGE") or "")
    run.is_answered = True
    return True


def add(call: Call, kind: str) -> bool:
    require_administrator(call)
    given = upper(call.parameters)
    code, handler = str(given.get("CODE") or ""), str(given.get("HANDLER") or "")
    if not CODE.fullmatch(code):
        raise ApiError(INVALID, "Wrong activity code!")
    if not given.get("NAME"):
        raise ApiError(INVALID, "Empty activity NAME!")
    check_handler(call, handler)
    check_dialog(call, given)
    state = call.portal.state
    if robots.is_taken(state, code, call.client_id):
        raise ApiError("ERROR_ACTIVITY_ALREADY_INSTALLED", "Activity or Robot already installed!")
    fields = {name: value for name, value in given.items() if name not in ("CODE", "HANDLER")}
    runs_as = to_integer(given.get("AUTH_USER_ID") or "") or call.person.id
    state.robots.append(Robot(kind, code, handler, call.client_id, runs_as, fields))
    return True


def update(call: Call, kind: str) -> bool:
    robot = existing(call, kind)
    fields = upper(mapping(upper(call.parameters).get("FIELDS")))
    if not fields:
        raise ApiError(INVALID, "No fields to update")
    if "HANDLER" in fields:
        robot.handler = str(fields.pop("HANDLER"))
        check_handler(call, robot.handler)
    check_dialog(call, {**robot.fields, **fields})
    robot.fields.update(fields)
    return True


def delete(call: Call, kind: str) -> bool:
    call.portal.state.robots.remove(existing(call, kind))
    return True


def codes(call: Call, kind: str) -> list[str]:
    require_administrator(call)
    rows = call.portal.state.robots
    return [robot.code for robot in rows if (robot.kind, robot.client_id) == (kind, call.client_id)]


def existing(call: Call, kind: str) -> Robot:
    require_administrator(call)
    robot = robots.find(call.portal.state, kind, str(upper(call.parameters).get("CODE") or ""), call.client_id)
    if robot is None:
        raise ApiError("ERROR_ACTIVITY_NOT_FOUND", "Activity or Robot not found!")
    return robot


def check_dialog(call: Call, fields: dict[str, Any]) -> None:
    """Checks the URL of the frame in a robot's dialog."""
    if fields.get("USE_PLACEMENT") == "Y":
        check_handler(call, str(fields.get("PLACEMENT_HANDLER") or ""))


def check_handler(call: Call, handler: str) -> None:
    """Checks that a handler is on the application's own host."""
    address: Any = urlsplit(handler)
    if address.scheme not in ("http", "https"):
        raise ApiError("ERROR_UNSUPPORTED_PROTOCOL", "Unsupported event handler protocol")
    if address.hostname != urlsplit(call.caller.application.app_url).hostname:
        raise ApiError("ERROR_WRONG_HANDLER_URL", "Wrong handler URL")
