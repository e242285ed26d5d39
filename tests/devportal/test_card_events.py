"""Applications are notified of every card that is added, changed or removed, whoever does it."""

from typing import Any

import pytest
import requests
from playwright.sync_api import expect

from devportal import Portal
from tests.devportal.chromium import Visitor
from tests.devportal.client import Caller, Heard, Listening

KINDS = {1: "LEAD", 2: "DEAL", 3: "CONTACT", 4: "COMPANY", 7: "QUOTE", 31: "DYNAMICITEM", 1032: "DYNAMICITEM"}


def events_of(entity_type_id: int) -> list[str]:
    return [f"ONCRM{KINDS[entity_type_id]}{change}" for change in ("ADD", "UPDATE", "DELETE")]


@pytest.fixture
def installed(portal: Portal, administrator: Caller, application: Listening) -> Portal:
    """A portal whose application hears of every card."""
    for event in sorted({event for number in KINDS for event in events_of(number)}):
        administrator.result("event.bind", event=event, handler=f"{application.url}/events")
    portal.finish_install()
    return portal


def told(heard: Heard) -> tuple[str, dict[str, str]]:
    fields = {key: value for key, value in heard.fields.items() if key.startswith("data")}
    return heard.fields["event"], fields


@pytest.mark.parametrize("entity_type_id", KINDS)
def test_changes_by_rest_fire_events(
    installed: Portal, employee: Caller, application: Listening, entity_type_id: int
) -> None:
    of = {"entityTypeId": entity_type_id}
    number = employee.result("crm.item.add", **of, fields={"title": "New", "name": "New"})["item"]["id"]
    employee.result("crm.item.update", **of, id=number, fields={"sourceDescription": "by REST"})
    employee.result("crm.item.delete", **of, id=number)
    installed.events.settle()
    data = {"data[FIELDS][ID]": str(number)}
    if KINDS[entity_type_id] == "DYNAMICITEM":
        data["data[FIELDS][ENTITY_TYPE_ID]"] = str(entity_type_id)
    assert [told(heard) for heard in application.heard] == [(event, data) for event in events_of(entity_type_id)]
    assert {heard.fields["auth[user_id]"] for heard in application.heard} == {"7"}


def test_changes_from_python_and_by_a_control_fire_events(
    installed: Portal, employee: Caller, application: Listening
) -> None:
    number = installed.add_item(2, title="A deal")
    installed.change_item(2, number, stageId="WON")
    installed.remove_item(2, number)
    for control, fields in (
        ("add-item", {"title": "Another"}),
        ("change-item", {"entity_id": number + 1, "field": "stageId", "value": "WON"}),
        ("remove-item", {"entity_id": number + 1}),
    ):
        address = f"{installed.url}/_box/controls/{control}"
        assert requests.post(address, json={"entity_type_id": 2, **fields}, timeout=10).status_code == 200
    installed.events.settle()
    assert application.events == 2 * events_of(2)


@pytest.mark.parametrize("visitor", [False], indirect=True)
def test_changes_on_the_portals_pages_fire_events(installed: Portal, application: Listening, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{installed.url}/crm/deal/list/")
    page.get_by_label("New deal").fill("From the page")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("From the page")
    page.locator("select[name=stageId]").select_option("Won")
    with page.expect_navigation():
        page.get_by_role("button", name="Change", exact=True).click()
    expect(page.locator("select[name=stageId]")).to_have_value("WON")
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deals 9")
    installed.events.settle()
    assert application.events == events_of(2)


def test_a_page_changes_nothing_without_the_right(installed: Portal, application: Listening) -> None:
    cookie = {f"acting_{installed.member_id}": str(installed.reader.id)}
    for address in ("2", "2/delete"):
        form = {"title": "Not allowed"}
        answer = requests.post(f"{installed.url}/_box/cards/2/{address}", form, cookies=cookie, timeout=10)
        assert answer.status_code == 403
    for address in ("2/999", "999/1", "999/add"):
        assert requests.post(f"{installed.url}/_box/cards/{address}", {"title": "x"}, timeout=10).status_code == 404
    installed.events.settle()
    assert application.events == []


def test_one_smart_process_can_be_listened_to_alone(
    installed: Portal, administrator: Caller, employee: Caller, application: Listening
) -> None:
    other = installed.add_type("Repairs")
    administrator.result("event.unbind")
    address = f"{application.url}/events"
    for event in ("ONCRMDYNAMICITEMADD_1032", f"ONCRMDYNAMICITEMADD_{other}"):
        assert event in administrator.result("events", SCOPE="crm")
    administrator.result("event.bind", event="ONCRMDYNAMICITEMADD_1032", handler=address)
    for number in (other, 1032, 31):
        employee.result("crm.item.add", entityTypeId=number, fields={"title": "New"})
    installed.events.settle()
    assert application.events == ["ONCRMDYNAMICITEMADD_1032"]
    assert administrator.error("event.bind", event="ONCRMDYNAMICITEMADD_999", handler=address) == (
        "ERROR_EVENT_NOT_FOUND"
    )


@pytest.mark.parametrize(
    ("method", "parameters"),
    [
        ("crm.item.add", {"fields": {"opportunity": "much"}}),
        ("crm.item.update", {"id": 1, "fields": {"stageId": "NO_SUCH_STAGE"}}),
        ("crm.item.update", {"id": 2, "fields": {"title": "Not allowed"}}),
        ("crm.item.delete", {"id": 2}),
        ("crm.item.delete", {"id": 999}),
    ],
)
def test_refused_changes_have_no_effect_and_fire_no_event(
    installed: Portal, reader: Caller, application: Listening, method: str, parameters: dict[str, Any]
) -> None:
    before = reader.result("crm.item.list", entityTypeId=2)
    assert reader.error(method, entityTypeId=2, **parameters)
    installed.events.settle()
    assert application.events == []
    assert reader.result("crm.item.list", entityTypeId=2) == before
