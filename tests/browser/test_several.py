"""One text on several cards, with the portal's own picker, and the search beside the form; by roles and names alone."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Witness
from tests.browser.crm import Crm, frame_of
from tests.browser.test_access import violations


def test_what_is_typed_goes_to_the_chosen_cards_and_is_taken_back(composer: Crm, witness: Witness) -> None:
    logbook = composer.logbook
    composer.write("Call", "We move", "Into the harbour.")
    composer.press("Write on several cards")
    logbook.get_by_role("button", name="Choose cards").click()
    picker = composer.page.get_by_role("dialog")
    expect(picker.get_by_role("checkbox", checked=True)).to_have_count(1)
    picker.get_by_label("Route planning for 40 trucks").check()
    picker.get_by_role("button", name="Select").click()
    expect(logbook.get_by_role("checkbox", name="Route planning for 40 trucks")).to_be_checked()
    logbook.get_by_label("Numbers or links").fill("3")
    assert violations(frame_of(composer.page)) == []
    composer.press("Continue")
    expect(logbook.get_by_role("heading", name="Write on 3 cards")).to_be_visible()
    expect(logbook.get_by_role("article").or_(logbook.get_by_text("Into the harbour."))).to_be_visible()
    assert violations(frame_of(composer.page)) == []
    composer.press("Write on 3 cards")
    expect(logbook.get_by_role("status")).to_have_text("On the timeline: 3 of 3.")
    assert violations(frame_of(composer.page)) == []
    assert witness.posted.count("/several/check") == 1

    composer.press("Take it back")
    expect(logbook.get_by_role("alert")).to_contain_text("Take it back from 3 cards?")
    logbook.get_by_role("alert").get_by_role("button", name="Take it back").click()
    expect(logbook.get_by_role("status")).to_have_text("Taken back: 3 of 3.")
    composer.press("Back to the card")
    expect(logbook.get_by_role("button", name="Post")).to_be_enabled()


@pytest.fixture
def with_entries(composer: Crm) -> Crm:
    for title in ("Alpha", "Beta"):
        composer.write("Call", title, "Words")
        composer.post()
        expect(composer.logbook.get_by_role("article").filter(has_text=title)).to_be_visible()
        expect(composer.logbook.get_by_label("Title")).to_have_value("")
    composer.open_deal(1)
    composer.open_tab()
    return composer


def test_the_search_takes_the_place_of_the_entries_and_leaves_what_is_typed(with_entries: Crm) -> None:
    logbook = with_entries.logbook
    with_entries.write("Call", "Half", "typed")
    with_entries.press("Search")
    words = logbook.get_by_role("searchbox", name="Title or text contains")
    expect(words).to_be_focused()
    assert violations(frame_of(with_entries.page)) == []
    words.fill("ALPHA")
    words.press("Enter")
    expect(logbook.get_by_text("1 entry found")).to_be_visible()
    articles = logbook.get_by_role("region", name=re.compile("Search")).get_by_role("article")
    expect(articles).to_have_count(1)
    expect(articles).to_contain_text("Alpha")
    logbook.get_by_role("searchbox", name="Title or text contains").fill("nowhere")
    logbook.get_by_role("searchbox", name="Title or text contains").press("Enter")
    expect(logbook.get_by_role("heading", name="Nothing found")).to_be_visible()
    assert violations(frame_of(with_entries.page)) == []
    with_entries.press("Latest entries")
    expect(logbook.get_by_role("article")).to_have_count(2)
    expect(logbook.locator("#title")).to_have_value("Half")
