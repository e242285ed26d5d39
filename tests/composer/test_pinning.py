"""Pinning from the history: only Logbook unpins what it has pinned; at the limit, it says what could be unpinned."""

import brotli
import pytest

from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page

pytestmark = any_database

PIN, UNPIN = "crm.timeline.item.pin", "crm.timeline.item.unpin"
WORDS = {"icon": "comment", "text": "They agreed."}


@pytest.fixture
def written(installed: Logbook, portal: Portal) -> Logbook:
    """Four entries on the deal."""
    for number in range(1, 5):
        assert installed.post(installed.open_tab(portal).form, **WORDS, title=f"Entry {number}").outcome == "posted"
    return installed


def press(logbook: Logbook, portal: Portal, verb: str, entry: int | str, page: Page | None = None) -> Page:
    form = {**(page or logbook.open_tab(portal)).form, "entry": str(entry)}
    return logbook.submit(f"/history/{verb}", form)


def pin(logbook: Logbook, portal: Portal, *entries: int) -> None:
    for entry in entries:
        assert press(logbook, portal, "pin", entry).outcome == "saved"


def pinned(portal: Portal) -> list[str]:
    return [message.title for message in portal.timeline(2, 1) if [2, 1] in message.pinned_on]


def buttons(page: Page) -> list[str]:
    """The pin buttons of the history, from the newest entry on."""
    return [button.text for button in page.soup.select("[data-slot=history] [formaction$='pin']")]


def offered(page: Page) -> list[str]:
    """What the answer offers to unpin."""
    rows = page.one("[data-outcome]").select("p")
    return [row.get_text(" ", strip=True) for row in rows if row.select("[formaction='/history/unpin']")]


def test_a_pinned_entry_says_so_when_the_tab_is_opened_again(written: Logbook, portal: Portal) -> None:
    assert buttons(written.open_tab(portal)) == ["Pin"] * 4
    page = press(written, portal, "pin", 2)
    assert (page.outcome, page.one("[data-outcome] h2").text, pinned(portal)) == ("saved", "Pinned", ["Entry 2"])
    assert offered(page) == ["“Entry 2” Unpin"]
    assert buttons(page) == buttons(written.open_tab(portal)) == ["Pin", "Pin", "Unpin", "Pin"]
    page = press(written, portal, "unpin", 2)
    assert (page.one("[data-outcome] h2").text, pinned(portal)) == ("Unpinned", [])
    assert buttons(page) == buttons(written.open_tab(portal)) == ["Pin"] * 4


def test_pinning_costs_one_request_and_may_be_repeated(written: Logbook, portal: Portal) -> None:
    page = written.open_tab(portal)
    portal.calls.clear()
    assert press(written, portal, "pin", 1, page).outcome == "saved"
    assert [call.method for call in portal.calls] == [PIN]
    assert press(written, portal, "pin", 1, page).outcome == "saved"
    assert pinned(portal) == ["Entry 1"]


def test_a_script_is_answered_with_the_button_that_a_row_has_from_now_on(written: Logbook, portal: Portal) -> None:
    """Also of a colleague's entry, which is not among one's own in the answer."""
    form = {**written.send(portal.frame(portal.administrator)).form, "entry": "2"}
    for verb, then in (("pin", "unpin"), ("unpin", "pin")):
        page = written.submit_by_script(f"/history/{verb}", form)
        assert page.one("[data-slot=taken-pin-2] button")["formaction"] == f"/history/{then}"
    portal.faults.refuse("ACCESS_DENIED", PIN)
    assert written.submit_by_script("/history/pin", form).soup.select("[data-slot^=taken-pin]") == []


@pytest.mark.parametrize("codes", ["number", "string"])
def test_where_no_more_fit_it_says_what_could_be_unpinned(written: Logbook, portal: Portal, codes: str) -> None:
    portal.state.dialect.nameless_codes = codes  # type: ignore[assignment]
    pin(written, portal, 1, 2, 3)
    page = press(written, portal, "pin", 4)
    assert (page.status, page.outcome) == (409, "failed")
    assert page.one("[data-outcome] h2").text == "No more entries can be pinned on this card"
    assert offered(page) == ["“Entry 3” Unpin", "“Entry 2” Unpin", "“Entry 1” Unpin"]
    assert "Unpin one of these first." in page.one("[data-outcome]").text
    press(written, portal, "unpin", 2, page)
    pin(written, portal, 4)
    assert pinned(portal) == ["Entry 1", "Entry 3", "Entry 4"]


def test_a_portal_that_pins_seven_is_believed(written: Logbook, portal: Portal) -> None:
    portal.state.dialect.pins = "seven"
    pin(written, portal, 1, 2, 3, 4)
    assert len(pinned(portal)) == 4


def test_what_others_have_pinned_cannot_be_named(written: Logbook, portal: Portal) -> None:
    pin(written, portal, 1, 2, 3)
    for entry in (1, 2, 3):
        press(written, portal, "unpin", entry)
    for message in portal.timeline(2, 1)[:3]:
        message.pinned_on.append([2, 1])
    page = press(written, portal, "pin", 4)
    assert (page.status, offered(page)) == (409, [])
    assert "Unpin something on the timeline first." in page.one("[data-outcome]").text


def test_another_person_unpins_it_but_nobody_who_may_not_write(written: Logbook, portal: Portal) -> None:
    pin(written, portal, 1)
    colleague = written.send(portal.frame(portal.administrator))
    assert buttons(colleague) == ["Pin", "Pin", "Pin", "Unpin"]
    page = written.open_tab(portal)
    Admin(written, portal).go("writers/save", who="administrators", version="0")
    assert buttons(written.open_tab(portal)) == []
    for verb in ("pin", "unpin"):
        assert press(written, portal, verb, 1, page).outcome == "refused"
    assert pinned(portal) == ["Entry 1"]
    assert press(written, portal, "unpin", 1, colleague).outcome == "saved"
    assert pinned(portal) == []


@pytest.mark.parametrize("entry", ["", "x", "0", "99", "1" * 30])
def test_an_entry_that_is_not_on_this_card_is_none(written: Logbook, portal: Portal, entry: str) -> None:
    page = written.open_tab(portal)
    portal.calls.clear()
    for verb in ("pin", "unpin"):
        assert (press(written, portal, verb, entry, page).status, portal.calls) == (404, [])
    elsewhere = written.send(portal.frame(portal.employee, options={"ID": "2"}))
    assert press(written, portal, "pin", 1, elsewhere).status == 404


def test_one_that_is_gone_from_the_timeline_is_unpinned_and_cannot_be_pinned(written: Logbook, portal: Portal) -> None:
    pin(written, portal, 1)
    page = written.open_tab(portal)
    portal.timelines.delete(portal.timeline(2, 1)[0].id, portal.administrator, portal.application.client_id)
    assert press(written, portal, "unpin", 1, page).outcome == "saved"
    assert press(written, portal, "pin", 1, page).status == 404


@pytest.mark.parametrize("code", ["ACCESS_DENIED", "OWNER_NOT_FOUND", "QUERY_LIMIT_EXCEEDED"])
def test_a_refusal_changes_nothing_and_keeps_what_is_typed(written: Logbook, portal: Portal, code: str) -> None:
    form = {**written.open_tab(portal).form, "title": "Half a sentence", "entry": "1"}
    portal.faults.refuse(code, PIN)
    page = written.submit("/history/pin", form)
    assert (page.outcome, page.form["title"]) == ("failed", "Half a sentence")
    assert buttons(written.open_tab(portal)) == ["Pin"] * 4


def test_a_lost_answer_is_mended_by_pressing_again(written: Logbook, portal: Portal) -> None:
    page = written.open_tab(portal)
    portal.faults.reset(PIN, processed=True)
    assert press(written, portal, "pin", 1, page).outcome == "failed"
    portal.clear_faults()
    pin(written, portal, 1)
    assert pinned(portal) == ["Entry 1"]


def test_the_buttons_cost_little_when_the_tab_is_opened(written: Logbook, portal: Portal) -> None:
    page = written.open_tab(portal).text
    without = "".join(line for line in page.splitlines(keepends=True) if "/history/pin" not in line)
    assert page.count('formaction="/history/pin"') == 4
    assert len(brotli.compress(page.encode(), quality=5)) - len(brotli.compress(without.encode(), quality=5)) < 60
