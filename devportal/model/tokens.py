"""Token pairs and authorization codes."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

ACCESS_SECONDS = 3600
REFRESH_SECONDS = 180 * 24 * 3600
CODE_SECONDS = 30


@dataclass
class TokenPair:
    """One person's pair for one application in one portal."""

    access_token: str
    refresh_token: str
    client_id: str
    member_id: str
    user_id: int
    scope: str
    expires_at: float
    refresh_expires_at: float
    is_renewed: bool = False
    is_revoked: bool = False
    refresh_uses: int = 0

    def is_expired(self, now: float) -> bool:
        return now >= self.expires_at


@dataclass
class AuthorizationCode:
    """A code that a person's browser takes to the application, valid once, for thirty seconds."""

    code: str
    client_id: str
    member_id: str
    user_id: int
    expires_at: float


def new_token() -> str:
    return secrets.token_hex(35)
