"""The weather over one portal or over the authorization server."""

from __future__ import annotations

import threading

from ..clock import Clock
from ..context import Visit
from ..faults import SYSTEM, Fault, system
from ..http import Response
from .effects import EVERY, Effect, spoiled
from .limits import Baskets, LeakyBucket, Operating

RATES = {"standard": (50, 2.0), "enterprise": (250, 5.0)}


class Weather:
    """Effects hit calls one by one; the rest holds until it is changed back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._baskets = Baskets()
        self.calm()

    def calm(self) -> None:
        """Fine weather again."""
        self.effects: list[Effect] = []
        self.bucket: LeakyBucket | None = None
        self.operating_limit_seconds: float | None = None
        self.slow_methods: dict[str, float] = {}
        self.is_plan_lapsed = False

    def delay(self, seconds: float, method: str = EVERY, times: int | None = 1, *, processed: bool = False) -> None:
        """Answers late: before processing by default, or after it."""
        self.add(Effect("delay", method, times, seconds=seconds, processed=processed))

    def reset(self, method: str = EVERY, times: int | None = 1, *, processed: bool = False) -> None:
        """Breaks the connection instead of answering; `processed`: what was asked is done all the same."""
        self.add(Effect("reset", method, times, processed=processed))

    def html(self, method: str = EVERY, times: int | None = 1, *, processed: bool = False) -> None:
        """Status 500 with a page."""
        self.add(Effect("html", method, times, processed=processed))

    def garbage(self, method: str = EVERY, times: int | None = 1, *, processed: bool = False) -> None:
        """Status 200 with broken JSON."""
        self.add(Effect("garbage", method, times, processed=processed))

    def refuse(self, code: str, method: str = EVERY, times: int | None = 1) -> None:
        """A refusal such as QUERY_LIMIT_EXCEEDED; a command inside a batch is refused alone."""
        self.add(Effect("refuse", method, times, code=code))

    def limit_rate(self, plan: str | None = "standard") -> None:
        """The real leaky bucket of a plan, "standard" or "enterprise"; None takes it away."""
        self.bucket = LeakyBucket(*RATES[plan]) if plan else None

    def limit_operating(self, seconds: float | None = 480) -> None:
        """How long one method may work for one application in ten minutes; None for ever."""
        self.operating_limit_seconds = seconds

    def slow(self, method: str, seconds: float) -> None:
        """Each call of the method counts as that much work, without taking it."""
        self.slow_methods[method] = seconds

    def add(self, effect: Effect) -> None:
        with self._lock:
            self.effects.append(effect)

    def end(self) -> None:
        """No call is held back any longer: the box stops."""
        self._ended.set()

    def before(self, visit: Visit) -> Response | None:
        """Waits, or answers in the portal's stead; raises `Fault` for a refusal."""
        if self.bucket and not self.bucket.takes(visit.request.source, self._clock.now()):
            raise system("QUERY_LIMIT_EXCEEDED")
        return self._strike(visit, processed=False)

    def after(self, visit: Visit, response: Response) -> Response:
        return self._strike(visit, processed=True) or response

    def charge(self, client_id: str, method: str) -> None:
        """Counts one call of a method; raises `Fault` when its time is used up or the weather is against it."""
        effect = self._take([method], processed=False, only="refuse") if self.effects else None
        if effect:
            raise refusal(effect.code)
        limit = self.operating_limit_seconds
        if limit is not None and self.operating(client_id, method).seconds > limit:
            raise system("OPERATION_TIME_LIMIT")
        if method in self.slow_methods:
            self._baskets.put(client_id, method, self.slow_methods[method], self._clock.now())

    def spend(self, client_id: str, method: str, seconds: float) -> None:
        self._baskets.put(client_id, method, seconds, self._clock.now())

    def operating(self, client_id: str, method: str) -> Operating:
        return self._baskets.state(client_id, method, self._clock.now())

    def _strike(self, visit: Visit, *, processed: bool) -> Response | None:
        while self.effects and (effect := self._take(visit.names, processed=processed)):
            visit.notes.append(effect.kind)
            if effect.kind == "refuse":
                raise refusal(effect.code)
            if effect.kind != "delay":
                return spoiled(effect)
            self._ended.wait(effect.seconds)
        return None

    def _take(self, names: list[str], *, processed: bool, only: str = "") -> Effect | None:
        """The next effect for these names, used once; a delay goes first, so that it adds to what follows."""
        with self._lock:
            fitting = [one for one in self.effects if one.processed == processed and one.matches(names)]
            fitting = [one for one in fitting if only in ("", one.kind)]
            chosen = next((one for one in fitting if one.kind == "delay"), fitting[0] if fitting else None)
            if chosen:
                chosen.use()
                self.effects = [one for one in self.effects if one.times != 0]
        return chosen


def refusal(code: str) -> Fault:
    return system(code) if code in SYSTEM else Fault(code, code)
