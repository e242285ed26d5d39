"""A search through a long timeline extends its lease, or ends if another worker has it."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from b24app import db
from b24app.bitrix24.pacing import Pace
from b24app.models import EntryState, LogEntry
from b24app.models import Portal as PortalRow
from b24app.services.delivery import leases, sender
from b24app.services.delivery.timeline import PAGE
from devportal import Portal
from tests.devportal.client import Caller
from tests.support.logbook import Logbook
from tests.support.outboxes import LIST, on_timeline, states, unsure

PAGES = 4


@pytest.fixture
def long(installed: Logbook, portal: Portal) -> Logbook:
    """One unsure entry, which is not on a timeline of several pages."""
    unsure(installed, portal, stands=False)
    for number in range((PAGES - 1) * PAGE + 1):
        assert "result" in Caller(portal, portal.employee).write(f"Other {number}")
    portal.calls.clear()
    return installed


def search(logbook: Logbook, before_page: Callable[[int], None]) -> None:
    """One search of the worker; ``before_page`` is called before its requests, in place of waiting."""
    asked = 0

    def pause(_seconds: float) -> None:
        nonlocal asked
        before_page(asked)
        asked += 1

    with logbook.database() as session:
        portal_id = session.query(PortalRow).one().id
        sender.deliver_waiting(session, logbook.context.b24, portal_id, Pace(1, clock=lambda: 0.0, sleep=pause))


def lists(portal: Portal) -> int:
    return sum(LIST in call.commands for call in portal.calls)


def test_lease_and_claim_are_extended_before_each_further_page(long: Logbook, portal: Portal) -> None:
    left: list[timedelta] = []
    claims: list[datetime] = []

    def let_it_nearly_end(_asked: int) -> None:
        with long.database() as session:
            row, entry = session.query(PortalRow).one(), session.query(LogEntry).one()
            assert row.leased_until
            left.append(row.leased_until - db.now(session))
            claims.append(entry.due_at)
            row.leased_until -= timedelta(seconds=leases.LEASE_SECONDS - 1)
            session.commit()

    search(long, let_it_nearly_end)
    assert lists(portal) == PAGES
    assert len(left) == PAGES - 1
    assert min(left) > timedelta(seconds=leases.LEASE_SECONDS / 2)
    assert claims == sorted(set(claims))


def test_a_search_that_another_worker_took_over_ends_and_changes_nothing(long: Logbook, portal: Portal) -> None:
    def take_over(asked: int) -> None:
        if asked == 1:
            with long.database() as session:
                session.query(PortalRow).one().leased_by = "another worker"
                session.commit()

    search(long, take_over)
    assert lists(portal) == 2
    with long.database() as session:
        assert session.query(PortalRow).one().leased_by == "another worker"
    assert states(long)[0][0] in {EntryState.SENDING, EntryState.UNSURE}
    assert on_timeline(portal).count("Called") == 0
