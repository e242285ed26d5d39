"""The people of a portal, its departments, and notifications, as documented."""

from typing import Any

import pytest

from devportal import Portal
from devportal.rest.user_fields import SCOPES
from tests.devportal.client import Caller


@pytest.fixture
def employee(portal: Portal) -> Caller:
    portal.application.scope = "user,department,im"
    return Caller(portal, portal.employee)


@pytest.mark.parametrize(("scope", "count"), [("user", 62), ("user_basic", 59), ("user_brief", 29)])
def test_a_scope_opens_its_documented_fields(portal: Portal, scope: str, count: int) -> None:
    portal.application.scope = scope
    caller = Caller(portal, portal.employee)
    person = caller.result("user.current")
    assert set(person) == {*SCOPES[scope], "USER_TYPE"}
    assert len(SCOPES[scope]) == len(set(SCOPES[scope])) == count
    assert (person["ID"], person["ACTIVE"], person["NAME"], person["UF_DEPARTMENT"]) == ("7", True, "Ben", [2])
    assert ("EMAIL" in person, "LAST_LOGIN" in person) == (scope != "user_brief", scope == "user")
    assert caller.result("user.get", FILTER={"ID": 7}) == [person]


@pytest.mark.parametrize(
    ("parameters", "ids"),
    [
        ({}, ["1", "7", "12"]),
        ({"sort": "ID", "order": "DESC"}, ["12", "7", "1"]),
        ({"SORT": "LAST_NAME", "ORDER": "ASC"}, ["1", "12", "7"]),
        ({"FILTER": {"ID": [1, 12]}}, ["1", "12"]),
        ({"filter": {">ID": 1}}, ["7", "12"]),
        ({"FILTER": {"!ID": 7}}, ["1", "12"]),
        ({"FILTER": {"%NAME": "LAR"}}, ["12"]),
        ({"FILTER": {"=%LAST_NAME": "K%"}}, ["1"]),
        ({"FILTER": {"!%LAST_NAME": "ke"}}, ["7", "12"]),
        ({"FILTER": {"NAME_SEARCH": "ben oka"}}, ["7"]),
        ({"FILTER": {"NAME_SEARCH": "zoe"}}, []),
        ({"FILTER": {"UF_DEPARTMENT": 2}}, ["1", "7"]),
        ({"FILTER": {"ACTIVE": True}}, ["1", "7", "12"]),
        ({"FILTER": {"ACTIVE": "false"}}, []),
        ({"FILTER": {"USER_TYPE": "extranet"}}, []),
        ({"ID": 12}, ["12"]),
    ],
)
def test_people_are_found_and_sorted(employee: Caller, parameters: dict[str, Any], ids: list[str]) -> None:
    body = employee("user.get", **parameters)
    assert [person["ID"] for person in body["result"]] == ids
    assert body["total"] == len(ids)


def test_only_the_selected_fields_of_people_are_returned(employee: Caller) -> None:
    rows = employee.result("user.get", FILTER={"ID": 1}, select=["ID", "NAME", "NO_SUCH_FIELD"])
    assert rows == [{"ID": "1", "NAME": "Anna"}]


def test_who_was_dismissed_is_not_active(portal: Portal, employee: Caller) -> None:
    portal.dismiss(portal.reader)
    assert [one["ID"] for one in employee.result("user.get", FILTER={"ACTIVE": True})] == ["1", "7"]


@pytest.mark.parametrize(
    ("parameters", "names"),
    [
        ({}, ["Brightside Trading", "Sales", "Office"]),
        ({"sort": "NAME", "order": "DESC"}, ["Sales", "Office", "Brightside Trading"]),
        ({"PARENT": 1}, ["Sales", "Office"]),
        ({"ID": 3}, ["Office"]),
        ({"NAME": "Sales"}, ["Sales"]),
        ({"UF_HEAD": 1}, ["Brightside Trading", "Sales"]),
        ({"SORT": 500}, ["Brightside Trading", "Sales", "Office"]),
    ],
)
def test_departments_are_found_and_sorted(employee: Caller, parameters: dict[str, Any], names: list[str]) -> None:
    assert [row["NAME"] for row in employee.result("department.get", **parameters)] == names


def test_a_notification_reaches_one_person_and_replaces_that_of_its_tag(portal: Portal, employee: Caller) -> None:
    first = employee.result("im.notify", USER_ID=12, MESSAGE=" Call back ", TAG="call")
    second = employee.result("im.notify", USER_ID=12, MESSAGE="Called", TAG="call", TYPE="SYSTEM")
    (notification,) = portal.state.notifications
    assert second == notification.id == first + 1
    assert (notification.message, notification.user_id, notification.kind) == ("Called", 12, "SYSTEM")
    assert employee.error("im.notify", MESSAGE="x") == "USER_ID_EMPTY"
    assert employee.error("im.notify", USER_ID=12, MESSAGE="  ") == "MESSAGE_EMPTY"
    assert employee.error("im.notify", USER_ID=12, MESSAGE="x", ATTACH="x" * 60_001) == "ATTACH_OVERSIZE"
