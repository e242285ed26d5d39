"""Portals and their people, recognised by what Bitrix24 says about a token, never by what a browser sends."""

import hmac
import logging
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from b24app import current_request, db
from b24app.bitrix24 import Bitrix24, methods
from b24app.bitrix24.admission import Applicant
from b24app.bitrix24.calls import Answers, Call
from b24app.bitrix24.entities import Entity
from b24app.bitrix24.methods import Profile
from b24app.bitrix24.oauth import Pair
from b24app.bitrix24.payloads import EventCall, FrameCall
from b24app.bitrix24.robots import RobotCall
from b24app.db import insert_into, let_go, take_over
from b24app.errors import CallFailed, Crowded, LogbookError, Moved, NotInstalled, NotProved, PairDead, Refused
from b24app.models import Person, Portal, SavedDraft
from b24app.services.access import lookups, relocation, rest_log, sealing, tokens
from b24app.services.access.people import Author, person_name

log = logging.getLogger(__name__)

WHO = {"application": methods.application(), "profile": methods.profile()}


@dataclass(frozen=True)
class Caller:
    """A proved person in a proved portal."""

    portal: Portal
    person: Person
    is_administrator: bool
    # The person's drafts on the card, in no order.
    drafts: Sequence[SavedDraft] = ()
    # The names of people whom the answers mention, as far as we know them.
    names: Mapping[int, str] = field(default_factory=dict)
    # The labels of the person's own templates, sealed; see services/settings/own_templates.
    labels: str | None = None


def look_up(session: Session, member_id: str) -> Portal | None:
    """The portal with this member_id, suspended or not; None if unknown."""
    return lookups.find_portal(session, member_id)


def known(session: Session, member_id: str) -> Portal:
    """The same; raises NotInstalled."""
    portal = look_up(session, member_id)
    if portal is None:
        raise NotInstalled
    return portal


def find(session: Session, member_id: str) -> Portal:
    """The portal with this member_id; raises NotInstalled, also for one that has removed Logbook."""
    portal = known(session, member_id)
    if portal.suspended_at:
        raise NotInstalled(is_removed=True)
    return portal


def find_person(session: Session, member_id: str, bitrix_id: int) -> Person:
    """A person who has opened Logbook in this portal; raises NotInstalled."""
    person = lookups.find_person(session, member_id, bitrix_id)
    if person is None or person.portal.suspended_at:
        raise _unknown(session, member_id)
    current_request.caller.set((person.portal.host, person.bitrix_id))
    return person


def find_author(session: Session, member_id: str, bitrix_id: int) -> Author:
    """The same without all that it takes to show a page; raises NotInstalled."""
    author = lookups.find_author(session, member_id, bitrix_id)
    if author is None:
        raise _unknown(session, member_id)
    current_request.caller.set((author.host, bitrix_id))
    return author


def _unknown(session: Session, member_id: str) -> NotInstalled:
    """Why a person is not known: their portal may have removed Logbook."""
    portal = look_up(session, member_id)
    return NotInstalled(is_removed=portal is not None and portal.suspended_at is not None)


def find_by_host(session: Session, host: str) -> Portal:
    """The portal at this host, ``portal.bitrix24.com`` or with a port; raises NotInstalled."""
    endpoints = [f"{scheme}://{host}/rest/" for scheme in ("https", "http")]
    at_host = select(Portal).where(Portal.client_endpoint.in_(endpoints), Portal.suspended_at.is_(None))
    portal = session.scalars(at_host).first()
    if portal is None:
        raise NotInstalled
    return portal


def names(session: Session, portal: Portal, bitrix_ids: Collection[int]) -> dict[int, str]:
    """The names of people who have opened Logbook, as our pages show them.

    Reading other names would need more permissions.
    """
    people = select(Person).where(Person.portal_id == portal.id, Person.bitrix_id.in_(bitrix_ids))
    return {person.bitrix_id: person_name(person) for person in session.scalars(people)}


def recognise(session: Session, b24: Bitrix24, frame: FrameCall, calls: dict[str, Call]) -> tuple[Caller, Answers]:
    """Prove the caller of a frame and make ``calls`` in their name, in a single request to the known portal.

    Raises NotInstalled, NotProved, or CallFailed if the portal cannot be asked. Commits the person and their pair.
    """
    caller, answers = prove(session, b24, frame, calls)
    session.commit()
    return caller, answers


def prove(
    session: Session,
    b24: Bitrix24,
    frame: FrameCall,
    calls: dict[str, Call],
    named: Callable[[Answers], Collection[int]] = lambda answers: (),
) -> tuple[Caller, Answers]:
    """The same without a commit, for callers that read and write more; they must commit whatever the outcome.

    ``named`` finds the people in the answers whose names are needed.
    """
    portal = find(session, frame.member_id)
    applicant = applicant_of(portal, frame, frame.access_token)
    let_go(session)
    try:
        with b24.admission.admit(applicant):
            answers, profile = _ask(session, b24, portal, frame, applicant, {**WHO, **calls})
    except LogbookError:
        rest_log.keep(session, portal, None)
        session.commit()
        raise
    pair = Pair(frame.access_token, frame.refresh_token)
    caller = enroll(session, portal, profile, pair, card=frame.entity, named=named(answers))
    served = {"is_enterprise": methods.is_enterprise(answers["application"]), "parked_until": None, "silences": 0}
    take_over(portal, served)
    if portal.check_due_at:
        # A caller was just served, so the uninstall check can run now.
        portal.check_due_at = db.now(session)
    if profile.is_administrator:
        take_application_token(portal, frame.application_token)
    return caller, answers


def applicant_of(portal: Portal | None, request: FrameCall | EventCall | RobotCall, access_token: str) -> Applicant:
    """The unproved caller; those with the application token are known to be insiders of the portal."""
    stored, given = (portal and portal.application_token) or "", request.application_token or ""
    is_insider = bool(stored) and hmac.compare_digest(stored.encode(), given.encode())
    return Applicant(portal.member_id if portal else "", request.source, access_token, is_insider)


def take_application_token(portal: Portal, token: str | None) -> None:
    """Store a new application token from a proved administrator; a forged event had used the old one."""
    owner = sealing.of_portal(portal)
    if token and token != sealing.opened(portal.application_token, owner):
        portal.application_token = sealing.sealed(token, owner)
        portal.is_token_forged = False


def enroll(
    session: Session,
    portal: Portal,
    profile: Profile,
    pair: Pair,
    *,
    card: Entity | None = None,
    named: Collection[int] = (),
    is_redeemed: bool = False,
) -> Caller:
    """Store a person confirmed by Bitrix24 and their pair, writing only what changed."""
    facts = {"name": profile.name, "time_zone": profile.time_zone, "is_administrator": profile.is_administrator}
    found = lookups.find_people(session, portal, profile.id, pair, card, named)
    person = found.person
    if person is None or any(getattr(person, name) != fact for name, fact in facts.items()):
        person = _write_person(session, portal, profile.id, facts)
    if is_redeemed or not found.is_kept:
        tokens.keep(session, person, pair, is_redeemed=is_redeemed)
    rest_log.keep(session, portal, profile.id)
    current_request.caller.set((portal.host, profile.id))
    return Caller(portal, person, profile.is_administrator, found.drafts, found.names, found.labels)


def _write_person(session: Session, portal: Portal, bitrix_id: int, facts: dict[str, Any]) -> Person:
    statement = insert_into(session, Person).values(portal_id=portal.id, bitrix_id=bitrix_id, **facts)
    session.execute(statement.on_conflict_do_update(index_elements=[Person.portal_id, Person.bitrix_id], set_=facts))
    of_profile = (Person.portal_id == portal.id) & (Person.bitrix_id == bitrix_id)
    return session.scalars(select(Person).where(of_profile).execution_options(populate_existing=True)).one()


def ask_standing(session: Session, b24: Bitrix24, person: Person) -> None:
    """Ask the portal whether a person is its administrator now; commits.

    If the portal cannot be asked, its last answer counts: nothing can be sent now either.
    """
    try:
        answers = tokens.ask_all_as(session, b24, person, WHO)
        profile = read_proof(answers, app_code=person.portal.app_code)
        person.is_administrator = profile.is_administrator and profile.id == person.bitrix_id
    except NotProved:
        person.is_administrator = False
    except (CallFailed, PairDead) as failure:
        log.warning("administrators cannot be checked", extra={"code": str(failure)})
    session.commit()


def read_proof(answers: Answers, *, app_code: str | None) -> Profile:
    """The profile of this token's owner; raises NotProved for another application's token."""
    try:
        if app_code is not None and methods.read_application_code(answers["application"]) != app_code:
            raise NotProved(reason="another application")
        profile = methods.read_profile(answers["profile"])
    except Refused as refused:
        raise NotProved(reason=refused.code.lower()) from None
    # People without a time zone of their own use the portal's.
    return profile if profile.time_zone else replace(profile, time_zone=answers.utc_offset("profile"))


def _ask(
    session: Session, b24: Bitrix24, portal: Portal, frame: FrameCall, applicant: Applicant, calls: dict[str, Call]
) -> tuple[Answers, Profile]:
    try:
        return _prove(b24, portal, frame, calls)
    except (CallFailed, NotProved) as failure:
        if not (_may_have_moved(portal, frame, failure) and b24.admission.may_ask_for_move(applicant)):
            raise
        relocation.follow(session, b24, portal, frame.access_token, failure)
        b24.admission.note_move(applicant)
    return _prove(b24, portal, frame, calls)


def _prove(b24: Bitrix24, portal: Portal, frame: FrameCall, calls: dict[str, Call]) -> tuple[Answers, Profile]:
    try:
        answers = b24.portals.ask_all(portal.client_endpoint, frame.access_token, calls)
    except Refused as refused:
        if not refused.is_authorization:
            raise
        raise NotProved(reason=refused.code.lower()) from None
    return answers, read_proof(answers, app_code=portal.app_code)


def _may_have_moved(portal: Portal, frame: FrameCall, failure: LogbookError) -> bool:
    return not isinstance(failure, Crowded) and (isinstance(failure, Moved) or frame.domain != portal.host)
