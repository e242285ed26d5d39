"""Session tokens: signed, timed strings in our forms, instead of cookies."""

from dataclasses import dataclass
from functools import lru_cache

from flask import g
from itsdangerous import BadData, URLSafeTimedSerializer

from b24app.bitrix24.payloads import FrameCall
from b24app.context import config
from b24app.errors import SessionExpired
from b24app.models import Portal

LIFETIME_SECONDS = 12 * 3600


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


def seal(token: SessionToken) -> str:
    return _serializer("session").dumps(vars(token))


def unseal(text: str, purpose: str) -> SessionToken:
    """Verify a token; raises SessionExpired if it is too old, not ours, or for another purpose."""
    try:
        token = SessionToken(**_serializer("session").loads(text, max_age=LIFETIME_SECONDS))
    except (BadData, TypeError):
        raise SessionExpired from None
    if token.purpose != purpose:
        raise SessionExpired
    g.frame_origin = token.origin
    return token


def prove_origin(call: FrameCall, portal: Portal) -> None:
    """After proving the caller, allow the origin from which they opened the frame to show our pages."""
    g.frame_origin = call.origin(usual_scheme=portal.origin.partition("://")[0])


def frame_origin() -> str:
    """The origin of the page around this request's frame, if proved; otherwise empty."""
    return str(g.get("frame_origin", ""))


def _serializer(salt: str) -> URLSafeTimedSerializer:
    return _made(config().secret_key, f"logbook.{salt}")


@lru_cache(16)
def _made(secret_key: str, salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(secret_key, salt=salt)
