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


def seal_state(member_id: str) -> str:
    """The ``state`` of an authorization: which portal it was started for."""
    return _serializer("state").dumps(member_id)


def unseal_state(text: str, *, max_age_seconds: int) -> str:
    """The member_id; raises SessionExpired for a state that is not ours."""
    try:
        return str(_serializer("state").loads(text, max_age=max_age_seconds))
    except BadData:
        raise SessionExpired from None


def _serializer(salt: str) -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(config().secret_key, salt=f"logbook.{salt}")
