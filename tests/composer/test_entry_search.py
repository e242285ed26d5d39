"""Searching the entries of a card: what is found, by whom, and what the page says was searched."""

from typing import Any

import pytest
from sqlalchemy import insert

from b24app.models import EntryState, LogEntry
from b24app.services.delivery import entry_search
from devportal import Portal
from devportal.crm.timelines import NewLogMessage
from tests.conftest import any_database
from tests.support.logbook import Logbook, Page
from tests.support.outboxes import LIST, post, waiting

BATCH = "batch"
NUMBERS = {"words": "find_words", "person": "find_person", "icon": "find_icon"}


def search(logbook: Logbook, portal: Portal, card: int = 1, **wanted: str) -> Page:
    composer = logbook.send(portal.frame(portal.employee, options={"ID": str(card)}))
    portal.calls.clear()
    asked = {NUMBERS[name]: value for name, value in wanted.items()}
    return logbook.submit("/history/search", {**composer.form, **asked})


def found(page: Page) -> list[str]:
    return [heading.text for heading in page.soup.select("[data-slot=search] .entry-title")]


def scope(page: Page) -> str:
    return page.one(".found + .field-hint").text


def write_foreign(portal: Portal, count: int, **words: Any) -> None:
    """An entry of another application, or of an earlier installation of Logbook."""
    for number in range(count):
        new = NewLogMessage(2, 1, words.get("title", f"Row {number}"), "Text", words.get("icon", "call"))
        portal.timelines.add(new, portal.administrator, "other")


class TestWhatFits:
    """Words, people and icons."""

    pytestmark = any_database

    @pytest.mark.parametrize(
        ("words", "titles"),
        [
            ("called", ["CALLED again", "Called"]),
            ("again called", ["CALLED again"]),
            ("ÜBERGABE", ["Übergabe 100 %"]),
            ("uber", ["Übergabe 100 %"]),
            ("привет", ["ПРИВЕТ"]),
            ("%", ["Übergabe 100 %"]),
            ("_", ["snake_case"]),
            ("snake\x00case", ["snake_case"]),
            ("agreed", ["Called"]),
            ("nowhere", []),
        ],
    )
    def test_every_word_has_to_be_there_in_any_case(
        self, installed: Logbook, portal: Portal, words: str, titles: list[str]
    ) -> None:
        post(installed, portal, title="Called")
        for title in ("Übergabe 100 %", "ПРИВЕТ", "snake_case", "CALLED again"):
            post(installed, portal, title=title, text="Nothing.")
        page = search(installed, portal, words=words)
        assert found(page) == titles
        assert [call.method for call in portal.calls] == [BATCH]

    def test_by_person_and_icon(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal, title="Mine", icon="call")
        write_foreign(portal, 1, title="Theirs", icon="document")
        name = portal.employee.full_name.lower()
        assert found(search(installed, portal, person=name, icon="call")) == ["Mine"]
        assert found(search(installed, portal, icon="document")) == ["Theirs"]
        assert found(search(installed, portal, words="mine", icon="document")) == []

    def test_without_anything_asked_it_is_only_the_form(self, installed: Logbook, portal: Portal) -> None:
        page = search(installed, portal, words="  ")
        assert page.one("#find_words")["value"] == ""
        assert portal.calls == []
        assert page.soup.select(".found") == []

    def test_nothing_found_has_its_own_state(self, installed: Logbook, portal: Portal) -> None:
        page = search(installed, portal, words="x" * 10_000)
        assert page.one(".empty h3").text == "Nothing found"
        assert page.one(".found").text == "0 entries found"


class TestWhatIsSearched:
    """The portal's rows, our own, and how much of them."""

    def test_ours_beyond_what_the_portal_lists_are_found(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal, title="Long ago")
        write_foreign(portal, 200)
        page = search(installed, portal, words="long ago")
        assert found(page) == ["Long ago"]
        assert scope(page) == "The latest entries were searched: 200 of the timeline, and 1 more of Logbook."
        assert found(search(installed, portal, words="row 123")) == ["Row 123"]
        assert search(installed, portal, words="row").one(".found").text.startswith("200 entries found")

    @any_database
    def test_a_short_timeline_is_searched_as_a_whole(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal)
        waiting(installed, portal, title="Waits")
        page = search(installed, portal, words="waits")
        assert found(page) == ["Waits"]
        assert scope(page) == "All entries on this card were searched."

    @any_database
    def test_what_was_deleted_in_the_portal_is_not_found(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal, title="Gone")
        post(installed, portal, title="There")
        (first,) = [row for row in portal.timeline(2, 1) if row.title == "Gone"]
        portal.timelines.delete(first.id, portal.employee, portal.application.client_id)
        assert found(search(installed, portal, words="e")) == ["There"]

    @any_database
    @pytest.mark.parametrize("fault", ["garbage", "refuse", "card"])
    def test_without_an_answer_only_ones_own_are_searched(self, installed: Logbook, portal: Portal, fault: str) -> None:
        form = installed.send(portal.frame(portal.administrator)).form
        installed.post(form, icon="call", title="Theirs", text="x")
        post(installed, portal, title="Mine", text="x")
        form = installed.send(portal.frame(portal.employee)).form
        if fault == "garbage":
            portal.faults.garbage()
        elif fault == "card":
            portal.faults.refuse("ACCESS_DENIED", "crm.item.get")
        else:
            portal.deny_read(portal.employee, 2, 1)
        page = installed.submit("/history/search", {**form, "find_words": "x"})
        assert found(page) == ["Mine"]
        assert scope(page).startswith("Bitrix24 did not say what is on the timeline.")

    @any_database
    def test_a_page_that_is_refused_ends_what_is_searched(self, installed: Logbook, portal: Portal) -> None:
        write_foreign(portal, 25)
        form = installed.send(portal.frame(portal.employee)).form
        portal.faults.refuse("QUERY_LIMIT_EXCEEDED", LIST, times=1)
        page = installed.submit("/history/search", {**form, "find_words": "row"})
        assert found(page) == []
        assert page.status == 200

    @any_database
    def test_another_portals_entries_are_not_found(self, installed: Logbook, portal: Portal, second: Portal) -> None:
        post(installed, second, title="Secret")
        assert found(search(installed, portal, words="secret")) == []

    @any_database
    def test_people_who_may_only_read_can_search_too(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal)
        session = installed.send(portal.frame(portal.employee)).form["session"]
        page = installed.submit("/history/search", {"session": session, "find_words": "called"})
        assert found(page) == ["Called"]


@any_database
def test_what_is_typed_stays_and_is_carried_by_the_search(installed: Logbook, portal: Portal) -> None:
    composer = installed.send(portal.frame(portal.employee)).form
    page = installed.submit("/history/search", {**composer, "title": "Half", "text": "a\nthought", "find_words": "x"})
    assert (page.form["title"], page.form["text"]) == ("Half", "a\nthought")
    carried = {str(one["name"]): str(one["value"]) for one in page.soup.select("[role=search] input[type=hidden]")}
    assert (carried["title"], carried["text"], carried["form_key"]) == ("Half", "a\nthought", composer["form_key"])


@any_database
def test_of_very_long_entries_fewer_are_searched_and_that_is_said(installed: Logbook, portal: Portal) -> None:
    """Texts are compared without accents, which takes a second for some megabytes."""
    post(installed, portal, title="Übung", text="é" * 9_990)
    with installed.database() as session:
        entry = session.query(LogEntry).one()
        columns = [column.key for column in LogEntry.__table__.columns if column.key != "id"]
        copied = {name: getattr(entry, name) for name in columns} | {"bitrix_id": None, "state": EntryState.PENDING}
        session.execute(insert(LogEntry), [{**copied, "form_key": f"copy {number}"} for number in range(99)])
        session.commit()
    page = search(installed, portal, words="ubung")
    assert page.one(".found").text.startswith("51 entries found")
    assert scope(page) == "The latest entries were searched: 1 of the timeline, and 50 more of Logbook."


@any_database
def test_no_more_than_fifty_are_shown(installed: Logbook, portal: Portal) -> None:
    write_foreign(portal, 60)
    page = search(installed, portal, words="row")
    assert len(found(page)) == entry_search.MOST_FOUND
    assert page.one(".found").text == "60 entries found; these are the latest 50."
