"""Session tokens: our own signed, timed strings in a form. They are the session; there are no cookies."""

from dataclasses import asdict, dataclass

from itsdangerous import BadData, URLSafeTimedSerializer

from b24app.context import config
from b24app.errors import SessionExpired

LIFETIME_SECONDS = 12 * 3600


@dataclass(frozen=True)
class SessionToken:
    """Whom a form belongs to and what for; the ids are those that Bitrix24 gave, which never name another later."""

    purpose: str
    member_id: str
    person_id: int
    entity_type_id: int = 0
    entity_id: int = 0
    entity_name: str = ""


def seal(token: SessionToken) -> str:
    return _serializer("session").dumps(asdict(token))


def unseal(text: str, purpose: str) -> SessionToken:
    """Raises SessionExpired for what is too old, not ours, or for another purpose."""
    try:
        token = SessionToken(**_serializer("session").loads(text, max_age=LIFETIME_SECONDS))
    except (BadData, TypeError):
        raise SessionExpired from None
    if token.purpose != purpose:
        raise SessionExpired
    return token


def _serializer(salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(config().secret_key, salt=f"logbook.{salt}")
