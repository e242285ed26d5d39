"""A portal that may have removed Logbook: suspected, confirmed over some minutes, and only then forgotten.

The application token passes through every employee's browser, so an ONAPPUNINSTALL can be forged; and the true one may
never arrive. What cannot be forged is that the stored token pairs are dead.
"""

import enum
import logging
from datetime import UTC, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24
from b24app.db import change, is_over
from b24app.errors import CallFailed, LogbookError, NotProved, PairDead
from b24app.models import Person, Portal, TokenPair
from b24app.services.access import portals, relocation, tokens

log = logging.getLogger(__name__)

# Revocation and event may race, so one answer is none: the last of these must agree with those before it.
CHECKS_BEFORE_PURGE = 3
CHECK_APART_SECONDS = 60
ASKED_PEOPLE = 5
# A suspended portal of which nobody can tell for so long whether it lives is forgotten, too.
UNHEARD_FOR = timedelta(days=30)
FORGED = "FORGED_UNINSTALL"

REFUSED_RENEWALS = {"RENEWAL_INVALID_CLIENT", "RENEWAL_PAYMENT_REQUIRED"}

# Refusals that say the application is gone from the portal, not only that a person may not use it.
GONE = {"NOT_INSTALLED", "APPLICATION_NOT_FOUND", "ERROR_OAUTH", "PORTAL_DELETED"}


class Sign(enum.Enum):
    """What a stored pair tells of the portal."""

    LIFE = enum.auto()
    DEATH = enum.auto()
    NOTHING = enum.auto()
    # The authorization server cannot be asked now.
    SILENCE = enum.auto()


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
    suspended_at = portal.suspended_at
    is_alive = _is_alive(session, b24, portal)
    if _put_off(session, portal, suspended_at):
        _settle(session, portal, is_alive)
    session.commit()


def _put_off(session: Session, portal: Portal, suspended_at: datetime | None) -> bool:
    """To the next check; not where an event or an installation has come while the authorization server was asked."""
    statement = update(Portal).where(Portal.id == portal.id, Portal.suspended_at.is_not_distinct_from(suspended_at))
    next_check = datetime.now(UTC) + timedelta(seconds=CHECK_APART_SECONDS)
    is_as_it_was = change(session, statement.values(check_due_at=next_check)) == 1
    session.refresh(portal)
    return is_as_it_was


def _settle(session: Session, portal: Portal, is_alive: bool | None) -> None:
    if is_alive:
        _lift_when_sure(portal)
    elif is_alive is False:
        portal.checks_failed += 1
    is_unheard = portal.suspended_at is not None and portal.suspended_at < datetime.now(UTC) - UNHEARD_FOR
    if portal.checks_failed >= CHECKS_BEFORE_PURGE or (is_alive is None and is_unheard):
        portals.purge(session, portal)


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
    """Whether any of the latest people's pairs lives; None where nobody can tell."""
    latest = select(Person).join(TokenPair).where(Person.portal_id == portal.id)
    people = list(session.scalars(latest.order_by(TokenPair.obtained_at.desc()).limit(ASKED_PEOPLE)))
    session.commit()
    signs = {_sign_of(session, b24, person) for person in people}
    if Sign.LIFE in signs:
        return True
    return False if Sign.DEATH in signs and Sign.SILENCE not in signs else None


def _sign_of(session: Session, b24: Bitrix24, person: Person) -> Sign:
    portal = person.portal
    try:
        version, access_token = tokens.read(session, person)
        try:
            installation = b24.authorities.recognise(portal.authority, access_token)
        except NotProved as refusal:
            if refusal.reason.upper() in GONE:
                return Sign.DEATH
            tokens.renew(session, b24, person, stale_version=version)
            return Sign.LIFE
    except PairDead as dead:
        return Sign.DEATH if dead.reason in tokens.FINAL_REFUSALS else Sign.NOTHING
    except LogbookError as failure:
        # Said of a removed application as well as of a wrong secret: it counts once an uninstall was announced.
        is_refused = isinstance(failure, CallFailed) and failure.code in REFUSED_RENEWALS
        return Sign.DEATH if is_refused and portal.suspended_at else Sign.SILENCE
    if installation.member_id != portal.member_id:
        return Sign.NOTHING
    relocation.move(portal, installation.client_endpoint)
    return Sign.LIFE
