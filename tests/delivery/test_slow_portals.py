"""Hanging portals: paused for longer each time, logged once, and nobody else waits for them."""

from datetime import timedelta

from sqlalchemy import select

from b24app import db
from b24app.config import Config
from b24app.models import LogEntry
from b24app.models import Portal as PortalRow
from b24app.services.delivery import sender
from devportal import Box, Portal
from tests.conftest import any_database
from tests.delivery.test_worker import worker
from tests.setup.test_events import row_of
from tests.support.attacker import install
from tests.support.logbook import Logbook
from tests.support.outboxes import on_timeline, waiting
from tests.support.waiting import until

HANGING = 12


def pause_of(logbook: Logbook, portal: Portal) -> float:
    """How long the worker leaves the portal alone from now on, in seconds."""
    row = row_of(logbook, portal)
    with logbook.database() as session:
        return (row.parked_until - db.now(session)).total_seconds() if row.parked_until else 0


def test_one_that_does_not_answer_is_left_alone_for_longer_each_time(installed: Logbook, portal: Portal) -> None:
    waiting(installed, portal)
    portal.faults.html("batch", times=None)
    pauses = []
    for _ in range(6):
        installed.work()
        pauses.append(pause_of(installed, portal))
        installed.pass_time(sender.PARK_SECONDS)
    assert [round(pause / 5) for pause in pauses[:5]] == [1, 2, 4, 8, 16]
    portal.faults.clear()
    for _ in range(4):
        installed.work()
        installed.pass_time(sender.PARK_SECONDS)
    assert on_timeline(portal) == ["Called"]
    assert row_of(installed, portal).silences == 0


def test_the_longest_waiting_comes_first(installed: Logbook, portal: Portal, second: Portal) -> None:
    waiting(installed, portal)
    waiting(installed, second)
    ids = [row_of(installed, one).id for one in (portal, second)]
    with installed.database() as session:
        assert sender.due(session) == ids
        entry = session.scalars(select(LogEntry).where(LogEntry.portal_id == ids[1])).one()
        entry.due_at -= timedelta(minutes=1)
        session.commit()
        assert sender.due(session) == ids[::-1]


def test_a_portal_is_in_the_queue_once(installed: Logbook, portal: Portal, second: Portal) -> None:
    queue = installed.context.queue
    for number in [1, 2, 1, 1, 2] * 20:
        queue.wake(number)
    assert [queue.next_wake(), queue.next_wake(), queue.next_wake()] == [1, 2, None]
    queue.wake(1)
    assert queue.next_wake() == 1


def test_a_ring_that_was_lost_with_a_killed_worker_is_forgotten_by_the_next_round(installed: Logbook) -> None:
    queue = installed.context.queue
    queue.wake(1)
    storage = queue._open()
    storage.dequeue()
    queue.wake(1)
    assert queue.next_wake() is None
    queue.renew()
    queue.wake(1)
    assert queue.next_wake() == 1


@any_database
def test_a_dozen_that_hang_keep_nobody_waiting(installed: Logbook, settings: Config, box: Box, portal: Portal) -> None:
    hanging = [box.add_portal(name=f"Hangs {number}") for number in range(HANGING)]
    for one in hanging:
        install(installed, one)
        waiting(installed, one)
        one.faults.delay(600, times=None)
    with worker(settings, box):
        until(lambda: sum(row.leased_until is not None for row in leased(installed)) >= HANGING)
        waiting(installed, portal)
        until(lambda: on_timeline(portal) == ["Called"])
        assert sum(row.leased_until is not None for row in leased(installed)) >= HANGING, "they still hang"


def leased(logbook: Logbook) -> list[PortalRow]:
    with logbook.database() as session:
        return list(session.scalars(select(PortalRow)))
