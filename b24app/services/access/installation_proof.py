"""Whether an installation is alive or has ended, judged by what an authorization server says about our token pairs.

docs/threat-model.md explains what counts as proof, and why: a token that came from a browser may belong to another
portal, so answers about it prove nothing about this one.
"""

import enum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24
from b24app.errors import LogbookError, NotProved, PairDead
from b24app.models import Person, Portal, TokenPair
from b24app.services.access import relocation, tokens

# Answers about an installation rather than a token or a person. INVALID_GRANT is not one of them:
# tokens are spent, lost, too old or restored from last week's backup while the portal is served.
# Docs: https://apidocs.bitrix24.com/settings/oauth/error-codes.html
ENDED = {"NOT_INSTALLED", "APPLICATION_NOT_FOUND", "PORTAL_DELETED"}
# Answers to a renewal that can also mean wrong settings of ours, or an unpaid application.
AMBIGUOUS = {f"RENEWAL_{code}" for code in ("INVALID_CLIENT", "WRONG_CLIENT", "PAYMENT_REQUIRED", "INVALID_REQUEST")}
# A server that is down must not be asked about a thousand people.
MOST_SILENCES = 3


class Sign(enum.Enum):
    """What the authorization server says about an installation."""

    LIFE = enum.auto()
    END = enum.auto()
    # The answer proves nothing.
    NOTHING = enum.auto()
    # The authorization server cannot be asked now.
    SILENCE = enum.auto()


def gather(session: Session, b24: Bitrix24, portal: Portal) -> Sign:
    """Ask about each pair until one is alive: an installation has ended only if no pair contradicts it. Commits."""
    people = list(session.scalars(_people(portal).order_by(TokenPair.is_redeemed.desc(), TokenPair.obtained_at.desc())))
    session.commit()
    signs: list[Sign] = []
    for person in people:
        signs.append(_sign_of(session, b24, person))
        if signs[-1] is Sign.LIFE or signs.count(Sign.SILENCE) == MOST_SILENCES:
            return signs[-1]
    return next((sign for sign in (Sign.SILENCE, Sign.END) if sign in signs), Sign.NOTHING)


def glance(session: Session, b24: Bitrix24, portal: Portal) -> Sign:
    """Ask about the latest pair only, read-only, for callers that cannot wait. Commits."""
    latest = _people(portal).order_by(TokenPair.obtained_at.desc()).limit(1)
    person = session.scalars(latest).first()
    pair = session.get(TokenPair, person.id, populate_existing=True) if person else None
    session.commit()
    return _of_access_token(b24, portal, pair) if pair else Sign.NOTHING


def _people(portal: Portal) -> Select[Person]:
    return select(Person).join(TokenPair).where(Person.portal_id == portal.id)


def _sign_of(session: Session, b24: Bitrix24, person: Person) -> Sign:
    pair = session.get(TokenPair, person.id, populate_existing=True)
    session.commit()
    if pair is None:
        return Sign.NOTHING
    sign = _of_access_token(b24, person.portal, pair)
    is_to_be_renewed = sign is Sign.NOTHING and pair.refresh_token
    return _of_refresh_token(session, b24, person, pair) if is_to_be_renewed else sign


def _of_access_token(b24: Bitrix24, portal: Portal, pair: TokenPair) -> Sign:
    """Ask about the access token, which the portal or the authorization server has confirmed before."""
    if not pair.access_token:
        return Sign.NOTHING
    try:
        installation = b24.authorities.recognise(portal.authority, pair.access_token)
    except NotProved as refusal:
        return Sign.END if refusal.reason.upper() in ENDED and _is_of_present(pair, portal) else Sign.NOTHING
    except LogbookError:
        return Sign.SILENCE
    if installation.member_id != portal.member_id:
        return Sign.NOTHING
    relocation.move(portal, installation.client_endpoint)
    return Sign.LIFE


def _of_refresh_token(session: Session, b24: Bitrix24, person: Person, pair: TokenPair) -> Sign:
    """Ask by redeeming the refresh token; if it never was before, only success proves something."""
    is_proof = pair.is_redeemed and _is_of_present(pair, person.portal)
    try:
        tokens.renew(session, b24, person, stale_version=pair.version)
    except PairDead as dead:
        return Sign.END if is_proof and dead.reason in ENDED else Sign.NOTHING
    except LogbookError as failure:
        # The server has just answered about the access token; a token from a browser must not override that forever.
        is_answered = not pair.is_redeemed or getattr(failure, "code", "") in AMBIGUOUS
        return Sign.NOTHING if is_answered else Sign.SILENCE
    return Sign.LIFE


def _is_of_present(pair: TokenPair, portal: Portal) -> bool:
    return pair.installation == portal.installation
