"""The authorization server's answers about a token pair."""

from __future__ import annotations

from typing import Any

from ..authority import Authority
from ..faults.limits import NO_OPERATING
from ..model.tokens import ACCESS_SECONDS, TokenPair
from ..rest.envelope import moment, timing


def token_answer(pair: TokenPair, authority: Authority) -> dict[str, Any]:
    """The token endpoint's answer; its `domain` is the authorization server's own host."""
    portal = authority.portals[pair.member_id]
    installation = portal.installations[pair.client_id]
    return {
        "access_token": pair.access_token,
        "expires": int(pair.expires_at),
        "expires_in": ACCESS_SECONDS,
        "scope": told_scope(pair, authority),
        "domain": authority.host,
        "server_endpoint": authority.endpoint,
        "status": installation.status,
        "client_endpoint": portal.client_endpoint,
        "member_id": portal.member_id,
        "user_id": pair.user_id,
        "refresh_token": pair.refresh_token,
    }


def told_scope(pair: TokenPair, authority: Authority) -> str:
    """The scopes of a token, or the word for all of the application's scopes."""
    return "app" if authority.portals[pair.member_id].dialect.token_scopes == "app" else pair.scope


def app_info_answer(pair: TokenPair, authority: Authority, started: float, now: float) -> dict[str, Any]:
    """`app.info` in the authorization server's shape, unlike the portal's."""
    portal = authority.portals[pair.member_id]
    installation = portal.installations[pair.client_id]
    result = {
        "client_id": pair.client_id,
        "scope": told_scope(pair, authority),
        "expires": moment(pair.expires_at, portal.zone),
        "user_id": pair.user_id,
        "install": {
            "installed": installation.is_finished,
            "version": installation.version,
            "status": installation.status,
            "scope": told_scope(pair, authority),
            "domain": portal.host,
            "uri": portal.url,
            "client_endpoint": portal.client_endpoint,
            "member_id": portal.member_id,
            "member_type": "cloud" if portal.kind == "cloud" else "selfhosted",
        },
    }
    return {"result": result, "time": timing(started, now, NO_OPERATING, portal.zone)}
