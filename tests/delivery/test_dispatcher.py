"""The worker's threads: nobody waits for a hanging portal, and no task runs twice at once."""

import threading
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest

from b24app.dispatcher import PROMPT_SECONDS, PROMPT_THREADS, SLOW_THREADS, Dispatcher, Task
from b24app.services.chores import DELIVER

PATIENCE_SECONDS = 30


class Portals:
    """Some hang until they are released, the others answer at once."""

    def __init__(self) -> None:
        self.done: list[int] = []
        self.begun: list[int] = []
        self.hanging: set[int] = set()
        self.again: dict[int, timedelta] = {}
        self.released = threading.Event()

    def work(self, task: Task) -> timedelta | None:
        self.begun.append(task.portal_id)
        if task.portal_id in self.hanging:
            self.released.wait(PATIENCE_SECONDS)
        self.done.append(task.portal_id)
        if task.portal_id < 0:
            raise ValueError
        return self.again.pop(task.portal_id, None)

    def wait_for(self, *portals: int) -> float:
        """How long it took until these were done."""
        started = time.monotonic()
        while not set(portals) <= set(self.done):
            assert time.monotonic() - started < PATIENCE_SECONDS
            time.sleep(0.01)
        return time.monotonic() - started


@pytest.fixture
def portals() -> Portals:
    return Portals()


@pytest.fixture
def dispatcher(portals: Portals) -> Iterator[Dispatcher]:
    dispatcher = Dispatcher(portals.work)
    with dispatcher.running():
        yield dispatcher
        portals.released.set()


def submit(dispatcher: Dispatcher, *portals: int) -> None:
    for portal in portals:
        dispatcher.submit(Task(DELIVER, portal))


def test_portals_that_hang_make_room_within_seconds(dispatcher: Dispatcher, portals: Portals) -> None:
    portals.hanging = set(range(PROMPT_THREADS + 4))
    submit(dispatcher, *portals.hanging, 1000)
    assert portals.wait_for(1000) < 2 * PROMPT_SECONDS + 1


def test_those_that_were_slow_the_last_time_never_take_the_place_of_others(
    dispatcher: Dispatcher, portals: Portals
) -> None:
    portals.hanging = set(range(4))
    submit(dispatcher, *portals.hanging)
    time.sleep(PROMPT_SECONDS)
    portals.released.set()
    portals.wait_for(*portals.hanging)
    portals.released.clear()
    submit(dispatcher, *portals.hanging, *range(100, 100 + 3 * PROMPT_THREADS))
    assert portals.wait_for(*range(100, 100 + 3 * PROMPT_THREADS)) < PROMPT_SECONDS


def test_there_are_only_so_many_threads(dispatcher: Dispatcher, portals: Portals) -> None:
    everybody = set(range(2 * (SLOW_THREADS + PROMPT_THREADS)))
    before = threading.active_count()
    portals.hanging = everybody
    submit(dispatcher, *everybody)
    assert threading.active_count() - before <= SLOW_THREADS + PROMPT_THREADS


def test_a_task_that_waits_is_not_doubled_and_one_that_runs_runs_once_more(
    dispatcher: Dispatcher, portals: Portals
) -> None:
    portals.hanging = {1}
    submit(dispatcher, 1)
    while not portals.begun:
        time.sleep(0.01)
    submit(dispatcher, *[1] * 50, 2)
    portals.wait_for(2)
    assert portals.begun.count(1) == 1, "not twice at once"
    portals.hanging = set()
    portals.released.set()
    while portals.done.count(1) < 2:
        time.sleep(0.01)
    submit(dispatcher, 3)
    portals.wait_for(3)
    assert portals.done.count(1) == 2


def test_what_fails_takes_no_thread_with_it(dispatcher: Dispatcher, portals: Portals) -> None:
    failing = [-number for number in range(1, 2 * (PROMPT_THREADS + SLOW_THREADS))]
    submit(dispatcher, *failing, 1)
    portals.wait_for(1, *failing)


def test_what_is_to_be_done_again_is_done_again_in_time(dispatcher: Dispatcher, portals: Portals) -> None:
    portals.again = {1: timedelta(seconds=0.3)}
    submit(dispatcher, 1)
    portals.wait_for(1)
    started = time.monotonic()
    while portals.done != [1, 1]:
        assert time.monotonic() - started < PATIENCE_SECONDS
        time.sleep(0.01)
    assert time.monotonic() - started > 0.2
