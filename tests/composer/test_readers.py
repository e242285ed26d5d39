"""Readers: their buttons report the outcome, their draft stays, and no answer calls a card with entries empty."""

import pytest

from b24app.services.settings.writers import Who
from devportal import Portal
from tests.conftest import any_database
from tests.settings.test_writers import let_write
from tests.support.logbook import Logbook, Page

pytestmark = any_database

WORDS = {"icon": "wallet", "title": "Half a thought", "text": "which goes on"}
BUTTONS = ["/preview", "/entries", "/history", "/history/retry", "/history/delete", "/history/delete/confirmed"]


def press(logbook: Logbook, page: Page, address: str) -> Page:
    """What a browser sends for a reader: their page has no fields."""
    return logbook.submit(address, {"session": page.one("[name=session]")["value"], "entry": "1", "page": "0-9"})


@pytest.fixture
def reader(installed: Logbook, portal: Portal) -> Logbook:
    """Somebody who had begun to write when the administrators withdrew the right."""
    installed.post(installed.send(portal.frame(portal.administrator)).form, **{**WORDS, "title": "From above"})
    installed.submit("/drafts", {**installed.open_tab(portal).form, **WORDS})
    let_write(installed, portal, Who.ADMINISTRATORS)
    return installed


@pytest.mark.parametrize("address", BUTTONS)
def test_what_he_had_entered_stays_whatever_he_presses(reader: Logbook, portal: Portal, address: str) -> None:
    answer = press(reader, reader.open_tab(portal), address)
    assert (answer.one("#title")["value"], answer.one("#text").text.strip()) == (WORDS["title"], WORDS["text"])
    assert reader.open_tab(portal).one("#title")["value"] == WORDS["title"]
    let_write(reader, portal, Who.EVERYBODY)
    assert reader.open_tab(portal).form["title"] == WORDS["title"]


def test_enter_in_a_field_that_is_only_read_presses_nothing(reader: Logbook, portal: Portal) -> None:
    answer = press(reader, reader.open_tab(portal), "/preview")
    assert answer.one("form button[type=submit]").has_attr("disabled")


def test_an_answer_that_cost_the_portal_nothing_does_not_call_the_card_empty(reader: Logbook, portal: Portal) -> None:
    pages = [press(reader, reader.open_tab(portal), "/preview")]
    let_write(reader, portal, Who.EVERYBODY)
    page = reader.open_tab(portal)
    assert "From above" in page.history[0].text
    pages.append(reader.submit("/preview", page.form))
    for page in pages:
        said = page.one("[data-slot=history]").get_text(" ", strip=True)
        assert said == "Latest entries These are your own entries; open the card again to see all."


def test_what_the_portal_has_lost_is_offered_only_to_people_with_a_form(installed: Logbook, portal: Portal) -> None:
    portal.state.dialect.texts = "cut"
    installed.post(installed.open_tab(portal).form, icon="wallet", title="Paid 😀 in full", text="Today")
    button = "[formaction$='/history/words']"
    assert len(installed.open_tab(portal).soup.select(button)) == 1
    let_write(installed, portal, Who.ADMINISTRATORS)
    page = installed.open_tab(portal)
    assert len(page.history) == 1
    assert page.soup.select(button) == []
