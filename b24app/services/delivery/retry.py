"""Retries, gives up or deletes entries because somebody asked for it.

Entries that are being sent are left alone. An entry that may be on the timeline is looked for before it is sent again,
even if it was given up in between.
"""

from datetime import UTC, datetime

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from b24app.codes import Reason
from b24app.db import change, database_time
from b24app.models import EntryState, LogEntry
from b24app.services.delivery.outbox import WAITING

GIVEN_UP_REASONS = (Reason.GIVEN_UP, Reason.GIVEN_UP_UNSURE)
REVIVABLE = (*WAITING, EntryState.FAILED)
# The reason for which unsure entries are searched longest.
MOST_UNSURE = Reason.READ_TIMEOUT


def revive(session: Session, *which: ColumnElement[bool]) -> int:
    """Make entries due that are not on the timeline; returns how many. Commits.

    Unsure entries restart their search: the time between the two searches before a repetition is never shortened,
    however often somebody retries.
    """
    due = {"due_at": database_time()}
    refused = update(LogEntry).where(*which, LogEntry.state == EntryState.FAILED, LogEntry.deleted_at.is_(None))
    # Counted as one attempt: an entry refused at its first counts as one that went back into its form.
    certain = {**due, "state": EntryState.PENDING, "attempts": 1, "lookups": 0, "reason": None}
    unsure = {**due, "state": EntryState.UNSURE, "lookups": 0, "reason": MOST_UNSURE}
    count = (
        change(session, update(LogEntry).where(*which, LogEntry.state == EntryState.PENDING).values(**due))
        + change(session, update(LogEntry).where(*which, LogEntry.state == EntryState.UNSURE).values(**due, lookups=0))
        + change(session, refused.where(LogEntry.reason == Reason.GIVEN_UP_UNSURE).values(**unsure))
        + change(session, refused.where(LogEntry.reason.is_distinct_from(Reason.GIVEN_UP_UNSURE)).values(**certain))
    )
    session.commit()
    return count


def give_up(session: Session, *which: ColumnElement[bool]) -> int:
    """Give up waiting entries; returns how many. Commits."""
    waiting = update(LogEntry).where(*which)
    failed = {"state": EntryState.FAILED}
    count = change(
        session, waiting.where(LogEntry.state == EntryState.PENDING).values(**failed, reason=Reason.GIVEN_UP)
    ) + change(
        session, waiting.where(LogEntry.state == EntryState.UNSURE).values(**failed, reason=Reason.GIVEN_UP_UNSURE)
    )
    session.commit()
    return count


def delete_later(session: Session, *which: ColumnElement[bool]) -> int:
    """Mark entries for the worker to delete; unsent ones are given up. Returns how many; not committed."""
    those = update(LogEntry).where(*which, LogEntry.deleted_at.is_(None))
    given_up = {"state": EntryState.FAILED, "reason": Reason.GIVEN_UP}
    change(session, those.where(LogEntry.state == EntryState.PENDING).values(**given_up))
    return change(session, those.values(deletion_due_at=datetime.now(UTC)))
