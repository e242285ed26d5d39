"""The two limits of a cloud portal: requests per second, and seconds of work per method."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass

BASKET_SECONDS = 60
BASKETS = 10
FREE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Operating:
    """Seconds that this method has used up in the last ten minutes, and when the oldest of them are forgiven."""

    seconds: float
    reset_at: int


NO_OPERATING = Operating(0, 0)


class LeakyBucket:
    """One bucket for each source: a request adds a drop, `per_second` drops leak out, more than `burst` overflow."""

    def __init__(self, burst: int, per_second: float) -> None:
        self.burst = burst
        self.per_second = per_second
        self._levels: dict[str, tuple[float, float]] = {}

    def takes(self, source: str, now: float) -> bool:
        """Whether this request goes in; one that overflows adds nothing."""
        level, filled_at = self._levels.get(source, (0.0, now))
        level = max(0.0, level - (now - filled_at) * self.per_second)
        fits = level + 1 <= self.burst
        self._levels[source] = (level + 1 if fits else level, now)
        return fits


class Baskets:
    """Seconds of work per application and method in ten baskets of one minute."""

    def __init__(self) -> None:
        self._baskets: defaultdict[tuple[str, str], deque[tuple[int, float]]] = defaultdict(deque)

    def put(self, client_id: str, method: str, seconds: float, now: float) -> None:
        """Work of less than a tenth of a second is free."""
        if seconds < FREE_SECONDS:
            return
        minute = int(now) // BASKET_SECONDS
        baskets = self._baskets[(client_id, method)]
        held = baskets.pop()[1] if baskets and baskets[-1][0] == minute else 0.0
        baskets.append((minute, held + seconds))

    def state(self, client_id: str, method: str, now: float) -> Operating:
        """The sum of the last ten minutes, and when the oldest basket of them leaves."""
        baskets = self._baskets.get((client_id, method))
        if not baskets:
            return Operating(0, int(now) + BASKETS * BASKET_SECONDS)
        while baskets and baskets[0][0] <= int(now) // BASKET_SECONDS - BASKETS:
            baskets.popleft()
        if not baskets:
            return Operating(0, int(now) + BASKETS * BASKET_SECONDS)
        reset_at = (baskets[0][0] + BASKETS) * BASKET_SECONDS
        return Operating(round(sum(seconds for _, seconds in baskets), 6), reset_at)
