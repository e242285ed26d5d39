"""A portal that may have removed Logbook: suspected, confirmed over some minutes, and only then forgotten.

The application token passes through every employee's browser, so an ONAPPUNINSTALL can be forged; and the true one may
never arrive. What cannot be forged is that the stored token pairs are dead.
"""

import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24
from b24app.db import is_over
from b24app.errors import CallFailed, LogbookError, NotProved, PairDead, Refused
from b24app.models import Person, Portal, TokenPair
from b24app.services import moving, portals, tokens

log = logging.getLogger(__name__)

# Revocation and event may race, so one answer is none: the last of these must agree with those before it.
CHECKS_BEFORE_PURGE = 3
CHECK_APART_SECONDS = 60
ASKED_PEOPLE = 5
FORGED = "FORGED_UNINSTALL"

REFUSED_RENEWALS = {"RENEWAL_INVALID_CLIENT", "RENEWAL_PAYMENT_REQUIRED"}

# Refusals that say the application is gone from the portal, not only that a person may not use it.
GONE = {"NOT_INSTALLED", "APPLICATION_NOT_FOUND", "ERROR_OAUTH", "PORTAL_DELETED"}


def suspend(session: Session, portal: Portal) -> None:
    """An uninstall was announced: nobody is served from now on, and the first check is due."""
    now = datetime.now(UTC)
    portal.suspended_at = portal.suspended_at or now
    portal.check_due_at = portal.check_due_at or now
    session.flush()
    log.warning("portal suspended", extra={"portal": portal.host})


def suspect(session: Session, portal: Portal, failure: CallFailed | PairDead) -> None:
    """A refusal that sounds like an uninstall whose event never came: it is checked, and served until then; commits."""
    code = failure.reason if isinstance(failure, PairDead) else failure.code
    if code in GONE and portal.check_due_at is None:
        portal.check_due_at = datetime.now(UTC)
        session.commit()
        log.warning("portal suspected to be gone", extra={"portal": portal.host, "code": code})


def due(session: Session) -> list[int]:
    """The portals whose leaving is to be checked now; commits."""
    is_due = is_over(Portal.check_due_at, datetime.now(UTC), CHECK_APART_SECONDS)
    ids = list(session.scalars(select(Portal.id).where(Portal.check_due_at.is_not(None), is_due)))
    session.commit()
    return ids


def check(session: Session, b24: Bitrix24, portal_id: int) -> None:
    """Ask whether the stored pairs still live: purge after enough deaths in a row, lift the suspension when alive."""
    portal = session.get(Portal, portal_id, populate_existing=True)
    session.commit()
    if portal is None or portal.check_due_at is None:
        return
    is_alive = _is_alive(session, b24, portal)
    portal.check_due_at = datetime.now(UTC) + timedelta(seconds=CHECK_APART_SECONDS)
    if is_alive is False:
        portal.checks_failed += 1
        if portal.checks_failed >= CHECKS_BEFORE_PURGE:
            portals.purge(session, portal)
    elif is_alive:
        _lift_when_sure(portal)
    session.commit()


def _lift_when_sure(portal: Portal) -> None:
    """Alive right after the event proves nothing yet: the revocation may be on its way."""
    now = datetime.now(UTC)
    grace = timedelta(seconds=CHECK_APART_SECONDS * (CHECKS_BEFORE_PURGE - 1))
    portal.checks_failed = 0
    if portal.suspended_at:
        # The clock may have been set back since.
        portal.suspended_at = min(portal.suspended_at, now)
        if now - portal.suspended_at < grace:
            return
        portal.notice = FORGED
        log.error("an uninstall was announced that never happened", extra={"portal": portal.host})
    portal.suspended_at = portal.check_due_at = None


def _is_alive(session: Session, b24: Bitrix24, portal: Portal) -> bool | None:
    """Whether any of the latest people's pairs lives; None where the authorization server cannot be asked."""
    latest = select(Person).join(TokenPair).where(Person.portal_id == portal.id)
    people = list(session.scalars(latest.order_by(TokenPair.obtained_at.desc()).limit(ASKED_PEOPLE)))
    session.commit()
    verdicts = [_lives(session, b24, person) for person in people]
    return True if True in verdicts else None if None in verdicts else False


def _lives(session: Session, b24: Bitrix24, person: Person) -> bool | None:
    try:
        version, access_token = tokens.read(session, person)
        try:
            installation = b24.authorities.recognise(person.portal.authority, access_token)
            moving.move(person.portal, installation.client_endpoint)
            return installation.member_id == person.portal.member_id
        except NotProved:
            tokens.renew(session, b24, person, stale_version=version)
            return True
    except (PairDead, Refused):
        return False
    except LogbookError as failure:
        # Said of a removed application as well as of a wrong secret: it counts once an uninstall was announced.
        is_refused = isinstance(failure, CallFailed) and failure.code in REFUSED_RENEWALS
        return False if is_refused and person.portal.suspended_at else None
