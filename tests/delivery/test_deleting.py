"""An author deletes an entry while it is being processed: no empty entry, and no duplicate."""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from b24app.models import EntryState, LogEntry
from b24app.services.delivery import retry
from devportal import Portal
from tests.conftest import any_database
from tests.delivery.test_late_portals import execute_late
from tests.support.logbook import Logbook, Page
from tests.support.outboxes import ADD, on_timeline, post, states, unsure
from tests.support.waiting import until

LIST = "crm.timeline.logmessage.list"
PATIENCE_SECONDS = 60


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(1) as pool:
        yield pool


def take_away(logbook: Logbook, form: dict[str, str], number: int) -> Page:
    return logbook.submit("/history/delete/confirmed", {**form, "entry": str(number)})


def work(logbook: Logbook, *pauses: int) -> None:
    for seconds in pauses:
        logbook.pass_time(seconds)
        logbook.work()


def test_an_entry_that_is_retried_during_the_lookup_keeps_its_text(
    installed: Logbook, portal: Portal, pool: ThreadPoolExecutor
) -> None:
    unsure(installed, portal, stands=False)
    form = installed.send(portal.frame(portal.employee)).form
    with installed.database() as session:
        assert retry.give_up(session, LogEntry.id == 1) == 1
    portal.faults.delay(PATIENCE_SECONDS, LIST)
    taking = pool.submit(take_away, installed, form, 1)
    until(lambda: not portal.faults.effects)
    with installed.database() as session:
        assert retry.revive(session, LogEntry.id == 1) == 1
    portal.faults.end()
    page = taking.result(PATIENCE_SECONDS)
    assert (page.outcome, states(installed)) == ("failed", [(EntryState.UNSURE, retry.MOST_UNSURE)])
    work(installed, 0, 71)
    assert (states(installed), on_timeline(portal)) == ([(EntryState.SENT, None)], ["Called"])


@any_database
@pytest.mark.parametrize("stands", [True, False])
def test_one_that_was_given_up_is_not_taken_away_while_its_portal_may_be_at_work_on_it(
    installed: Logbook, portal: Portal, stands: bool
) -> None:
    unsure(installed, portal, stands=False)
    form = installed.send(portal.frame(portal.employee)).form
    with installed.database() as session:
        assert retry.give_up(session, LogEntry.id == 1) == 1
    installed.pass_time(59)
    page = take_away(installed, form, 1)
    assert (page.status, page.outcome) == (409, "failed")
    if stands:
        execute_late(portal)
    installed.pass_time(12)
    assert take_away(installed, form, 1).outcome == "deleted"
    assert on_timeline(portal) == []


@any_database
class TestTakenForAnother:
    """The second of two equal entries arrives, and its answer comes so late that the first was taken for it."""

    @pytest.fixture
    def posting(self, installed: Logbook, portal: Portal, pool: ThreadPoolExecutor) -> "Future[Page]":
        """The second one's post, which still waits for the answer."""
        unsure(installed, portal, stands=False)
        installed.work()
        portal.faults.delay(PATIENCE_SECONDS, ADD, processed=True)
        posting = pool.submit(post, installed, portal)
        until(lambda: on_timeline(portal))
        work(installed, 301)
        assert [state for state, _ in states(installed)] == [EntryState.SENT, EntryState.UNSURE]
        return posting

    def test_the_first_is_looked_for_again_and_sent_since_its_portal_cannot_be_at_work_on_it(
        self, installed: Logbook, portal: Portal, posting: "Future[Page]"
    ) -> None:
        portal.faults.end()
        assert posting.result(PATIENCE_SECONDS).outcome == "posted"
        assert [state for state, _ in states(installed)] == [EntryState.UNSURE, EntryState.SENT]
        assert on_timeline(portal) == ["Called"]
        work(installed, 0)
        assert on_timeline(portal) == ["Called"] * 2

    def test_if_the_first_was_deleted_the_second_is_looked_for(
        self, installed: Logbook, portal: Portal, posting: "Future[Page]"
    ) -> None:
        form = installed.send(portal.frame(portal.employee)).form
        assert take_away(installed, form, 1).outcome == "deleted"
        portal.faults.end()
        assert posting.result(PATIENCE_SECONDS).outcome == "queued"
        work(installed, 0, 71, 71)
        first, second = installed.entries()
        assert (first.deleted_at is not None, second.state) == (True, EntryState.SENT)
        assert on_timeline(portal) == ["Called"]
