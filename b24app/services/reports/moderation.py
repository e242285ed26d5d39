"""Checks the Market's rules that our rows can show."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from b24app.codes import Reason
from b24app.models import Portal, RestCall
from b24app.services.access import rest_log
from b24app.services.reports.health import Finding

REQUIRED_DAYS = 3
PURGED_WITHIN = timedelta(hours=1)
# Methods that need no permission, or one that every application has.
BASIC = {"batch", "profile", "scope", "app", "event", "events", "method", "methods", "feature", "oauth", "server"}
OVERLOADED = {Reason.QUERY_LIMIT_EXCEEDED, Reason.OVERLOAD_LIMIT}
MOST_OVERLOADED = 0.01


def examine_log(session: Session) -> Iterator[Finding]:
    """Check that the log of calls is stored long enough."""
    rest_log.complete(session)
    oldest, count = session.execute(select(func.min(RestCall.called_at), func.count())).one()
    age = f"the oldest of {count} is from {oldest:%Y-%m-%d %H:%M} UTC" if oldest else "there were none yet"
    is_long = rest_log.KEPT_DAYS >= REQUIRED_DAYS
    yield Finding(is_long, f"Calls and answers are logged, masked, for {rest_log.KEPT_DAYS} days; {age}.")


def examine_calls(session: Session, scopes: frozenset[str]) -> Iterator[Finding]:
    """Check that calls stay within the scopes, and within the portals' limits."""
    rows = session.execute(
        select(RestCall.method, RestCall.code, func.count()).group_by(RestCall.method, RestCall.code)
    )
    calls = [(method, code, number) for method, code, number in rows]
    foreign = sorted({method for method, *_ in calls if _scope_of(method) not in scopes | BASIC})
    kept = f"All {len({method for method, *_ in calls})} methods that were called"
    lost = f"These methods belong to no scope of ours: {', '.join(foreign)}"
    yield Finding(not foreign, f"{lost if foreign else kept}; the scopes are {', '.join(sorted(scopes))}.")
    total = sum(number for *_, number in calls)
    overloaded = sum(number for _, code, number in calls if code in OVERLOADED)
    yield Finding(overloaded <= MOST_OVERLOADED * total, f"{overloaded} of {total} calls were refused for overload.")


def examine_uninstalls(session: Session) -> Iterator[Finding]:
    """Check that nothing is left of portals whose installation has ended."""
    long_ago = datetime.now(UTC) - PURGED_WITHIN
    left = session.scalar(select(func.count()).select_from(Portal).where(Portal.purged_at < long_ago)) or 0
    yield Finding(not left, f"{left} portals that have uninstalled Logbook still have rows here.")


def _scope_of(method: str) -> str:
    return method.partition(".")[0].partition("/")[0]
