"""What the worker does: everything that is due, in one place for the queue, the clock and the command line."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from b24app import tracing
from b24app.bitrix24 import Bitrix24
from b24app.errors import CallFailed, PairDead
from b24app.models import Person, Portal
from b24app.services.access import rest_log, tokens, uninstall
from b24app.services.delivery import claims, drafts, outbox, sender
from b24app.services.setup import smart_processes

log = logging.getLogger(__name__)

Result = TypeVar("Result")


@dataclass(frozen=True)
class Due:
    """The portals that something is to be asked of; they may be slow, so nobody else should wait for them."""

    to_follow: list[int]
    to_deliver: list[int]


class Round:
    """Pieces of work that are all done, whatever becomes of the others: no portal keeps another one waiting."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._failures: list[Exception] = []

    def attempt(self, work: Callable[[Session], Result], portal_id: int | None = None) -> Result | None:
        """What ``work`` answers; None where it fails, which is logged."""
        try:
            with _piece_of_work(self._sessions, portal_id) as session:
                return work(session)
        except Exception as failure:
            self._failures.append(failure)
            return None

    def finish(self) -> None:
        """Raises the first failure, now that everything is done."""
        if self._failures:
            raise self._failures[0]


def sweep(sessions: sessionmaker[Session], b24: Bitrix24, app_url: str) -> None:
    """Find what is due and do it all: a task may be lost, a row is not. Raises what failed, in the end."""
    this_round = Round(sessions)
    due = find_due(this_round, b24)
    for portal_id in due.to_follow:
        this_round.attempt(partial(smart_processes.follow, b24=b24, portal_id=portal_id, app_url=app_url), portal_id)
    for portal_id in due.to_deliver:
        this_round.attempt(partial(_drain, b24=b24, portal_id=portal_id), portal_id)
    this_round.finish()


def find_due(this_round: Round, b24: Bitrix24) -> Due:
    """Do the small chores, and tell which portals are to be asked for something."""
    this_round.attempt(outbox.undo_jump)
    this_round.attempt(drafts.drop_old)
    this_round.attempt(_trim)
    for portal_id in this_round.attempt(uninstall.due) or []:
        this_round.attempt(partial(uninstall.check, b24=b24, portal_id=portal_id), portal_id)
    for person, version in this_round.attempt(tokens.nearing_their_end) or []:
        of_person = partial(_keep_alive, b24=b24, person_id=person.id, version=version)
        this_round.attempt(of_person, person.portal_id)
    return Due(this_round.attempt(smart_processes.due) or [], find_deliveries(this_round))


def find_deliveries(this_round: Round) -> list[int]:
    """The portals that something is to be sent to, or looked for in, what killed processes have left included."""
    this_round.attempt(claims.take_up_stale)
    return this_round.attempt(sender.due_portals) or []


def follow(sessions: sessionmaker[Session], b24: Bitrix24, portal_id: int, app_url: str) -> None:
    """Bring one portal to what is wanted of it."""
    with _piece_of_work(sessions, portal_id) as session:
        smart_processes.follow(session, b24, portal_id, app_url)


def deliver(sessions: sessionmaker[Session], b24: Bitrix24, portal_id: int) -> datetime | None:
    """Drain one portal; answers when it should be looked at next, or None where somebody else will."""
    with _piece_of_work(sessions, portal_id) as session:
        return _drain(session, b24, portal_id)


def _drain(session: Session, b24: Bitrix24, portal_id: int) -> datetime | None:
    if not sender.drain(session, b24, portal_id):
        return None
    due_at = outbox.next_due_at(session, portal_id)
    portal = session.get(Portal, portal_id, populate_existing=True)
    session.commit()
    if portal is None or due_at is None:
        return None
    return max(due_at, portal.parked_until or due_at, datetime.now(UTC))


def _keep_alive(session: Session, b24: Bitrix24, person_id: int, version: int) -> None:
    """A pair that nobody used for half a year, renewed before Bitrix24 forgets it; never sooner."""
    person = session.get_one(Person, person_id)
    try:
        tokens.keep_alive(session, b24, person, version)
    except (PairDead, CallFailed) as failure:
        log.warning("a pair was not kept alive", extra={"portal": person.portal.host, "code": str(failure)})
        uninstall.suspect(session, person.portal, failure)
    rest_log.keep(session, person.portal, person.bitrix_id)
    session.commit()


def _trim(session: Session) -> None:
    while rest_log.trim(session):
        pass


@contextmanager
def _piece_of_work(sessions: sessionmaker[Session], portal_id: int | None) -> Iterator[Session]:
    """Begins with nothing that an earlier one has left; what it fails of is logged, with the portal, and raised."""
    tracing.begin()
    rest_log.forget()
    with sessions() as session:
        try:
            yield session
        except Exception:
            session.rollback()
            log.exception("a chore has failed", extra={"portal": _host(session, portal_id)})
            raise


def _host(session: Session, portal_id: int | None) -> str:
    """By its address alone, for the row may be what cannot be read; so may be the whole database."""
    address = None
    if portal_id is not None:
        with suppress(SQLAlchemyError):
            address = session.scalar(select(Portal.client_endpoint).where(Portal.id == portal_id))
    return (address or "").partition("://")[2].partition("/")[0] or "-"
