"""Placements: where handlers may be bound, by whom, and how they are counted."""

import pytest

from devportal import Box, Portal
from tests.devportal.client import Caller

TAB = "CRM_DEAL_DETAIL_TAB"
HANDLER = "http://127.0.0.1:8000/placement"


def bind(caller: Caller, placement: str = TAB, handler: str = HANDLER, **more: object) -> object:
    return caller("placement.bind", PLACEMENT=placement, HANDLER=handler, **more).get("error")


def test_a_bound_handler_is_listed_for_its_own_application(box: Box, portal: Portal, administrator: Caller) -> None:
    languages = {"en": {"TITLE": "Logbook", "DESCRIPTION": "d"}, "de": {"TITLE": "Logbuch"}}
    assert bind(administrator, TITLE="ignored", LANG_ALL=languages, OPTIONS={"a": 1}) is None
    (row,) = administrator.result("placement.get")
    assert (row["placement"], row["handler"], row["userId"]) == (TAB, HANDLER, 0)
    assert row["langAll"]["de"]["TITLE"] == "Logbuch"
    assert row["options"] == []
    other = box.add_application("local.other.2", "other", app_url="http://127.0.0.1:9")
    assert Caller(portal, portal.administrator, app=other).result("placement.get") == []
    (placement,) = portal.placements
    assert placement.title_in("de", "x") == "Logbuch"
    assert placement.title_in("fr", "x") == "Logbook"


def test_the_same_handler_cannot_be_bound_twice_but_another_can(administrator: Caller) -> None:
    assert bind(administrator) is None
    body = administrator("placement.bind", PLACEMENT=TAB, HANDLER=HANDLER)
    assert body["error"] == "ERROR_CORE"
    assert body["error_description"].endswith("Handler already binded")
    assert bind(administrator, handler=HANDLER + "2") is None


@pytest.mark.parametrize(
    ("handler", "error"),
    [
        ("http://localhost:8000/placement", "ERROR_WRONG_HANDLER_URL"),
        ("http:///placement", "ERROR_WRONG_HANDLER_URL"),
        ("http://[::1/placement", "ERROR_WRONG_HANDLER_URL"),
        ("ftp://a.example/placement", "ERROR_UNSUPPORTED_PROTOCOL"),
        ("placement", "ERROR_UNSUPPORTED_PROTOCOL"),
        ("https://a.example/placement", None),
        ("http://[::1]:8000/placement", None),
    ],
)
def test_a_handlers_host_needs_a_dot_or_is_an_address(administrator: Caller, handler: str, error: str | None) -> None:
    assert bind(administrator, handler=handler) == error


def test_a_missing_argument_is_named(administrator: Caller) -> None:
    body = administrator("placement.bind", PLACEMENT=TAB)
    assert (body["error"], body["argument"]) == ("ERROR_ARGUMENT", "HANDLER")
    body = administrator("placement.unbind")
    assert (body["error"], body["argument"]) == ("ERROR_ARGUMENT", "PLACEMENT")


@pytest.mark.parametrize("code", ["CRM_NOTHING_DETAIL_TAB", "CRM_DYNAMIC_999_DETAIL_TAB", "CRM_ORDER_DETAIL_TOOLBAR"])
def test_an_unknown_place_is_not_found(administrator: Caller, code: str) -> None:
    assert bind(administrator, placement=code) == "ERROR_PLACEMENT_NOT_FOUND"


def test_a_place_outside_the_granted_scope_is_not_found(box: Box) -> None:
    box.authority.state.applications[0].scope = "placement"
    portal = box.add_portal()
    caller = Caller(portal, portal.administrator)
    assert bind(caller) == "ERROR_PLACEMENT_NOT_FOUND"
    assert bind(caller, placement="LEFT_MENU") is None


def test_some_places_take_one_handler_or_need_an_option(administrator: Caller) -> None:
    assert bind(administrator, placement="REST_APP_URI") is None
    assert bind(administrator, "REST_APP_URI", HANDLER + "2") == "ERROR_PLACEMENT_MAX_COUNT"
    assert bind(administrator, "PAGE_BACKGROUND_WORKER") == "EMPTY_ERROR_HANDLER_URL"
    assert bind(administrator, "PAGE_BACKGROUND_WORKER", OPTIONS={"errorHandlerUrl": HANDLER}) is None
    assert bind(administrator, USER_ID=7) == "ERROR_PLACEMENT_USER_MODE"


def test_only_administrators_bind_list_and_unbind_their_handlers(employee: Caller) -> None:
    for method in ("placement.bind", "placement.get", "placement.unbind"):
        answer = employee.post(method, PLACEMENT=TAB, HANDLER=HANDLER)
        assert (answer.status_code, answer.json()["error"]) == (403, "ACCESS_DENIED")


def test_everybody_may_ask_which_places_there_are(employee: Caller) -> None:
    codes = employee.result("placement.list")
    for kind in ("LEAD", "DEAL", "CONTACT", "COMPANY", "QUOTE", "SMART_INVOICE", "ORDER", "DYNAMIC_1032"):
        assert f"CRM_{kind}_DETAIL_TAB" in codes
    assert "LEFT_MENU" in codes
    assert "LEFT_MENU" not in employee.result("placement.list", SCOPE="crm")


def test_unbinding_counts_each_handler_twice(administrator: Caller) -> None:
    bind(administrator)
    bind(administrator, handler=HANDLER + "2")
    bind(administrator, placement="CRM_LEAD_DETAIL_TAB")
    assert administrator.result("placement.unbind", PLACEMENT=TAB, HANDLER=HANDLER) == {"count": 2}
    bind(administrator)
    assert administrator.result("placement.unbind", placement=TAB) == {"count": 4}
    assert administrator.result("placement.unbind", PLACEMENT=TAB) == {"count": 0}
    assert [row["placement"] for row in administrator.result("placement.get")] == ["CRM_LEAD_DETAIL_TAB"]
