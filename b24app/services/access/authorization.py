"""The code of an authorization becomes the token pair of a person of a known portal."""

from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24
from b24app.errors import NotProved, Refused
from b24app.models import Portal
from b24app.services.access import portals
from b24app.services.access.portals import WHO, Caller


def complete(session: Session, b24: Bitrix24, portal: Portal, code: str) -> Caller:
    """Exchange, check that the pair is of this portal, ask whose it is, keep it.

    Raises NotProved where the authorization server refuses the code or answers for another portal.
    """
    if not code:
        raise NotProved(reason="no code")
    session.commit()
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
    caller = portals.enroll(session, portal, profile, grant.pair)
    session.commit()
    return caller
