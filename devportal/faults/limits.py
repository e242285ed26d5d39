"""The two limits of a cloud portal: requests per second, and seconds of work per method."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass

MINUTE = 60
WINDOW_MINUTES = 10
FREE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Operating:
    """The operating time of a method in the last ten minutes, and when its oldest part expires."""

    seconds: float
    reset_at: int


NO_OPERATING = Operating(0, 0)


class LeakyBucket:
    """A bucket per source: each request adds one, `per_second` leak out, and more than `burst` overflow."""

    def __init__(self, burst: int, per_second: float) -> None:
        self.burst = burst
        self.per_second = per_second
        self._levels: dict[str, tuple[float, float]] = {}

    def takes(self, source: str, now: float) -> bool:
        """Whether the request is allowed; refused ones add nothing."""
        level, filled_at = self._levels.get(source, (0.0, now))
        level = max(0.0, level - (now - filled_at) * self.per_second)
        fits = level + 1 <= self.burst
        self._levels[source] = (level + 1 if fits else level, now)
        return fits


class OperatingTime:
    """Seconds of work per application and method in the last ten minutes, added up minute by minute."""

    def __init__(self) -> None:
        self._minutes: defaultdict[tuple[str, str], deque[tuple[int, float]]] = defaultdict(deque)

    def add(self, client_id: str, method: str, seconds: float, now: float) -> None:
        """Adds operating time; less than a tenth of a second is free."""
        if seconds < FREE_SECONDS:
            return
        minute = int(now) // MINUTE
        minutes = self._minutes[(client_id, method)]
        before = minutes.pop()[1] if minutes and minutes[-1][0] == minute else 0.0
        minutes.append((minute, before + seconds))

    def state(self, client_id: str, method: str, now: float) -> Operating:
        """The sum of the last ten minutes, and when its oldest part expires."""
        minutes = self._minutes.get((client_id, method), deque())
        while minutes and minutes[0][0] <= int(now) // MINUTE - WINDOW_MINUTES:
            minutes.popleft()
        if not minutes:
            return Operating(0, int(now) + WINDOW_MINUTES * MINUTE)
        reset_at = (minutes[0][0] + WINDOW_MINUTES) * MINUTE
        return Operating(round(sum(seconds for _, seconds in minutes), 6), reset_at)
