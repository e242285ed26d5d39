"""The authorization server's tokens and rules, shared by all portals."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field

from .clock import Clock
from .errors import ApiError
from .model.applications import Application, Installation
from .model.portal_state import PortalState
from .model.tokens import ACCESS_SECONDS, CODE_SECONDS, REFRESH_SECONDS, AuthorizationCode, TokenPair, new_token

# code: status
RENEWAL_REFUSALS = {
    "invalid_grant": 400,
    "invalid_client": 400,
    "wrong_client": 200,
    "PAYMENT_REQUIRED": 401,
    "NOT_INSTALLED": 401,
    "NO_AUTH_FOUND": 401,
}


@dataclass
class AuthorityState:
    """The part of the authority's state that is stored in the state file."""

    port: int = 0
    public_url: str = ""
    applications: list[Application] = field(default_factory=list)
    pairs: list[TokenPair] = field(default_factory=list)


class Authority:
    """Issues, renews and revokes token pairs; raises `ApiError` with the codes of the token endpoint."""

    def __init__(self, state: AuthorityState, clock: Clock) -> None:
        self.state = state
        self._clock = clock
        self._by_access = {pair.access_token: pair for pair in state.pairs}
        self._by_refresh = {pair.refresh_token: pair for pair in state.pairs}
        self._codes: dict[str, AuthorizationCode] = {}
        self.portals: dict[str, PortalState] = {}
        self.refresh_uses_allowed = 1
        self.renewal_refusal = ""

    @property
    def url(self) -> str:
        return self.state.public_url or f"http://localhost:{self.state.port}"

    @property
    def host(self) -> str:
        return self.url.partition("://")[2]

    @property
    def endpoint(self) -> str:
        """The SERVER_ENDPOINT in frames and events."""
        return f"{self.url}/rest/"

    def application(self, client_id: str) -> Application | None:
        return next((row for row in self.state.applications if row.client_id == client_id), None)

    def issue(self, client_id: str, member_id: str, user_id: int, scope: str) -> TokenPair:
        now = self._clock.now()
        pair = TokenPair(
            new_token(), new_token(), client_id, member_id, user_id, scope, now + ACCESS_SECONDS, now + REFRESH_SECONDS
        )
        self.state.pairs.append(pair)
        self._by_access[pair.access_token] = pair
        self._by_refresh[pair.refresh_token] = pair
        return pair

    def pair(self, access_token: str) -> TokenPair | None:
        return self._by_access.get(access_token)

    def issue_code(self, client_id: str, member_id: str, user_id: int) -> str:
        code = AuthorizationCode(secrets.token_hex(35), client_id, member_id, user_id, self._clock.now() + CODE_SECONDS)
        self._codes[code.code] = code
        return code.code

    def redeem_code(self, client_id: str, client_secret: str, code: str) -> TokenPair:
        self._require_client(client_id, client_secret)
        found = self._codes.pop(code, None)
        if found is None or found.client_id != client_id or self._clock.now() > found.expires_at:
            raise ApiError("invalid_grant", "Invalid grant")
        installation = self._require_installed(client_id, found.member_id)
        return self.issue(client_id, found.member_id, found.user_id, installation.scope)

    def renew(self, client_id: str, client_secret: str, refresh_token: str) -> TokenPair:
        """Issues a new pair; the old refresh token becomes invalid, and in some portals the old access token, too."""
        self._require_client(client_id, client_secret)
        old = self._by_refresh.get(refresh_token)
        now = self._clock.now()
        if old is None or old.client_id != client_id or now >= old.refresh_expires_at:
            raise ApiError("invalid_grant", "Invalid grant")
        installation = self._require_installed(client_id, old.member_id)
        if old.is_revoked or old.refresh_uses >= self.refresh_uses_allowed:
            raise ApiError("invalid_grant", "Invalid grant")
        old.refresh_uses += 1
        old.is_renewed = True
        if self.portals[old.member_id].dialect.old_tokens == "ended":
            old.expires_at = min(old.expires_at, now)
        return self.issue(client_id, old.member_id, old.user_id, installation.scope)

    def require_renewals(self) -> None:
        """Raises `ApiError` if renewals are refused at the moment."""
        if self.renewal_refusal:
            status = RENEWAL_REFUSALS[self.renewal_refusal]
            raise ApiError(self.renewal_refusal, "Renewal is refused", status=status)

    def require_valid(self, access_token: str) -> TokenPair:
        """The pair of a valid token; raises `ApiError` for any other."""
        pair = self._by_access.get(access_token)
        if pair is None:
            raise unknown_token(access_token)
        self._require_installed(pair.client_id, pair.member_id)
        if pair.is_revoked:
            raise ApiError("invalid_token", "Unable to get application by token", status=401)
        if pair.is_expired(self._clock.now()):
            raise ApiError("expired_token", "The access token provided has expired.", status=401)
        return pair

    def revoke(self, client_id: str, member_id: str) -> None:
        for pair in self.state.pairs:
            if (pair.client_id, pair.member_id) == (client_id, member_id):
                pair.is_revoked = True

    def expire(self, member_id: str, user_id: int | None = None) -> None:
        """Expires access tokens: the next REST calls are answered with expired_token."""
        now = self._clock.now()
        for pair in self.state.pairs:
            if pair.member_id == member_id and user_id in (None, pair.user_id):
                pair.expires_at = min(pair.expires_at, now)

    def forget_dead_pairs(self) -> None:
        """Drops pairs whose refresh tokens have expired."""
        now = self._clock.now()
        dead = [pair for pair in self.state.pairs if now >= pair.refresh_expires_at]
        for pair in dead:
            self.state.pairs.remove(pair)
            del self._by_access[pair.access_token], self._by_refresh[pair.refresh_token]

    def _require_client(self, client_id: str, client_secret: str) -> None:
        application = self.application(client_id)
        if application is None:
            raise ApiError("wrong_client", "Wrong client", status=200)
        if not secrets.compare_digest(application.client_secret.encode(), client_secret.encode()):
            raise ApiError("invalid_client", "Invalid client")

    def _require_installed(self, client_id: str, member_id: str) -> Installation:
        portal = self.portals.get(member_id)
        installation = portal.installation(client_id) if portal else None
        if installation is None:
            raise ApiError("NOT_INSTALLED", "Application not installed", status=401)
        return installation


def unknown_token(token: str) -> ApiError:
    if looks_like_token(token):
        return ApiError("invalid_client", "Invalid client")
    return ApiError("NO_AUTH_FOUND", "Wrong authorization data", status=401)


def looks_like_token(token: str) -> bool:
    return len(token) >= 40 and all(letter in "0123456789abcdef" for letter in token)
