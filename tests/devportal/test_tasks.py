"""Tasks, as documented."""

from typing import Any

import pytest

from devportal import Portal
from tests.devportal.client import Caller, Listening

TASK = {"TITLE": "Call the bakery", "RESPONSIBLE_ID": 7}
AT_TEN, AT_NINE = "2026-03-01T10:00:00+01:00", "2026-03-01T09:00:00+01:00"


@pytest.fixture(autouse=True)
def scopes(portal: Portal) -> None:
    portal.application.scope = "crm,task"


def added(caller: Caller, **fields: Any) -> str:
    number: str = caller.result("tasks.task.add", fields=TASK | fields)["task"]["id"]
    return number


def ids(caller: Caller, **parameters: Any) -> list[str]:
    return [row["id"] for row in caller.result("tasks.task.list", **parameters)["tasks"]]


def test_a_task_is_added_and_returned_as_texts(employee: Caller) -> None:
    number = added(employee, DEADLINE=AT_TEN, PRIORITY=2, AUDITORS=[12], UF_CRM_TASK=["D_1"], UNKNOWN=1)
    task = employee.result("tasks.task.get", taskId=number)["task"]
    told: dict[str, Any] = {
        "id": number,
        "title": "Call the bakery",
        "createdBy": "7",
        "responsibleId": "7",
        "deadline": AT_TEN,
    }
    told |= {"priority": "2", "status": "2", "auditors": ["12"], "accomplices": [], "groupId": "0", "closedDate": None}
    assert {name: task[name] for name in told} == told
    assert (task["creator"]["name"], task["responsible"]["id"], task["action"]["complete"]) == ("Ben Okafor", "7", True)
    assert "ufCrmTask" not in task


def test_a_selection_names_fields_in_capitals_and_brings_camel_case(employee: Caller) -> None:
    number = added(employee, UF_CRM_TASK=["D_1", "C_2"])
    task = employee.result("tasks.task.get", taskId=number, select=["ID", "TITLE", "UF_CRM_TASK"])["task"]
    assert (task["id"], task["title"], task["ufCrmTask"]) == (number, "Call the bakery", ["D_1", "C_2"])
    assert "deadline" not in task
    assert employee.error("tasks.task.get", taskId=number, select="ID") == 100
    assert ids(employee, filter={"UF_CRM_TASK": "C_2"}) == [number]


def test_people_see_the_tasks_that_they_take_part_in_and_administrators_all(
    administrator: Caller, employee: Caller, reader: Caller
) -> None:
    own, watched = added(employee), added(employee, AUDITORS=[12])
    assert (ids(administrator), ids(employee), ids(reader)) == ([watched, own], [watched, own], [watched])
    assert reader.result("tasks.task.get", taskId=own) == []
    assert reader.error("tasks.task.update", taskId=own, fields={"TITLE": "x"}) == 0
    assert reader.error("tasks.task.delete", taskId=own) == "1048582"


@pytest.mark.parametrize(
    ("parameters", "found"),
    [
        ({}, ["3", "2", "1"]),
        ({"order": {"DEADLINE": "asc"}}, ["1", "3", "2"]),
        ({"filter": {"PRIORITY": 2}}, ["2"]),
        ({"filter": {"!PRIORITY": 2}}, ["3", "1"]),
        ({"filter": {">=DEADLINE": "2026-03-01T08:30:00+00:00"}}, ["2"]),
        ({"filter": {"%TITLE": "BAKERY"}}, ["3", "1"]),
        ({"filter": {"REAL_STATUS": 5}}, ["3"]),
        ({"filter": {"ACCOMPLICE_OF_NOBODY": 1}}, ["3", "2", "1"]),
    ],
)
def test_tasks_are_filtered_and_sorted(employee: Caller, parameters: dict[str, Any], found: list[str]) -> None:
    added(employee)
    added(employee, TITLE="Other", DEADLINE=AT_TEN, PRIORITY=2)
    added(employee, DEADLINE=AT_NINE, STATUS=5)
    assert ids(employee, **parameters) == found


def test_a_list_has_pages_and_refuses_to_sort_by_what_is_no_field(employee: Caller) -> None:
    for _ in range(51):
        added(employee)
    body = employee("tasks.task.list", select=["ID"])
    assert (len(body["result"]["tasks"]), body["total"], body["next"]) == (50, 51, 50)
    assert body["result"]["tasks"][0] == {"id": "51"}
    assert employee.error("tasks.task.list", order={"COLOUR": "asc"}) == 0


def test_a_task_that_is_completed_says_by_whom_and_when_and_can_be_renewed(employee: Caller) -> None:
    number = added(employee)
    task = employee.result("tasks.task.update", taskId=number, fields={"STATUS": 5})["task"]
    assert (task["status"], task["closedBy"], bool(task["closedDate"]), task["action"]["renew"]) == (
        "5",
        "7",
        True,
        True,
    )
    task = employee.result("tasks.task.update", taskId=number, fields={"STATUS": 2})["task"]
    assert (task["status"], task["closedBy"], task["closedDate"]) == ("2", None, None)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"TITLE": " "}, "Task title is not specified"),
        ({"RESPONSIBLE_ID": ""}, "Responsible person is not specified"),
        ({"RESPONSIBLE_ID": 99}, 'User specified in the "Responsible" field was not found'),
        ({"STATUS": 9}, "Incorrect status"),
        ({"PARENT_ID": 99}, 'Task specified in the "Parent Task" field was not found'),
        ({"START_DATE_PLAN": AT_TEN, "END_DATE_PLAN": AT_NINE}, "The end date in scheduling is earlier"),
    ],
)
def test_a_task_that_cannot_be_is_refused(employee: Caller, fields: dict[str, Any], words: str) -> None:
    body = employee("tasks.task.add", fields=TASK | fields)
    assert (body["error"], words in body["error_description"]) == ("ERROR_CORE", True)
    number = added(employee)
    assert employee.error("tasks.task.update", taskId=number, fields=fields) == "ERROR_CORE"


@pytest.mark.parametrize("change", ["get", "update", "delete"])
def test_invalid_and_missing_numbers_get_different_refusals(employee: Caller, change: str) -> None:
    assert employee.error(f"tasks.task.{change}", fields=TASK) == 100
    assert employee.error(f"tasks.task.{change}", taskId="x", fields=TASK) == 0
    assert employee.error(f"tasks.task.{change}", taskId=-1, fields=TASK) == 0
    assert employee.error("tasks.task.add") == 100


def test_an_application_gets_events_of_tasks(portal: Portal, administrator: Caller, application: Listening) -> None:
    for change in ("ADD", "UPDATE", "DELETE"):
        administrator.result("event.bind", event=f"ONTASK{change}", handler=f"{application.url}/events")
    portal.finish_install()
    number = added(administrator)
    administrator.result("tasks.task.update", taskId=number, fields={"TITLE": "Changed"})
    assert administrator.result("tasks.task.delete", taskId=number) == {"task": True}
    portal.events.settle()
    told = [
        (heard.fields["event"], heard.fields.get("data[FIELDS_BEFORE][ID]"), heard.fields.get("data[FIELDS_AFTER][ID]"))
        for heard in application.heard
    ]
    assert told == [("ONTASKADD", None, "1"), ("ONTASKUPDATE", "1", "1"), ("ONTASKDELETE", "1", None)]
