"""What holds for every method, as the table in the README claims."""

from typing import Any
from urllib.parse import urlencode

import pytest
import requests

from devportal import Portal
from devportal.apps.events import flattened
from devportal.model.robots import RobotRun
from devportal.rest.registry import METHODS
from tests.devportal.client import Caller
from tests.devportal.pictures import png

FIELDS = {"entityTypeId": "2", "entityId": "1", "title": "t", "text": "x", "iconCode": "info"}
ACTIVITY = {
    "OWNER_TYPE_ID": "2",
    "OWNER_ID": "1",
    "TYPE_ID": "2",
    "SUBJECT": "A call",
    "RESPONSIBLE_ID": "7",
    "COMMUNICATIONS": [{"VALUE": "+49 30 5550 101", "ENTITY_ID": "1", "ENTITY_TYPE_ID": "3"}],
}
BINDING = {"OWNER_ID": "1", "ENTITY_ID": "2", "ENTITY_TYPE": "contact"}
ROBOT = {"NAME": "Robot", "HANDLER": "http://127.0.0.1:9/robot"}
TASK = {"TITLE": "Call the bakery", "RESPONSIBLE_ID": "7"}
OUTSIDE_CALL = {"USER_ID": "7", "PHONE_NUMBER": "+49 30 5550 101", "TYPE": "1"}
# The box keeps no files, so what is there about them is always refused.
WITHOUT_A_RESULT = {"disk.file.get"}
KINDS = ("lead", "deal", "contact", "company")
CHANGES = ("get", "add", "update", "delete")
PARAMETERS: dict[str, dict[str, Any]] = {
    "access.name": {"ACCESS": ["U1"]},
    "app.option.set": {"options": {"a": "1"}},
    **{f"crm.{kind}.{verb}": {"id": "1", "fields": {"COMMENTS": "x"}} for kind in KINDS for verb in CHANGES},
    **{f"bizproc.{kind}.add": {"CODE": "new", **ROBOT} for kind in ("activity", "robot")},
    **{f"bizproc.{kind}.update": {"CODE": f"old-{kind}", "FIELDS": {"NAME": "x"}} for kind in ("activity", "robot")},
    **{f"bizproc.{kind}.delete": {"CODE": f"old-{kind}"} for kind in ("activity", "robot")},
    "bizproc.event.send": {"EVENT_TOKEN": "waiting"},
    "crm.activity.add": {"fields": ACTIVITY},
    "crm.activity.get": {"id": "1"},
    "crm.category.list": {"entityTypeId": "2"},
    "crm.duplicate.findbycomm": {"type": "EMAIL", "values": ["marta.silva@mail.example"]},
    "crm.item.add": {"entityTypeId": "2", "fields": {"title": "New"}},
    "crm.item.delete": {"entityTypeId": "2", "id": "1"},
    "crm.item.fields": {"entityTypeId": "2"},
    "crm.item.get": {"entityTypeId": "2", "id": "1"},
    "crm.item.list": {"entityTypeId": "2"},
    "crm.item.update": {"entityTypeId": "2", "id": "1", "fields": {"title": "New"}},
    **{f"crm.{kind}.productrows.get": {"id": "1"} for kind in ("deal", "lead")},
    **{f"crm.{kind}.productrows.set": {"id": "1", "rows": [{"PRODUCT_NAME": "Oven"}]} for kind in ("deal", "lead")},
    "crm.timeline.bindings.bind": {"fields": BINDING},
    "crm.timeline.bindings.list": {"filter": {"OWNER_ID": "1"}},
    "crm.timeline.bindings.unbind": {"fields": BINDING},
    **{f"crm.timeline.item.{verb}": {"id": "1", "ownerTypeId": "2", "ownerId": "1"} for verb in ("pin", "unpin")},
    "crm.timeline.comment.add": {"fields": {"ENTITY_ID": "1", "ENTITY_TYPE": "deal", "COMMENT": "x"}},
    "crm.timeline.icon.add": {"code": "new", "fileContent": png()},
    "crm.timeline.icon.delete": {"code": "old"},
    "crm.timeline.icon.get": {"code": "call"},
    "crm.timeline.logmessage.add": {"fields": FIELDS},
    "crm.timeline.logmessage.delete": {"id": "1"},
    "crm.timeline.logmessage.get": {"id": "1"},
    "crm.timeline.logmessage.list": {"entityTypeId": "2", "entityId": "1"},
    "crm.type.get": {"id": "1"},
    "event.bind": {"event": "ONAPPTEST", "handler": "http://127.0.0.1:9/new"},
    "event.unbind": {"event": "ONAPPTEST", "handler": "http://127.0.0.1:9/old"},
    "im.notify": {"USER_ID": "7", "MESSAGE": "Hello"},
    "feature.get": {"CODE": "x"},
    "method.get": {"name": "profile"},
    "placement.bind": {"PLACEMENT": "CRM_DEAL_DETAIL_TAB", "HANDLER": "http://127.0.0.1:9/new"},
    "placement.unbind": {"PLACEMENT": "CRM_DEAL_DETAIL_TAB", "HANDLER": "http://127.0.0.1:9/old"},
    "tasks.task.add": {"fields": TASK},
    **{f"tasks.task.{verb}": {"taskId": "1", "fields": TASK} for verb in ("get", "update", "delete")},
    "telephony.externalcall.register": OUTSIDE_CALL,
    "user.access": {"ACCESS": ["U1"]},
    "user.option.set": {"options": {"a": "1"}},
}
# What a test may delete, made by one batch.
THERE: dict[str, dict[str, Any]] = {
    "crm.timeline.logmessage.add": {"fields": FIELDS},
    "tasks.task.add": {"fields": TASK},
    "crm.activity.add": {"fields": ACTIVITY},
    "crm.timeline.icon.add": {"code": "old", "fileContent": png()},
    "crm.timeline.bindings.bind": {"fields": BINDING},
    **{f"bizproc.{kind}.add": {"CODE": f"old-{kind}", **ROBOT} for kind in ("activity", "robot")},
    "event.bind": {"event": "ONAPPTEST", "handler": "http://127.0.0.1:9/old"},
    "placement.bind": {"PLACEMENT": "CRM_DEAL_DETAIL_TAB", "HANDLER": "http://127.0.0.1:9/old"},
}
EVERY_METHOD = pytest.mark.parametrize("method", sorted(METHODS))


@pytest.fixture
def caller(portal: Portal) -> Caller:
    """An administrator in a portal where everything that can be deleted is there."""
    portal.application.scope = ",".join(sorted({scope for method in METHODS.values() for scope in method.scopes}))
    caller = Caller(portal, portal.administrator)
    done = caller.result("batch", cmd={method: f"{method}?{urlencode(flat(given))}" for method, given in THERE.items()})
    assert done["result"].keys() == THERE.keys(), done["result_error"]
    portal.state.robot_runs["waiting"] = RobotRun(
        "waiting", "old-robot", "DEAL_1", portal.application.client_id, is_awaited=True
    )
    return caller


def flat(given: dict[str, Any]) -> dict[str, str]:
    return {key: text for name, value in given.items() for key, text in flattened(name, value).items()}


@pytest.mark.parametrize("method", sorted(METHODS.keys() - WITHOUT_A_RESULT))
@pytest.mark.parametrize("form", ["get", "form", "json", "batch"])
def test_every_method_takes_every_encoding_and_goes_into_a_batch(
    portal: Portal, caller: Caller, method: str, form: str
) -> None:
    address, token = portal.client_endpoint + method, {"auth": caller.token}
    given = flat(PARAMETERS.get(method, {}))
    if form == "batch":
        body = caller.result("batch", cmd={"one": f"{method}?{urlencode(given)}"})
        assert "one" in body["result"], body
        return
    if form == "get":
        answer = requests.get(address, params=given | token, timeout=10)
    elif form == "form":
        answer = requests.post(address, data=given | token, timeout=10)
    else:
        answer = requests.post(address, json=PARAMETERS.get(method, {}) | token, timeout=10)
    assert (answer.status_code, "result" in answer.json()) == (200, True), answer.text


@EVERY_METHOD
def test_every_method_is_met_by_faults(portal: Portal, caller: Caller, method: str) -> None:
    portal.faults.refuse("OVERLOAD_LIMIT", method)
    assert caller.error(method) == "OVERLOAD_LIMIT"
    portal.faults.reset(method)
    with pytest.raises(requests.ConnectionError):
        caller(method)


@EVERY_METHOD
def test_every_method_refuses_callers_without_the_right(portal: Portal, caller: Caller, method: str) -> None:
    if "administrator" in METHODS[method].who:
        employee = Caller(portal, portal.employee)
        assert employee.error(method, **PARAMETERS.get(method, {})) in ("ACCESS_DENIED", "AccessException")
    portal.withdraw_access(portal.administrator)
    assert caller.error(method) == "user_access_error"


@EVERY_METHOD
def test_every_method_needs_the_scope_that_is_declared(portal: Portal, method: str) -> None:
    portal.application.scope = "none"
    error = Caller(portal, portal.administrator).error(method, **PARAMETERS.get(method, {}))
    assert (error == "insufficient_scope") == bool(METHODS[method].scopes)
