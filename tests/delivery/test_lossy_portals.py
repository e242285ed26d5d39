"""Portals that change the text: the person is told, and the entry is found by the remaining text."""

import time

import pytest

from b24app.models import EntryState
from b24app.services.delivery.stored_text import Loss, Match, Words, losses, match
from devportal import Box, Portal
from tests.conftest import any_database
from tests.devportal.client import Caller
from tests.support.logbook import Logbook, Page
from tests.support.outboxes import ADD, on_timeline, post, states, unsure

TITLE, TEXT = "Paid 😀 in full", "Two\nlines & more\u2028🎉"
LOSSY = ["cut", "marks", "bytes"]
HARMLESS = ["crlf", "entities", "spaces"]


def is_lossy(portal: Portal, reading: str) -> None:
    portal.state.dialect.texts = reading  # type: ignore[assignment]


def words(title: str, text: str = "Text", icon: str = "comment") -> Words:
    return Words(title, text, icon)


class TestMatching:
    """Whether a row may be what a portal has made of an entry."""

    @pytest.mark.parametrize(
        "kept",
        [
            *("Paid", "Paid ", "Paid ???? in full", "Paid ? in full", "Paid \ufffd in full", "Paid :f09f9880: in full"),
            *("Paid  in full", "Paid &#128512; in full"),
        ],
    )
    def test_what_portals_make_of_a_wide_character(self, kept: str) -> None:
        assert match(words("Paid 😀 in full"), words(kept)) is not None

    @pytest.mark.parametrize("kept", ["Paid in", "Paid 😀 in part", "Unpaid", "", "Paid ???? in half", "paid"])
    def test_what_is_another_entry(self, kept: str) -> None:
        assert match(words("Paid 😀 in full"), words(kept)) is None

    @pytest.mark.parametrize("kept", ["Called", "Call", "Called?", "???"])
    def test_without_such_a_character_nothing_may_be_missing(self, kept: str) -> None:
        assert match(words("Called them"), words(kept)) is None

    @pytest.mark.parametrize("kept", ["a &amp; b", "a\r\n& b", "a\u00a0&amp;amp; b"])
    def test_the_same_written_otherwise(self, kept: str) -> None:
        assert match(words("a\n& b"), words(kept)) == Match.SAME

    def test_a_column_that_was_full(self) -> None:
        assert match(words("T" * 255), words("T" * 250)) == Match.LOSSY
        assert match(words("T" * 50), words("T" * 40)) is None

    def test_letters_that_a_database_does_not_know(self) -> None:
        assert match(words("Größe 7"), words("Gr??e 7")) == Match.LOSSY
        assert match(words("Groesse 7"), words("Gr??sse 7")) is None

    def test_another_icon_is_another_entry_and_a_lost_one_is_not(self) -> None:
        assert match(words("a"), words("a", icon="call")) is None
        assert match(words("a"), words("a", icon="")) == Match.LOSSY

    @pytest.mark.parametrize("size", [10_000, 20_000])
    def test_it_takes_no_longer_than_the_words_are_long(self, size: int) -> None:
        began = time.perf_counter()
        match(words("😀?" * size, "&amp;" * size), words("?" * 3 * size, "&amp;" * size))
        losses(words("😀" * size), words("?" * size))
        assert time.perf_counter() - began < 1


def test_what_was_lost_is_named_without_what_was_kept() -> None:
    assert losses(words("Paid 😀 in full"), words("Paid ???? in full")) == [Loss("title", "😀", "????")]
    assert losses(words("Paid 😀 in full", "a"), words("Paid", "b", "")) == [
        Loss("title", "😀 in full", ""),
        Loss("text", "a", "b"),
        Loss("icon", "comment", ""),
    ]
    assert losses(words("a & b", "c\nd"), words("a &amp; b", "c\r\nd")) == []


def lossy_post(logbook: Logbook, portal: Portal) -> Page:
    return post(logbook, portal, title=TITLE, text=TEXT)


@any_database
@pytest.mark.parametrize("reading", LOSSY)
class TestTelling:
    """By the page, to who has typed the words."""

    def test_the_words_stay_in_the_form_and_the_loss_is_named(
        self, installed: Logbook, portal: Portal, reading: str
    ) -> None:
        is_lossy(portal, reading)
        page = lossy_post(installed, portal)
        assert (page.status, page.outcome) == (200, "posted")
        assert "😀" in page.one("[data-outcome]").text
        assert (page.form["title"], page.form["text"]) == (TITLE, TEXT)
        assert installed.send(portal.frame(portal.employee)).form["title"] == TITLE, "they are a draft"
        again = installed.post(page.form, title="Paid in full", text="Two lines")
        assert (again.outcome, again.form["title"], len(portal.timeline(2, 1))) == ("posted", "", 2)

    def test_a_form_sent_twice_gets_the_same_answer(self, installed: Logbook, portal: Portal, reading: str) -> None:
        is_lossy(portal, reading)
        form = {**installed.send(portal.frame(portal.employee)).form, "icon": "comment", "title": TITLE, "text": TEXT}
        first, second = installed.post(form), installed.post(form)
        assert first.one("[data-outcome]").text == second.one("[data-outcome]").text
        assert len(portal.timeline(2, 1)) == 1

    def test_the_history_shows_the_losses_of_an_entry_sent_later_and_returns_its_text(
        self, installed: Logbook, portal: Portal, reading: str
    ) -> None:
        is_lossy(portal, reading)
        portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
        lossy_post(installed, portal)
        installed.work()
        page = installed.send(portal.frame(portal.employee))
        assert "😀" in page.one(".entry-reason").text
        (entry,) = installed.entries()
        typed = {**page.form, "title": "Half a thought"}
        back = installed.submit("/history/words", {**typed, "entry": str(entry.id)})
        assert (back.form["title"], back.form["text"]) == (TITLE, TEXT)
        assert "Half a thought" in back.one("[data-slot=taken-drafts]").text
        others = installed.send(portal.frame(portal.administrator))
        assert not others.soup.select(".entry-reason"), "it is nobody else's business"


@any_database
@pytest.mark.parametrize("reading", HARMLESS)
def test_what_is_only_written_otherwise_is_no_loss(installed: Logbook, portal: Portal, reading: str) -> None:
    is_lossy(portal, reading)
    page = post(installed, portal, title="a & b\u2028c", text="Two\nlines")
    assert (page.one("[data-outcome] h2").text, page.form["title"]) == ("Posted", "")


@any_database
class TestFinding:
    """After an answer that was lost."""

    @pytest.mark.parametrize("reading", [*LOSSY, *HARMLESS])
    def test_it_is_found_by_what_survives_and_not_sent_again(
        self, installed: Logbook, portal: Portal, reading: str
    ) -> None:
        is_lossy(portal, reading)
        unsure(installed, portal, stands=True, title=TITLE, text=TEXT)
        for seconds in (0, 71):
            installed.pass_time(seconds)
            installed.work()
        assert (len(portal.timeline(2, 1)), states(installed)) == (1, [(EntryState.SENT, None)])

    def test_what_is_equal_is_preferred_to_what_resembles_it(self, installed: Logbook, portal: Portal) -> None:
        for stands, title in ((True, "Paid 😀 today"), (True, "Paid")):
            is_lossy(portal, "cut")
            unsure(installed, portal, stands=stands, title=title)
        installed.work()
        rows = {message.id: message.title for message in portal.timeline(2, 1)}
        first, second = installed.entries()
        assert [(rows[one.bitrix_id or 0], one.title) for one in (first, second)] == [
            ("Paid ", "Paid 😀 today"),
            ("Paid", "Paid"),
        ]

    def test_an_entry_that_resembles_it_from_before_is_not_taken_for_it(
        self, installed: Logbook, box: Box, portal: Portal
    ) -> None:
        assert "result" in Caller(portal, portal.employee).write("Paid", text="They agreed.", iconCode="comment")
        box.clock.advance(120)
        unsure(installed, portal, stands=False, title="Paid 😀 today")
        for seconds in (0, 71):
            installed.pass_time(seconds)
            installed.work()
        assert on_timeline(portal) == ["Paid", "Paid 😀 today"]


@any_database
@pytest.mark.parametrize("reading", ["authorless", "undated"])
class TestRowsThatTellLess:
    """One row of a timeline without its author or its time."""

    def test_the_others_are_shown(self, installed: Logbook, portal: Portal, reading: str) -> None:
        post(installed, portal, title="First")
        post(installed, portal, title="Second")
        portal.state.dialect.log_rows = reading  # type: ignore[assignment]
        page = installed.send(portal.frame(portal.employee))
        assert (len(page.history), "First" in page.history[0].text) == (1, True)
        assert not page.soup.select(".history .notice")

    def test_one_that_is_ours_is_found(self, installed: Logbook, portal: Portal, reading: str) -> None:
        portal.state.dialect.log_rows = reading  # type: ignore[assignment]
        unsure(installed, portal, stands=True)
        for seconds in (0, 71):
            installed.pass_time(seconds)
            installed.work()
        assert (on_timeline(portal), states(installed)) == (["Called"], [(EntryState.SENT, None)])


@any_database
@pytest.mark.parametrize("is_deleted", [True, False])
@pytest.mark.parametrize("is_lost", [True, False])
def test_a_number_that_a_restored_portal_gives_again_is_the_new_entrys(
    installed: Logbook, box: Box, portal: Portal, is_deleted: bool, is_lost: bool
) -> None:
    page = post(installed, portal, title="Before")
    if is_deleted:
        installed.submit("/history/delete/confirmed", {**page.form, "entry": str(installed.entries()[0].id)})
    portal.state.log_messages.clear()
    portal.timelines._by_card.clear()
    portal.state.last_ids["log_message"] -= 1
    box.clock.advance(3600)
    portal.expire_access_tokens()
    if is_lost:
        unsure(installed, portal, stands=True)
    else:
        assert post(installed, portal).outcome == "posted"
    for seconds in (0, 71):
        installed.pass_time(seconds)
        installed.work()
    assert on_timeline(portal) == ["Called"]
    before, after = installed.entries()
    assert (before.bitrix_id, after.bitrix_id) == (None, portal.timeline(2, 1)[0].id)


@any_database
def test_a_foreign_entry_with_the_number_of_ours_is_not_shown_as_ours(
    installed: Logbook, box: Box, portal: Portal
) -> None:
    post(installed, portal, title="Before")
    portal.state.log_messages.clear()
    portal.timelines._by_card.clear()
    portal.state.last_ids["log_message"] -= 1
    box.clock.advance(3600)
    portal.expire_access_tokens()
    assert "result" in Caller(portal, portal.administrator).write("Another application's")
    page = installed.send(portal.frame(portal.employee))
    assert [row.select_one(".badge") for row in page.history] == [None]
    assert not page.soup.select("[data-delete-entry]")
