"""Tasks of the portal's people, which may be bound to cards."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ..errors import ApiError
from ..model.people import Person
from ..model.portal_state import PortalState
from ..model.records import Task
from .crm import Announce

PEOPLE = ("ACCOMPLICES", "AUDITORS")
BINDINGS = ("UF_CRM_TASK", "UF_TASK_WEBDAV_FILES", "UF_MAIL_MESSAGE")
TIMES = ("DEADLINE", "START_DATE_PLAN", "END_DATE_PLAN")
KEPT_BY_PORTAL = {
    **dict.fromkeys(
        ("CREATED_DATE", "CHANGED_DATE", "ACTIVITY_DATE", "STATUS_CHANGED_DATE", "CLOSED_DATE"), "datetime"
    ),
    **dict.fromkeys(("CHANGED_BY", "STATUS_CHANGED_BY", "CLOSED_BY"), "integer"),
}
GIVEN = {
    **dict.fromkeys(("TITLE", "DESCRIPTION", "MARK", "XML_ID", "TAG", "SITE_ID", "DURATION_TYPE"), "string"),
    **dict.fromkeys(("PARENT_ID", "GROUP_ID", "STAGE_ID", "CREATED_BY", "RESPONSIBLE_ID", *PEOPLE), "integer"),
    **dict.fromkeys(("STATUS", "PRIORITY", "TIME_ESTIMATE", "FLOW_ID"), "integer"),
    **dict.fromkeys(("TASK_CONTROL", "ALLOW_CHANGE_DEADLINE", "ALLOW_TIME_TRACKING", "MATCH_WORK_TIME"), "boolean"),
    **dict.fromkeys(("ADD_IN_REPORT", "DESCRIPTION_IN_BBCODE", "FAVORITE"), "boolean"),
    **dict.fromkeys(TIMES, "datetime"),
    "UF_CRM_TASK": "string",
}
TYPES = {"ID": "integer", **GIVEN, **KEPT_BY_PORTAL, "REAL_STATUS": "integer"}
UNFILLED: dict[str, Any] = {
    **dict.fromkeys((name for name, kind in GIVEN.items() if kind == "boolean"), "N"),
    **dict.fromkeys((*PEOPLE, "UF_CRM_TASK"), ()),
    "DESCRIPTION": "",
    "PRIORITY": "1",
    "STATUS": "2",
    "GROUP_ID": "0",
    "STAGE_ID": "0",
    "TIME_ESTIMATE": "0",
    "SITE_ID": "s1",
    "DURATION_TYPE": "days",
    "DESCRIPTION_IN_BBCODE": "Y",
}
STATUSES = ("2", "3", "4", "5", "6")
COMPLETED = "5"


class Tasks:
    """Adds, changes and deletes tasks: administrators see all, others those that they take part in."""

    def __init__(self, state: PortalState, now: datetime, announce: Announce) -> None:
        self._state = state
        self._now = now.replace(microsecond=0).isoformat()
        self._announce = announce

    def readable(self, person: Person) -> list[Task]:
        """The tasks that a person may see, the newest first."""
        found = [task for task in self._state.tasks.values() if person.is_admin or person.id in those_who_see(task)]
        return sorted(found, key=lambda task: -task.id)

    def get(self, number: int, person: Person) -> Task | None:
        return next((task for task in self.readable(person) if task.id == number), None)

    def add(self, given: Mapping[str, Any], person: Person) -> Task:
        made = {"CREATED_BY": str(person.id), **kept(given), "CREATED_DATE": self._now}
        self._require(made, 0)
        task = Task(self._state.next_id("task"), made | self._touched(made, "", person))
        self._state.tasks[task.id] = task
        self._tell("ADD", person, "undefined", {"ID": task.id})
        return task

    def update(self, task: Task, given: Mapping[str, Any], person: Person) -> None:
        values = task.values | kept(given)
        self._require(values, task.id)
        task.values = values | self._touched(values, str(task.values.get("STATUS") or "2"), person)
        self._tell("UPDATE", person, {"ID": task.id}, {"ID": task.id})

    def delete(self, task: Task, person: Person) -> None:
        del self._state.tasks[task.id]
        self._tell("DELETE", person, {"ID": task.id}, "undefined")

    def _touched(self, values: Mapping[str, Any], earlier_status: str, person: Person) -> dict[str, Any]:
        """Sets what the portal records about a change."""
        touched = {"CHANGED_BY": str(person.id), "CHANGED_DATE": self._now, "ACTIVITY_DATE": self._now}
        status = str(values.get("STATUS") or "2")
        if status != earlier_status:
            closed = (str(person.id), self._now) if status == COMPLETED else (None, None)
            touched |= {"STATUS_CHANGED_BY": str(person.id), "STATUS_CHANGED_DATE": self._now}
            return touched | {"CLOSED_BY": closed[0], "CLOSED_DATE": closed[1]}
        return touched

    def _require(self, values: Mapping[str, Any], number: int) -> None:
        """Checks required values, in the order in which portals do."""
        responsible, parent = values.get("RESPONSIBLE_ID"), values.get("PARENT_ID")
        wrong = {
            "Task title is not specified": not str(values.get("TITLE") or "").strip(),
            "Responsible person is not specified": not responsible,
            'User specified in the "Responsible" field was not found': responsible and not self._knows(responsible),
            "Incorrect status": str(values.get("STATUS") or "2") not in STATUSES,
            "Cannot bind the node to itself": parent and str(parent) == str(number),
            'Task specified in the "Parent Task" field was not found': parent and not self._has(parent),
            "The end date in scheduling is earlier than the start date": ends_early(values),
        }
        if words := next((words for words, is_wrong in wrong.items() if is_wrong), ""):
            raise ApiError("ERROR_CORE", f"{words}<br>")

    def _knows(self, person_id: Any) -> bool:
        return any(str(person.id) == str(person_id) for person in self._state.people)

    def _has(self, number: Any) -> bool:
        return any(str(task.id) == str(number) for task in self._state.tasks.values())

    def _tell(self, change: str, actor: Person, before: Any, after: Any) -> None:
        known = {"IS_ACCESSIBLE_BEFORE": "N" if change == "ADD" else "undefined", "IS_ACCESSIBLE_AFTER": "undefined"}
        if change == "DELETE":
            known["IS_ACCESSIBLE_AFTER"] = "N"
        self._announce(f"ONTASK{change}", {"FIELDS_BEFORE": before, "FIELDS_AFTER": after, **known}, actor=actor)


def kept(given: Mapping[str, Any]) -> dict[str, Any]:
    """The given values that may be changed, as text; unknown fields are ignored."""
    return {name: as_text(value) for name, value in given.items() if name in GIVEN}


def as_text(value: Any) -> Any:
    if isinstance(value, (list, dict)):
        return [str(one) for one in (value.values() if isinstance(value, dict) else value)]
    return None if value is None or value == "" else str(value)


def ends_early(values: Mapping[str, Any]) -> bool:
    """Whether the planned end is before the start."""
    planned = [str(values.get(name) or "") for name in ("END_DATE_PLAN", "START_DATE_PLAN")]
    try:
        ends, begins = (datetime.fromisoformat(text).timestamp() for text in planned)
    except ValueError:
        return False
    return ends < begins


def those_who_see(task: Task) -> set[int]:
    numbers: list[Any] = [task.values.get("CREATED_BY"), task.values.get("RESPONSIBLE_ID")]
    numbers += [one for name in PEOPLE for one in task.values.get(name) or ()]
    return {int(number) for number in numbers if str(number).isdigit()}


def record(task: Task) -> dict[str, Any]:
    """A task's fields by their names in capitals, as text, null or lists."""
    told = {name: task.values.get(name, UNFILLED.get(name)) for name in (*GIVEN, *KEPT_BY_PORTAL)}
    lists = {name: list(told[name] or ()) for name in (*PEOPLE, "UF_CRM_TASK")}
    status = told["STATUS"] or UNFILLED["STATUS"]
    return {"ID": str(task.id), **told, **lists, "STATUS": status, "REAL_STATUS": status}
