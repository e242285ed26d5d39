"""Misbehaviour on demand: what a portal does to the calls that come in."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .http import Response
from .rest.envelope import NO_OPERATING, Operating

if TYPE_CHECKING:
    from .clock import Clock
    from .rest.door import Visit


class Weather:
    """Calm until told otherwise."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.is_plan_lapsed = False
        self.refuses_renewal = ""

    def around(self, visit: Visit, respond: Callable[[], Response]) -> Response:
        """Answers a call, or does what the weather wants instead."""
        return respond()

    def charge(self, client_id: str, method: str) -> None:
        """Counts a call of a method; raises `Fault` when its time is used up."""

    def operating(self, client_id: str, method: str) -> Operating:
        return NO_OPERATING
