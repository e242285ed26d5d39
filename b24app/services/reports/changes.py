"""The audit list: who changed what in a portal's settings, and when."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app.models import Change, Portal
from b24app.services import paging
from b24app.services.paging import Lead


def latest(session: Session, portal: Portal, *, before: int | None = None) -> tuple[list[Change], int | None]:
    """A page of changes, the latest first, and the key of the next page, None on the last."""
    rows = paging.walk(session, select(Change.id), [Lead((Change.portal_id,), (portal.id,))], Change.id, before)
    page = paging.cut(rows, lambda _row: True)
    found = session.scalars(select(Change).where(Change.id.in_(page.ids)).order_by(Change.id.desc()))
    return list(found), page.next_key
