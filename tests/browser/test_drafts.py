"""Drafts as people see them: the form says whether the draft is saved, and closing loses nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Route, expect

from tests.browser.conftest import Demo
from tests.browser.crm import Crm, frame_of
from tests.browser.test_composer import icon, text, title

# More than browsers let a page say when it is closed, if it is written in percent signs.
LONG = "報告書" * 3000
# A network that takes a post and never answers.
STALL = """() => {
    const known = fetch;
    window.fetch = (address, how) => (address.endsWith("/entries") ? new Promise(() => {}) : known(address, how));
}"""


@pytest.fixture
def composer(crm: Crm) -> Crm:
    """The composer before a clock that can be put forward."""
    crm.page.clock.install()
    crm.open_deal(1)
    crm.open_tab()
    return crm


def kept(crm: Crm) -> Locator:
    return crm.logbook.get_by_role("status").filter(has_text="Draft kept")


def stop_clock(crm: Crm) -> None:
    """Nothing is kept until it continues."""
    crm.page.clock.pause_at(datetime.now(UTC) + timedelta(minutes=1))


def test_the_form_says_that_a_draft_is_kept_only_while_it_is(composer: Crm) -> None:
    text(composer).fill(LONG)
    expect(kept(composer)).to_be_visible()

    composer.page.route("**/drafts", lambda route: route.fulfill(status=503), times=1)
    with composer.page.expect_response(lambda answer: answer.status == 503):
        title(composer).fill("More")
    expect(kept(composer)).to_have_count(0)
    composer.page.clock.fast_forward(10_000)
    expect(kept(composer)).to_be_visible()

    stop_clock(composer)
    title(composer).press("s")
    expect(kept(composer)).to_have_count(0)
    composer.page.clock.resume()

    frame_of(composer.page).evaluate("document.querySelector('[name=session]').value = 'old'")
    title(composer).press("s")
    expect(composer.logbook.get_by_role("alert")).to_contain_text("This form is too old")
    expect(composer.logbook.get_by_role("button", name="Post")).to_be_disabled()
    expect(title(composer)).to_be_focused()
    expect(kept(composer)).to_have_count(0)


def test_the_script_saves_what_was_typed_before_it_loaded(crm: Crm) -> None:
    held: list[Route] = []
    crm.page.route("**/static/composer.js*", lambda route: held.append(route))
    crm.open_deal(1)
    crm.page.get_by_role("tab", name="Logbook").click()
    title(crm).fill("In a hurry")
    expect(kept(crm)).to_have_count(0)
    held[0].continue_()
    expect(kept(crm)).to_be_visible()


def test_closing_the_card_keeps_what_is_typed_even_while_a_post_hangs(composer: Crm) -> None:
    stop_clock(composer)
    frame_of(composer.page).evaluate(STALL)
    composer.write("Wallet", "Half a thought", LONG)
    composer.post()
    expect(composer.logbook.get_by_role("button", name="Posting…")).to_be_visible()
    composer.page.clock.resume()
    composer.open_deal(2)
    composer.open_deal(1)
    composer.open_tab()
    expect(title(composer)).to_have_value("Half a thought")
    expect(text(composer)).to_have_value(LONG)
    expect(icon(composer, "Wallet")).to_be_checked()


def test_two_tabs_of_a_card_keep_a_draft_each_and_either_can_be_taken(crm: Crm) -> None:
    tabs = [crm, Crm(crm.page.context.new_page(), crm.address)]
    for tab in tabs:
        tab.open_deal(1)
        tab.open_tab()
    for tab, words in zip(tabs, ("Half a thought", "Another"), strict=True):
        title(tab).fill(words)
        expect(kept(tab)).to_be_visible()
    crm.open_deal(1)
    crm.open_tab()
    expect(title(crm)).to_have_value("Another")
    title(crm).fill("Another, longer")
    expect(kept(crm)).to_be_visible()
    crm.press("Half a thought")
    expect(title(crm)).to_have_value("Half a thought")
    expect(crm.logbook.get_by_role("button", name="Another, longer")).to_be_visible()


def test_text_that_the_portal_lost_stays_in_the_form(demo: Demo, composer: Crm) -> None:
    demo.control(composer.address, "dialect-texts", value="cut")
    composer.write("Wallet", "Paid 😀 in full", "Text")
    composer.post()
    expect(composer.logbook.get_by_role("status").filter(has_text="has not kept all")).to_contain_text("😀 in full")
    expect(title(composer)).to_have_value("Paid 😀 in full")
    title(composer).fill("Paid in full")
    composer.post()
    expect(composer.entry("Paid in full")).to_be_attached()
    expect(title(composer)).to_have_value("")


def test_another_icon_alone_is_a_draft(composer: Crm) -> None:
    icon(composer, "Wallet").check()
    expect(kept(composer)).to_be_visible()
    composer.open_deal(1)
    composer.open_tab()
    expect(icon(composer, "Wallet")).to_be_checked()
