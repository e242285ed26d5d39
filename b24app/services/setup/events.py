"""Handles the events of portals, trusting each only as far as it is proved."""

import hmac
import logging
import time

from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.payloads import EVENTS, TYPE_EVENTS, EventCall
from b24app.errors import LogbookError, NotProved
from b24app.models import Portal
from b24app.services.access import application_user, portals, sealing, uninstall
from b24app.services.access.portals import Caller
from b24app.services.delivery import outbox
from b24app.services.setup import bindings, install, payments, repairs, robots, smart_processes

log = logging.getLogger(__name__)

CLOCK_TOLERANCE_SECONDS = 120


def take(session: Session, b24: Bitrix24, event: EventCall, app_url: str) -> int | None:
    """Handle an event once; returns a portal for which to wake the worker, if any.

    Raises NotProved or NotInstalled for a forged event. Repeated events change nothing, and unknown ones are ignored
    without a proof.
    """
    if event.name not in EVENTS or (event.name == "ONAPPUSERREADY" and not event.own_access_token):
        log.info("event ignored", extra={"event": event.name})
        return None
    woken = None
    if event.name == "ONAPPINSTALL":
        _take_install(session, b24, event, app_url)
    elif event.name == "ONAPPUPDATE":
        _take_update(session, b24, event, app_url)
    elif event.name in TYPE_EVENTS:
        _take_type(session, event)
    elif event.name == "ONAPPUSERREADY":
        woken = _take_own_user(session, b24, event)
    elif event.name == "ONAPPPAYMENT":
        portal = portals.find(session, event.member_id)
        woken = portal.id if payments.hint(session, b24, portal) else None
    else:
        _take_uninstall(session, b24, event)
    session.commit()
    log.info("event taken", extra={"event": event.name})
    return woken


def _take_install(session: Session, b24: Bitrix24, event: EventCall, app_url: str) -> None:
    """Install and bind: nothing else binds if the application does not complete its installation itself."""
    caller, answers = install.install_by_event(session, b24, event)
    _remember(caller.portal, event)
    session.commit()
    _bind(session, b24, caller, answers, app_url)


def _take_update(session: Session, b24: Bitrix24, event: EventCall, app_url: str) -> None:
    """Bind again after an update, which removes bindings. Only a proved person may bring a new application token."""
    is_vouched_for = _is_application_token(portals.known(session, event.member_id), event)
    if not event.access_token and not is_vouched_for:
        raise NotProved(reason="application token")
    try:
        caller, answers = install.install_by_event(session, b24, event)
    except LogbookError as failure:
        if not is_vouched_for:
            raise
        log.warning("an update brought no valid token", extra={"code": str(failure)})
        return
    _bind(session, b24, caller, answers, app_url)


def _bind(session: Session, b24: Bitrix24, caller: Caller, answers: Answers, app_url: str) -> None:
    """Bind; a failure is only logged, since the settings show what is missing and can repair it."""
    try:
        survey = bindings.read_survey(answers)
        repairs.repair(session, b24, caller.person, survey, app_url)
        robots.register(session, b24, caller.person, survey, app_url)
    except LogbookError as failure:
        log.warning("binding after an event failed", extra={"portal": caller.portal.host, "code": str(failure)})


def _take_uninstall(session: Session, b24: Bitrix24, event: EventCall) -> None:
    portal = portals.known(session, event.member_id)
    if not _is_application_token(portal, event):
        raise NotProved(reason="application token")
    if _is_outdated(portal, event):
        log.warning("event of an earlier installation", extra={"portal": portal.host, "event": event.name})
        return
    _remember(portal, event)
    uninstall.announce(session, b24, portal)


def _take_own_user(session: Session, b24: Bitrix24, event: EventCall) -> int:
    """Store the application's own user; not recorded as the last event, which is for uninstalls."""
    portal = portals.find(session, event.member_id)
    if not _is_application_token(portal, event):
        raise NotProved(reason="application token")
    person = application_user.take(session, b24, portal, event, event.own_access_token or "")
    outbox.wake(session, person)
    return portal.id


def _take_type(session: Session, event: EventCall) -> None:
    """Mark the portal for an update of its bindings, without any call."""
    portal = portals.find(session, event.member_id)
    if not _is_application_token(portal, event):
        raise NotProved(reason="application token")
    # Not recorded as the last event: there are many of these, and none is final.
    if not _is_outdated(portal, event):
        smart_processes.note(session, portal)


def _is_outdated(portal: Portal, event: EventCall) -> bool:
    """Whether an event was sent before the last one or before the installation: events come late and out of order."""
    if event.sent_at is None:
        return False
    is_before_installation = event.sent_at < portal.installed_at.timestamp() - CLOCK_TOLERANCE_SECONDS
    return is_before_installation or event.sent_at < (portal.last_event_ts or 0)


def _remember(portal: Portal, event: EventCall) -> None:
    """Record when the last event was sent, at most now, so that a forged event cannot outdate all real ones."""
    sent_at = min(event.sent_at or 0, int(time.time()))
    portal.last_event_ts = max(sent_at, portal.last_event_ts or 0) or None


def _is_application_token(portal: Portal, event: EventCall) -> bool:
    stored = sealing.opened(portal.application_token, sealing.of_portal(portal)) or ""
    given = event.application_token or ""
    return bool(stored) and hmac.compare_digest(stored.encode(), given.encode())
