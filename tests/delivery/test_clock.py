"""Jumping clocks, suspended machines and differing clocks: nothing is sent twice, nothing gets stuck."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from b24app.models import Base, EntryState, LogEntry, TokenPair
from b24app.models import Portal as PortalRow
from b24app.services.delivery import claims, leases
from devportal import Box, Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook, Page
from tests.support.waiting import until

ADD = "crm.timeline.logmessage.add"
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}
HOUR, DAY = 3600, 86_400
PATIENCE_SECONDS = 60

EITHER_WAY = pytest.mark.parametrize("jump", [DAY, -DAY])


def set_clock(logbook: Logbook, seconds: float) -> None:
    """As if our clock had been set forward, or back by a negative number: all that was written down moves away."""
    with logbook.database() as session:
        for mapper in Base.registry.mappers:
            for row in session.scalars(select(mapper.class_)):
                moments = {name: value for name, value in vars(row).items() if isinstance(value, datetime)}
                for name, moment in moments.items():
                    setattr(row, name, moment - timedelta(seconds=seconds))
        session.commit()


def work_for_minutes(logbook: Logbook) -> None:
    """As long as anything may take that a killed process has left behind."""
    for seconds in (0, 10, 80, 301, 10, 80, 10):
        logbook.pass_time(seconds)
        logbook.work()


def titles(portal: Portal) -> list[str]:
    return [message.title for message in portal.timeline(2, 1)]


def arrived_once(logbook: Logbook, portal: Portal) -> None:
    assert [entry.state for entry in logbook.entries()] == [EntryState.SENT]
    assert titles(portal) == ["Called"]


@pytest.fixture
def form(installed: Logbook, portal: Portal) -> dict[str, str]:
    return {**installed.send(portal.frame(portal.employee)).form, **WORDS}


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def post_until_sending(logbook: Logbook, pool: ThreadPoolExecutor, form: dict[str, str]) -> "Future[Page]":
    """A post that is under way while the test continues."""
    posting = pool.submit(logbook.post, form)
    until(lambda: any(entry.state == EntryState.SENDING for entry in logbook.entries()))
    return posting


class TestJump:
    """The clock is set while something waits."""

    @EITHER_WAY
    def test_what_waits_is_sent(self, installed: Logbook, portal: Portal, form: dict[str, str], jump: int) -> None:
        portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD, times=3)
        assert installed.post(form).outcome == "queued"
        installed.work()
        set_clock(installed, jump)
        work_for_minutes(installed)
        arrived_once(installed, portal)

    @any_database
    def test_a_small_step_back_delays_by_as_much(
        self, installed: Logbook, portal: Portal, form: dict[str, str]
    ) -> None:
        portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
        assert installed.post(form).outcome == "queued"
        set_clock(installed, -HOUR)
        installed.work()
        assert titles(portal) == []
        installed.pass_time(HOUR)
        installed.work()
        arrived_once(installed, portal)

    @EITHER_WAY
    @pytest.mark.parametrize("processed", [True, False])
    def test_unsure_entries_are_looked_for(
        self, installed: Logbook, portal: Portal, form: dict[str, str], jump: int, processed: bool
    ) -> None:
        portal.faults.reset(ADD, processed=processed)
        assert installed.post(form).outcome == "queued"
        set_clock(installed, jump)
        work_for_minutes(installed)
        arrived_once(installed, portal)

    @EITHER_WAY
    @pytest.mark.parametrize("is_sent", [True, False])
    def test_what_a_killed_process_held_is_taken_up(
        self, installed: Logbook, portal: Portal, form: dict[str, str], jump: int, is_sent: bool
    ) -> None:
        portal.faults.reset(ADD, processed=is_sent)
        installed.post(form)
        with installed.database() as session:
            entry = session.scalars(select(LogEntry)).one()
            claims.take(session, [entry.id], EntryState.UNSURE)
            assert leases.take(session, entry.portal_id, "killed", is_new=True)
        set_clock(installed, jump)
        work_for_minutes(installed)
        arrived_once(installed, portal)

    @EITHER_WAY
    def test_what_is_under_way_is_not_sent_again(
        self, installed: Logbook, portal: Portal, form: dict[str, str], pool: ThreadPoolExecutor, jump: int
    ) -> None:
        portal.faults.delay(PATIENCE_SECONDS, ADD)
        posting = post_until_sending(installed, pool, form)
        set_clock(installed, jump)
        for seconds in (0, 6, 6):
            installed.pass_time(seconds)
            installed.work()
        assert titles(portal) == []
        portal.faults.end()
        posting.result(PATIENCE_SECONDS)
        work_for_minutes(installed)
        arrived_once(installed, portal)

    @EITHER_WAY
    def test_a_renewal_of_a_killed_process_holds_nobody_up_for_long(
        self, installed: Logbook, box: Box, portal: Portal, form: dict[str, str], jump: int
    ) -> None:
        portal.expire_access_tokens()
        with installed.database() as session:
            for pair in session.scalars(select(TokenPair)):
                pair.lease_until = datetime.now(pair.obtained_at.tzinfo) + timedelta(seconds=90)
            session.commit()
        set_clock(installed, jump)
        assert installed.post(form).outcome == "posted"
        arrived_once(installed, portal)

    def test_two_renewals_at_once_end_with_a_pair_that_lives(
        self, installed: Logbook, box: Box, portal: Portal, form: dict[str, str], pool: ThreadPoolExecutor
    ) -> None:
        """The lease of the first seems to be void; the second is faster, and the first takes over its pair."""
        portal.expire_access_tokens()
        box.faults.delay(PATIENCE_SECONDS, "oauth/token")
        posting = post_until_sending(installed, pool, form)
        until(lambda: not box.faults.effects)
        set_clock(installed, -DAY)
        assert installed.post(form, title="Meanwhile").outcome == "posted"
        set_clock(installed, DAY)  # the first process knows its claim as it was
        box.faults.end()
        assert posting.result(PATIENCE_SECONDS).outcome == "posted"
        assert titles(portal) == ["Meanwhile", "Called"]

    def test_a_portal_is_not_parked_for_a_day(self, installed: Logbook, portal: Portal, form: dict[str, str]) -> None:
        portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
        installed.post(form)
        portal.faults.refuse("OVERLOAD_LIMIT", "batch")
        installed.work()
        set_clock(installed, -DAY)
        installed.work()
        arrived_once(installed, portal)

    def test_a_forged_uninstall_is_found_out_in_minutes(self, installed: Logbook, portal: Portal) -> None:
        token = str(portal.application_token)
        fields = {"event": "ONAPPUNINSTALL", "ts": "4102444800", "auth[member_id]": portal.member_id}
        assert installed.event({**fields, "auth[application_token]": token}) == 200
        installed.work()
        set_clock(installed, -DAY)
        for _ in range(4):
            installed.work()
            installed.pass_time(61)
        with installed.database() as session:
            assert session.scalars(select(PortalRow)).one().suspended_at is None


class TestSleep:
    """A machine was suspended, or so slow that the others considered it dead."""

    def test_who_wakes_up_does_not_undo_what_the_others_have_done(
        self, installed: Logbook, portal: Portal, form: dict[str, str], pool: ThreadPoolExecutor
    ) -> None:
        portal.faults.delay(PATIENCE_SECONDS, ADD, processed=True)
        portal.faults.reset(ADD, processed=True)
        posting = post_until_sending(installed, pool, form)
        until(lambda: titles(portal))
        installed.pass_time(301)
        installed.work()
        arrived_once(installed, portal)
        portal.faults.end()
        assert posting.result(PATIENCE_SECONDS).outcome == "posted"
        work_for_minutes(installed)
        arrived_once(installed, portal)


@any_database
class TestSkew:
    """The portal's clock is another one."""

    @pytest.mark.parametrize("ahead", [-DAY, -HOUR, HOUR])
    @pytest.mark.parametrize("processed", [True, False])
    def test_what_is_unsure_is_found_by_the_portals_time(
        self, installed: Logbook, box: Box, portal: Portal, ahead: int, processed: bool
    ) -> None:
        box.clock.advance(ahead)
        form = {**installed.send(portal.frame(portal.employee)).form, **WORDS}
        portal.faults.reset(ADD, processed=processed)
        assert installed.post(form).outcome == "queued"
        work_for_minutes(installed)
        arrived_once(installed, portal)

    def test_an_older_equal_entry_is_not_taken_for_it(self, installed: Logbook, box: Box, portal: Portal) -> None:
        """Half an hour older, but by the portal's clock, which is an hour ahead, it was written after ours."""
        author = portal.employee
        box.clock.advance(HOUR / 2)
        form = {**installed.send(portal.frame(author)).form, **WORDS}
        assert installed.post(form).outcome == "posted"
        with installed.database() as session:
            session.delete(session.scalars(select(LogEntry)).one())  # as an earlier installation would have left it
            session.commit()
        box.clock.advance(HOUR / 2)
        form = {**installed.send(portal.frame(author)).form, **WORDS}
        portal.faults.reset(ADD)
        assert installed.post(form).outcome == "queued"
        work_for_minutes(installed)
        assert titles(portal) == ["Called", "Called"]
