"""Waiting for what another thread or process does."""

import time
from collections.abc import Callable

PATIENCE_SECONDS = 60
LOOK_AGAIN_SECONDS = 0.01


def until(condition: Callable[[], object]) -> None:
    """Returns once the condition holds; fails if it never does."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(LOOK_AGAIN_SECONDS)
