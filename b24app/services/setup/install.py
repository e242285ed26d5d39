"""Installs Logbook in a portal: proves the caller at the authorization server, saves them, then binds."""

import logging

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app import db
from b24app.bitrix24 import Bitrix24, methods
from b24app.bitrix24.calls import Answers, Call
from b24app.bitrix24.methods import Profile
from b24app.bitrix24.oauth import SCOPES, Installation, Pair
from b24app.bitrix24.payloads import EventCall, FrameCall
from b24app.db import database_time, insert_into
from b24app.errors import NotAdministrator, NotProved, ScopeMissing
from b24app.models import Portal
from b24app.services.access import portals
from b24app.services.access.portals import WHO, Caller
from b24app.services.settings import icons
from b24app.services.setup.bindings import SURVEY

log = logging.getLogger(__name__)

# What authorization servers send in place of a token's scopes.
ALL_OF_APPLICATION = "app"


def install(session: Session, b24: Bitrix24, request: FrameCall) -> tuple[Caller, Answers]:
    """Install from an administrator's frame; after the commit, binding can be resumed from the survey.

    Raises NotProved, ScopeMissing, NotAdministrator, or CallFailed if Bitrix24 cannot be asked.
    """
    caller, answers = _take_in(session, b24, request, request.access_token, {**SURVEY, **icons.QUESTION})
    icons.learn(caller.portal, answers)
    session.commit()
    return caller, answers


def install_by_event(session: Session, b24: Bitrix24, event: EventCall) -> tuple[Caller, Answers]:
    """Install from ONAPPINSTALL, or from ONAPPUPDATE with tokens, proved like a frame. Raises like ``install``."""
    if not event.access_token:
        raise NotProved(reason="no token")
    return _take_in(session, b24, event, event.access_token, SURVEY)


def _take_in(
    session: Session, b24: Bitrix24, request: FrameCall | EventCall, access_token: str, calls: dict[str, Call]
) -> tuple[Caller, Answers]:
    applicant = portals.applicant_of(portals.look_up(session, request.member_id), request, access_token)
    session.commit()
    with b24.admission.admit(applicant):
        installation, answers, profile = _prove(b24, request, access_token, calls)
    if not profile.is_administrator:
        raise NotAdministrator
    app_code = methods.read_application_code(answers["application"])
    portal = _write_portal(session, installation, app_code, request.application_token)
    portal.is_enterprise = methods.is_enterprise(answers["application"])
    caller = portals.enroll(session, portal, profile, Pair(access_token, request.refresh_token))
    session.commit()
    log.info("portal installed", extra={"portal": portal.host, "person": profile.id})
    return caller, answers


def _prove(
    b24: Bitrix24, request: FrameCall | EventCall, access_token: str, calls: dict[str, Call]
) -> tuple[Installation, Answers, Profile]:
    """Ask the authorization server for the token's portal and person, and confirm them at the portal."""
    authority = b24.authorities.choose(request.server_endpoint)
    installation = b24.authorities.recognise(authority, access_token)
    if installation.member_id != request.member_id:
        raise NotProved(reason="another portal")
    _require_scopes(installation.scopes)
    wanted = {**WHO, **calls, "scope": methods.scope()}
    answers = b24.portals.ask_all(installation.client_endpoint, access_token, wanted)
    profile = portals.read_proof(answers, app_code=None)
    if profile.id != installation.user_id:
        raise NotProved(reason="another person")
    if ALL_OF_APPLICATION in installation.scopes:
        _require_scopes(methods.read_scopes(answers["scope"]) - {ALL_OF_APPLICATION})
    return installation, answers, profile


def _require_scopes(granted: frozenset[str]) -> None:
    """Raises ScopeMissing; if the authorization server names no scopes, those that the portal reports count."""
    if ALL_OF_APPLICATION not in granted and (missing := SCOPES - granted):
        raise ScopeMissing(scopes=missing)


def _write_portal(session: Session, installation: Installation, app_code: str, application_token: str | None) -> Portal:
    facts = {"client_endpoint": installation.client_endpoint, "authority": installation.authority, "app_code": app_code}
    statement = insert_into(session, Portal).values(
        member_id=installation.member_id, installed_at=database_time(), **facts
    )
    session.execute(statement.on_conflict_do_update(index_elements=[Portal.member_id], set_=facts))
    of_member = select(Portal).where(Portal.member_id == installation.member_id)
    portal = session.scalars(of_member.execution_options(populate_existing=True)).one()
    if portal.suspended_at:
        # A portal that returns after an uninstall has a new token; the old one proves nothing any more.
        portal.application_token = None
    if portal.suspended_at or portal.announced_at:
        portal.installed_at = db.now(session)
        portal.last_event_ts = None
    portals.take_application_token(portal, application_token)
    # Removed before or not: answers about earlier pairs say nothing about this installation.
    portal.installation += 1
    portal.announced_at = portal.suspended_at = portal.check_due_at = portal.parked_until = None
    portal.checks_failed = portal.checks_alive = portal.silences = 0
    return portal
