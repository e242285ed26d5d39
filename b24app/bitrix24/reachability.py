"""Whether the authorization servers were lately reached, for whoever asks whether this process is ready to serve."""

import threading
import time
from collections.abc import Callable

from b24app.bitrix24.oauth import Authorities
from b24app.errors import CallFailed

ASKED_AGAIN_SECONDS = 60
# An outage of Bitrix24 that is shorter than this makes nobody unready.
LATELY_SECONDS = 900


class Reachability:
    """Asks them itself, at most once in ASKED_AGAIN_SECONDS, so that strangers cannot make it ask more often."""

    def __init__(self, authorities: Authorities, clock: Callable[[], float] = time.monotonic) -> None:
        self._authorities = authorities
        self._clock = clock
        self._asking = threading.Lock()
        self._asked_at = self._reached_at = float("-inf")

    def is_lately(self) -> bool:
        """Whether one of them answered within LATELY_SECONDS. Whoever comes while one is being asked does not wait."""
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
