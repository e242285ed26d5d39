"""Session tokens: signed, timed strings in our forms, instead of cookies."""

import time
from dataclasses import dataclass
from functools import lru_cache

from flask import g
from itsdangerous import BadData, URLSafeTimedSerializer

from b24app.bitrix24.payloads import FrameCall
from b24app.context import config
from b24app.errors import SessionExpired
from b24app.models import Portal

LIFETIME_SECONDS = 12 * 3600
# A younger token is given back as it came.
RENEWED_AFTER_SECONDS = 3600
VERIFIED_KEPT = 1024


@dataclass(frozen=True)
class SessionToken:
    """A form's owner and purpose; the ids are Bitrix24's, which are never reused."""

    purpose: str
    member_id: str
    person_id: int
    entity_type_id: int = 0
    entity_id: int = 0
    entity_name: str = ""
    # The origin of the portal's page that opened the frame; a portal may have several names.
    origin: str = ""


@dataclass(frozen=True)
class _Sealed:
    """A verified token, with its text and the unix time of its signature."""

    text: str
    token: SessionToken
    sealed_at: float

    @property
    def age_seconds(self) -> float:
        return time.time() - self.sealed_at


def seal(token: SessionToken) -> str:
    """Sign a token, unless this request has come with an equal one that is not old yet."""
    given: _Sealed | None = g.get("session_token")
    if given and given.token == token and given.age_seconds < RENEWED_AFTER_SECONDS:
        return given.text
    return _serializer(config().secret_key).dumps(vars(token))


def unseal(text: str, purpose: str) -> SessionToken:
    """Verify a token; raises SessionExpired if it is too old, not ours, or for another purpose."""
    try:
        sealed = _verified(text, config().secret_key)
    except (BadData, TypeError):
        raise SessionExpired from None
    if not 0 <= int(sealed.age_seconds) <= LIFETIME_SECONDS or sealed.token.purpose != purpose:
        raise SessionExpired
    g.session_token, g.frame_origin = sealed, sealed.token.origin
    return sealed.token


@lru_cache(VERIFIED_KEPT)
def _verified(text: str, secret_key: str) -> _Sealed:
    """A token that we have signed at any time, verified once: forms come back with the same one. Raises BadData."""
    facts, sealed_at = _serializer(secret_key).loads(text, return_timestamp=True)
    return _Sealed(text, SessionToken(**facts), sealed_at.timestamp())


def prove_origin(call: FrameCall, portal: Portal) -> None:
    """After proving the caller, allow the origin from which they opened the frame to show our pages."""
    g.frame_origin = call.origin(usual_scheme=portal.origin.partition("://")[0])


def frame_origin() -> str:
    """The origin of the page around this request's frame, if proved; otherwise empty."""
    return str(g.get("frame_origin", ""))


@lru_cache(16)
def _serializer(secret_key: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt="logbook.session")
