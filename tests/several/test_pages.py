"""One text on several cards without script, from the form to deleting the set."""

from typing import Any

import pytest
from sqlalchemy import update

from b24app.models import EntryState, LogEntry
from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page
from tests.support.outboxes import ADD, WORDS, on_timeline

DEAL, COMPANY = 2, 4


def open_form(logbook: Logbook, portal: Portal, card: int = 1) -> Page:
    composer = logbook.send(portal.frame(portal.employee, options={"ID": str(card)}))
    return logbook.submit("/several", {**composer.form, **WORDS})


def filled(page: Page, **fields: Any) -> dict[str, Any]:
    """What a browser would send of one of these pages; ``fields`` are typed."""
    ticked = [str(box["value"]) for box in page.soup.select("input[name=card][value]")]
    return {**page.form, "kind": "2", "card": ticked, **fields}


def check(logbook: Logbook, portal: Portal, numbers: str, **fields: Any) -> Page:
    return logbook.submit("/several/check", filled(open_form(logbook, portal), numbers=numbers, **fields))


def write(logbook: Logbook, portal: Portal, numbers: str, **fields: Any) -> Page:
    return logbook.submit("/several/write", filled(check(logbook, portal, numbers, **fields)))


def look(logbook: Logbook, page: Page, address: str = "progress") -> Page:
    return logbook.submit(f"/several/{address}", {**page.form})


def names(page: Page, within: str = "details") -> list[str]:
    return [link.text for link in page.soup.select(f"{within} .card-names a")]


def said(page: Page) -> str:
    return page.one("[role=status]").text


def error(page: Page) -> str:
    return page.one("#numbers-error").text


class TestFromFormToTimeline:
    """The usual way."""

    def test_a_text_from_the_composer_gets_to_several_cards(self, installed: Logbook, portal: Portal) -> None:
        form = open_form(installed, portal)
        assert [card.split(" ")[0] for card in filled(form)["card"]] == ["2-1"]
        assert (form.form["title"], form.form["text"]) == (WORDS["title"], WORDS["text"])
        portal.calls.clear()
        question = installed.submit("/several/check", filled(form, numbers="2, 3"))
        assert [call.method for call in portal.calls] == ["batch"]
        assert question.heading == "Write on 3 cards"
        assert names(question) == [portal.cards.item(DEAL, card).title for card in (1, 2, 3)]  # type: ignore[union-attr]
        portal.calls.clear()
        progress = installed.submit("/several/write", filled(question))
        assert said(progress) == "On the timeline: 0 of 3."
        assert portal.calls == []
        installed.work()
        assert [on_timeline(portal, card) for card in (1, 2, 3)] == [[WORDS["title"]]] * 3
        assert len([call for call in portal.calls if call.method == "batch"]) == 1
        assert said(look(installed, progress)) == "On the timeline: 3 of 3."

    @any_database
    def test_pressed_twice_it_is_written_once(self, installed: Logbook, portal: Portal) -> None:
        question = check(installed, portal, "2 3")
        pages = [installed.submit("/several/write", filled(question)) for _ in range(2)]
        assert pages[0].form["set"] == pages[1].form["set"]
        assert len(installed.entries()) == 3

    @any_database
    def test_taken_back_it_is_nowhere(self, installed: Logbook, portal: Portal) -> None:
        progress = write(installed, portal, "2 3")
        installed.work()
        asked = look(installed, progress, "undo")
        assert asked.outcome == "asked"
        assert on_timeline(portal) == [WORDS["title"]]
        undone = look(installed, asked, "undo/confirmed")
        assert said(undone) == "Taken back: 0 of 3."
        installed.work()
        assert [on_timeline(portal, card) for card in (1, 2, 3)] == [[], [], []]
        assert said(look(installed, undone)) == "Taken back: 3 of 3."

    @any_database
    def test_taken_back_before_it_is_sent_it_never_is(self, installed: Logbook, portal: Portal) -> None:
        undone = look(installed, write(installed, portal, "2 3"), "undo/confirmed")
        portal.calls.clear()
        installed.work()
        assert on_timeline(portal) == []
        assert portal.calls == []
        assert said(look(installed, undone)) == "Taken back: 3 of 3."

    @any_database
    def test_it_starts_from_the_applications_own_page_without_a_card(self, installed: Logbook, portal: Portal) -> None:
        for person in (portal.employee, portal.administrator):
            home = installed.send(portal.frame(person, "DEFAULT", {}))
            way = home.one("form[action='/several']")
            session = str(way.select_one("[name=session]")["value"])  # type: ignore[index]
            form = installed.submit("/several", {"session": session})
            assert form.heading == "Write on several cards"
            assert filled(form)["card"] == []
            question = installed.submit("/several/check", filled(form, **WORDS, numbers="/crm/company/details/1/"))
            assert names(question) == ["Northwind Bakery"]
            assert installed.submit("/several/write", filled(question)).status == 200
        installed.work()
        assert [message.title for message in portal.timeline(COMPANY, 1)] == [WORDS["title"]] * 2

    @any_database
    def test_nothing_typed_is_lost_on_the_way_back_and_forth(self, installed: Logbook, portal: Portal) -> None:
        question = check(installed, portal, "2", title="Changed", happened="2026-11-01T10:00")
        form = installed.submit("/several/change", filled(question))
        assert (form.form["title"], len(filled(form)["card"])) == ("Changed", 2)
        assert form.one("#happened")["value"] == "2026-11-01T10:00"
        composer = installed.submit("/preview", filled(form))
        assert composer.form["title"] == "Changed"
        assert installed.send(portal.frame(portal.employee)).form["title"] == "Changed"

    @any_database
    def test_the_draft_goes_with_the_set(self, installed: Logbook, portal: Portal) -> None:
        write(installed, portal, "2")
        assert installed.send(portal.frame(portal.employee)).form["title"] == ""

    @any_database
    def test_earlier_sets_are_found_again(self, installed: Logbook, portal: Portal) -> None:
        write(installed, portal, "2", title="First")
        write(installed, portal, "2 3", title="Second")
        form = open_form(installed, portal)
        rows = [row.get_text(" ", strip=True) for row in form.soup.select(".earlier li")]
        assert [row.split(" · ")[0] for row in rows] == ["Second on 3 cards", "First on 2 cards"]
        number = str(form.soup.select(".earlier button")[1]["value"])
        assert said(installed.submit("/several/progress", {**form.form, "set": number})) == "On the timeline: 0 of 2."


class TestBadInput:
    """What people paste."""

    pytestmark = any_database

    @pytest.mark.parametrize(
        ("numbers", "message"),
        [
            ("bakery", "neither a number nor the address"),
            ("https://other.example/crm/deal/details/3/", "This address is not of this Bitrix24."),
            ("/company/personal/user/3/", "does not show a card"),
            ("http://[::1", "does not show a card"),
            (" ".join(map(str, range(2, 502))), "at most 500"),
            ("1 " * 100_000, "at most 500"),
            ("2\x003 % _", "neither a number"),
        ],
    )
    def test_what_is_no_card_is_named_and_nothing_is_written(
        self, installed: Logbook, portal: Portal, numbers: str, message: str
    ) -> None:
        page = check(installed, portal, numbers)
        assert (page.status, page.outcome) == (422, "invalid")
        assert message in error(page)
        assert len(error(page)) < 1000
        assert page.one("textarea[name=numbers]").text.strip() == numbers.replace("\x00", " ").strip()
        assert installed.entries() == []

    def test_the_page_asks_for_cards_if_none_is_chosen(self, installed: Logbook, portal: Portal) -> None:
        page = check(installed, portal, "", card=[])
        assert error(page) == "Choose cards, or give their numbers or links."

    def test_a_wrong_text_keeps_the_cards(self, installed: Logbook, portal: Portal) -> None:
        page = check(installed, portal, "2 3", title="", icon="unknown")
        assert page.outcome == "invalid"
        assert page.one("#title-error").text == "Write a title."
        assert (filled(page)["card"], page.form["numbers"]) == (filled(open_form(installed, portal))["card"], "2 3")

    def test_the_same_card_is_written_on_once(self, installed: Logbook, portal: Portal) -> None:
        link = f"{portal.url}/crm/deal/details/2/"
        question = check(installed, portal, f"1 2 2 {link} {link}")
        assert question.heading == "Write on 2 cards"
        twice = [*filled(question)["card"], *filled(question)["card"]]
        installed.submit("/several/write", filled(question, card=twice))
        assert [entry.entity_id for entry in installed.entries()] == [1, 2]

    def test_missing_cards_are_named_before_writing(self, installed: Logbook, portal: Portal) -> None:
        numbers = f"2 9999 {portal.url}/crm/type/1099/details/3/ {portal.url}/shop/orders/details/1/"
        question = check(installed, portal, numbers)
        assert names(question, ".notice") == ["Deal 9999", "Item 3"]
        assert names(question)[2:] == ["Order 1"]

    def test_the_form_says_if_none_of_the_cards_exists(self, installed: Logbook, portal: Portal) -> None:
        page = check(installed, portal, "9998 9999", card=[])
        assert page.outcome == "invalid"
        assert "None of these cards exists" in page.text

    def test_without_an_answer_the_form_says_so(self, installed: Logbook, portal: Portal) -> None:
        form = open_form(installed, portal)
        portal.faults.garbage()
        page = installed.submit("/several/check", filled(form, numbers="2 3"))
        assert (page.status, page.outcome) == (503, "failed")
        assert page.form["numbers"] == "2 3"

    def test_more_than_500_ticked_are_not_written(self, installed: Logbook, portal: Portal) -> None:
        question = check(installed, portal, "2")
        many = [f"2-{number}" for number in range(1, 502)]
        assert installed.submit("/several/write", filled(question, card=many)).outcome == "invalid"
        assert installed.entries() == []

    def test_whoever_has_thousands_waiting_writes_no_more_until_they_are_sent(
        self, installed: Logbook, portal: Portal
    ) -> None:
        form = filled(open_form(installed, portal), card=[f"2-{number}" for number in range(1, 501)])

        def press(form_key: str) -> Page:
            return installed.submit("/several/write", {**form, "form_key": form_key})

        assert [said(press(str(number))) for number in range(4)] == ["On the timeline: 0 of 500."] * 4
        refused = press("fifth")
        assert (refused.status, error(refused)[:37]) == (422, "Very many of your entries have still ")
        assert len(installed.entries()) == 2000
        # The same form as before is no new one.
        assert said(press("3")) == "On the timeline: 0 of 500."
        with installed.database() as session:
            session.execute(update(LogEntry).values(state=EntryState.SENT))
            session.commit()
        assert said(press("fifth")) == "On the timeline: 0 of 500."

    def test_people_who_may_not_write_are_told_so(self, installed: Logbook, portal: Portal) -> None:
        question = check(installed, portal, "2")
        Admin(installed, portal).go("writers/save", version="0", who="administrators")
        page = installed.submit("/several/write", filled(question))
        assert (page.status, page.outcome) == (403, "refused")
        assert installed.entries() == []

    def test_what_was_written_before_that_is_shown_again(self, installed: Logbook, portal: Portal) -> None:
        question = check(installed, portal, "2")
        installed.submit("/several/write", filled(question))
        Admin(installed, portal).go("writers/save", version="0", who="administrators")
        assert said(installed.submit("/several/write", filled(question))) == "On the timeline: 0 of 2."

    def test_an_old_session_keeps_the_words(self, installed: Logbook, portal: Portal) -> None:
        question = check(installed, portal, "2")
        page = installed.submit("/several/write", filled(question, session="old"))
        assert (page.outcome, page.form["title"]) == ("expired", WORDS["title"])

    def test_nobody_sees_or_undoes_the_set_of_another(self, installed: Logbook, portal: Portal) -> None:
        number = write(installed, portal, "2").form["set"]
        composer = installed.send(portal.frame(portal.administrator))
        for address in ("progress", "undo", "undo/confirmed"):
            page = installed.submit(f"/several/{address}", {**composer.form, "set": number})
            assert (page.status, page.outcome) == (404, "failed")
        assert {entry.deletion_due_at for entry in installed.entries()} == {None}


class TestRefusals:
    """What the portal does not take."""

    pytestmark = any_database

    def test_refused_cards_are_named_by_reason_and_the_others_get_the_entry(
        self, installed: Logbook, portal: Portal
    ) -> None:
        progress = write(installed, portal, "2 3")
        portal.faults.refuse("ACCESS_DENIED", ADD, times=None, card="2-2")
        portal.remove_item(DEAL, 3)
        installed.work()
        page = look(installed, progress)
        assert said(page) == "On the timeline: 1 of 3."
        notices = [one.get_text(" ", strip=True) for one in page.soup.select(".notice-failed")]
        assert notices == [
            "Bitrix24 has refused it on 1 card You may not write on this card. Route planning for 40 trucks Deal 2",
            "Bitrix24 has refused it on 1 card This card does not exist any more. Deal 3",
        ]
        assert [entry.state for entry in installed.entries()] == [EntryState.SENT, *[EntryState.FAILED] * 2]

    def test_what_the_portal_does_not_delete_is_named(self, installed: Logbook, portal: Portal) -> None:
        progress = write(installed, portal, "2 3")
        installed.work()
        portal.faults.refuse("ACCESS_DENIED", "crm.timeline.logmessage.delete")
        look(installed, progress, "undo/confirmed")
        installed.work()
        page = look(installed, progress)
        assert said(page) == "Taken back: 2 of 3."
        assert page.one(".notice-failed h2").text == "Bitrix24 has not deleted it on 1 card"
