"""Where Logbook appears, as chosen by an administrator and then seen by everybody; by roles and names alone."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Demo
from tests.browser.crm import BEN, Crm, PlainCrm, frame_of
from tests.browser.test_access import violations

TAB, BUTTON = "Deal: Tab in the card", "Deal: Button above the timeline"


@pytest.fixture
def crm(crm: Crm) -> Crm:
    """A portal's administrator in the settings."""
    crm.open_settings()
    return crm


def switch(crm: Crm, name: str) -> Locator:
    return crm.logbook.get_by_role("checkbox", name=name)


def button_of(crm: Crm) -> Locator:
    return crm.logbook.get_by_role("combobox", name=BUTTON)


def above_the_timeline(crm: Crm) -> Locator:
    return crm.page.get_by_role("toolbar", name="Add to the timeline").get_by_role("button")


def add_types_unseen(demo: Demo, crm: Crm, titles: list[str]) -> None:
    """Logbook hears nothing of these, so its worker does not add their tabs before somebody presses "Repair"."""
    demo.control(crm.address, "events-drop", count=len(titles))
    for title in titles:
        demo.control(crm.address, "add-type", title=title)


def expect_fitting(crm: Crm) -> None:
    """Nothing needs a bar to be seen, in a frame as narrow as a telephone."""
    crm.page.locator("iframe").evaluate("(frame) => { frame.style.maxWidth = '360px'; }")
    frame = frame_of(crm.page)
    frame.wait_for_function("() => innerWidth <= 360", polling=50)
    frame.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth", polling=50)
    crm.page.locator("iframe").evaluate("(frame) => { frame.style.maxWidth = ''; }")


def test_a_button_takes_the_tabs_place_and_an_employee_writes_with_it(crm: Crm) -> None:
    crm.press("Where it shows")
    expect(switch(crm, TAB)).to_be_checked()
    switch(crm, TAB).uncheck()
    button_of(crm).select_option("Opens Logbook’s page")
    crm.logbook.get_by_text("Title of the tab in each language").click()
    crm.logbook.get_by_label("English").fill("Diary")
    assert violations(frame_of(crm.page)) == []
    crm.press("Save")
    expect(crm.logbook.get_by_role("status")).to_contain_text("Saved")
    expect(crm.logbook.get_by_role("row", name="Deal")).to_contain_text("removed")
    assert violations(frame_of(crm.page)) == []
    expect_fitting(crm)

    crm.open_deal(1)
    crm.act_as(BEN)
    expect(crm.page.get_by_role("tab")).to_have_text(["General"])
    expect(above_the_timeline(crm)).to_have_text(["Diary"])
    above_the_timeline(crm).click()
    crm.write("Call", "Above the timeline", "Without leaving the card.")
    assert violations(frame_of(crm.page)) == []
    crm.post()
    expect(crm.logbook.get_by_role("heading", name="Posted")).to_be_visible()
    expect(crm.entry("Above the timeline")).to_be_visible()
    expect(crm.entry("Above the timeline")).to_contain_text("Without leaving the card.")


def test_refusals_of_the_portal_are_shown_beside_the_switch(demo: Demo, crm: Crm) -> None:
    crm.press("Where it shows")
    demo.control(crm.address, "refuse", code="ACCESS_DENIED", method="placement.bind", times=1)
    button_of(crm).select_option("Opens Logbook’s page")
    crm.press("Save")
    expect(crm.logbook.get_by_role("alert")).to_contain_text("Saved, but not everything is in place")
    expect(button_of(crm)).to_have_accessible_description("Bitrix24 refused it for your account.")
    assert violations(frame_of(crm.page)) == []
    crm.logbook.get_by_text("Title of the tab in each language").click()
    crm.logbook.get_by_label("Deutsch").fill("x" * 51)
    crm.press("Save")
    expect(crm.logbook.get_by_role("alert").get_by_role("link")).to_contain_text("longer than 50 characters")
    expect(crm.logbook.get_by_label("Deutsch")).to_have_value("x" * 51)
    assert violations(frame_of(crm.page)) == []


def test_the_progress_of_a_long_repair_is_seen_without_script(demo: Demo, crm: Crm, page_without_script: Page) -> None:
    """At two requests a second it takes two seconds, in which the page grows."""
    add_types_unseen(demo, crm, [f"Process {number}" for number in range(45)])
    plain = PlainCrm(page_without_script, crm.address)
    plain.page.goto(f"{crm.address}/marketplace/app/1/")
    plain.page.get_by_role("button", name="Open Logbook").click()
    plain.press("Connection")
    expect(plain.logbook.get_by_role("heading", name="Connection")).to_be_visible()
    plain.logbook.get_by_role("button", name="Repair").click(no_wait_after=True)
    log = plain.logbook.get_by_role("log", name="Repairing…")
    # Those that are over are hidden, and what is hidden has no role.
    expect(log.get_by_role("progressbar")).to_have_attribute("value", re.compile("^(10|20|30|40)$"))
    expect(log.get_by_role("listitem")).to_have_count(45)
    expect(plain.logbook.get_by_role("heading", name="Everything is in place")).to_be_visible()


def test_the_connection_is_for_everybody_and_for_narrow_frames(demo: Demo, crm: Crm) -> None:
    add_types_unseen(demo, crm, [f"Process {number} with a name that goes on and on" for number in range(11)])
    crm.press("Connection")
    expect(crm.logbook.get_by_text("Something is missing.")).to_be_visible()
    assert violations(frame_of(crm.page)) == []
    crm.press("Repair")
    expect(crm.logbook.get_by_text("11 places were missing and are there now.")).to_be_visible()
    assert violations(frame_of(crm.page)) == []
    expect_fitting(crm)
