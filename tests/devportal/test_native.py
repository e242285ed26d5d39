"""What the portal draws above the timeline for an application in a hidden frame."""

from typing import Any

import pytest
from playwright.sync_api import Frame, Locator, Page, expect

from devportal import Portal
from devportal.pages.panels import LAYOUT_COMMANDS
from tests.devportal.chromium import Visitor
from tests.devportal.client import Caller, Listening
from tests.devportal.test_frames import PAGE, ask, is_silent

PLACE = "CRM_DEAL_DETAIL_ACTIVITY"
BUTTONS = {"primaryButton": {"title": "Save"}, "secondaryButton": {"title": "Cancel"}}
SUCCESS = {"result": "success"}


def text(value: str, **more: object) -> dict[str, Any]:
    return {"type": "text", "properties": {"value": value, **more}}


def bind(administrator: Caller, application: Listening, **options: str) -> None:
    application.page = PAGE
    handler = f"{application.url}/native"
    administrator.result("placement.bind", PLACEMENT=PLACE, HANDLER=handler, TITLE="Logbook", OPTIONS=options)


@pytest.fixture
def native(portal: Portal, administrator: Caller, application: Listening) -> Portal:
    bind(administrator, application, useBuiltInInterface="Y")
    portal.finish_install()
    return portal


def open_area(portal: Portal, page: Page) -> tuple[Locator, Frame]:
    """The area, which still waits for a layout, and the hidden frame."""
    page.goto(f"{portal.url}/crm/deal/details/1/")
    page.get_by_role("button", name="Logbook").click()
    heading = page.frame_locator("iframe").get_by_role("heading", name="Application", include_hidden=True)
    expect(heading).to_be_attached()
    handle = page.locator("iframe").element_handle()
    frame = handle.content_frame() if handle else None
    assert frame
    expect(page.locator("iframe")).to_be_hidden()
    return page.get_by_role("region", name="Logbook"), frame


def subscribe(frame: Frame, command: str, parameters: Any = None) -> None:
    """Everything that is told from now on is in `told`."""
    frame.evaluate(
        """([command, parameters]) => {
            window.told ??= [];
            waiting.set(command, (value) => told.push([command, value]));
            post([command, JSON.stringify(parameters), command, sid].join(":"));
        }""",
        [command, parameters],
    )


def told(frame: Frame, count: int) -> list[Any]:
    frame.wait_for_function("(count) => told.length >= count", arg=count, polling=50)
    return list(frame.evaluate("() => told"))


def test_a_hidden_frame_gets_its_card_and_twelve_commands(native: Portal, visitor: Visitor) -> None:
    area, frame = open_area(native, visitor.page)
    expect(area).to_have_text("Loading…")
    options = ask(frame, "getInitData")["PLACEMENT_OPTIONS"]
    assert options == {"entityTypeId": "2", "entityId": "1", "useBuiltInInterface": "Y"}
    assert sorted(ask(frame, "getInterface")["command"]) == sorted(LAYOUT_COMMANDS)
    assert len(LAYOUT_COMMANDS) == 12
    assert is_silent(frame, "reloadData", "lock", "unlock")


def test_blocks_are_drawn_changed_and_send_events(native: Portal, visitor: Visitor) -> None:
    area, frame = open_area(native, visitor.page)
    toggle = {"type": "link", "properties": {"text": "More", "action": {"type": "layoutEvent", "value": "more"}}}
    fields = {
        "title": {"type": "input", "properties": {"title": "Title", "value": "a"}},
        "note": {"type": "textarea", "properties": {"title": "Note", "errorText": "Write a note."}},
        "city": {
            "type": "select",
            "properties": {"title": "City", "selectedValue": "la", "values": {"ny": "N", "la": "L"}},
        },
    }
    picture = {"imageSrc": "/relative.png", "blocks": {"inner": text("Inside  of   it"), "more": toggle}}
    blocks = {"box": {"type": "section", "properties": picture}, **fields, "gone": {**text("Hidden"), "visible": False}}
    assert ask(frame, "setLayout", {"blocks": blocks, **BUTTONS}) == SUCCESS
    expect(area.get_by_text("Inside of it")).to_be_visible()
    expect(area.get_by_text("Hidden")).to_be_hidden()
    expect(area.get_by_label("Note")).to_have_accessible_description("Write a note.")
    expect(area.get_by_label("City")).to_have_value("la")
    for command in ("bindValueChangeCallback", "bindLayoutEventCallback", "bindPrimaryButtonClickCallback"):
        subscribe(frame, command)
    subscribe(frame, "bindSecondaryButtonClickCallback")
    area.get_by_label("Title").press("End")
    area.get_by_label("Title").press_sequentially("bc")
    area.get_by_role("button", name="More").click()
    area.get_by_role("button", name="Save").click()
    area.get_by_role("button", name="Save").click()
    assert told(frame, 5) == [
        ["bindValueChangeCallback", {"id": "title", "value": "ab"}],
        ["bindValueChangeCallback", {"id": "title", "value": "abc"}],
        ["bindLayoutEventCallback", {"id": "more", "value": "more"}],
        ["bindPrimaryButtonClickCallback", {}],
        ["bindPrimaryButtonClickCallback", {}],
    ]


def test_one_block_is_changed_and_what_was_typed_stays(native: Portal, visitor: Visitor) -> None:
    area, frame = open_area(native, visitor.page)
    title = {"type": "input", "properties": {"title": "Title", "value": "a"}}
    box = {"type": "section", "properties": {"blocks": {"inner": text("Inside")}}}
    blocks = {"box": box, "title": title}
    ask(frame, "setLayout", {"blocks": blocks, **BUTTONS})
    area.get_by_label("Title").fill("abc")
    # The same value as before is no new one.
    assert ask(frame, "setLayout", {"blocks": blocks, **BUTTONS}) == SUCCESS
    expect(area.get_by_label("Title")).to_have_value("abc")
    assert ask(frame, "setLayoutItemState", {"id": "inner", "properties": {"value": "Changed"}}) == SUCCESS
    expect(area.get_by_text("Changed")).to_be_visible()
    for wrong, word in (
        ({"id": ""}, "Wrong id"),
        ({"id": "inner"}, "Wrong state"),
        ({"id": "x", "visible": True}, "item not found"),
    ):
        assert ask(frame, "setLayoutItemState", wrong) == {"result": "error", "errors": [word]}


def test_buttons_keep_what_is_left_out_and_go_with_null(native: Portal, visitor: Visitor) -> None:
    area, frame = open_area(native, visitor.page)
    ask(frame, "setLayout", {"blocks": {"a": text("A")}, **BUTTONS})
    ask(frame, "setLayout", {"blocks": {"a": text("B")}})
    expect(area.get_by_role("button")).to_have_text(["Save", "Cancel"])
    assert ask(frame, "setPrimaryButtonState", {"state": "disabled"}) == SUCCESS
    expect(area.get_by_role("button", name="Save")).to_be_disabled()
    assert ask(frame, "setSecondaryButtonState", "x") == {"result": "error", "errors": ["Wrong params"]}
    # Seen on a portal: a state that it does not know empties both.
    ask(frame, "setPrimaryButtonState", {"state": "danger"})
    expect(area.get_by_role("button")).to_have_text(["", ""])
    ask(frame, "setPrimaryButtonState", {"state": "normal"})
    ask(frame, "setSecondaryButtonState", [])
    expect(area.get_by_role("button")).to_have_text(["Save"])
    frame.evaluate("post(`lock:${sid}`)")
    expect(area).to_have_class("sheet activity-area is-locked")
    frame.evaluate("post(`finish:${sid}`)")
    expect(area).to_be_hidden()
    visitor.page.get_by_role("button", name="Logbook").click()
    expect(area.get_by_text("B")).to_be_visible()
    expect(visitor.page.locator("iframe")).to_have_count(1)


@pytest.mark.parametrize("answers", ["silent", "refused"])
def test_a_portal_may_be_silent_or_refuse_to_draw(native: Portal, visitor: Visitor, answers: str) -> None:
    native.state.dialect.native_answers = answers  # type: ignore[assignment]
    area, frame = open_area(native, visitor.page)
    answer = ask(frame, "setLayout", {"blocks": {"a": text("Drawn")}, **BUTTONS}, 700)
    assert answer == (
        "silence" if answers == "silent" else {"result": "error", "errors": ["The layout is not supported"]}
    )
    expect(area).to_contain_text("Drawn" if answers == "silent" else "Loading…")


def test_links_lead_where_their_action_says(native: Portal, visitor: Visitor) -> None:
    native.state.dialect.native_links = "uri"
    area, frame = open_area(native, visitor.page)
    action = {"type": "redirect", "uri": "/crm/deal/details/2/", "value": "/crm/deal/list/"}
    ask(frame, "setLayout", {"blocks": {"to": {"type": "link", "properties": {"text": "There", "action": action}}}})
    expect(area.get_by_role("link", name="There")).to_have_attribute("href", "/crm/deal/details/2/")


def test_an_older_portal_drops_the_option_and_opens_a_page(
    portal: Portal, administrator: Caller, application: Listening, visitor: Visitor
) -> None:
    portal.state.dialect.native = "old"
    portal.state.dialect.activity_pages = "slider"
    bind(administrator, application, useBuiltInInterface="Y")
    assert [row["options"] for row in administrator.result("placement.get")] == [[]]
    portal.finish_install()
    page = visitor.page
    page.goto(f"{portal.url}/crm/deal/details/1/")
    page.get_by_role("button", name="Logbook").click()
    inside = page.frame_locator(".slider iframe").frame_locator("iframe")
    expect(inside.get_by_role("heading", name="Application")).to_be_visible()
