"""Robots and activities as an application adds, changes and removes them, and what is refused."""

from typing import Any

import pytest

from devportal import Portal
from tests.devportal.client import Caller

ADD, UPDATE, DELETE, LIST = (f"bizproc.robot.{verb}" for verb in ("add", "update", "delete", "list"))


@pytest.fixture
def robot(portal: Portal) -> dict[str, Any]:
    portal.application.scope = "crm,placement,bizproc"
    return {"CODE": "robot", "NAME": "Robot", "HANDLER": f"{portal.application.app_url}/robot"}


def test_one_is_there_until_it_is_deleted(robot: dict[str, Any], administrator: Caller, portal: Portal) -> None:
    assert administrator.result(ADD, **robot) is True
    assert administrator.result(LIST) == ["robot"]
    changed = {"NAME": "Writer", "HANDLER": f"{portal.application.app_url}/writer"}
    assert administrator.result(UPDATE, CODE="robot", FIELDS=changed) is True
    (row,) = portal.state.robots
    assert (row.handler, row.fields["NAME"]) == (changed["HANDLER"], "Writer")
    assert administrator.result(DELETE, CODE="robot") is True
    assert administrator.result(LIST) == []


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"CODE": "no code"}, "ERROR_ACTIVITY_VALIDATION_FAILURE"),
        ({"NAME": ""}, "ERROR_ACTIVITY_VALIDATION_FAILURE"),
        ({"HANDLER": "ftp://127.0.0.1/robot"}, "ERROR_UNSUPPORTED_PROTOCOL"),
        ({"HANDLER": "http://elsewhere.example/robot"}, "ERROR_WRONG_HANDLER_URL"),
    ],
)
def test_a_senseless_one_is_refused(
    robot: dict[str, Any], administrator: Caller, changes: dict[str, str], error: str
) -> None:
    assert administrator.error(ADD, **{**robot, **changes}) == error


def test_a_second_one_an_absent_one_and_no_change_are_refused(robot: dict[str, Any], administrator: Caller) -> None:
    administrator.result(ADD, **robot)
    assert administrator.error(ADD, **robot) == "ERROR_ACTIVITY_ALREADY_INSTALLED"
    assert administrator.error(UPDATE, CODE="robot", FIELDS={}) == "ERROR_ACTIVITY_VALIDATION_FAILURE"
    assert administrator.error(DELETE, CODE="other") == "ERROR_ACTIVITY_NOT_FOUND"


def test_only_administrators_may(robot: dict[str, Any], employee: Caller) -> None:
    assert employee.error(ADD, **robot) == "ACCESS_DENIED"
