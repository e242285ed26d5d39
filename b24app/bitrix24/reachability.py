"""Whether the authorization servers were reached lately, for readiness checks."""

import threading
import time
from collections.abc import Callable

from b24app.bitrix24.oauth import Authorities
from b24app.errors import CallFailed

ASKED_AGAIN_SECONDS = 60
# Shorter outages of Bitrix24 leave a process ready.
LATELY_SECONDS = 900


class Reachability:
    """Probes the servers at most once per ASKED_AGAIN_SECONDS, however often strangers ask."""

    def __init__(self, authorities: Authorities, clock: Callable[[], float] = time.monotonic) -> None:
        self._authorities = authorities
        self._clock = clock
        self._asking = threading.Lock()
        self._asked_at = self._reached_at = float("-inf")

    def is_lately(self) -> bool:
        """Whether a server answered within LATELY_SECONDS. Concurrent callers do not wait for a running probe."""
        if self._asking.acquire(blocking=False):
            try:
                self._ask_if_due()
            finally:
                self._asking.release()
        return self._clock() - self._reached_at < LATELY_SECONDS

    def _ask_if_due(self) -> None:
        if self._clock() - self._asked_at < ASKED_AGAIN_SECONDS:
            return
        if any(map(self._is_answering, self._authorities.addresses)):
            self._reached_at = self._clock()
        self._asked_at = self._clock()

    def _is_answering(self, address: str) -> bool:
        try:
            self._authorities.probe(address)
        except CallFailed:
            return False
        return True
