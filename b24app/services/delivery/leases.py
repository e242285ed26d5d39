"""Leases of portals: one worker at a time delivers a portal's waiting entries, on all machines together."""

from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from b24app import db
from b24app.db import change, is_over
from b24app.models import Portal
from b24app.services.delivery import claims

# Longer than one call; extended before each. The lease of a killed worker ends after this time.
LEASE_SECONDS = claims.LONGEST_SECONDS


def take(session: Session, portal_id: int, worker: str, *, is_new: bool) -> bool:
    """Lease the portal to this worker, or extend its lease; False if another one has it. Commits."""
    now = db.now(session)
    is_free = is_over(Portal.leased_until, now, LEASE_SECONDS)
    statement = update(Portal).where(Portal.id == portal_id, is_free if is_new else Portal.leased_by == worker)
    until = now + timedelta(seconds=LEASE_SECONDS)
    is_ours = change(session, statement.values(leased_until=until, leased_by=worker)) == 1
    session.commit()
    return is_ours


def release(session: Session, portal_id: int, worker: str) -> None:
    """End this worker's lease; commits."""
    ours = update(Portal).where(Portal.id == portal_id, Portal.leased_by == worker)
    change(session, ours.values(leased_until=None, leased_by=None))
    session.commit()
