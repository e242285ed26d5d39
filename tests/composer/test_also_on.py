"""Further cards of an entry: offered at the opening, bound in the request that adds it, reported card by card."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from b24app.bitrix24 import related_cards
from b24app.bitrix24.calls import Reference, batch
from b24app.bitrix24.entities import Entity
from b24app.bitrix24.related_cards import NamedCard
from b24app.models import LogEntry, Person
from b24app.services.delivery import bound_cards, entries
from b24app.services.delivery.entries import Draft
from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page

ADD = "crm.timeline.logmessage.add"
BIND = "crm.timeline.bindings.bind"
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}
COMPANY, CONTACT = "4-1", "3-1"
NAMES = "“Northwind Bakery”, “Marta Silva”"


def form_with(page: Page, *cards: str) -> dict[str, object]:
    related = [str(one["value"]) for one in page.soup.select("input[name=related]")]
    return {**page.form, **WORDS, "related": related, "also_on": list(cards)}


def post(logbook: Logbook, portal: Portal, *cards: str) -> Page:
    form = form_with(logbook.open_tab(portal), *cards)
    portal.calls.clear()
    return logbook.submit("/entries", form)


def offered(page: Page) -> list[str]:
    return [label.get_text(" ", strip=True) for label in page.soup.select(".also-on label")]


def titles(portal: Portal, type_id: int, entity_id: int) -> list[str]:
    return [message.title for message in portal.timelines.of_card(type_id, entity_id)]


def entry(logbook: Logbook) -> LogEntry:
    (one,) = logbook.entries()
    return one


class TestOffer:
    """What the form offers."""

    pytestmark = any_database

    @pytest.mark.parametrize(
        ("card", "cards"),
        [
            ((2, 1), ["Northwind Bakery Company", "Marta Silva Contact"]),
            ((3, 1), ["Northwind Bakery Company"]),
            ((4, 1), ["Marta Silva Contact", "Sofia Brandt Contact"]),
            ((1, 1), []),
            ((7, 1), ["Northwind Bakery Company"]),
            ((31, 2), ["Hallberg Logistics Company"]),
            ((1032, 1), ["Northwind Bakery Company"]),
            ((14, 1), []),
        ],
    )
    def test_the_cards_around_a_card_come_with_it_in_one_request(
        self, installed: Logbook, portal: Portal, card: tuple[int, int], cards: list[str]
    ) -> None:
        portal.calls.clear()
        page = installed.open_tab(portal, *card)
        assert offered(page) == cards
        assert [call.method for call in portal.calls] == ["batch"]

    def test_several_contacts_and_a_parent_deal_are_offered(self, installed: Logbook, portal: Portal) -> None:
        deal, invoice = portal.cards.item(2, 1), portal.cards.item(31, 1)
        assert deal
        assert invoice
        deal.values["contactIds"] = [2, 3]
        invoice.values["parentId2"] = 1
        assert offered(installed.open_tab(portal))[1:] == ["Jonas Hallberg Contact", "Elena Rossi Contact"]

    def test_what_a_person_may_not_read_is_not_offered(self, installed: Logbook, portal: Portal) -> None:
        portal.deny_read(portal.employee, 4, 1)
        assert offered(installed.open_tab(portal)) == ["Marta Silva Contact"]

    def test_a_related_card_that_was_deleted_is_not_offered(self, installed: Logbook, portal: Portal) -> None:
        portal.cards.remove_item(4, 1)
        assert offered(installed.open_tab(portal)) == ["Marta Silva Contact"]

    def test_administrators_may_turn_it_off(self, installed: Logbook, portal: Portal) -> None:
        assert Admin(installed, portal).go("extras/save", version="0", has_moment="on").outcome == "saved"
        assert offered(installed.open_tab(portal)) == []

    def test_what_is_offered_and_ticked_stays_after_a_problem(self, installed: Logbook, portal: Portal) -> None:
        form = {**form_with(installed.open_tab(portal), CONTACT), "title": ""}
        page = installed.submit("/entries", form)
        assert (page.outcome, offered(page)) == ("invalid", ["Northwind Bakery Company", "Marta Silva Contact"])
        assert [box["value"] for box in page.soup.select("[name=also_on][checked]")] == [CONTACT]

    def test_a_draft_keeps_what_is_ticked(self, installed: Logbook, portal: Portal) -> None:
        installed.submit("/drafts", form_with(installed.open_tab(portal), COMPANY))
        page = installed.open_tab(portal)
        assert [box["value"] for box in page.soup.select("[name=also_on][checked]")] == [COMPANY]


class TestPosting:
    """Posting on several cards."""

    pytestmark = any_database

    def test_one_request_puts_one_entry_on_every_card(self, installed: Logbook, portal: Portal) -> None:
        page = post(installed, portal, COMPANY, CONTACT)
        assert page.outcome == "posted"
        assert f"It is also on: {NAMES}." in page.one("[data-outcome]").text
        assert titles(portal, 2, 1) == titles(portal, 4, 1) == titles(portal, 3, 1) == ["Called"]
        assert len(portal.state.log_messages) == 1
        assert [call.method for call in portal.calls] == ["batch"]

    def test_a_card_that_refuses_is_named_and_the_others_get_the_entry(
        self, installed: Logbook, portal: Portal
    ) -> None:
        portal.deny_edit(portal.employee, 4, 1)
        page = post(installed, portal, COMPANY, CONTACT)
        sentence = page.one("[data-outcome]").text
        assert page.outcome == "posted"
        assert "Bitrix24 did not let you put it on: “Northwind Bakery”." in sentence
        assert "It is also on: “Marta Silva”." in sentence
        assert (titles(portal, 4, 1), titles(portal, 3, 1)) == ([], ["Called"])
        assert "did not let you" in installed.open_tab(portal).history[0].text

    def test_an_older_portal_that_refuses_aloud_is_understood_as_well(self, installed: Logbook, portal: Portal) -> None:
        portal.state.dialect.bindings = "old"
        portal.deny_edit(portal.employee, 4, 1)
        page = post(installed, portal, COMPANY, CONTACT)
        assert "did not let you put it on: “Northwind Bakery”." in page.one("[data-outcome]").text

    @pytest.mark.parametrize("number", ["2-1", "0-1", "4-0", "4-1-1", "x", "4-99999999999999999999"])
    def test_the_card_itself_and_what_is_no_card_are_left_out(
        self, installed: Logbook, portal: Portal, number: str
    ) -> None:
        assert post(installed, portal, number).outcome == "posted"
        assert entry(installed).cards is None

    def test_the_same_card_twice_is_bound_once(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal, COMPANY, COMPANY)
        assert [card.id for card in bound_cards.of(entry(installed))] == [1]
        assert titles(portal, 4, 1) == ["Called"]

    def test_a_refused_entry_is_bound_to_nothing(self, installed: Logbook, portal: Portal) -> None:
        portal.deny_edit(portal.employee, 2, 1)
        page = post(installed, portal, COMPANY)
        assert (page.outcome, portal.state.log_messages) == ("refused", {})
        assert [box["value"] for box in page.soup.select("[name=also_on][checked]")] == [COMPANY]

    def test_words_that_a_batch_would_expand_are_on_every_card_as_typed(
        self, installed: Logbook, portal: Portal
    ) -> None:
        form = {**form_with(installed.open_tab(portal), COMPANY), "title": "$result[add][logMessage][id]"}
        assert installed.submit("/entries", form).outcome == "posted"
        assert titles(portal, 4, 1) == titles(portal, 2, 1) == ["$result[add][logMessage][id]"]

    def test_deleting_deletes_once_and_everywhere(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal, COMPANY)
        portal.calls.clear()
        form = {**installed.open_tab(portal).form, "entry": str(entry(installed).id)}
        portal.calls.clear()
        assert installed.submit("/history/delete/confirmed", form).outcome == "deleted"
        assert titles(portal, 4, 1) == titles(portal, 2, 1) == []
        assert [call.method for call in portal.calls] == ["crm.timeline.logmessage.delete"]

    def test_others_do_not_see_the_names_of_the_cards(self, installed: Logbook, portal: Portal) -> None:
        post(installed, portal, COMPANY)
        page = installed.send(portal.frame(portal.administrator))
        assert "Called" in page.history[0].text
        assert "It is also on" not in page.history[0].text


class TestWorker:
    """What the worker does for entries on several cards."""

    def test_what_waited_is_bound_after_it_was_sent(self, installed: Logbook, portal: Portal) -> None:
        form = form_with(installed.open_tab(portal), COMPANY, CONTACT)
        portal.faults.refuse("QUERY_LIMIT_EXCEEDED", "batch")
        page = installed.submit("/entries", form)
        assert page.outcome == "queued"
        assert f"After that it will also be on: {NAMES}." in page.one("[data-outcome]").text
        installed.pass_time(120)
        installed.work()
        assert titles(portal, 2, 1) == titles(portal, 4, 1) == titles(portal, 3, 1) == ["Called"]
        assert {card.state for card in bound_cards.of(entry(installed))} == {"bound"}
        assert entry(installed).cards_due_at is None

    def test_a_lost_answer_is_looked_for_and_then_bound(self, installed: Logbook, portal: Portal) -> None:
        form = form_with(installed.open_tab(portal), COMPANY)
        portal.faults.reset("batch", processed=True)
        assert installed.submit("/entries", form).outcome == "queued"
        installed.pass_time(120)
        installed.work()
        assert len(portal.state.log_messages) == 1
        assert titles(portal, 4, 1) == ["Called"]
        assert [card.state for card in bound_cards.of(entry(installed))] == ["bound"]

    def test_a_card_that_is_busy_is_bound_later(self, installed: Logbook, portal: Portal) -> None:
        portal.faults.refuse("OPERATION_TIME_LIMIT", BIND)
        page = post(installed, portal, COMPANY, CONTACT)
        assert "It will be on these in a moment: “Northwind Bakery”." in page.one("[data-outcome]").text
        installed.pass_time(120)
        installed.work()
        assert titles(portal, 4, 1) == ["Called"]

    def test_a_portal_that_does_not_answer_is_asked_again_for_a_day(self, installed: Logbook, portal: Portal) -> None:
        portal.faults.refuse("OPERATION_TIME_LIMIT", BIND)
        post(installed, portal, COMPANY)
        portal.faults.html("batch", times=2)
        portal.faults.html(BIND, times=2)
        for seconds, state in ((120, "waiting"), (25 * 3600, "refused")):
            with installed.database() as session:
                one = session.scalars(select(LogEntry)).one()
                assert one.sent_at
                one.sent_at -= timedelta(seconds=seconds)
                session.commit()
            installed.pass_time(seconds)
            installed.work()
            assert [card.state for card in bound_cards.of(entry(installed))] == [state]
        assert titles(portal, 4, 1) == []

    def test_an_equal_entry_on_a_further_card_is_not_taken_for_it(self, installed: Logbook, portal: Portal) -> None:
        """The same words are lost on the deal, also on the company, and on the company: two entries in the end."""
        deal = form_with(installed.open_tab(portal), COMPANY)
        company = {**installed.open_tab(portal, 4).form, **WORDS}
        portal.faults.reset("batch", processed=True)
        installed.submit("/entries", deal)
        portal.faults.reset(ADD)
        installed.submit("/entries", company)
        for _again in range(3):
            installed.pass_time(120)
            installed.work()
        assert len(portal.state.log_messages) == 2
        assert [one.state.value for one in installed.entries()] == ["sent", "sent"]
        assert titles(portal, 4, 1) == ["Called", "Called"]


@any_database
def test_services_write_on_several_cards_by_themselves(installed: Logbook, portal: Portal) -> None:
    installed.open_tab(portal)
    with installed.database() as session:
        person = session.query(Person).filter_by(bitrix_id=portal.employee.id).one()
        cards = [NamedCard(Entity(4, 1), "Northwind Bakery"), NamedCard(Entity(4, 1), ""), NamedCard(Entity(2, 1), "")]
        deal, draft = Entity(2, 1), Draft("call", "a", "b")
        written = [entries.write(session, person, deal, draft, "k", also_on=cards) for _again in range(2)]
        assert [is_new for _entry, is_new in written] == [True, False]
        assert entries.write(session, person, deal, draft, "k")[1]
        assert [card.entity for card in bound_cards.of(written[0][0])] == [Entity(4, 1)]


def test_references_are_written_as_in_the_documentation() -> None:
    call = batch({"bind": related_cards.bind(Reference("$result[add][logMessage][id]"), Entity(31, 5))})
    command = call.parameters["cmd"]["bind"]
    assert "fields%5BOWNER_ID%5D=$result[add][logMessage][id]&" in command
    assert command.endswith("fields%5BENTITY_TYPE%5D=smart_invoice")
