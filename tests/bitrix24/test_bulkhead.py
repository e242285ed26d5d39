"""A slow address occupies only its share of the threads, and a fast one is never refused."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from time import monotonic

import pytest

from b24app.bitrix24.bulkhead import MOST_CALLS, MOST_SLOW_CALLS, REMEMBERED, WAIT_SECONDS, Bulkhead
from b24app.errors import AnswerLost, Crowded, Refused

SLOW, OTHER = "https://slow.example/rest/", "https://other.example/rest/"


class Time:
    """A clock that a test turns."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
def bulkhead(time: Time) -> Bulkhead:
    return Bulkhead(time)


def fill(bulkhead: Bulkhead, address: str, count: int = MOST_CALLS) -> ExitStack:
    """Calls that are under way until the stack is closed."""
    held = ExitStack()
    for _ in range(count):
        held.enter_context(bulkhead.hold(address))
    return held


def fail(bulkhead: Bulkhead, time: Time, seconds: float) -> None:
    with pytest.raises(AnswerLost), bulkhead.hold(SLOW):
        _time_out(time, seconds)


def _time_out(time: Time, seconds: float) -> None:
    time.now += seconds
    raise AnswerLost(code="READ_TIMEOUT")


def room(bulkhead: Bulkhead, address: str) -> int:
    """How many calls may begin now."""
    with ExitStack() as held:
        for count in range(100):
            try:
                held.enter_context(bulkhead.hold(address))
            except Crowded:
                return count
    raise AssertionError("there is no limit")


def test_one_address_holds_its_share_and_others_do_not_notice(bulkhead: Bulkhead, time: Time) -> None:
    with fill(bulkhead, SLOW):
        time.now += 2
        with pytest.raises(Crowded), bulkhead.hold(SLOW):
            pass
        assert room(bulkhead, OTHER) == MOST_CALLS
    assert room(bulkhead, SLOW) > 0


def test_where_answers_are_prompt_calls_wait_for_each_other(bulkhead: Bulkhead) -> None:
    gate = threading.Barrier(3 * MOST_CALLS)

    def call() -> None:
        gate.wait()
        with bulkhead.hold(OTHER):
            pass

    with ThreadPoolExecutor(3 * MOST_CALLS) as pool:
        for done in [pool.submit(call) for _ in range(3 * MOST_CALLS)]:
            done.result()


def test_where_answers_take_long_nobody_waits_for_the_others(bulkhead: Bulkhead, time: Time) -> None:
    with bulkhead.hold(SLOW):
        time.now += 0.6
    began = monotonic()
    with fill(bulkhead, SLOW), pytest.raises(Crowded), bulkhead.hold(SLOW):
        pass
    assert monotonic() - began < WAIT_SECONDS


def test_what_waits_in_vain_leaves_the_address_a_single_call(bulkhead: Bulkhead, time: Time) -> None:
    for _ in range(4):
        fail(bulkhead, time, 10)
    assert room(bulkhead, SLOW) == 1
    with pytest.raises(Refused), bulkhead.hold(SLOW):
        raise Refused(code="ACCESS_DENIED")
    assert room(bulkhead, SLOW) == MOST_CALLS


def test_a_connection_that_breaks_at_once_holds_no_thread_and_costs_nothing(bulkhead: Bulkhead, time: Time) -> None:
    for _ in range(4):
        fail(bulkhead, time, 0.01)
    assert room(bulkhead, SLOW) == MOST_CALLS


def test_many_slow_addresses_together_leave_room_for_those_that_are_prompt(bulkhead: Bulkhead, time: Time) -> None:
    with bulkhead.hold(OTHER):
        pass
    with ExitStack() as held:
        for number in range(MOST_SLOW_CALLS):
            held.enter_context(bulkhead.hold(f"https://slow{number}.example/rest/"))
        time.now += 2
        assert room(bulkhead, OTHER) == MOST_CALLS
        assert room(bulkhead, SLOW) == 1


def test_no_more_addresses_are_remembered_than_are_of_use(bulkhead: Bulkhead) -> None:
    with fill(bulkhead, SLOW):
        for number in range(2 * REMEMBERED):
            with bulkhead.hold(f"https://portal{number}.example/rest/"):
                pass
        assert len(bulkhead._lanes) <= REMEMBERED
        with pytest.raises(Crowded), bulkhead.hold(SLOW):
            pass
