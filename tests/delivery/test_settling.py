"""After a kill or a lost connection, an entry is settled within 90 seconds of its attempt, and never duplicated."""

import pytest
from sqlalchemy import select

from b24app.bitrix24.gateway import WEB, WORKER
from b24app.bitrix24.timeouts import Timeouts
from b24app.codes import Reason
from b24app.models import EntryState, LogEntry
from b24app.models import Portal as PortalRow
from b24app.services.access import tokens
from b24app.services.delivery import claims, leases, outbox, sender
from devportal import Portal
from tests.delivery.test_late_portals import execute_late
from tests.support.logbook import Logbook
from tests.support.outboxes import ADD, LIST, on_timeline, post, states, waiting

LOOK_SECONDS = 5
SETTLED_SECONDS = 90
PORTAL_SECONDS = 60


def kill_while_sending(logbook: Logbook, timeouts: Timeouts, *, is_sent: bool) -> None:
    """What a process leaves behind that is killed after its claim: before the call went out, or after it arrived."""
    with logbook.database() as session:
        entry = session.scalars(select(LogEntry)).one()
        seconds = timeouts.longest_seconds + claims.MARGIN_SECONDS
        assert claims.take(session, [entry.id], EntryState.PENDING, seconds)
        if timeouts is WORKER:
            assert leases.take(session, entry.portal_id, "killed", is_new=True)
        if is_sent:
            tokens.call_as(session, logbook.context.b24, entry.person, outbox.add_call(entry))


def seconds_until_settled(logbook: Logbook) -> int:
    """With one worker that looks every five seconds."""
    seconds = 0
    while states(logbook) != [(EntryState.SENT, None)]:
        assert seconds < SETTLED_SECONDS
        logbook.pass_time(LOOK_SECONDS)
        seconds += LOOK_SECONDS
        logbook.work()
    return seconds


@pytest.mark.parametrize("is_sent", [True, False])
@pytest.mark.parametrize("timeouts", [WEB, WORKER], ids=["web", "worker"])
def test_what_a_killed_process_held_is_settled(
    installed: Logbook, portal: Portal, timeouts: Timeouts, is_sent: bool
) -> None:
    waiting(installed, portal)
    kill_while_sending(installed, timeouts, is_sent=is_sent)
    seconds = seconds_until_settled(installed)
    assert on_timeline(portal) == ["Called"]
    assert seconds > PORTAL_SECONDS or is_sent, "the portal may have been at work on the call"


@pytest.mark.parametrize("effect", ["reset", "html", "garbage"])
@pytest.mark.parametrize("processed", [True, False])
def test_what_was_cut_is_settled(installed: Logbook, portal: Portal, effect: str, processed: bool) -> None:
    getattr(portal.faults, effect)(ADD, processed=processed)
    assert post(installed, portal).outcome == "queued"
    seconds_until_settled(installed)
    assert on_timeline(portal) == ["Called"]


@pytest.mark.parametrize("after", [0, 30, PORTAL_SECONDS])
def test_what_the_portal_does_at_last_is_found_and_not_doubled(installed: Logbook, portal: Portal, after: int) -> None:
    waiting(installed, portal)
    kill_while_sending(installed, WEB, is_sent=False)
    for _ in range(0, after, LOOK_SECONDS):
        installed.pass_time(LOOK_SECONDS)
        installed.work()
    execute_late(portal)
    seconds_until_settled(installed)
    assert on_timeline(portal) == ["Called"]


def test_a_search_that_could_not_be_made_costs_no_second_round(installed: Logbook, portal: Portal) -> None:
    portal.faults.reset(ADD)
    post(installed, portal)
    portal.faults.html(LIST)
    installed.work()
    assert seconds_until_settled(installed) <= SETTLED_SECONDS


def test_a_web_requests_claim_ends_sooner_than_a_workers(installed: Logbook, portal: Portal) -> None:
    waiting(installed, portal)
    kill_while_sending(installed, WEB, is_sent=True)
    installed.pass_time(WEB.longest_seconds + claims.MARGIN_SECONDS - 1)
    installed.work()
    assert states(installed)[0][0] == EntryState.SENDING
    installed.pass_time(1)
    installed.work()
    assert states(installed) == [(EntryState.SENT, None)]


def test_who_has_lost_a_claim_sends_nothing_any_more(installed: Logbook, portal: Portal) -> None:
    """The token has expired, and while it is renewed the entry is taken up by another process."""
    waiting(installed, portal)
    portal.calls.clear()
    with installed.database() as session:
        entry = session.scalars(select(LogEntry)).one()
        claims.take(session, [entry.id], EntryState.PENDING)
        session.refresh(entry)
        session.commit()
        installed.pass_time(claims.LONGEST_SECONDS)
        assert claims.take_up_stale(session) == 1
        assert not claims.prolong(session, [entry], claims.LONGEST_SECONDS, is_sent_now=True)
        outbox.put_back(session, entry, EntryState.PENDING, outbox.CLAIM_LOST, 0)
    assert states(installed) == [(EntryState.UNSURE, Reason.KILLED)]


def test_a_portal_that_another_worker_works_for_is_not_handed_over_again(installed: Logbook, portal: Portal) -> None:
    waiting(installed, portal)
    with installed.database() as session:
        row = session.scalars(select(PortalRow)).one()
        assert sender.due(session) == [row.id]
        assert leases.take(session, row.id, "another", is_new=True)
        assert sender.due(session) == []
