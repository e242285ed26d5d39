"""The table of the worker's chores; finding the portals with work is separate from doing it.

The queue, the clock and the command line all use this table, so every wake-up does the same.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from b24app import current_request, db
from b24app.bitrix24 import Bitrix24
from b24app.bitrix24.addresses import host_of
from b24app.errors import CallFailed, PairDead
from b24app.models import Portal
from b24app.outages import DATABASE, Outages, is_outage
from b24app.services.access import keeping_alive, purge, rest_log, sealing, uninstall
from b24app.services.delivery import bound_cards, claims, deletions, drafts, outbox, sender
from b24app.services.machines import callbacks, robots
from b24app.services.settings import retention
from b24app.services.setup import smart_processes

log = logging.getLogger(__name__)

# Stands for the portal in chores that do not belong to one.
NO_PORTAL: Final = 0


@dataclass(frozen=True)
class Context:
    """What chores work with."""

    sessions: sessionmaker[Session]
    b24: Bitrix24
    app_url: str
    outages: Outages = field(default_factory=Outages)


@dataclass(frozen=True)
class Chore:
    """``find`` lists the portals with work, in a session that ends with it; ``do`` handles one, which may take long.

    ``do`` returns the seconds until it is due again; None leaves that to the next round.
    """

    name: str
    find: Callable[[Session], Sequence[int]]
    do: Callable[[Session, Context, int], datetime | None]


def sweep(context: Context) -> None:
    """Do everything that is due; a failure does not stop the rest and is raised at the end."""
    failures: list[Exception] = []
    for chore in CHORES:
        with _kept(failures):
            for portal_id in due(context, chore):
                with _kept(failures):
                    do(context, chore, portal_id)
    if failures:
        raise failures[0]


def due(context: Context, chore: Chore) -> Sequence[int]:
    """The portals for which a chore is due; failures are logged and raised."""
    with _piece_of_work(context, chore, NO_PORTAL) as session:
        return chore.find(session)


def do(context: Context, chore: Chore, portal_id: int) -> timedelta | None:
    """Do a chore for one portal; returns the seconds until it is due again. Failures are logged and raised."""
    with _piece_of_work(context, chore, portal_id) as session:
        again_at = chore.do(session, context, portal_id)
        if again_at is None:
            return None
        wait = again_at - db.now(session)
        session.commit()
        return max(wait, timedelta())


def _always(_session: Session) -> Sequence[int]:
    return (NO_PORTAL,)


def _tidy(session: Session, _context: Context, _portal_id: int) -> None:
    drafts.drop_old(session)
    while rest_log.trim(session):
        pass
    sealing.seal_again(session)


def _check(session: Session, context: Context, portal_id: int) -> None:
    uninstall.check(session, context.b24, portal_id)


def _purge(session: Session, _context: Context, portal_id: int) -> None:
    purge.purge(session, portal_id)


def _keep_alive(session: Session, context: Context, portal_id: int) -> None:
    """Renew pairs that were unused for almost half a year, just before they expire."""
    for person, version in keeping_alive.nearing_their_end(session, portal_id):
        try:
            keeping_alive.keep_alive(session, context.b24, person, version)
        except (PairDead, CallFailed) as failure:
            log.warning("a pair was not kept alive", extra={"portal": person.portal.host, "code": str(failure)})
            uninstall.suspect(session, person.portal, failure)
        rest_log.keep(session, person.portal, person.bitrix_id)
        session.commit()


def _forget_words(session: Session, _context: Context, portal_id: int) -> None:
    retention.trim(session, portal_id)


def _follow(session: Session, context: Context, portal_id: int) -> None:
    smart_processes.follow(session, context.b24, portal_id, context.app_url)


def _find_deliveries(session: Session) -> Sequence[int]:
    # Makes due what a killed process held and what a clock jump has postponed.
    outbox.undo_jump(session)
    claims.take_up_stale(session)
    due = sender.due(session)
    return [*due, *(portal_id for portal_id in bound_cards.due(session) if portal_id not in due)]


def _deliver(session: Session, context: Context, portal_id: int) -> datetime | None:
    has_worked = sender.deliver_waiting(session, context.b24, portal_id)
    bound_cards.bind_waiting(session, context.b24, portal_id)
    if not has_worked:
        return None
    due_at = outbox.next_due_at(session, portal_id)
    portal = session.get(Portal, portal_id, populate_existing=True)
    session.commit()
    if portal is None or due_at is None:
        return None
    return max(due_at, portal.parked_until or due_at)


def _delete_marked(session: Session, context: Context, portal_id: int) -> None:
    deletions.delete_marked(session, context.b24, portal_id)


def _send_callbacks(session: Session, context: Context, portal_id: int) -> None:
    callbacks.tell_due(session, context.b24, portal_id)


def _answer_workflows(session: Session, context: Context, portal_id: int) -> None:
    robots.answer_due(session, context.b24, portal_id)


DELIVER = Chore("deliver", _find_deliveries, _deliver)
DELETE = Chore("delete what is marked for it", deletions.due, _delete_marked)
SEND_CALLBACKS = Chore("send callbacks", callbacks.due, _send_callbacks)
ANSWER = Chore("answer workflows", robots.due, _answer_workflows)
# People wait for these; the other chores run once a minute.
FREQUENT = (DELIVER, DELETE, SEND_CALLBACKS, ANSWER)
CHORES = (
    Chore("tidy", _always, _tidy),
    Chore("check whether it lives", uninstall.due, _check),
    Chore("purge", purge.due, _purge),
    Chore("keep tokens alive", keeping_alive.due, _keep_alive),
    Chore("forget words", retention.due, _forget_words),
    Chore("follow smart processes", smart_processes.due, _follow),
    *FREQUENT,
)


@contextmanager
def _kept(failures: list[Exception]) -> Iterator[None]:
    try:
        yield
    except Exception as failure:
        failures.append(failure)


@contextmanager
def _piece_of_work(context: Context, chore: Chore, portal_id: int) -> Iterator[Session]:
    """A context for one piece of work; a failure is logged with the portal and raised."""
    current_request.begin()
    rest_log.forget()
    with context.sessions() as session:
        try:
            yield session
        except Exception as failure:
            session.rollback()
            _tell(context, chore, failure, _host(session, portal_id))
            raise
    context.outages.end(DATABASE)


def _tell(context: Context, chore: Chore, failure: Exception, host: str) -> None:
    if is_outage(failure):
        context.outages.note(DATABASE, failure)
    else:
        log.exception("a chore has failed", extra={"chore": chore.name, "portal": host})


def _host(session: Session, portal_id: int) -> str:
    """The portal's host, for the log; its row, or the whole database, may be unreadable."""
    address = None
    if portal_id != NO_PORTAL:
        with suppress(SQLAlchemyError):
            address = session.scalar(select(Portal.client_endpoint).where(Portal.id == portal_id))
    return host_of(address or "") or "-"
