"""The application's own user in a portal, which is no person and writes what no person writes.

Docs: https://apidocs.bitrix24.com/settings/system-user.html
"""

import logging
from dataclasses import replace

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24, methods
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.methods import Profile
from b24app.bitrix24.oauth import Installation, Pair
from b24app.bitrix24.payloads import EventCall
from b24app.codes import Reason
from b24app.db import change
from b24app.errors import AnswerLost, NotProved, Refused
from b24app.models import EntryState, LogEntry, Person, Portal, TokenPair
from b24app.services.access import portals
from b24app.services.access.portals import WHO

log = logging.getLogger(__name__)

# For portals that do not name their system user.
NAME = "Logbook"


def find(session: Session, portal: Portal) -> Person | None:
    """The application's own user, if the portal has announced one whose permission is still valid."""
    own = select(Person).join(TokenPair).where(Person.portal_id == portal.id, Person.is_application.is_(True))
    return session.scalars(own.where(TokenPair.refusal.is_(None)).order_by(Person.id.desc()).limit(1)).first()


def lacks_rights(session: Session, person: Person) -> bool:
    """Whether the portal has denied it access to a card."""
    refused = select(LogEntry.id).where(LogEntry.portal_id == person.portal_id, LogEntry.state == EntryState.FAILED)
    of_person = refused.where(LogEntry.person_id == person.id, LogEntry.reason == Reason.ACCESS_DENIED)
    return session.scalar(of_person.limit(1)) is not None


def take(session: Session, b24: Bitrix24, portal: Portal, event: EventCall, access_token: str) -> Person:
    """Store the pair of ONAPPUSERREADY, whose application token is proved; raises NotProved or CallFailed.

    The authorization server says whose token it is. An employee who knows the application token could send their own;
    so people who have opened Logbook cannot become its user, and it cannot be replaced within an installation.
    """
    applicant = portals.applicant_of(portal, event, access_token)
    session.commit()
    with b24.admission.admit(applicant):
        installation, profile = _prove(b24, portal, access_token)
    _refuse_replacement(session, portal, profile)
    caller = portals.enroll(session, portal, profile, Pair(access_token, event.own_refresh_token))
    others = update(Person).where(Person.portal_id == portal.id, Person.id != caller.person.id)
    change(session, others.where(Person.is_application.is_(True)).values(is_application=False))
    caller.person.is_application = True
    session.commit()
    log.info("the application has a user", extra={"portal": portal.host, "person": installation.user_id})
    return caller.person


def _prove(b24: Bitrix24, portal: Portal, access_token: str) -> tuple[Installation, Profile]:
    installation = b24.authorities.recognise(portal.authority, access_token)
    if installation.member_id != portal.member_id:
        raise NotProved(reason="another portal")
    answers = b24.portals.ask_all(portal.client_endpoint, access_token, WHO)
    profile = _profile(answers, portal, installation.user_id)
    if profile.id != installation.user_id:
        raise NotProved(reason="another person")
    if profile.is_administrator:
        raise NotProved(reason="an administrator is a person")
    return installation, profile


def _profile(answers: Answers, portal: Portal, user_id: int) -> Profile:
    """The user's profile, which some portals may not have; the token must be of our application anyway."""
    try:
        if methods.read_application_code(answers["application"]) != portal.app_code:
            raise NotProved(reason="another application")
    except Refused as refused:
        raise NotProved(reason=refused.code.lower()) from None
    try:
        profile = methods.read_profile(answers["profile"])
    except (Refused, AnswerLost):
        profile = Profile(user_id, NAME, is_administrator=False, time_zone="")
    return replace(profile, name=profile.name or NAME, time_zone=profile.time_zone or answers.utc_offset("profile"))


def _refuse_replacement(session: Session, portal: Portal, profile: Profile) -> None:
    concerned = Person.is_application.is_(True) | (Person.bitrix_id == profile.id)
    known = select(Person, TokenPair.installation).outerjoin(TokenPair, TokenPair.person_id == Person.id)
    for person, installation in session.execute(known.where(Person.portal_id == portal.id, concerned)).all():
        is_itself = person.bitrix_id == profile.id
        if is_itself and not person.is_application:
            raise NotProved(reason="a person")
        if not is_itself and installation == portal.installation:
            raise NotProved(reason="another user of the application")
