"""The icon picker: a radio group with keyboard navigation, search and groups."""

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.crm import Crm, frame_of
from tests.browser.test_settings_icons import payload, picture

COLORS = """(field) => {
    const quiet = getComputedStyle(document.querySelector(".page-subject")).color;
    return [getComputedStyle(field, "::placeholder").color, quiet];
}"""

pytestmark = pytest.mark.usefixtures("composer")


def icon(crm: Crm, name: str) -> Locator:
    return crm.logbook.get_by_role("radio", name=name, exact=True)


def test_it_is_walked_with_the_arrows_home_and_end(crm: Crm) -> None:
    icon(crm, "Call").focus()
    crm.page.keyboard.press("ArrowRight")
    expect(icon(crm, "Missed call")).to_be_checked()
    crm.page.keyboard.press("End")
    expect(icon(crm, "Booking")).to_be_checked()
    expect(icon(crm, "Booking")).to_be_focused()
    crm.page.keyboard.press("Home")
    expect(icon(crm, "Call")).to_be_focused()


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("missed", "Missed call"),
        ("IM", "Chat"),
        ("funnel", "Pipeline"),
        ("ROBÓT", "Robot"),
        ("money cash", "Wallet"),
    ],
)
def test_a_name_a_code_or_a_synonym_finds_it(crm: Crm, typed: str, found: str) -> None:
    crm.logbook.get_by_role("searchbox", name="Find an icon").fill(typed)
    expect(icon(crm, found)).to_be_visible()
    crm.page.keyboard.press("Enter") if found != "Chat" else icon(crm, found).check()
    expect(icon(crm, found)).to_be_checked()


def test_typing_on_an_icon_searches_and_the_count_is_announced(crm: Crm) -> None:
    icon(crm, "Call").focus()
    crm.page.keyboard.type("phone")
    expect(crm.logbook.get_by_role("status").filter(has_text="icons")).to_have_text("5 of 49 icons")
    crm.page.keyboard.press("ArrowDown")
    expect(icon(crm, "Call")).to_be_focused()
    crm.logbook.get_by_role("searchbox").fill("zebra")
    expect(crm.logbook.get_by_text("No icon is called that.")).to_be_visible()
    crm.page.keyboard.press("Escape")
    expect(icon(crm, "Booking")).to_be_visible()
    expect(crm.logbook.get_by_role("dialog")).to_have_count(0)


def test_a_group_shows_its_own(crm: Crm) -> None:
    crm.logbook.get_by_role("combobox", name="Group of icons").select_option("Calls")
    expect(crm.logbook.get_by_role("radio")).to_have_count(5)


def test_filtering_takes_less_than_a_frame(crm: Crm) -> None:
    script = """() => {
        const field = document.querySelector("[data-find]"), times = {};
        for (const typed of Array(5).fill(["c", "ca", "cal", "call", "task", ""]).flat()) {
            const begun = performance.now();
            field.value = typed;
            field.dispatchEvent(new Event("input", { bubbles: true }));
            document.body.getBoundingClientRect();
            // The least of five is what it costs, without what else the machine was doing.
            times[typed] = Math.min(times[typed] ?? Infinity, performance.now() - begun);
        }
        return Math.max(...Object.values(times));
    }"""
    assert frame_of(crm.page).evaluate(script) < 16


def test_very_many_scroll_in_a_place_of_their_own(crm: Crm) -> None:
    post = crm.logbook.get_by_role("button", name="Post")
    grid = crm.logbook.locator("#icon-grid")
    assert grid.evaluate("(grid) => grid.scrollHeight <= grid.clientHeight")
    before = post.bounding_box()
    grid.evaluate("(grid) => { while (grid.children.length < 500) grid.append(grid.children[0].cloneNode(true)); }")
    expect(crm.logbook.get_by_role("radio")).to_have_count(500)
    after = post.bounding_box()
    assert before
    assert after
    assert after["y"] - before["y"] < 200
    icon(crm, "Booking").focus()
    expect(icon(crm, "Booking")).to_be_in_viewport()


def test_own_icons_and_hints_in_fields_can_be_seen_in_the_dark(crm: Crm) -> None:
    crm.page.emulate_media(color_scheme="dark")
    crm.open_settings("Icons")
    crm.logbook.get_by_label("Picture").set_input_files(payload("black_bird.png", "image/png", picture()))
    expect(crm.logbook.get_by_label("Name of the icon")).to_have_value("Black bird")
    crm.press("Add")
    expect(crm.logbook.get_by_role("heading", name="The icon was added")).to_be_visible()
    crm.open_deal(1)
    crm.open_tab()
    crm.logbook.get_by_role("radio", name="Black bird").check()
    places = crm.logbook.locator("label, [role=img]").filter(has=crm.page.locator("img"))
    expect(places).to_have_count(2)
    for place in places.all():
        expect(place.locator("img")).to_have_css("background-color", "rgb(255, 255, 255)")
    find = crm.logbook.get_by_role("searchbox")
    hint, quiet = find.evaluate(COLORS)
    assert hint == quiet
