"""Every button of the composer by plain forms, for somebody who has switched JavaScript off; and a card in a slider."""

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Demo
from tests.browser.crm import Crm, PlainCrm
from tests.browser.states import ADD


@pytest.fixture
def plain(demo: Demo, page_without_script: Page) -> Crm:
    """The tab of a deal, without script."""
    plain = PlainCrm(page_without_script, demo.installed_portal())
    plain.open_deal(1)
    plain.open_tab()
    return plain


def press(crm: Crm, button: str, within: Locator | None = None) -> None:
    crm.click((within or crm.logbook.get_by_role("main")).get_by_role("button", name=button))


def entry(crm: Crm, title: str) -> Locator:
    return crm.logbook.get_by_role("listitem").filter(has=crm.page.get_by_role("article")).filter(has_text=title)


def expect_said(crm: Crm, heading: str) -> None:
    expect(crm.logbook.get_by_role("heading", name=heading)).to_be_visible()


def expect_words(crm: Crm, title: str, text: str) -> None:
    expect(crm.logbook.get_by_label("Title")).to_have_value(title)
    expect(crm.logbook.get_by_label("Text")).to_have_value(text)


def test_the_entry_is_shown_before_it_is_posted_and_can_be_thrown_away(plain: Crm) -> None:
    plain.write("Call", "A & B", "One\nTwo")
    press(plain, "Preview")
    expect(plain.logbook.get_by_role("region", name="As it will appear")).to_contain_text("One Two")
    expect_words(plain, "A & B", "One\nTwo")
    press(plain, "Discard")
    expect_said(plain, "Discarded")
    expect_words(plain, "", "")


def test_ones_own_entry_is_deleted_after_a_question_and_the_words_stay(plain: Crm) -> None:
    plain.write("Call", "Too early", "Text")
    plain.post()
    expect_said(plain, "Posted")
    plain.write("Call", "Next", "Half a thought")
    press(plain, "Delete", entry(plain, "Too early"))
    expect_said(plain, "Delete this entry?")
    press(plain, "Delete", plain.logbook.get_by_role("alert"))
    expect_said(plain, "Deleted")
    expect_words(plain, "Next", "Half a thought")
    plain.open_deal(1)
    expect(plain.entry("Too early")).to_have_count(0)


def test_a_waiting_entry_is_tried_again(demo: Demo, plain: Crm) -> None:
    demo.control(plain.address, "refuse", code="OVERLOAD_LIMIT", method=ADD, times=1)
    plain.write("Call", "Waits", "Text")
    plain.post()
    expect_said(plain, "Saved, waiting to be sent")
    press(plain, "Try again", entry(plain, "Waits"))
    expect_said(plain, "Posted")


def test_older_entries_come_on_demand(demo: Demo, plain: Crm) -> None:
    demo.write(plain.address, [f"Entry {number}" for number in range(11)])
    plain.open_deal(1)
    plain.open_tab()
    expect(plain.logbook.get_by_role("article").filter(has_text="Entry 0")).to_have_count(0)
    press(plain, "Show older entries")
    expect(plain.logbook.get_by_role("article").filter(has_text="Entry 0")).to_be_visible()


def test_a_card_in_a_slider_posts_though_the_portal_resizes_nothing_there(crm: Crm) -> None:
    crm.page.goto(f"{crm.address}/crm/deal/details/1/?IFRAME=Y&IFRAME_TYPE=SIDE_SLIDER")
    crm.open_tab()
    crm.write("Call", "From the slider", "Text")
    crm.post()
    expect_said(crm, "Posted")
    expect(crm.entry("From the slider")).to_be_attached()


def test_what_is_for_them_is_there_each_time_that_a_card_is_opened(plain: Crm) -> None:
    """A frame that is parsed while JavaScript is still on has no button for the preview."""
    for number in (2, 3, 4):
        plain.open_deal(number)
        plain.open_tab()
        assert plain.logbook.get_by_role("main").get_by_role("button", name="Preview").is_visible()
