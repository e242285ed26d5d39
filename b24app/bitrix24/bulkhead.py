"""Bulkheads: calls to a slow address can occupy only a share of the threads that answer requests."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from b24app.errors import AnswerLost, Crowded, Unreachable

# Of the 16 threads of a web process. A portal that answers promptly rarely has this many calls at once.
MOST_CALLS = 6
# With this many slow calls in total, an address that is not known to be fast gets one call at a time.
MOST_SLOW_CALLS = 10
SLOW_SECONDS = 1.0
# Threads may wait for each other at fast addresses; elsewhere they would only block other people.
PROMPT_SECONDS, WAIT_SECONDS = 0.5, 0.5
REMEMBERED = 1000

CROWDED = "CROWDED"


@dataclass
class _Lane:
    """The calls to one address: when the running ones started, their limit, and how long the latest took."""

    started: list[float] = field(default_factory=list)
    most: int = MOST_CALLS
    latest_seconds: float = 0
    is_prompt: bool = False


class Bulkhead:
    """Counts the calls under way in this process, by address."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = threading.Condition()
        self._lanes: OrderedDict[str, _Lane] = OrderedDict()

    @contextmanager
    def hold(self, address: str) -> Iterator[None]:
        """A slot for a call to ``address``; raises Crowded, which means that nothing was sent."""
        lane, started = self._enter(address)
        has_answered = True
        try:
            yield
        except (Unreachable, AnswerLost):
            has_answered = False
            raise
        finally:
            self._leave(lane, started, has_answered)

    def _enter(self, address: str) -> tuple[_Lane, float]:
        with self._changed:
            lane = self._lane(address)
            self._changed.wait_for(lambda: self._has_room(lane) or not self._is_prompt(lane), WAIT_SECONDS)
            if not self._has_room(lane):
                raise Crowded(code=CROWDED)
            started = self._clock()
            lane.started.append(started)
            return lane, started

    def _leave(self, lane: _Lane, started: float, has_answered: bool) -> None:
        with self._changed:
            lane.started.remove(started)
            lane.latest_seconds = self._clock() - started
            is_slow = lane.latest_seconds > SLOW_SECONDS
            if has_answered and not is_slow:
                lane.most, lane.is_prompt = MOST_CALLS, True
            elif is_slow:
                # Each timeout halves the address's limit; the last remaining call tests whether it recovered.
                lane.most, lane.is_prompt = (lane.most if has_answered else max(1, lane.most // 2)), False
            self._changed.notify_all()

    def _has_room(self, lane: _Lane) -> bool:
        is_short = not lane.is_prompt and self._slow_calls() >= MOST_SLOW_CALLS
        return len(lane.started) < (1 if is_short else lane.most)

    def _is_prompt(self, lane: _Lane) -> bool:
        longest = max([lane.latest_seconds, *(self._clock() - began for began in lane.started)])
        return lane.most == MOST_CALLS and longest <= PROMPT_SECONDS

    def _slow_calls(self) -> int:
        long_ago = self._clock() - SLOW_SECONDS
        return sum(began < long_ago for lane in self._lanes.values() for began in lane.started)

    def _lane(self, address: str) -> _Lane:
        lane = self._lanes.setdefault(address, _Lane())
        self._lanes.move_to_end(address)
        while len(self._lanes) > REMEMBERED and (idle := self._longest_idle()):
            del self._lanes[idle]
        return lane

    def _longest_idle(self) -> str | None:
        return next((address for address, lane in self._lanes.items() if not lane.started), None)
