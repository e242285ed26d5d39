"""Token buckets: how often something may be done, by key."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

REMEMBERED = 10_000


@dataclass
class _Bucket:
    level: float
    filled_at: float
    is_silent: bool = False


class Buckets:
    """Each key has its own bucket, which fills over time; a full one is dropped. Not thread-safe."""

    def __init__(self, capacity: float, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._capacity = capacity
        self._per_second = per_second
        self._clock = clock
        self._buckets: OrderedDict[Hashable, _Bucket] = OrderedDict()

    def has(self, key: Hashable, *, spared: float = 0) -> bool:
        """Whether one token is available; ``spared`` tokens are reserved for others."""
        return self._filled(key).level - spared >= 1

    def take(self, key: Hashable) -> None:
        """Take a token, even below zero; the deficit has to refill first."""
        self._filled(key).level -= 1

    def fill(self, key: Hashable) -> None:
        """Fill the bucket."""
        self._buckets.pop(key, None)

    def mark_silent(self, key: Hashable, is_silent: bool) -> None:
        """Remember why the latest token was spent: no answer, or a bad one."""
        self._filled(key).is_silent = is_silent

    def is_silent(self, key: Hashable) -> bool:
        return self._filled(key).is_silent

    def _filled(self, key: Hashable) -> _Bucket:
        now = self._clock()
        bucket = self._buckets.setdefault(key, _Bucket(self._capacity, now))
        bucket.level = min(self._capacity, bucket.level + (now - bucket.filled_at) * self._per_second)
        bucket.filled_at = now
        self._buckets.move_to_end(key)
        while len(self._buckets) > REMEMBERED:
            self._buckets.popitem(last=False)
        return bucket
