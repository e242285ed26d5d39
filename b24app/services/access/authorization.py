"""Exchanges an authorization code for the token pair of a person in a known portal."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24
from b24app.bitrix24.admission import Applicant
from b24app.bitrix24.methods import Profile
from b24app.bitrix24.oauth import Pair
from b24app.db import insert_into
from b24app.errors import NotInstalled, NotProved, Refused
from b24app.models import Portal, UsedState
from b24app.services.access import portals
from b24app.services.access.portals import WHO, Caller

# Longer than any state stays valid.
REMEMBERED = timedelta(hours=1)


def complete(session: Session, b24: Bitrix24, member_id: str, nonce: str, code: str, source: str) -> Caller:
    """Exchange the code, check the pair's portal and owner, and store it. This uses up the nonce.

    Raises NotProved if the nonce was used before, or if the authorization server refuses the code or answers for
    another portal. Unknown portals are refused in the same way and from the same budget, so that the answer does not
    reveal which portals we know.
    """
    if not code:
        raise NotProved(reason="no code")
    with b24.admission.admit(Applicant(member_id, source, code)):
        portal = _find(session, member_id)
        _use_up(session, portal, nonce)
        pair, profile = _exchange(b24, portal, code)
    caller = portals.enroll(session, portal, profile, pair, is_redeemed=True)
    session.commit()
    return caller


def _find(session: Session, member_id: str) -> Portal:
    try:
        return portals.find(session, member_id)
    except NotInstalled:
        raise NotProved(reason="unknown portal") from None


def _use_up(session: Session, portal: Portal, nonce: str) -> None:
    """Mark the state as used; commits before any call, so that it stays used even if this process is killed."""
    now = datetime.now(UTC)
    session.execute(delete(UsedState).where(UsedState.portal_id == portal.id, UsedState.used_at < now - REMEMBERED))
    statement = insert_into(session, UsedState).values(nonce=nonce, portal_id=portal.id, used_at=now)
    is_new = session.scalar(statement.on_conflict_do_nothing().returning(UsedState.nonce)) is not None
    session.commit()
    if not is_new:
        raise NotProved(reason="used state")


def _exchange(b24: Bitrix24, portal: Portal, code: str) -> tuple[Pair, Profile]:
    try:
        grant = b24.authorities.exchange(portal.authority, code)
    except Refused as refused:
        raise NotProved(reason=refused.code.lower()) from None
    if grant.member_id != portal.member_id:
        raise NotProved(reason="another portal")
    answers = b24.portals.ask_all(portal.client_endpoint, grant.pair.access_token, WHO)
    profile = portals.read_proof(answers, app_code=portal.app_code)
    if grant.user_id not in {None, profile.id}:
        raise NotProved(reason="another person")
    return grant.pair, profile
