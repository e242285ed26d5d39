"""Portals that may have removed Logbook: they are checked while they are served, and purged only after proof.

The application token passes through every employee's browser, so ONAPPUNINSTALL can be forged; and the real one may
never arrive. What an authorization server says about the installation cannot be forged: see ``installation_proof``.
"""

import logging
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from b24app import db
from b24app.bitrix24 import Bitrix24
from b24app.codes import Notice, Reason
from b24app.db import change, database_time, has_passed
from b24app.errors import CallFailed, PairDead
from b24app.models import Person, Portal, TokenPair
from b24app.prepared import Prepared
from b24app.services.access import installation_proof, purge
from b24app.services.access.installation_proof import Sign

log = logging.getLogger(__name__)

# Revocation and event may race, so this many answers in a row must agree.
CHECKS_IN_A_ROW = 3
CHECK_APART_SECONDS = 60
# Without an answer, we ask every minute for an hour, and then once a day.
HURRIED_SECONDS = 3600
DAY_SECONDS = 86_400
# No token is valid for longer, so a portal that was silent for this long is deleted even without an answer.
UNHEARD_FOR = timedelta(days=180)

# Refusals that suggest that the application was removed.
SUSPICIOUS = installation_proof.ENDED | {"ERROR_OAUTH", Reason.NOT_HERE}
_IS_HURRIED = (Portal.checks_failed > 0) | (Portal.announced_at > database_time(-HURRIED_SECONDS))
_PORTALS = Prepared(
    select(Portal.id)
    .where(
        Portal.check_due_at.is_not(None),
        Portal.purged_at.is_(None),
        has_passed(Portal.check_due_at, DAY_SECONDS)
        | (_IS_HURRIED & has_passed(Portal.check_due_at, CHECK_APART_SECONDS)),
    )
    .order_by(Portal.check_due_at)
)


def announce(session: Session, b24: Bitrix24, portal: Portal) -> None:
    """Start checking an announced uninstall; the portal is served until it is proved. Commits.

    Asks once immediately, unless this application token was used for a forged event before.
    """
    is_news = portal.announced_at is None and portal.suspended_at is None
    now = db.now(session)
    portal.announced_at = portal.announced_at or now
    portal.check_due_at = portal.check_due_at or now
    session.commit()
    log.warning("uninstall announced", extra={"portal": portal.host})
    if is_news and not portal.is_token_forged and installation_proof.glance(session, b24, portal) is Sign.END:
        _suspend(session, portal)


def suspect(session: Session, portal: Portal, failure: CallFailed | PairDead) -> None:
    """Start checking a portal after a refusal that suggests an uninstall without an event; commits."""
    code = failure.reason if isinstance(failure, PairDead) else failure.code
    if code in SUSPICIOUS and portal.check_due_at is None and portal.purged_at is None:
        portal.check_due_at = db.now(session)
        session.commit()
        log.warning("portal may have removed Logbook", extra={"portal": portal.host, "code": code})


def due(session: Session) -> list[int]:
    """The portals whose uninstall is due for a check."""
    return _PORTALS.scalars(session, {})


def check(session: Session, b24: Bitrix24, portal_id: int) -> None:
    """Ask whether the installation is alive; enough equal answers condemn the portal or end the check. Commits."""
    portal = session.get(Portal, portal_id, populate_existing=True)
    session.commit()
    if portal is None or portal.check_due_at is None:
        return
    asked_about = _state(portal)
    sign = installation_proof.gather(session, b24, portal)
    now = db.now(session)
    if _put_off(session, portal, asked_about, _next_check(portal, sign, now)):
        _judge(session, portal, sign, now)
    session.commit()


def _next_check(portal: Portal, sign: Sign, now: datetime) -> datetime:
    is_hurried = portal.announced_at is not None and portal.announced_at > now - timedelta(seconds=HURRIED_SECONDS)
    is_for_long = sign is Sign.NOTHING and not is_hurried
    return now + timedelta(seconds=DAY_SECONDS if is_for_long else CHECK_APART_SECONDS)


def _state(portal: Portal) -> dict[InstrumentedAttribute[Any], Any]:
    """The values that a new event, installation or check by another worker would change."""
    parts = (Portal.installation, Portal.announced_at, Portal.checks_failed, Portal.checks_alive, Portal.purged_at)
    return {part: getattr(portal, part.key) for part in parts}


def _put_off(
    session: Session, portal: Portal, asked_about: dict[InstrumentedAttribute[Any], Any], until: datetime
) -> bool:
    """Schedule the next check; returns False if something has changed since the authorization server was asked."""
    session.flush()
    as_it_was = [part.is_not_distinct_from(value) for part, value in asked_about.items()]
    statement = update(Portal).where(Portal.id == portal.id, *as_it_was)
    is_as_it_was = change(session, statement.values(check_due_at=until)) == 1
    session.refresh(portal)
    return is_as_it_was


def _judge(session: Session, portal: Portal, sign: Sign, now: datetime) -> None:
    if sign is Sign.LIFE:
        _note_life(portal)
    elif sign is Sign.END:
        _note_end(session, portal, now)
    elif sign is Sign.NOTHING:
        _note_nothing(session, portal, now)


def _note_life(portal: Portal) -> None:
    """Count an answer that the installation is alive: right after the event it proves nothing yet."""
    portal.suspended_at = None
    portal.checks_failed = 0
    portal.checks_alive += 1
    if portal.announced_at and portal.checks_alive < CHECKS_IN_A_ROW:
        return
    if portal.announced_at:
        portal.notice = Notice.FORGED_UNINSTALL
        portal.is_token_forged = True
        log.error("an uninstall was announced that never happened", extra={"portal": portal.host})
    portal.announced_at = portal.check_due_at = None
    portal.checks_alive = 0


def _note_end(session: Session, portal: Portal, now: datetime) -> None:
    portal.suspended_at = portal.suspended_at or now
    portal.checks_alive = 0
    portal.checks_failed += 1
    if portal.checks_failed >= CHECKS_IN_A_ROW:
        purge.condemn(session, portal)


def _note_nothing(session: Session, portal: Portal, now: datetime) -> None:
    """Keep everything and notify the administrators, until the portal has been silent for a token's lifetime."""
    portal.suspended_at = None
    portal.checks_failed = 0
    portal.notice = Notice.UNPROVED_UNINSTALL if portal.announced_at else portal.notice
    last_seen = session.scalar(
        select(func.max(TokenPair.obtained_at)).join(Person).where(Person.portal_id == portal.id)
    )
    if max(last_seen or portal.installed_at, portal.announced_at or portal.installed_at) < now - UNHEARD_FOR:
        purge.condemn(session, portal)


def _suspend(session: Session, portal: Portal) -> None:
    """Stop serving the portal while the worker keeps checking, unless it was installed again meanwhile."""
    as_it_was = (Portal.installation == portal.installation, Portal.announced_at.is_not(None))
    statement = update(Portal).where(Portal.id == portal.id, Portal.suspended_at.is_(None), *as_it_was)
    if change(session, statement.values(suspended_at=database_time())):
        log.warning("portal suspended", extra={"portal": portal.host})
    session.commit()
