"""The audit list: who changed what in a portal's settings, and when; the latest first."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app.models import Change, Portal

SHOWN = 20


def latest(session: Session, portal: Portal, *, before: int | None = None) -> tuple[list[Change], int | None]:
    """A page of changes, and the key of the next page (``before``), None on the last."""
    statement = select(Change).where(Change.portal_id == portal.id).order_by(Change.id.desc()).limit(SHOWN + 1)
    if before:
        statement = statement.where(Change.id < before)
    found = list(session.scalars(statement))
    return found[:SHOWN], found[SHOWN - 1].id if len(found) > SHOWN else None
