"""How long an entry that could not be sent waits before it is tried again."""

import random
from datetime import UTC, datetime

from b24app.codes import Reason
from b24app.errors import CallFailed
from b24app.models import LogEntry

FIRST_SECONDS = 5
LONGEST_SECONDS = 3600


def wait_seconds(entry: LogEntry, failure: CallFailed, resets_at: int | None) -> float:
    """None after the first attempt, made for a person; then 5, 10, 20 … seconds with jitter, up to an hour."""
    if failure.code == Reason.OPERATION_TIME_LIMIT:
        until_reset = (resets_at or 0) - datetime.now(UTC).timestamp()
        return until_reset if 0 < until_reset < LONGEST_SECONDS else 60
    if entry.attempts <= 1:
        return 0
    backoff: int = min(FIRST_SECONDS * 2 ** min(entry.attempts - 2, 16), LONGEST_SECONDS)
    return random.uniform(0.75, 1.25) * backoff  # noqa: S311 - spreads load, guards nothing
