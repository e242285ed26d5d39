"""Faults in the calls of one portal or of the authorization server."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from ..clock import Clock
from ..context import RequestContext
from ..errors import SYSTEM, ApiError, system
from ..http import Response
from .effects import EVERY, Effect, faulty_answer
from .limits import LeakyBucket, Operating, OperatingTime

RATES = {"standard": (50, 2.0), "enterprise": (250, 5.0)}


class CallFaults:
    """Faults of calls: effects apply to a number of calls, limits and an expired plan until they are changed back."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._operating_time = OperatingTime()
        self.clear()

    def clear(self) -> None:
        """Removes every fault."""
        self.effects: list[Effect] = []
        self.bucket: LeakyBucket | None = None
        self.operating_limit_seconds: float | None = None
        self.slow_methods: dict[str, float] = {}
        self.is_plan_lapsed = False

    calm = clear  # an earlier name

    def delay(self, seconds: float, method: str = EVERY, times: int | None = 1, *, processed: bool = False) -> None:
        """Answers late: before processing by default, or after it."""
        self.add(Effect("delay", method, times, seconds=seconds, processed=processed))

    def reset(self, method: str = EVERY, times: int | None = 1, *, processed: bool = False) -> None:
        """Breaks the connection instead of answering; with `processed`, after the portal has processed the call."""
        self.add(Effect("reset", method, times, processed=processed))

    def proxy(self, status: int = 503, method: str = EVERY, times: int | None = 1, *, processed: bool = False) -> None:
        """Answers with plain text and any status, like a proxy that cannot reach the portal."""
        self.add(Effect("proxy", method, times, status=status, processed=processed))

    def html(self, method: str = EVERY, times: int | None = 1, *, processed: bool = False) -> None:
        """Answers with status 500 and an HTML page."""
        self.add(Effect("html", method, times, processed=processed))

    def garbage(self, method: str = EVERY, times: int | None = 1, *, processed: bool = False) -> None:
        """Answers with status 200 and broken JSON."""
        self.add(Effect("garbage", method, times, processed=processed))

    def refuse(self, code: str, method: str = EVERY, times: int | None = 1, *, card: str = "") -> None:
        """Refuses calls, or commands in batches, such as with QUERY_LIMIT_EXCEEDED; ``card`` is ``2-12``."""
        self.add(Effect("refuse", method, times, code=code, card=card))

    def limit_rate(self, plan: str | None = "standard") -> None:
        """The leaky bucket of a plan, "standard" or "enterprise"; None removes it."""
        self.bucket = LeakyBucket(*RATES[plan]) if plan else None

    def limit_operating(self, seconds: float | None = 480) -> None:
        """The operating time of one method for one application in ten minutes; None removes the limit."""
        self.operating_limit_seconds = seconds

    def slow(self, method: str, seconds: float) -> None:
        """Makes each call of the method count as that much operating time, without any delay."""
        self.slow_methods[method] = seconds

    def add(self, effect: Effect) -> None:
        with self._lock:
            self.effects.append(effect)

    def end(self) -> None:
        """Releases all delayed calls, since the box is stopping."""
        self._ended.set()

    def before(self, context: RequestContext) -> Response | None:
        """Applies faults before processing: delays, or returns an answer; raises `ApiError` to refuse."""
        if self.bucket and not self.bucket.takes(context.request.source, self._clock.now()):
            raise system("QUERY_LIMIT_EXCEEDED")
        return self._apply(context, processed=False)

    def after(self, context: RequestContext, response: Response) -> Response:
        return self._apply(context, processed=True) or response

    def charge(self, client_id: str, method: str, card: str = "") -> None:
        """Counts a call of a method; raises `ApiError` if it is to be refused or its operating time is used up."""
        effect = self._take([method], processed=False, only="refuse", card=card) if self.effects else None
        if effect:
            raise refusal(effect.code)
        limit = self.operating_limit_seconds
        if limit is not None and self.operating(client_id, method).seconds > limit:
            raise system("OPERATION_TIME_LIMIT")
        if method in self.slow_methods:
            self._operating_time.add(client_id, method, self.slow_methods[method], self._clock.now())

    def spend(self, client_id: str, method: str, seconds: float) -> None:
        self._operating_time.add(client_id, method, seconds, self._clock.now())

    def operating(self, client_id: str, method: str) -> Operating:
        return self._operating_time.state(client_id, method, self._clock.now())

    def _apply(self, context: RequestContext, *, processed: bool) -> Response | None:
        taken: list[Effect] = []
        while self.effects and (effect := self._take(context.names, processed=processed, apart_from=taken)):
            taken.append(effect)
            context.notes.append(effect.kind)
            if effect.kind == "refuse":
                raise refusal(effect.code)
            if effect.kind != "delay":
                return faulty_answer(effect)
            self._ended.wait(effect.seconds)
        return None

    def _take(
        self, names: list[str], *, processed: bool, only: str = "", card: str = "", apart_from: Sequence[Effect] = ()
    ) -> Effect | None:
        """Uses up the next effect for these names; delays come first, so that they add to what follows.

        Effects in ``apart_from`` have already been applied to this call.
        """
        with self._lock:
            found = [one for one in self.effects if one.processed == processed and one.matches(names, only, card)]
            matching = [one for one in found if not any(one is other for other in apart_from)]
            if not matching:
                return None
            chosen = min(matching, key=lambda one: one.kind != "delay")
            chosen.use()
            self.effects = [one for one in self.effects if one.times != 0]
        return chosen


def refusal(code: str) -> ApiError:
    return system(code) if code in SYSTEM else ApiError(code, code)
