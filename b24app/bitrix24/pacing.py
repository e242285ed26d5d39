"""How fast a portal may be called without making people wait.

A portal accepts bursts of 50 requests, and two more each second (250 and five on the Enterprise plan). The burst is
left to people; the outbox is sent at two (or five) requests a second.

Docs: https://apidocs.bitrix24.com/limits.html
"""

import time
from collections.abc import Callable

REQUESTS_A_SECOND = 2
REQUESTS_A_SECOND_ENTERPRISE = 5


class Pace:
    """Allows one request every ``1 / rate`` seconds; ``clock`` and ``sleep`` are in seconds."""

    def __init__(
        self,
        rate: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._interval = 1 / rate
        self._clock = clock
        self._sleep = sleep
        self._next = clock()

    def wait(self) -> None:
        """Return when the next request may be sent; unused time is not saved up."""
        now = self._clock()
        if now < self._next:
            self._sleep(self._next - now)
        self._next = max(now, self._next) + self._interval


def rate_of(*, is_enterprise: bool) -> float:
    return REQUESTS_A_SECOND_ENTERPRISE if is_enterprise else REQUESTS_A_SECOND
