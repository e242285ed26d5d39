"""What the worker does: everything that is due, in one place for the queue, the clock and the command line."""

import logging
from datetime import UTC, datetime

from sqlalchemy.orm import Session, sessionmaker

from b24app import tracing
from b24app.bitrix24 import Bitrix24
from b24app.errors import LogbookError
from b24app.models import Portal
from b24app.services import drafts, drain, following, leaving, outbox, rest_log, tokens

log = logging.getLogger(__name__)


def sweep(sessions: sessionmaker[Session], b24: Bitrix24, app_url: str) -> None:
    """Find what is due and do it all: a task may be lost, a row is not."""
    for portal_id in find_due(sessions, b24, app_url):
        deliver(sessions, b24, portal_id)


def find_due(sessions: sessionmaker[Session], b24: Bitrix24, app_url: str) -> list[int]:
    """Do the small chores, and tell which portals have entries to deliver."""
    tracing.begin()
    rest_log.forget()
    with sessions() as session:
        outbox.take_up_stale(session)
        drafts.drop_old(session)
        for portal_id in leaving.due(session):
            leaving.check(session, b24, portal_id)
        for portal_id in following.due(session):
            following.follow(session, b24, portal_id, app_url)
        _keep_alive(session, b24)
        while rest_log.trim(session):
            pass
        return drain.due_portals(session)


def deliver(sessions: sessionmaker[Session], b24: Bitrix24, portal_id: int) -> datetime | None:
    """Drain one portal; answers when it should be looked at next, or None where somebody else will."""
    tracing.begin()
    rest_log.forget()
    with sessions() as session:
        if not drain.drain(session, b24, portal_id):
            return None
        due_at = outbox.next_due_at(session, portal_id)
        portal = session.get(Portal, portal_id, populate_existing=True)
        session.commit()
        if portal is None or due_at is None:
            return None
        return max(due_at, portal.parked_until or due_at, datetime.now(UTC))


def _keep_alive(session: Session, b24: Bitrix24) -> None:
    """Pairs that nobody used for half a year, renewed before Bitrix24 forgets them; never sooner."""
    for person, version in tokens.nearing_their_end(session):
        try:
            tokens.renew(session, b24, person, stale_version=version)
        except LogbookError as failure:
            log.warning("a pair was not kept alive", extra={"portal": person.portal.host, "code": str(failure)})
