"""Deletes portals whose uninstall is proved: a commit hides the portal, then its rows are deleted in steps."""

import logging
import time
from collections.abc import Callable
from typing import Any, cast

from sqlalchemy import CursorResult, Delete, delete, func, select, update
from sqlalchemy.orm import Session

from b24app.db import change, database_time
from b24app.models import LogEntry, Portal, RestCall
from b24app.prepared import Prepared
from b24app.services.access import rest_log

log = logging.getLogger(__name__)

PURGED_AT_ONCE = 3000
# Waiting writers check every tenth of a second whether SQLite is free.
PURGE_PAUSE_SECONDS = 0.15
_PORTALS = Prepared(select(Portal.id).where(Portal.purged_at.is_not(None)).order_by(Portal.purged_at))


def condemn(session: Session, portal: Portal) -> None:
    """Hide a portal permanently; the caller commits.

    It loses its member_id, so installing Logbook there again creates a new portal, and none keeps only a part of its
    history.
    """
    gone = {"member_id": f"purged-{portal.id}", "application_token": None, "check_due_at": None}
    suspended_at = func.coalesce(Portal.suspended_at, database_time())
    condemning = update(Portal).where(Portal.id == portal.id)
    change(session, condemning.values(purged_at=database_time(), suspended_at=suspended_at, **gone))
    log.warning("portal condemned", extra={"portal": portal.host})


def due(session: Session) -> list[int]:
    """The condemned portals that still have rows, including those of an interrupted purge."""
    return _PORTALS.scalars(session, {})


def purge(session: Session, portal_id: int, sleep: Callable[[float], None] = time.sleep) -> None:
    """Delete a condemned portal and, through foreign keys, everything that belongs to it; commits.

    Large tables go first, in steps between which others can write; the portal's row goes last.
    """
    portal = session.get(Portal, portal_id)
    session.commit()
    rest_log.complete(session)
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
    """Execute a DELETE; returns how many rows were deleted. Commits."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    session.commit()
    return cast("CursorResult[Any]", result).rowcount
