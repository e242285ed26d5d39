"""Whether an installation is alive or has ended, judged by what an authorization server says of our token pairs.

What counts as proof, and why, is in docs/threat-model.md: a token that only a browser has brought may be of another
portal, so what is said of it proves nothing about this one.
"""

import enum

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from b24app.bitrix24 import Bitrix24
from b24app.errors import LogbookError, NotProved, PairDead
from b24app.models import Person, Portal, TokenPair
from b24app.services.access import relocation, tokens

# What an authorization server says of an installation, not of a token or a person. INVALID_GRANT is not among them:
# tokens are spent, lost, too old or restored from last week's backup while the portal is served.
# Docs: https://apidocs.bitrix24.com/settings/oauth/error-codes.html
ENDED = {"NOT_INSTALLED", "APPLICATION_NOT_FOUND", "PORTAL_DELETED"}
# Answers to a renewal that are as true of our own settings, or of an unpaid application, as of a removed one.
AMBIGUOUS = {f"RENEWAL_{code}" for code in ("INVALID_CLIENT", "WRONG_CLIENT", "PAYMENT_REQUIRED", "INVALID_REQUEST")}
# Do not ask a server that is down about a thousand people.
MOST_SILENCES = 3


class Sign(enum.Enum):
    """What the authorization server says of an installation."""

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
    """The same with one read-only question about the latest pair, for callers that cannot wait. Commits."""
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
    """Every stored access token was confirmed by the portal or the authorization server."""
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
    """A refresh token that was never redeemed is unconfirmed: it only proves life, by bringing a new pair."""
    is_proof = pair.is_redeemed and _is_of_present(pair, person.portal)
    try:
        tokens.renew(session, b24, person, stale_version=pair.version)
    except PairDead as dead:
        return Sign.END if is_proof and dead.reason in ENDED else Sign.NOTHING
    except LogbookError as failure:
        # The server has just answered about the access token; a token from a browser must not override that for ever.
        is_answered = not pair.is_redeemed or getattr(failure, "code", "") in AMBIGUOUS
        return Sign.NOTHING if is_answered else Sign.SILENCE
    return Sign.LIFE


def _is_of_present(pair: TokenPair, portal: Portal) -> bool:
    return pair.installation == portal.installation
