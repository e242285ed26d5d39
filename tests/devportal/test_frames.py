"""The conversation between a frame and the page around it."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Frame, Page, expect

from devportal import Portal
from tests.devportal.chromium import Visitor
from tests.devportal.client import Caller, Listening

TAB = "CRM_DEAL_DETAIL_TAB"
SILENCE_MILLISECONDS = 700

# The page of an application that knows the protocol and nothing else.
SCRIPT = (Path(__file__).parent / "frame.js").read_bytes()
PAGE = b"<!doctype html><title>App</title><h1>Application</h1><script>" + SCRIPT + b"</script>"


@pytest.fixture
def installed(portal: Portal, administrator: Caller, application: Listening) -> Portal:
    application.page = PAGE
    for code in (TAB, "CRM_DEAL_DETAIL_ACTIVITY"):
        administrator.result("placement.bind", PLACEMENT=code, HANDLER=f"{application.url}/placement", TITLE="Logbook")
    portal.finish_install()
    return portal


def open_tab(portal: Portal, page: Page) -> Frame:
    page.goto(f"{portal.url}/crm/deal/details/1/")
    page.get_by_role("tab", name="Logbook").click()
    return frame_in(page)


def frame_in(page: Page) -> Frame:
    """The application's frame, when it has loaded."""
    expect(page.frame_locator("iframe").get_by_role("heading", name="Application")).to_be_visible()
    handle = page.locator("iframe").element_handle()
    frame = handle.content_frame() if handle else None
    assert frame
    return frame


def act_as(page: Page, portal: Portal, person_id: int) -> None:
    page.context.add_cookies([{"name": f"acting_{portal.member_id}", "value": str(person_id), "url": portal.url}])


def ask(frame: Frame, command: str, parameters: Any = None, patience: int = 10_000) -> Any:
    return frame.evaluate(
        "([command, parameters, patience]) => ask(command, parameters ?? undefined, patience)",
        [command, parameters, patience],
    )


def is_silent(frame: Frame, *commands: str, **parameters: Any) -> bool:
    """Whether none of these is answered."""
    answers = frame.evaluate(
        "([commands, parameters, patience]) => Promise.all(commands.map((one) => ask(one, parameters, patience)))",
        [commands, parameters, SILENCE_MILLISECONDS],
    )
    return bool(set(answers) == {"silence"})


def test_the_frame_learns_everything_about_itself(installed: Portal, visitor: Visitor) -> None:
    installed.state.installations[installed.application.client_id].options["a"] = "1"
    data = ask(open_tab(installed, visitor.page), "getInitData")
    token, refresh = data.pop("AUTH_ID"), data.pop("REFRESH_ID")
    assert len(token) == len(refresh) == 70
    assert data == {
        "AUTH_EXPIRES": "3600",
        "DOMAIN": installed.host,
        "PROTOCOL": "0",
        "PATH": "/rest",
        "LANG": "en",
        "MEMBER_ID": installed.member_id,
        "IS_ADMIN": True,
        "APP_OPTIONS": {"a": "1"},
        "USER_OPTIONS": {},
        "PLACEMENT": TAB,
        "PLACEMENT_OPTIONS": {"ID": "1", "URI": "/crm/deal/details/1/"},
        "INSTALL": False,
        "FIRST_RUN": True,
    }


def test_messages_may_leave_parts_out_or_empty(installed: Portal, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    for text in ("getInitData:{}:old:", "getInitData::old:"):
        answer = frame.evaluate(
            "text => new Promise(done => { waiting.set('old', done); post(text + sid) })",
            text,
        )
        assert answer["MEMBER_ID"] == installed.member_id
    frame.evaluate('post(`resizeWindow:{"width":"100%","height":333}::${sid}`)')
    expect(visitor.page.locator("iframe")).to_have_css("height", "333px")


def test_messages_of_another_origin_or_another_frame_are_dropped(
    installed: Portal, administrator: Caller, application: Listening, visitor: Visitor
) -> None:
    frame = open_tab(installed, visitor.page)
    assert (
        frame.evaluate(
            """(milliseconds) => new Promise(done => {
            waiting.set("forged", () => done("answered"));
            post("getInitData:forged:00000000000000000000000000000000");
            setTimeout(() => done("dropped"), milliseconds);
        })""",
            SILENCE_MILLISECONDS,
        )
        == "dropped"
    )
    elsewhere = Listening(page=PAGE)
    elsewhere.files["/elsewhere"] = b""
    try:
        frame.evaluate("url => { location.href = url }", f"{elsewhere.url.replace('127.0.0.1', 'localhost')}/elsewhere")
        frame.wait_for_url("**/elsewhere")
        frame.evaluate(SCRIPT.decode() + ";void (window.ask = ask)")
        assert is_silent(frame, "getInitData")
    finally:
        elsewhere.stop()


def test_fresh_tokens_are_given_on_request(installed: Portal, visitor: Visitor) -> None:
    act_as(visitor.page, installed, 7)
    frame = open_tab(installed, visitor.page)
    pair = ask(frame, "refreshAuth", {})
    assert set(pair) == {"AUTH_ID", "REFRESH_ID", "AUTH_EXPIRES"}
    caller = Caller(installed, installed.employee)
    caller.frame.fields["AUTH_ID"] = pair["AUTH_ID"]
    assert caller.result("profile")["ID"] == "7"


def test_a_failed_refresh_is_never_answered(installed: Portal, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    installed.uninstall()
    assert is_silent(frame, "refreshAuth")
    visitor.complaints.clear()


def test_options_are_stored_and_the_applications_own_are_for_administrators(
    installed: Portal, administrator: Caller, employee: Caller, visitor: Visitor
) -> None:
    frame = open_tab(installed, visitor.page)
    assert ask(frame, "setAppOption", {"name": "colour", "value": {"a": 1}}) is True
    assert ask(frame, "setUserOption", {"name": "mine", "value": "x"}) is True
    assert administrator.result("app.option.get", option="colour") == {"a": 1}
    assert administrator.result("user.option.get") == {"mine": "x"}
    act_as(visitor.page, installed, 7)
    frame = open_tab(installed, visitor.page)
    assert is_silent(frame, "setAppOption", name="colour", value="red")
    assert employee.result("app.option.get", option="colour") == {"a": 1}
    visitor.complaints.clear()


def test_the_interface_is_returned_and_unknown_commands_are_not_answered(installed: Portal, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    assert ask(frame, "getInterface") == {"command": ["reloadData"], "event": []}
    unknown = ("noSuchCommand", "constructor", "setPropertyValue", "setTitle", "lock", "placementBindEvent")
    assert is_silent(frame, *unknown, title="x", event="onNothing")
    expect(visitor.page.get_by_role("heading", level=1)).to_have_text("Bakery ovens, second branch")


def test_reload_data_brings_the_timeline_up_to_date(installed: Portal, employee: Caller, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    employee.write("Just now")
    assert ask(frame, "reloadData") == ""
    assert visitor.page.locator("[data-entry-id]").count() == 1


def test_the_activity_panel_opens_above_the_timeline_and_closes(installed: Portal, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{installed.url}/crm/deal/details/1/")
    page.get_by_role("toolbar").get_by_role("button", name="Logbook").click()
    frame = frame_in(page)
    assert ask(frame, "getInitData")["PLACEMENT"] == "CRM_DEAL_DETAIL_ACTIVITY"
    assert "finish" in ask(frame, "getInterface")["command"]
    assert ask(frame, "finish") is True
    expect(page.locator(".activity-panel")).to_be_hidden()


def test_the_installer_finishes_and_the_page_reloads_into_the_application(
    portal: Portal, administrator: Caller, application: Listening, visitor: Visitor
) -> None:
    application.page = PAGE
    administrator.result("event.bind", event="ONAPPINSTALL", handler=f"{application.url}/events")
    page = visitor.page
    page.goto(f"{portal.url}/marketplace/app/1/")
    frame = frame_in(page)
    assert ask(frame, "getInitData")["INSTALL"] is True
    with page.expect_navigation():
        frame.evaluate("post(`setInstallFinish:{}:cb:${sid}`)")
    application.wait_for(3)
    assert {heard.path for heard in application.heard} == {"/install", "/events", "/"}
    assert portal.state.installations[portal.application.client_id].is_finished
    assert ask(frame_in(page), "getInitData")["INSTALL"] is False


def test_the_applications_own_page_has_a_title_and_a_height(installed: Portal, visitor: Visitor) -> None:
    page = visitor.page
    page.goto(f"{installed.url}/marketplace/app/1/?from=mail")
    frame = frame_in(page)
    data = ask(frame, "getInitData")
    assert (data["PLACEMENT"], data["PLACEMENT_OPTIONS"]) == ("DEFAULT", {"from": "mail"})
    assert ask(frame, "setTitle", {"title": "Settings: all"}) is True
    expect(page.get_by_role("heading", level=1)).to_have_text("Settings: all")
    assert ask(frame, "resizeWindow", {"width": "100%", "height": 451})["height"] == 451
    assert ask(frame, "setScroll", {"scroll": 0}) is True


def test_a_path_of_the_portal_opens_in_a_slider(installed: Portal, visitor: Visitor) -> None:
    page = visitor.page
    frame = open_tab(installed, page)
    frame.evaluate(
        "void (window.opened = ask('openPath', {path: '/crm/type/0/details/0/../../../../../crm/deal/details/2/?a=1'}))"
    )
    slider = page.get_by_role("dialog")
    inside = slider.locator("iframe").content_frame
    expect(inside.get_by_role("heading", level=1)).to_have_text("Route planning for 40 trucks")
    expect(inside.get_by_role("navigation")).to_have_count(0)
    slider.get_by_role("button", name="Close").click()
    assert frame.evaluate("window.opened") == {"result": "close"}
    for path in ("/no/such/page/", "https://elsewhere.example/", "/_box/faults"):
        assert ask(frame, "openPath", {"path": path}) == {"result": "error", "errorCode": "PATH_NOT_AVAILABLE"}


def test_the_application_opens_itself_in_a_slider_and_closes_it(
    installed: Portal, application: Listening, visitor: Visitor
) -> None:
    page = visitor.page
    frame = open_tab(installed, page)
    frame.evaluate("void (window.opened = ask('openApplication', {view: 'help', bx24_width: 500}))")
    inner = page.get_by_role("dialog").locator("iframe").content_frame.locator("iframe").content_frame
    expect(inner.get_by_role("heading", name="Application")).to_be_visible()
    assert application.heard[-1].fields["PLACEMENT_OPTIONS"] == '{"view":"help","bx24_width":"500"}'
    inner.locator("h1").evaluate("post(`closeApplication:{}:cb:${sid}`)")
    expect(page.get_by_role("dialog")).to_have_count(0)
    assert frame.evaluate("window.opened") is None


def test_people_and_cards_are_chosen_in_a_dialog(installed: Portal, visitor: Visitor) -> None:
    page = visitor.page
    frame = open_tab(installed, page)
    frame.evaluate("void (window.chosen = ask('selectUser', {mult: true}))")
    page.get_by_label("Anna Keller").check()
    page.get_by_label("Ben Okafor").check()
    page.get_by_role("button", name="Select").click()
    assert [one["id"] for one in frame.evaluate("window.chosen")] == ["1", "7"]
    frame.evaluate("void (window.chosen = ask('selectCRM', {entityType: ['deal', 'lead'], multiple: false}))")
    page.get_by_label("Warehouse scanners").check()
    page.get_by_role("button", name="Select").click()
    assert frame.evaluate("window.chosen")["deal"][0]["id"] == "D_8"
    asked = "{entityType: ['deal', 'dynamic_1032'], multiple: true, value: {deal: ['D_8', 2]}}"
    frame.evaluate(f"void (window.chosen = ask('selectCRM', {asked}))")
    page.get_by_role("button", name="Select").click()
    chosen = frame.evaluate("window.chosen")
    assert {kind: [one["id"] for one in cards] for kind, cards in chosen.items()} == {"deal": ["D_2", "D_8"]}
    frame.evaluate(f"void (window.chosen = ask('selectUser', {{mult: false}}, {SILENCE_MILLISECONDS}))")
    page.get_by_role("button", name="Cancel").click()
    assert frame.evaluate("window.chosen") == "silence"


def test_a_frame_calls_rest_across_origins(installed: Portal, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    answer = frame.evaluate(
        """async () => {
            const { AUTH_ID } = await ask("getInitData");
            const body = JSON.stringify({ auth: AUTH_ID });
            const headers = { "Content-Type": "application/json" };
            return (await fetch(`${origin}/rest/profile`, { method: "POST", headers, body })).json();
        }"""
    )
    assert answer["result"]["ID"] == "1"


def test_a_first_run_is_over_when_the_frame_says_so(installed: Portal, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    assert ask(frame, "setInstall", {"install": True}) is True
    assert ask(open_tab(installed, visitor.page), "getInitData")["FIRST_RUN"] is False
    act_as(visitor.page, installed, 7)
    assert ask(open_tab(installed, visitor.page), "getInitData")["FIRST_RUN"] is True


def test_calls_and_messengers_are_only_announced(installed: Portal, visitor: Visitor) -> None:
    frame = open_tab(installed, visitor.page)
    assert ask(frame, "imCallTo", {"userId": 7, "video": True}) is True
    expect(visitor.page.get_by_text("A call would start now.")).to_be_visible()
