"""Updates bindings when smart processes are added or removed, as administrators have chosen.

An event only marks the portal, and the worker checks it within a minute; however many events come, genuine or forged,
there is one check a minute.

Only an administrator may bind, so the calls use the token of an administrator who asked for this: the one who last
saved "Where it shows" or, before that, the one who installed Logbook. Nobody else's token is used, not even the one
that came with the event.
"""

import logging
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24 import Bitrix24
from b24app.codes import Notice
from b24app.db import change, has_passed
from b24app.errors import CallFailed, LogbookError, NotAdministrator, Refused
from b24app.models import Change, Person, Portal
from b24app.prepared import Prepared
from b24app.services.access import portals, tokens
from b24app.services.delivery.sender import PARK_SECONDS
from b24app.services.settings import places
from b24app.services.settings.settings import Section
from b24app.services.setup import bindings, repairs

log = logging.getLogger(__name__)

RETRY_SECONDS = 300
SAVINGS_READ = 20
_IS_DUE = Portal.places_due_at.is_not(None) & has_passed(Portal.places_due_at, RETRY_SECONDS)
_IS_AWAKE = Portal.suspended_at.is_(None) & has_passed(Portal.parked_until, PARK_SECONDS)
_PORTALS = Prepared(select(Portal.id).where(_IS_DUE, _IS_AWAKE).order_by(Portal.places_due_at))


def note(session: Session, portal: Portal) -> None:
    """Mark a portal whose smart processes have changed, to be checked soon."""
    portal.places_due_at = db.now(session)


def due(session: Session) -> list[int]:
    """The portals to check now."""
    return _PORTALS.scalars(session, {})


def follow(session: Session, b24: Bitrix24, portal_id: int, app_url: str) -> None:
    """Update a portal's bindings; if no token can, its administrators see a notice. Commits."""
    claimed_until = _claim(session, portal_id)
    portal = session.get(Portal, portal_id, populate_existing=True)
    session.commit()
    if portal is None or claimed_until is None:
        return
    if places.read(session, portal.id).is_following:
        has_followed = _ask_around(session, b24, portal, app_url)
        if has_followed is None:
            # It is tried again when the claim has ended.
            return
        is_ours = portal.notice in {None, Notice.NOT_FOLLOWED}
        portal.notice = portal.notice if not is_ours else None if has_followed else Notice.NOT_FOLLOWED
    _settle(session, portal, claimed_until)


def ordering_people(session: Session, portal: Portal) -> list[Person]:
    """The administrators in whose names to bind: those who saved the section, the latest first, then the installer.

    The installer is the first person of a portal that we know.
    """
    of_section = (Change.portal_id == portal.id) & (Change.section == Section.PLACES)
    savings = select(Change).where(of_section).order_by(Change.id.desc()).limit(SAVINGS_READ)
    savers = [saving.person for saving in session.scalars(savings)]
    first = select(Person).where(Person.portal_id == portal.id).order_by(Person.id).limit(1)
    people = dict.fromkeys([*savers, *session.scalars(first)])
    session.commit()
    return [person for person in people if person.is_administrator]


def _ask_around(session: Session, b24: Bitrix24, portal: Portal, app_url: str) -> bool | None:
    """Try each token; returns whether one worked, None if the portal does not answer now."""
    for person in ordering_people(session, portal):
        try:
            _look(session, b24, person, app_url)
        except LogbookError as failure:
            session.commit()
            facts = {"portal": portal.host, "person": person.bitrix_id, "code": str(failure)}
            log.warning("updating the bindings failed", extra=facts)
            if _is_passing(failure):
                return None
        else:
            return True
    return False


def _look(session: Session, b24: Bitrix24, person: Person, app_url: str) -> None:
    answers = tokens.ask_all_as(session, b24, person, {**portals.WHO, **bindings.SURVEY})
    profile = portals.read_proof(answers, app_code=person.portal.app_code)
    person.is_administrator = profile.is_administrator
    session.commit()
    if not profile.is_administrator:
        raise NotAdministrator
    repairs.repair(session, b24, person, bindings.read_survey(answers), app_url)


def _is_passing(failure: LogbookError) -> bool:
    """Whether another person's token would fail in the same way."""
    return failure.is_passing if isinstance(failure, Refused) else isinstance(failure, CallFailed)


def _claim(session: Session, portal_id: int) -> datetime | None:
    """Claim the check for one worker; if it is killed, another can claim it afterwards."""
    later = db.now(session) + timedelta(seconds=RETRY_SECONDS)
    statement = update(Portal).where(Portal.id == portal_id, _IS_DUE)
    is_ours = change(session, statement.values(places_due_at=later)) == 1
    session.commit()
    return later if is_ours else None


def _settle(session: Session, portal: Portal, claimed_until: datetime) -> None:
    """Clear the mark, unless another event came meanwhile."""
    session.commit()
    statement = update(Portal).where(Portal.id == portal.id, Portal.places_due_at == claimed_until)
    change(session, statement.values(places_due_at=None))
    session.commit()
