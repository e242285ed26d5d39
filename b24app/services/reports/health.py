"""The health of an installation, for the doctor and the metrics."""

from collections.abc import Generator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from sqlalchemy import case, func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from b24app import revisions
from b24app.models import LogEntry, Person, Portal, RestCall, TokenPair
from b24app.outages import cause_of
from b24app.revisions import Tables
from b24app.services.access import rest_log
from b24app.services.delivery.outbox import WAITING
from b24app.services.reports import database_checks, heartbeats

LONG_WAIT = timedelta(minutes=30)
CLOCK_TOLERANCE_SECONDS = 60
SETTLING_IN = timedelta(minutes=10)
TABLES = {
    Tables.CURRENT: "The database answers, and its tables are those of revision {head}.",
    Tables.MISSING: "The database has no tables: run flask --app app db upgrade.",
    Tables.OLDER: "The tables are those of revision {current}, not {head}: run flask --app app db upgrade.",
    Tables.NEWER: "The tables are those of revision {current}, and this older Logbook knows them up to {head}. "
    "It goes on working; bring it to the version of the others, and do not migrate with this one.",
    Tables.UNKNOWN: "The tables are those of revision {current}, which is none of Logbook's: is DATABASE_URL right?",
}
WRITABLE = (
    "Is there room on the disk, may the user who runs Logbook write to the file and its folder, "
    "and is the server no read-only copy?"
)


@dataclass(frozen=True)
class Finding:
    """The result of a check as one sentence; ``is_fine`` decides the doctor's exit code."""

    is_fine: bool
    sentence: str


def examine_database(session: Session) -> Generator[Finding, None, bool]:
    """Check the database; returns whether its rows can be read."""
    try:
        current = database_checks.revision(session)
    except DBAPIError as failure:
        yield Finding(False, "The database does not answer: {}: {}.".format(*cause_of(failure)))
        return False
    found = revisions.compare(current)
    yield Finding(found is Tables.CURRENT, TABLES[found].format(current=current, head=revisions.head()))
    if found not in database_checks.USABLE:
        return False
    if problem := database_checks.write_problem(session):
        yield Finding(False, f"The database takes no rows: {problem}. {WRITABLE}")
    else:
        yield Finding(True, "The database takes what is written.")
    return True


def is_worker_needed(session: Session) -> bool:
    """Whether a worker is needed: something waits, or a portal was installed a while ago."""
    since = datetime.now(UTC) - SETTLING_IN
    waiting = select(LogEntry.id).where(LogEntry.state.in_(WAITING)).limit(1)
    installed = select(Portal.id).where(Portal.installed_at < since).limit(1)
    return session.scalar(waiting) is not None or session.scalar(installed) is not None


def is_worker_missing(session: Session) -> bool:
    """Whether a worker is needed and none is alive."""
    is_there = any(not worker.is_silent for worker in heartbeats.workers(session))
    return not is_there and is_worker_needed(session)


def examine_portals(session: Session) -> Iterator[Finding]:
    """Report each portal with a problem, or that there is none."""
    now = datetime.now(UTC)
    portals = list(session.scalars(select(Portal).order_by(Portal.id)))
    troubles = [finding for portal in portals for finding in _troubles(session, portal, now)]
    yield from troubles or [Finding(True, f"None of {len(portals)} portals has trouble.")]


def examine_outbox(session: Session) -> Iterator[Finding]:
    """Report how many entries wait, and for how long."""
    age = oldest_waiting_seconds(session)
    waiting = sum(count for state, count in entries_by_state(session).items() if state in WAITING)
    if not waiting:
        yield Finding(True, "No entry is waiting.")
        return
    is_fine = timedelta(seconds=age) < LONG_WAIT
    yield Finding(is_fine, f"{waiting} entries are waiting, the oldest for {round(age / 60)} minutes.")


def examine_clock(date_header: str | None) -> Finding:
    """Compare our clock with the Date header of an authorization server."""
    if not date_header:
        return Finding(True, "The authorization server does not tell its time, so the clock cannot be compared.")
    difference = abs((datetime.now(UTC) - parsedate_to_datetime(date_header)).total_seconds())
    sentence = f"The clock differs from the authorization server's by {difference:.0f} seconds."
    return Finding(difference < CLOCK_TOLERANCE_SECONDS, sentence)


def entries_by_state(session: Session) -> dict[str, int]:
    rows = session.execute(select(LogEntry.state, func.count()).group_by(LogEntry.state))
    return {state: count for state, count in rows}  # noqa: C416 - rows are no pairs to mypy


def portals_by_state(session: Session) -> dict[str, int]:
    """How many portals are served, suspended, parked, and being checked for an uninstall."""
    now = datetime.now(UTC)
    states = {
        "served": Portal.suspended_at.is_(None) & Portal.purged_at.is_(None),
        "suspended": Portal.suspended_at.is_not(None) & Portal.purged_at.is_(None),
        "parked": Portal.parked_until > now,
        "checked": Portal.check_due_at.is_not(None),
    }
    columns = [func.coalesce(func.sum(case((state, 1), else_=0)), 0).label(name) for name, state in states.items()]
    return {name: int(count) for name, count in session.execute(select(*columns)).one()._mapping.items()}


def count_without_permission(session: Session) -> int:
    """How many people have to open Logbook again before it can write for them."""
    dead = select(func.count()).select_from(TokenPair).where(TokenPair.refusal.is_not(None))
    return session.scalar(dead) or 0


def oldest_waiting_seconds(session: Session) -> float:
    """The age of the oldest waiting entry in seconds; 0 if none waits."""
    written_at = session.scalar(select(func.min(LogEntry.written_at)).where(LogEntry.state.in_(WAITING)))
    return (datetime.now(UTC) - written_at).total_seconds() if written_at else 0.0


def calls_of_last_hour(session: Session) -> dict[tuple[str, str], int]:
    """How many calls ended how, by method and code."""
    rest_log.complete(session)
    hour_ago = datetime.now(UTC) - timedelta(hours=1)
    statement = select(RestCall.method, RestCall.code, func.count()).where(RestCall.called_at > hour_ago)
    rows = session.execute(statement.group_by(RestCall.method, RestCall.code))
    return {(method, code): count for method, code, count in rows}


def _because(portal: Portal) -> str:
    return f": {portal.notice}" if portal.notice else ", as it asked for"


def _troubles(session: Session, portal: Portal, now: datetime) -> Iterator[Finding]:
    if portal.purged_at:
        yield Finding(True, f"{portal.host} has removed Logbook; what it had here is being deleted.")
    elif portal.suspended_at:
        yield Finding(False, f"{portal.host} is suspended since {portal.suspended_at:%Y-%m-%d %H:%M} UTC.")
    elif portal.check_due_at:
        yield Finding(False, f"{portal.host} may have removed Logbook; that is being checked.")
    if portal.parked_until and portal.parked_until > now:
        yield Finding(False, f"{portal.host} is left alone until {portal.parked_until:%H:%M} UTC{_because(portal)}.")
    dead = select(func.count()).select_from(TokenPair).join(Person).where(Person.portal_id == portal.id)
    if count := session.scalar(dead.where(TokenPair.refusal.is_not(None))):
        yield Finding(True, f"{portal.host}: {count} people must open Logbook again before it can write for them.")
