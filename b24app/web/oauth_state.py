"""The ``state`` of an authorization: valid once, and encrypted so that it does not reveal which portals we know.

Only used states are stored: anybody can request a redirect.
"""

import hashlib
import json
import re
import secrets
from base64 import urlsafe_b64encode
from dataclasses import dataclass

from cryptography.fernet import Fernet, InvalidToken

from b24app.context import config
from b24app.errors import NotProved

LIFETIME_SECONDS = 600
# Padded to the longest content: a shorter one would reveal that the portal is unknown.
SEALED_LENGTH = 160
# Decoding base64 accepts more than we write.
SPELLING = re.compile(r"(?:[A-Za-z0-9_-]{4})*(?:[A-Za-z0-9_-]{2}==|[A-Za-z0-9_-]{3}=)?")


@dataclass(frozen=True)
class State:
    """The portal for which an authorization was started; each ``nonce`` is unique."""

    member_id: str
    nonce: str


def stand_in(host: str) -> str:
    """A member_id that no portal has, for a host that we do not know: what comes back with it is refused as usual."""
    return "?" + hashlib.blake2b(host.encode(), digest_size=16).hexdigest()


def seal(member_id: str) -> str:
    """A new state."""
    content = json.dumps([member_id, secrets.token_hex(16)])
    return _fernet().encrypt(content.ljust(SEALED_LENGTH).encode()).decode()


def unseal(text: str) -> State:
    """Raises NotProved for a state that is too old or not ours."""
    if not SPELLING.fullmatch(text):
        raise NotProved(reason="state")
    try:
        member_id, nonce = json.loads(_fernet().decrypt(text, ttl=LIFETIME_SECONDS))
    except (InvalidToken, ValueError):
        raise NotProved(reason="state") from None
    return State(member_id, nonce)


def _fernet() -> Fernet:
    key = hashlib.sha256(f"logbook.state {config().secret_key}".encode()).digest()
    return Fernet(urlsafe_b64encode(key))
