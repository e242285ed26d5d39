"""Every fault has a control: a button on the Faults page and a URL for programs."""

from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from devportal import Box, Portal
from devportal.controls import CONTROLS
from tests.devportal.chromium import Visitor
from tests.devportal.client import Caller


def run(portal: Portal, name: str, **fields: Any) -> requests.Response:
    return requests.post(f"{portal.url}/_box/controls/{name}", json=fields, timeout=10)


@pytest.mark.parametrize("name", sorted(CONTROLS))
def test_every_control_runs_with_the_defaults_of_its_form(portal: Portal, name: str) -> None:
    portal.application.scope = "crm,placement,bizproc"
    robot = {"CODE": "robot", "NAME": "Robot", "HANDLER": "http://127.0.0.1:9/robot"}
    Caller(portal, portal.administrator).result("bizproc.robot.add", **robot)
    portal.finish_install()
    fields = {field.name: "7" if field.kind == "person" else field.default for field in CONTROLS[name].fields}
    assert run(portal, name, **fields).status_code == 200


@pytest.mark.parametrize("name", ["own-user", "payment", "run-robot"])
def test_events_need_an_installed_application(portal: Portal, name: str) -> None:
    assert run(portal, name).status_code == 400


def test_a_control_works_from_another_process_by_form_or_json(portal: Portal, employee: Caller) -> None:
    assert "refuse OVERLOAD_LIMIT" in run(portal, "refuse", code="OVERLOAD_LIMIT", times=2).text
    form = {"code": "expired_token", "method": "server.time"}
    requests.post(f"{portal.url}/_box/controls/refuse", data=form, timeout=10)
    assert [employee.error("profile") for _ in range(3)] == ["OVERLOAD_LIMIT", "OVERLOAD_LIMIT", None]
    assert employee.error("server.time") == "expired_token"


def test_the_authorization_server_is_reached_through_any_portal(box: Box, portal: Portal) -> None:
    run(portal, "html", where="authority", method="app.info")
    assert requests.get(f"{box.authority_url}/rest/app.info", timeout=10).status_code == 500


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("no-such", {}, 404),
        ("delay", {"seconds": "soon"}, 400),
        ("refuse", {"code": "NOPE"}, 400),
        ("dismiss", {}, 400),
        ("dismiss", {"person": "99"}, 400),
        ("advance", {"seconds": -5}, 400),
        ("add-item", {"entity_type_id": 999}, 400),
    ],
)
def test_senseless_values_are_refused_in_words(
    portal: Portal, name: str, fields: dict[str, object], status: int
) -> None:
    answer = run(portal, name, **fields)
    assert (answer.status_code, set(answer.json())) == (status, {"error"} | ({"controls"} if status == 404 else set()))


def test_the_faults_page_has_a_button_for_each_control(portal: Portal, employee: Caller, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(portal.url)
    page.get_by_role("link", name="Faults").click()
    expect(page.get_by_text("No faults are active.")).to_be_visible()
    for control in CONTROLS.values():
        name = "Clear all faults" if control.name == "clear-faults" else f"{control.label}: do it"
        expect(page.get_by_role("button", name=name, exact=True)).to_be_visible()
    form = page.get_by_role("form", name="Refuse", exact=True)
    form.get_by_label("Code").select_option("OVERLOAD_LIMIT")
    form.get_by_label("Times").fill("0")
    form.get_by_role("button").click()
    expect(page.get_by_role("region", name="Now")).to_contain_text("refuse OVERLOAD_LIMIT")
    assert employee.error("profile") == "OVERLOAD_LIMIT"
    page.get_by_role("button", name="Clear all faults").click()
    expect(page.get_by_text("No faults are active.")).to_be_visible()
    assert employee.error("profile") is None


def test_the_dialect_can_be_changed_on_the_page(portal: Portal, employee: Caller, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{portal.url}/_box/faults")
    form = page.get_by_role("form", name="log_list")
    form.get_by_label("Value").select_option("bare")
    form.get_by_role("button").click()
    expect(form.get_by_label("Value")).to_have_value("bare")
    assert employee.result("crm.timeline.logmessage.list", entityTypeId=2, entityId=1) == []


def test_a_portal_is_made_at_the_press_of_a_button(box: Box, portal: Portal, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{portal.url}/_box/portals")
    page.get_by_label("Name").fill("Workshop")
    page.get_by_label("Kind").select_option("on-premise")
    page.get_by_role("button", name="Create").click()
    expect(page.get_by_role("row", name="Workshop")).to_contain_text("on-premise")
    page.get_by_role("row", name="Workshop").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Deals")
    assert page.url.startswith(box.portals[1].url)


def test_a_portal_is_made_by_a_program(box: Box, portal: Portal) -> None:
    made = requests.post(f"{portal.url}/_box/portals", json={"kind": "cloud", "name": "Third"}, timeout=10).json()
    assert (made["name"], made["kind"], made["url"]) == ("Third", "cloud", box.portals[1].url)
    state = requests.get(f"{made['url']}/_box/state", timeout=10).json()
    assert state["member_id"] == made["member_id"] != portal.member_id
    assert requests.post(f"{portal.url}/_box/portals", json={"kind": "house"}, timeout=10).status_code == 400


def test_a_control_is_found_by_hyphens_and_by_underscores(portal: Portal) -> None:
    for name, value in (("dialect-log-list", "bare"), ("dialect_log_list", "keyed")):
        assert run(portal, name, value=value).status_code == 200
        assert portal.state.dialect.log_list == value
