"""What administrators see of the outbox and its history."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from b24app.models import EntryState, LogEntry, Portal

UNSETTLED = (EntryState.PENDING, EntryState.SENDING, EntryState.UNSURE, EntryState.FAILED)


def counts(session: Session, portal: Portal) -> dict[EntryState, int]:
    """How many entries are under way or have failed, by state; those on the timeline are not counted."""
    of_portal = (LogEntry.portal_id == portal.id) & LogEntry.state.in_(UNSETTLED) & LogEntry.deleted_at.is_(None)
    rows = session.execute(select(LogEntry.state, func.count()).where(of_portal).group_by(LogEntry.state))
    return dict.fromkeys(UNSETTLED, 0) | dict(iter(rows))
