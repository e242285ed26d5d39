"""Claims: which entries one process is working on, for as long as its call can last and no longer.

A claimed row is in ``sending``, and its ``due_at`` is when the claim ends. That moment also identifies the claim,
since every other holder has another one. The rows of a killed process are picked up as unsure.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, update
from sqlalchemy.orm import Session
from sqlalchemy.orm.attributes import set_committed_value

from b24app import db
from b24app.bitrix24.gateway import WORKER
from b24app.codes import Reason
from b24app.db import change
from b24app.models import EntryState, LogEntry

# Time for connecting, reading and our own work beyond the limits of a call.
MARGIN_SECONDS = 2
LONGEST_SECONDS = WORKER.longest_seconds + MARGIN_SECONDS
# A claim that ended this long ago means that no worker has run since, or that the clock has jumped.
LONG_AGO_SECONDS = 120


def take(session: Session, ids: Collection[int], state: EntryState, seconds: float = LONGEST_SECONDS) -> set[int]:
    """Claim the entries that are still in ``state`` for this process alone; commits.

    Pending ones are about to be sent, which counts as their attempt; looking for the unsure ones does not.
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
    """Extend the common claim of these entries for another call; False if one was taken from us. Commits.

    ``is_sent_now`` if that call sends them: the attempt before was certainly not executed.
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
    """Rows with an expired claim become unsure: the call of a killed process may have arrived. Commits."""
    now = db.now(session)
    _undo_jump(session, now)
    is_left = (LogEntry.state == EntryState.SENDING) & (LogEntry.due_at <= now)
    if session.scalar(select(LogEntry.id).where(is_left).limit(1)) is None:
        session.commit()
        return 0
    # It is unknown how long ago such a call was made, so the wait for its portal starts again.
    long_ago = now - timedelta(seconds=LONG_AGO_SECONDS)
    change(session, update(LogEntry).where(is_left, LogEntry.due_at < long_ago).values(attempted_at=now))
    unsure = {"state": EntryState.UNSURE, "reason": Reason.KILLED, "due_at": now, "lookups": 0}
    count = change(session, update(LogEntry).where(is_left).values(**unsure))
    session.commit()
    return count


def doubt_all(session: Session) -> int:
    """After a restore: whatever waits may have been sent since the backup, and is looked for first. Commits."""
    waiting = LogEntry.state.in_([EntryState.PENDING, EntryState.SENDING]) & LogEntry.deleted_at.is_(None)
    # Nothing of it can be under way at its portal any more.
    since = {"attempted_at": func.coalesce(LogEntry.attempted_at, LogEntry.written_at)}
    unsure = {"state": EntryState.UNSURE, "reason": Reason.KILLED, "due_at": db.now(session), "lookups": 0}
    count = change(session, update(LogEntry).where(waiting).values(**since, **unsure))
    session.commit()
    return count


def _undo_jump(session: Session, now: datetime) -> None:
    """A claim that ends impossibly late was made before the clock was set back; its call may be under way."""
    farthest = now + 2 * timedelta(seconds=LONGEST_SECONDS)
    is_jumped = (LogEntry.state == EntryState.SENDING) & (LogEntry.due_at > farthest)
    if session.scalar(select(LogEntry.id).where(is_jumped).limit(1)) is not None:
        anew = {"due_at": now + timedelta(seconds=LONGEST_SECONDS), "attempted_at": now}
        change(session, update(LogEntry).where(is_jumped).values(**anew))
