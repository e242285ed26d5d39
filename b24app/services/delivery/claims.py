"""Claims: a process has an entry to itself for as long as its call can take, and no longer.

The state of a claimed row is ``sending``, and its ``due_at`` is when the claim ends. That time also identifies the
claim, since no other claim ends at the same time. The rows of a killed process become unsure.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from b24app import db
from b24app.bitrix24.gateway import WORKER
from b24app.codes import Reason
from b24app.db import change, database_time
from b24app.models import EntryState, LogEntry
from b24app.prepared import Prepared

# Time for connecting, reading and our own work beyond the limits of a call.
MARGIN_SECONDS = 2
LONGEST_SECONDS = WORKER.longest_seconds + MARGIN_SECONDS
# If a claim ended this long ago, no worker has run since, or the clock has jumped.
LONG_AGO_SECONDS = 120
# The claims that have ended, and those that end impossibly late.
_HAS_STALE = Prepared(
    select(LogEntry.id)
    .where(
        LogEntry.state == EntryState.SENDING,
        (LogEntry.due_at <= database_time()) | (LogEntry.due_at > database_time(2 * LONGEST_SECONDS)),
    )
    .limit(1)
)


def take(session: Session, ids: Collection[int], state: EntryState, seconds: float = LONGEST_SECONDS) -> set[int]:
    """Claim the entries that are still in ``state`` for this process alone; commits.

    Claiming pending entries counts as an attempt, since they are sent next; claiming unsure ones does not.
    """
    now = db.now(session)
    values: dict[str, object] = {"state": EntryState.SENDING, "due_at": now + timedelta(seconds=seconds)}
    if state == EntryState.PENDING:
        values |= {"attempted_at": now, "attempts": LogEntry.attempts + 1}
    waiting = update(LogEntry).where(LogEntry.id.in_(ids), LogEntry.state == state, LogEntry.deleted_at.is_(None))
    claiming = waiting.values(**values).returning(LogEntry.id)
    ours = set(session.scalars(claiming, execution_options={"synchronize_session": False}))
    session.commit()
    return ours


def prolong(session: Session, entries: Collection[LogEntry], seconds: float, *, is_sent_now: bool) -> bool:
    """Extend the shared claim of these entries for another call; False if another process took one. Commits.

    ``is_sent_now`` says that the call sends them, since the attempt before was certainly not executed.
    """
    now = db.now(session)
    values = {"due_at": now + timedelta(seconds=seconds)} | ({"attempted_at": now} if is_sent_now else {})
    held = update(LogEntry).where(LogEntry.id.in_([entry.id for entry in entries]), of(next(iter(entries))))
    count = change(session, held.values(**values))
    session.commit()
    for entry in entries:
        for name, value in values.items():
            set_committed_value(entry, name, value)
    return count == len(entries)


def of(entry: LogEntry) -> ColumnElement[bool]:
    """Whether a row still has the claim under which ``entry`` was read."""
    return (LogEntry.state == EntryState.SENDING) & (LogEntry.due_at == entry.due_at)


def take_up_stale(session: Session) -> int:
    """Make rows with an expired claim unsure: a killed process may have sent them. Returns how many. Commits."""
    if _HAS_STALE.first(session, {}) is None:
        session.commit()
        return 0
    now = db.now(session)
    _undo_jump(session, now)
    is_left = (LogEntry.state == EntryState.SENDING) & (LogEntry.due_at <= now)
    # Nobody knows when such a call was made, so the wait for its portal starts again.
    long_ago = now - timedelta(seconds=LONG_AGO_SECONDS)
    change(session, update(LogEntry).where(is_left, LogEntry.due_at < long_ago).values(attempted_at=now))
    unsure = {"state": EntryState.UNSURE, "reason": Reason.KILLED, "due_at": now, "lookups": 0}
    count = change(session, update(LogEntry).where(is_left).values(**unsure))
    session.commit()
    return count


def doubt_all(session: Session) -> int:
    """After a restore, make waiting entries unsure: they may have been sent since the backup. Commits."""
    waiting = LogEntry.state.in_([EntryState.PENDING, EntryState.SENDING]) & LogEntry.deleted_at.is_(None)
    # None of their calls can still be running in a portal.
    since = {"attempted_at": func.coalesce(LogEntry.attempted_at, LogEntry.written_at)}
    unsure = {"state": EntryState.UNSURE, "reason": Reason.KILLED, "due_at": db.now(session), "lookups": 0}
    count = change(session, update(LogEntry).where(waiting).values(**since, **unsure))
    session.commit()
    return count


def _undo_jump(session: Session, now: datetime) -> None:
    """Shorten claims that end impossibly late: they were made before the clock was set back."""
    farthest = now + 2 * timedelta(seconds=LONGEST_SECONDS)
    is_jumped = (LogEntry.state == EntryState.SENDING) & (LogEntry.due_at > farthest)
    anew = {"due_at": now + timedelta(seconds=LONGEST_SECONDS), "attempted_at": now}
    change(session, update(LogEntry).where(is_jumped).values(**anew))
