"""Gone is gone: the portal whose uninstall is proved is found by nobody from one commit on, then deleted in steps."""

import logging
import time
from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, delete, func, select, update
from sqlalchemy.orm import Session

from b24app.db import change, database_time
from b24app.models import LogEntry, Portal, RestCall

log = logging.getLogger(__name__)

PURGED_AT_ONCE = 3000
# Who waits for SQLite looks up to a tenth of a second later whether it is free.
PURGE_PAUSE_SECONDS = 0.15


def condemn(session: Session, portal: Portal) -> None:
    """Take the portal out of sight with the caller's commit, and for good.

    It loses its member_id, so whoever installs Logbook there again begins a new portal: none is ever left with a part
    of its history.
    """
    gone = {"member_id": f"purged-{portal.id}", "application_token": None, "check_due_at": None}
    suspended_at = func.coalesce(Portal.suspended_at, database_time())
    condemning = update(Portal).where(Portal.id == portal.id)
    change(session, condemning.values(purged_at=database_time(), suspended_at=suspended_at, **gone))
    log.warning("portal condemned", extra={"portal": portal.host})


def due(session: Session) -> list[int]:
    """The condemned portals of which something is left, also where a purge was cut short; commits."""
    ids = list(session.scalars(select(Portal.id).where(Portal.purged_at.is_not(None)).order_by(Portal.purged_at)))
    session.commit()
    return ids


def purge(session: Session, portal_id: int, sleep: Callable[[float], None] = time.sleep) -> None:
    """Delete a condemned portal and, through the foreign keys, all that hangs on it; commits.

    What may be much goes first, in steps between which others write; the portal's row goes last.
    """
    portal = session.get(Portal, portal_id)
    session.commit()
    if portal is None:
        return
    for table in (LogEntry, RestCall):
        while _purge_step(session, portal_id, table) == PURGED_AT_ONCE:
            sleep(PURGE_PAUSE_SECONDS)
    if _delete(session, delete(Portal).where(Portal.id == portal_id, Portal.purged_at.is_not(None))):
        log.warning("portal purged", extra={"portal": portal.host})


def _purge_step(session: Session, portal_id: int, table: type[LogEntry | RestCall]) -> int:
    of_condemned = select(table.id).join(Portal, Portal.id == table.portal_id)
    some = of_condemned.where(Portal.id == portal_id, Portal.purged_at.is_not(None)).limit(PURGED_AT_ONCE)
    return _delete(session, delete(table).where(table.id.in_(some)))


def _delete(session: Session, statement: Delete) -> int:
    """Answers how many rows went; commits."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    session.commit()
    return cast("CursorResult[Any]", result).rowcount
