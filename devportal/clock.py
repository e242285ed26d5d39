"""The box's clock, which can be advanced without waiting."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


class Clock:
    """Seconds since 1970, ahead of the machine's clock by `offset_seconds`."""

    def __init__(self) -> None:
        self.offset_seconds = 0.0

    def now(self) -> float:
        return time.time() + self.offset_seconds

    def advance(self, seconds: float) -> None:
        self.offset_seconds += seconds

    def datetime(self, zone: str = "UTC") -> datetime:
        return datetime.fromtimestamp(self.now(), ZoneInfo(zone) if zone != "UTC" else UTC)
