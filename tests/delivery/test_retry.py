"""Retrying and giving up one entry, or all of a filter; no entry ends up on a timeline twice."""

import pytest

from b24app.models import EntryState, LogEntry
from b24app.services.access import portals as known_portals
from b24app.services.reports import deliveries
from b24app.services.reports.deliveries import Done, Filter
from devportal import Box, Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.attacker import install
from tests.support.logbook import Logbook, Page
from tests.support.outboxes import ADD, on_timeline, post, refused, states, titles, unsure, waiting, write_many


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


class TestTryingAgain:
    """By an administrator, through the worker, to the timeline: exactly once."""

    def press(self, admin: Admin, logbook: Logbook, number: int = -1) -> Page:
        return admin.go("deliveries/again", entry=str(logbook.entries()[number].id))

    def test_a_refused_one_is_sent_once_it_may_be(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        refused(installed, portal)
        page = self.press(admin, installed)
        assert (page.status, page.outcome) == (200, "queued")
        assert "1 entry is tried again now." in page.text
        installed.work()
        assert (states(installed), on_timeline(portal)) == ([(EntryState.SENT, None)], ["Called"])
        assert portal.timeline(2, 1)[0].author_id == portal.employee.id

    def test_one_that_is_refused_again_is_not_lost_for_its_author(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        refused(installed, portal, title="May I?")
        self.press(admin, installed)
        portal.faults.refuse("ACCESS_DENIED", ADD)
        installed.work()
        assert states(installed) == [(EntryState.FAILED, "ACCESS_DENIED")]
        assert "May I?" in installed.send(portal.frame(portal.employee)).history[0].text

    def test_one_that_waits_for_long_is_sent_at_once(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        portal.faults.refuse("OVERLOAD_LIMIT", ADD)
        post(installed, portal)
        portal.faults.refuse("OVERLOAD_LIMIT", "batch")
        installed.work()
        self.press(admin, installed)
        installed.work()
        assert on_timeline(portal) == ["Called"]

    @pytest.mark.parametrize("stands", [True, False])
    def test_an_unsure_one_is_looked_for_first(
        self, admin: Admin, installed: Logbook, portal: Portal, stands: bool
    ) -> None:
        unsure(installed, portal, stands=stands)
        for _ in range(4):
            self.press(admin, installed)
            portal.calls.clear()
            installed.work()
        assert on_timeline(portal) == (["Called"] if stands else [])
        installed.pass_time(71)
        installed.work()
        assert on_timeline(portal) == ["Called"]

    def test_however_impatient_somebody_is_the_searches_lie_apart(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        """The call may still be under way: what is missing now may be there in a minute."""
        unsure(installed, portal, stands=False)
        with installed.database() as session:
            session.get_one(LogEntry, installed.entries()[0].id).reason = "READ_TIMEOUT"
            session.commit()
        for _ in range(4):
            self.press(admin, installed)
            installed.work()
        installed.pass_time(30)
        installed.work()
        assert (states(installed), on_timeline(portal)) == ([(EntryState.UNSURE, "READ_TIMEOUT")], [])
        installed.pass_time(100)
        installed.work()
        assert on_timeline(portal) == ["Called"]

    @any_database
    def test_what_is_under_way_or_has_arrived_is_left_alone(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        for state in (EntryState.SENDING, EntryState.SENT):
            write_many(installed, portal, 1, state=state, reason=None)
            page = self.press(admin, installed)
            assert (page.status, page.outcome) == (409, "failed")
            assert installed.entries()[-1].state == state


class TestGivingUp:
    """The author sees the decision, and that the outcome is unknown."""

    def test_a_waiting_one_is_never_sent_and_its_author_sees_why(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        waiting(installed, portal)
        page = admin.go("deliveries/give-up", entry=str(installed.entries()[0].id))
        assert (page.status, page.outcome) == (200, "saved")
        assert "Given up" in page.one("li.delivery").text
        installed.pass_time(10_000)
        installed.work()
        assert (states(installed), on_timeline(portal)) == ([(EntryState.FAILED, "GIVEN_UP")], [])
        seen = installed.send(portal.frame(portal.employee)).history[0]
        assert "Sending this entry has been given up." in seen.text

    @pytest.mark.parametrize("who", ["administrator", "author"])
    @pytest.mark.parametrize("stands", [True, False])
    def test_an_unsure_one_that_is_given_up_and_tried_again_is_still_looked_for(
        self, admin: Admin, installed: Logbook, portal: Portal, stands: bool, who: str
    ) -> None:
        unsure(installed, portal, stands=stands)
        number = str(installed.entries()[0].id)
        page = admin.go("deliveries/give-up", entry=number)
        assert "may be on the timeline nevertheless" in page.one("[data-outcome]").text
        assert states(installed) == [(EntryState.FAILED, "GIVEN_UP_UNSURE")]
        if who == "administrator":
            admin.go("deliveries/again", entry=number)
        else:
            form = installed.send(portal.frame(portal.employee)).form
            assert installed.submit("/history/retry", {**form, "entry": number}).status == 202
        for _ in range(3):
            installed.work()
            installed.pass_time(100)
        assert (states(installed), on_timeline(portal)) == ([(EntryState.SENT, None)], ["Called"])

    def test_its_author_can_delete_one_that_is_on_the_timeline_after_all(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        unsure(installed, portal, stands=True)
        number = str(installed.entries()[0].id)
        admin.go("deliveries/give-up", entry=number)
        form = installed.send(portal.frame(portal.employee)).form
        assert installed.submit("/history/delete/confirmed", {**form, "entry": number}).outcome == "deleted"
        assert on_timeline(portal) == []

    @any_database
    def test_a_refused_one_cannot_be_given_up(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        refused(installed, portal)
        assert admin.go("deliveries/give-up", entry=str(installed.entries()[0].id)).status == 409
        assert states(installed) == [(EntryState.FAILED, "ACCESS_DENIED")]


class TestAllOfAFilter:
    """First the question, then the deed; in statements of bounded size."""

    MANY = 1_200

    def test_it_asks_before_anything_happens(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        waiting(installed, portal)
        refused(installed, portal)
        page = admin.go("deliveries/again/all")
        assert (page.outcome, "Try 2 entries again?" in page.text) == ("asked", True)
        page = admin.go("deliveries/give-up/all")
        assert (page.outcome, "Give up 1 entry?" in page.text) == ("asked", True)
        assert [state for state, _ in states(installed)] == [EntryState.PENDING, EntryState.FAILED]

    def test_more_than_a_thousand_are_tried_again_and_nothing_else(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        write_many(installed, portal, self.MANY)
        write_many(installed, portal, 3, state=EntryState.SENDING, entity_id=2)
        page = admin.go("deliveries/again/all", meant="1")
        assert "1,200 entries are tried again now." in page.text
        counted = [state for state, _ in states(installed)]
        assert (counted.count(EntryState.PENDING), counted.count(EntryState.SENDING)) == (self.MANY, 3)

    def test_the_filter_stays_the_same_after_the_confirmation(
        self, admin: Admin, installed: Logbook, portal: Portal
    ) -> None:
        waiting(installed, portal, title="This one")
        waiting(installed, portal, title="Not me")
        asked = admin.go("deliveries/give-up/all", words="THIS")
        form = {str(field["name"]): str(field["value"]) for field in asked.soup.select(".notice-asked input")}
        assert form["words"] == "THIS"
        page = admin.submit("/settings/deliveries/give-up/all", form)
        assert "1 entry is not sent any more." in page.text
        assert states(installed)[0][0] == EntryState.FAILED
        assert states(installed)[1][0] == EntryState.PENDING

    def test_too_many_for_once_go_on_where_it_ended(self, installed: Logbook, portal: Portal) -> None:
        write_many(installed, portal, 30, state=EntryState.PENDING)
        with installed.database() as session:
            ours = known_portals.known(session, portal.member_id)
            ids = [entry.id for entry in installed.entries()]
            done = deliveries.give_all_up(session, ours, Filter(), before=ids[10])
        assert done == Done(10)
        assert [state for state, _ in states(installed)] == [EntryState.FAILED] * 10 + [EntryState.PENDING] * 20

    @any_database
    def test_the_page_says_if_there_is_nothing_to_do(self, admin: Admin) -> None:
        assert "None of these entries waits or was refused." in admin.go("deliveries/again/all").text


class TestAnotherPortal:
    """Numbers of its entries and people mean nothing here."""

    @any_database
    def test_its_entries_are_neither_shown_nor_touched(self, installed: Logbook, box: Box, portal: Portal) -> None:
        waiting(installed, portal, title="Theirs")
        second = box.add_portal()
        install(installed, second)
        foreign = Admin(installed, second)
        assert titles(foreign.go("deliveries", state="all")) == []
        for address in ("again", "give-up"):
            page = foreign.go(f"deliveries/{address}", entry=str(installed.entries()[0].id))
            assert (page.status, page.outcome) == (404, "failed")
            foreign.go(f"deliveries/{address}/all", meant="1")
        assert foreign.go("deliveries", author="Ben Okafor").outcome == "invalid"
        assert states(installed) == [(EntryState.PENDING, "QUERY_LIMIT_EXCEEDED")]
