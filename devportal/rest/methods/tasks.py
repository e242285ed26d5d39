"""Tasks, as far as applications of the CRM need them."""

from __future__ import annotations

from typing import Any

from ...crm import tasks
from ...crm.names import camel_name
from ...crm.tasks import Tasks
from ...errors import ApiError, missing
from ...model.records import Task
from ..call import Call
from ..envelope import Page
from ..listing import PAGE, Listing, page_of
from ..parameters import is_true, mapping, to_integer, upper
from ..registry import method

SCOPES = ("task",)
FIDELITY = "without checklists, comments, chats, files, results and groups"
NO_TASK = "CTaskItem All parameters in the constructor must have real class type (internal error)"
SORTED_BY_NAMES = ("CREATED_BY_LAST_NAME", "RESPONSIBLE_LAST_NAME")


@method("tasks.task.add", scopes=SCOPES, refusals=("ERROR_CORE", 100), fidelity=FIDELITY)
def add(call: Call) -> dict[str, Any]:
    return {"task": told(call, board(call).add(given_fields(call), call.person), [])}


@method("tasks.task.get", scopes=SCOPES, refusals=(0, 100), fidelity=FIDELITY)
def get(call: Call) -> dict[str, Any] | list[Any]:
    """Returns a task, or an empty array if it does not exist or the person may not see it."""
    select = call.parameters.get("select")
    if select is not None and not isinstance(select, (list, dict)):
        words = f"Invalid value {{{select}}} to match with parameter {{select}}. Should be value of type array."
        raise ApiError(100, f"{words} (internal error)")
    found = board(call).get(asked_number(call), call.person)
    return {"task": told(call, found, list(mapping(select).values()))} if found else []


@method("tasks.task.list", scopes=SCOPES, refusals=(0,), page=PAGE, fidelity=FIDELITY)
def listed(call: Call) -> Page:
    """Lists tasks, newest first by default; unsortable fields in `order` are refused."""
    given = upper(call.parameters)
    order = upper(mapping(given.get("ORDER")))
    if not set(order) <= {*tasks.TYPES, *SORTED_BY_NAMES}:
        raise ApiError(0, "Invalid sorting key (internal error)")
    found = {str(task.id): task for task in board(call).readable(call.person)}
    listing = Listing(tasks.TYPES, call.portal.zone, is_strict=False)
    conditions = {"filter": upper(mapping(given.get("FILTER"))), "order": order}
    page = page_of(listing.chosen([tasks.record(one) for one in found.values()], conditions), given.get("START"))
    select = list(mapping(given.get("SELECT")).values())
    rows = [told(call, found[row["ID"]], select, is_whole=False) for row in page.rows]
    return Page({"tasks": rows}, page.total, page.next)


@method("tasks.task.update", scopes=SCOPES, who="may see the task", refusals=("ERROR_CORE", 0, 100), fidelity=FIDELITY)
def update(call: Call) -> dict[str, Any]:
    found = board(call).get(asked_number(call), call.person)
    if not found:
        raise ApiError(0, "Action on the task is not allowed (internal error)")
    board(call).update(found, given_fields(call), call.person)
    return {"task": told(call, found, [])}


@method("tasks.task.delete", scopes=SCOPES, who="may see the task", refusals=("1048582", 0, 100))
def delete(call: Call) -> dict[str, bool]:
    found = board(call).get(asked_number(call), call.person)
    if not found:
        raise ApiError("1048582", "No access to delete the task")
    board(call).delete(found, call.person)
    return {"task": True}


def board(call: Call) -> Tasks:
    state = call.portal.state
    return Tasks(state, call.portal.clock.datetime(state.time_zone), call.portal.events.fire)


def asked_number(call: Call) -> int:
    """The number in `taskId`, or in `id` of older clients."""
    given = upper(call.parameters)
    value = given.get("TASKID", given.get("ID"))
    if value is None:
        raise ApiError(100, NO_TASK)
    number = to_integer(value)
    if number is None or number <= 0:
        raise ApiError(0, "wrong task id")
    return number


def given_fields(call: Call) -> dict[str, Any]:
    fields = mapping(upper(call.parameters).get("FIELDS"))
    if not is_true(fields):
        raise missing("fields")
    return upper(fields)


def told(call: Call, task: Task, select: list[Any], *, is_whole: bool = True) -> dict[str, Any]:
    """The selected fields in camel case, by default all but bindings; `get` adds people and actions."""
    names = {str(name).upper() for name in select}
    bound = {*tasks.BINDINGS} if names & {*tasks.BINDINGS} else set()
    everything = not names or "*" in names
    chosen = {
        camel_name(name): value
        for name, value in tasks.record(task).items()
        if name in names | bound | {"ID"} or (everything and name not in (*tasks.BINDINGS, "REAL_STATUS", "TAG"))
    }
    if not is_whole:
        return chosen
    people = {"creator": described(call, task, "CREATED_BY"), "responsible": described(call, task, "RESPONSIBLE_ID")}
    return chosen | {"group": []} | people | {"action": actions(task)}


def described(call: Call, task: Task, name: str) -> dict[str, str]:
    number = str(task.values[name])
    person = next((one for one in call.portal.people if str(one.id) == number), None)
    known = (person.full_name, person.position) if person else ("", "")
    link = f"/company/personal/user/{number}/"
    icon = "/bitrix/images/tasks/default_avatar.png"
    return {"id": number, "name": known[0], "link": link, "icon": icon, "workPosition": known[1]}


def actions(task: Task) -> dict[str, bool]:
    """The actions that a task's status allows."""
    is_done = tasks.record(task)["STATUS"] == tasks.COMPLETED
    always = dict.fromkeys(("delegate", "remove", "edit", "create", "changeDeadline", "rate"), True)
    return {**always, "start": not is_done, "complete": not is_done, "defer": not is_done, "renew": is_done}
