"""An application's life can be scripted over HTTP as from Python."""

from typing import Any

import pytest
import requests

from devportal import Box, Portal
from tests.devportal.client import Caller, Listening


def run(portal: Portal, name: str, **fields: Any) -> requests.Response:
    return requests.post(f"{portal.url}/_box/scripts/{name}", json=fields, timeout=10)


def test_an_installation_from_the_first_click_to_the_last_event(portal: Portal, application: Listening) -> None:
    application.page = b"<p>Installer</p>"
    told = run(portal, "install-frame", post=1).json()
    assert (told["status"], told["answer"]) == (200, "<p>Installer</p>")
    (heard,) = application.heard
    assert (heard.path, heard.fields, heard.query) == ("/install", told["fields"], told["query"])
    assert told["fields"]["PLACEMENT"] == "DEFAULT"
    caller = Caller(portal, portal.administrator)
    caller.frame.fields["AUTH_ID"] = told["fields"]["AUTH_ID"]
    for event in ("ONAPPINSTALL", "ONAPPUPDATE"):
        caller.result("event.bind", event=event, handler=f"{application.url}/events")
    assert run(portal, "finish-install").json() == {"installed": True, "finished": True}
    run(portal, "update", new_token=True)
    assert application.events == ["ONAPPINSTALL", "ONAPPUPDATE"]
    assert run(portal, "uninstall").json() == {"installed": False, "finished": False}
    assert caller.error("profile") == "ERROR_OAUTH"


def test_a_frame_can_be_asked_for_and_posted(portal: Portal, application: Listening) -> None:
    form = {"person": "7", "placement": "CRM_LEAD_DETAIL_TAB", "options": '{"ID":"3"}'}
    told = requests.post(f"{portal.url}/_box/scripts/frame", data=form, timeout=10).json()
    assert application.heard == []
    assert (told["url"], told["fields"]["PLACEMENT"]) == (f"{application.url}/placement", "CRM_LEAD_DETAIL_TAB")
    assert told["fields"]["PLACEMENT_OPTIONS"] == '{"ID":"3"}'
    assert told["name"].split("|")[2] == told["query"]["APP_SID"]
    answer = requests.post(f"{portal.client_endpoint}profile", data={"auth": told["fields"]["AUTH_ID"]}, timeout=10)
    assert answer.json()["result"]["ID"] == "7"
    assert run(portal, "frame", options="not json").json()["fields"]["PLACEMENT_OPTIONS"] == "not json"


def test_another_application_is_named_by_its_client_id(box: Box, portal: Portal, application: Listening) -> None:
    box.add_application("local.other.2", "s", app_url=f"{application.url}/other")
    assert run(portal, "frame", client_id="local.other.2", placement="DEFAULT", post=1).json()["status"] == 200
    assert application.heard[0].path == "/other/"


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [("nothing", {}, 404), ("frame", {"person": 99}, 400), ("frame", {"client_id": "x"}, 404), ("update", {}, 409)],
)
def test_what_makes_no_sense_is_refused(portal: Portal, name: str, fields: dict[str, Any], status: int) -> None:
    assert run(portal, name, **fields).status_code == status


def test_an_application_that_does_not_answer_is_reported(portal: Portal, application: Listening) -> None:
    application.stop()
    told = run(portal, "install-frame", post=1).json()
    assert (told["status"], told["answer"]) == (0, "ConnectionError")
