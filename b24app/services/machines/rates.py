"""The rate limit of keys: stored in the key's row, so all processes share it."""

import math
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Float, bindparam, case, update
from sqlalchemy.orm import Session

from b24app.machine_models import ApiKey

WINDOW_SECONDS = 60
PAST = {"synchronize_session": False}

# A time impossibly far ahead was written before the clock was set back.
_IS_PAST = (ApiKey.busy_until < bindparam("moment")) | (ApiKey.busy_until > bindparam("farthest"))
_NEXT = case((_IS_PAST, bindparam("moment", type_=Float)), else_=ApiKey.busy_until) + bindparam("share", type_=Float)
_SPENDING = (
    update(ApiKey)
    # In seconds; tolerates inexact sums.
    .where(ApiKey.id == bindparam("key_id"), bindparam("end", type_=Float) + 0.001 >= _NEXT)
    .values(busy_until=_NEXT, last_used_at=bindparam("now"))
    .returning(ApiKey.busy_until)
)


@dataclass(frozen=True)
class Allowance:
    """What is left of a key's rate; ``retry_seconds`` is 0 while requests are allowed."""

    limit: int
    remaining: int
    reset_seconds: int
    retry_seconds: int = 0

    @property
    def is_over(self) -> bool:
        return self.retry_seconds > 0


def spend(session: Session, key: ApiKey, now: datetime) -> Allowance:
    """Count a request of a key, unless it is beyond the rate; the caller commits.

    ``busy_until`` grows by each request's share of the window, and may be one window ahead of now.
    """
    moment, share = now.timestamp(), WINDOW_SECONDS / key.per_minute
    values = {"key_id": key.id, "now": now, "share": share, "moment": moment, "end": moment + WINDOW_SECONDS}
    busy_until = session.scalar(_SPENDING, {**values, "farthest": moment + 2 * WINDOW_SECONDS}, execution_options=PAST)
    if busy_until is None:
        return Allowance(key.per_minute, 0, WINDOW_SECONDS, retry_seconds=max(1, math.ceil(share)))
    ahead = max(0.0, busy_until - moment)
    remaining = max(0, math.floor((WINDOW_SECONDS - ahead) / share + 0.001))
    return Allowance(key.per_minute, remaining, math.ceil(ahead))
