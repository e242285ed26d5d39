"""Activities and comments of a card, as documented."""

from datetime import datetime
from typing import Any

import pytest

from devportal import Portal
from tests.devportal.client import Caller, Listening

CALL: dict[str, Any] = {
    "OWNER_TYPE_ID": 2,
    "OWNER_ID": 1,
    "TYPE_ID": 2,
    "SUBJECT": "Call back",
    "RESPONSIBLE_ID": 7,
    "COMMUNICATIONS": [{"VALUE": "+1 1", "ENTITY_ID": 1, "ENTITY_TYPE_ID": 3}],
}


def test_an_activity_is_added_and_returned_as_texts(employee: Caller) -> None:
    times = {"START_TIME": "2026-03-01T10:00:00+01:00", "END_TIME": "2026-03-01T11:00:00+01:00"}
    number = employee.result("crm.activity.add", fields=CALL | times | {"DIRECTION": 2, "COMPLETED": "Y", "ID": 99})
    activity = employee.result("crm.activity.get", id=number)
    told: dict[str, Any] = {"ID": str(number), "OWNER_TYPE_ID": "2", "OWNER_ID": "1", "TYPE_ID": "2", "SETTINGS": []}
    told |= {"SUBJECT": "Call back", "RESPONSIBLE_ID": "7", "AUTHOR_ID": "7", "DIRECTION": "2", "COMPLETED": "Y"}
    assert {name: activity[name] for name in [*told, *times]} == told | times
    assert activity["DEADLINE"] == activity["START_TIME"]
    assert datetime.fromisoformat(activity["CREATED"])
    assert "COMMUNICATIONS" not in activity
    assert employee.result("crm.activity.list") == [activity]


@pytest.fixture
def several(employee: Caller) -> Caller:
    """Three activities of two deals and one contact, the first of them the latest."""
    for number, (owner_type, owner, hour) in enumerate([(2, 1, 12), (2, 4, 9), (3, 1, 10)], 1):
        fields = {"OWNER_TYPE_ID": owner_type, "OWNER_ID": owner, "SUBJECT": f"Call {number}"}
        start = {"START_TIME": f"2026-03-01T{hour:02}:00:00+01:00"}
        employee.result("crm.activity.add", fields=CALL | fields | start)
    return employee


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({}, ["2", "3", "1"]),
        ({"order": {"ID": "DESC"}}, ["3", "2", "1"]),
        ({"filter": {"OWNER_TYPE_ID": 2}}, ["2", "1"]),
        ({"filter": {"OWNER_TYPE_ID": 2, "OWNER_ID": 1}}, ["1"]),
        ({"filter": {">ID": 1}, "order": {"ID": "ASC"}, "start": -1}, ["2", "3"]),
        ({"filter": {"%SUBJECT": "call 2"}}, ["2"]),
        ({"filter": {">=START_TIME": "2026-03-01T09:00:00+00:00"}}, ["3", "1"]),
        ({"filter": {"BINDINGS": [{"OWNER_TYPE_ID": 3}, {"OWNER_TYPE_ID": 2, "OWNER_ID": 4}]}}, ["2", "3"]),
    ],
)
def test_activities_are_filtered_and_sorted(several: Caller, parameters: dict[str, Any], found: list[str]) -> None:
    assert [row["ID"] for row in several.result("crm.activity.list", **parameters)] == found


def test_communications_are_returned_if_selected(several: Caller) -> None:
    (row,) = several.result("crm.activity.list", filter={"ID": 1}, select=["ID", "COMMUNICATIONS"])
    assert row == {"ID": "1", "COMMUNICATIONS": CALL["COMMUNICATIONS"]}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"SUBJECT": ""}, "The field SUBJECT is not defined or empty."),
        ({"RESPONSIBLE_ID": None}, "The field RESPONSIBLE_ID is not defined or invalid."),
        ({"TYPE_ID": None}, "The field TYPE_ID is not defined or invalid."),
        ({"COMMUNICATIONS": []}, "The field COMMUNICATIONS is not defined or invalid."),
        ({"OWNER_ID": 999}, "Could not build binding."),
        ({"OWNER_ID": 2}, "Access denied."),
    ],
)
def test_an_activity_that_lacks_something_is_refused(reader: Caller, changes: dict[str, Any], words: str) -> None:
    answer = reader.post("crm.activity.add", fields=CALL | changes)
    assert (answer.status_code, answer.json()["error"]) == (400, "")
    assert answer.json()["error_description"].startswith(words)
    assert reader.result("crm.activity.list") == []


def test_activities_of_a_card_that_may_not_be_read_are_not_found(portal: Portal, several: Caller) -> None:
    portal.deny_read(portal.employee, 2, 1)
    assert several("crm.activity.get", id=1)["error_description"] == "Access denied."
    assert several("crm.activity.get", id=99)["error_description"] == "Activity is not found."
    assert [row["ID"] for row in several.result("crm.activity.list")] == ["2", "3"]


@pytest.mark.parametrize(("code", "entity_type_id"), [("deal", 2), ("LEAD", 1), ("dynamic_1032", 1032), ("order", 14)])
def test_a_comment_is_stored_on_its_card(portal: Portal, employee: Caller, code: str, entity_type_id: int) -> None:
    fields = {"ENTITY_ID": 1, "ENTITY_TYPE": code, "COMMENT": "Agreed. [B]Ä[/B]"}
    number = employee.result("crm.timeline.comment.add", fields=fields)
    comment = portal.state.comments[number]
    assert (comment.entity_type_id, comment.entity_id, comment.author_id) == (entity_type_id, 1, 7)
    assert comment.text == "Agreed. [B]Ä[/B]"


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"COMMENT": " "}, "INVALID_ARG_VALUE"),
        ({"COMMENT": None}, 100),
        ({"ENTITY_ID": None}, 100),
        ({"ENTITY_ID": 999}, "OWNER_NOT_FOUND"),
        ({"ENTITY_TYPE": "nothing"}, "OWNER_NOT_FOUND"),
        ({"ENTITY_ID": 2}, "ACCESS_DENIED"),
    ],
)
def test_a_comment_that_lacks_something_is_refused(
    portal: Portal, reader: Caller, changes: dict[str, Any], error: str | int
) -> None:
    fields = {"ENTITY_ID": 1, "ENTITY_TYPE": "deal", "COMMENT": "x"}
    assert reader.error("crm.timeline.comment.add", fields=fields | changes) == error
    assert portal.state.comments == {}


def test_applications_get_events_about_both(
    portal: Portal, administrator: Caller, employee: Caller, application: Listening
) -> None:
    for event in ("ONCRMACTIVITYADD", "ONCRMTIMELINECOMMENTADD"):
        administrator.result("event.bind", event=event, handler=f"{application.url}/events")
    portal.finish_install()
    activity = employee.result("crm.activity.add", fields=CALL)
    comment = employee.result(
        "crm.timeline.comment.add", fields={"ENTITY_ID": 1, "ENTITY_TYPE": "deal", "COMMENT": "x"}
    )
    portal.events.settle()
    assert [(one.fields["event"], one.fields["data[FIELDS][ID]"]) for one in application.heard] == [
        ("ONCRMACTIVITYADD", str(activity)),
        ("ONCRMTIMELINECOMMENTADD", str(comment)),
    ]
