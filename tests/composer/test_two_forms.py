"""Two tabs of one card: text typed in one is never lost through the other."""

import pytest

from b24app.services.delivery.drafts import MOST_OF_CARD
from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook, Page
from tests.support.outboxes import on_timeline

WORDS = {"icon": "wallet", "title": "Half a thought", "text": "which goes on"}
NOTE = {"icon": "comment", "title": "A note", "text": "They called."}

pytestmark = any_database


def keep(logbook: Logbook, page: Page, **words: str) -> None:
    assert logbook.submit("/drafts", {**page.form, **words}).status == 204


def offered(page: Page) -> list[str]:
    return [button.get_text(strip=True) for button in page.soup.select("[data-slot=taken-drafts] button")]


@pytest.fixture
def tabs(installed: Logbook, portal: Portal) -> tuple[Page, Page]:
    """Both opened while nothing was typed."""
    return installed.open_tab(portal), installed.open_tab(portal)


@pytest.mark.parametrize(
    "address", ["/entries", "/preview", "/history", "/drafts", "/drafts/discard", "/history/retry"]
)
@pytest.mark.parametrize("words", [{}, NOTE], ids=["empty", "with a note"])
def test_whatever_is_done_in_the_other_the_draft_stays(
    installed: Logbook, portal: Portal, tabs: tuple[Page, Page], address: str, words: dict[str, str]
) -> None:
    typed_in, other = tabs
    keep(installed, typed_in, **WORDS)
    installed.submit(address, {**other.form, **words})
    again = installed.open_tab(portal)
    assert WORDS["title"] in [again.form["title"], *(title.removesuffix(" which goes on") for title in offered(again))]


def test_both_drafts_stay_and_the_earlier_one_is_offered(
    installed: Logbook, portal: Portal, tabs: tuple[Page, Page]
) -> None:
    keep(installed, tabs[0], **WORDS)
    keep(installed, tabs[1], **NOTE)
    page = installed.open_tab(portal)
    assert (page.form["title"], offered(page)) == ("A note", ["Half a thought which goes on"])

    number = str(page.one("[data-slot=taken-drafts] button")["value"])
    taken = installed.submit("/drafts/take", {**page.form, "take": number})
    assert {name: taken.form[name] for name in WORDS} == WORDS
    assert offered(taken) == ["A note They called."]

    assert installed.post(taken.form).outcome == "posted"
    page = installed.open_tab(portal)
    assert (page.form["title"], offered(page)) == ("A note", [])
    assert on_timeline(portal) == ["Half a thought"]


def test_what_was_typed_before_another_is_taken_is_kept(
    installed: Logbook, portal: Portal, tabs: tuple[Page, Page]
) -> None:
    keep(installed, tabs[0], **WORDS)
    page = installed.open_tab(portal)
    keep(installed, tabs[1], **NOTE)
    number = str(installed.open_tab(portal).one("[data-slot=taken-drafts] button")["value"])
    taken = installed.submit("/drafts/take", {**tabs[1].form, **NOTE, "title": "Changed", "take": number})
    assert (taken.form["title"], offered(taken)) == ("Half a thought", ["Changed They called."])
    assert page.form["title"] == "Half a thought"


def test_a_form_that_goes_on_with_a_draft_makes_no_second_one(installed: Logbook, portal: Portal) -> None:
    keep(installed, installed.open_tab(portal), **WORDS)
    again = installed.open_tab(portal)
    keep(installed, again, title="A whole one")
    keep(installed, again, title="A whole one, indeed")
    last = installed.open_tab(portal)
    assert (last.form["title"], offered(last)) == ("A whole one, indeed", [])


def test_a_draft_that_was_gone_on_with_where_it_was_typed_stays_there(installed: Logbook, portal: Portal) -> None:
    first = installed.open_tab(portal)
    keep(installed, first, **WORDS)
    second = installed.open_tab(portal)
    keep(installed, first, **{**WORDS, "title": "Longer in the first"})
    assert installed.submit("/drafts/discard", second.form).outcome == "discarded"
    assert installed.open_tab(portal).form["title"] == "Longer in the first"


def test_only_another_icon_is_a_draft_and_the_usual_one_is_none(installed: Logbook, portal: Portal) -> None:
    page = installed.open_tab(portal)
    keep(installed, page)
    assert "data-kept" not in installed.open_tab(portal).text
    keep(installed, page, icon="wallet")
    again = installed.open_tab(portal)
    assert (again.form["icon"], again.form["title"]) == ("wallet", "")
    keep(installed, again, icon=page.form["icon"])
    assert installed.open_tab(portal).form["icon"] == page.form["icon"]


def test_only_a_few_drafts_of_a_card_are_stored(installed: Logbook, portal: Portal) -> None:
    for number in range(MOST_OF_CARD + 2):
        page = installed.submit("/drafts/discard", installed.open_tab(portal).form)
        keep(installed, page, **{**WORDS, "title": f"Draft {number}"})
        installed.submit("/entries", {**page.form, "form_key": "another", "continued": "x", **WORDS, "title": ""})
    page = installed.open_tab(portal)
    assert len(offered(page)) < MOST_OF_CARD


@pytest.mark.parametrize("mark", ["1", "x-y", "1-" + "9" * 30, "²-1", "-", "9" * 100])
def test_a_mark_that_is_none_harms_nothing(installed: Logbook, portal: Portal, mark: str) -> None:
    page = installed.open_tab(portal)
    keep(installed, page, **WORDS, continued=mark)
    assert installed.open_tab(portal).form["title"] == WORDS["title"]


def test_a_draft_that_was_posted_in_the_other_form_cannot_be_taken(installed: Logbook, portal: Portal) -> None:
    page = installed.submit("/drafts/take", {**installed.open_tab(portal).form, "title": "Called", "take": "7"})
    assert (page.status, page.outcome) == (404, "failed")
    assert "posted or discarded in another tab" in page.one("[data-outcome]").text
    assert page.form["title"] == "Called"
