"""Finds the person and the application of an access token."""

from __future__ import annotations

from .. import errors
from ..context import Caller
from ..http import Request
from ..model.tokens import TokenPair
from ..portal import Portal
from .parameters import Parameters


def take_token(request: Request, parameters: Parameters) -> str:
    """Removes the token from the parameters `auth` or `access_token`, or takes it from a Bearer header."""
    given = [parameters.pop(name, None) for name in ("auth", "access_token")]
    header = request.headers.get("authorization", "")
    if header.lower().startswith("bearer "):
        given.append(header[7:].strip())
    return next((str(token) for token in given if token), "")


def recognise(portal: Portal, token: str) -> Caller:
    """The caller; raises the portal's `ApiError` for an invalid, expired or foreign token."""
    pair = known_pair(portal, token)
    installation = portal.state.installations.get(pair.client_id)
    application = portal.authority.application(pair.client_id)
    if installation is None or installation.is_removed or application is None:
        raise errors.system("ERROR_OAUTH")
    if pair.is_revoked:
        raise errors.system("invalid_token")
    if pair.is_expired(portal.clock.now()):
        raise errors.system("expired_token")
    if portal.faults.is_plan_lapsed:
        raise errors.system("ACCESS_DENIED")
    person = portal.state.person(pair.user_id)
    if person is None:
        raise errors.system("authorization_error")
    if person.id in installation.withdrawn_from:
        raise errors.system("user_access_error")
    return Caller(person, application, installation, pair.scope.split(","))


def known_pair(portal: Portal, token: str) -> TokenPair:
    if not token:
        raise errors.system("NO_AUTH_FOUND")
    pair = portal.authority.pair(token)
    if pair is None or pair.member_id != portal.member_id:
        raise errors.system("invalid_token")
    return pair
