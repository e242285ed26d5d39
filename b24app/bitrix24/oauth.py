"""The authorization servers: the owner of a token, and the exchange and renewal of token pairs.

Docs: https://apidocs.bitrix24.com/settings/oauth/ and …/settings/app-installation/
"""

import logging
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from b24app.bitrix24 import methods
from b24app.bitrix24.addresses import checked_endpoint, origin_of
from b24app.bitrix24.calls import Call, as_map, as_number, code_of
from b24app.bitrix24.client import Client, Exchange
from b24app.codes import CallOutcome
from b24app.errors import INSECURE, AnswerLost, CallFailed, Malformed, NotProved, Refused, Unreachable
from b24app.masking import conceal

log = logging.getLogger(__name__)

SCOPES = frozenset({"crm", "placement"})


@dataclass(frozen=True)
class Pair:
    """An access token, valid for an hour, and a refresh token, which can be redeemed once for the next pair."""

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)


@dataclass(frozen=True)
class Grant:
    """The answer of the token endpoint: a pair, its owner and portal; the exchange may omit ``user_id``."""

    pair: Pair
    member_id: str
    client_endpoint: str | None
    user_id: int | None


@dataclass(frozen=True)
class Installation:
    """What an authorization server says of an access token: the only trusted source about a portal."""

    member_id: str
    client_endpoint: str
    authority: str
    user_id: int
    scopes: frozenset[str]


class Authorities:
    """The authorization servers that the operator trusts; no other server receives a token or our secret."""

    def __init__(
        self,
        addresses: tuple[str, ...],
        client: Client,
        client_id: str,
        client_secret: str,
        note: Callable[[Exchange], None],
        *,
        is_insecure_allowed: bool,
    ) -> None:
        self._addresses = addresses
        self._client = client
        self._client_id = client_id
        self._client_secret = client_secret
        self._note = note
        self._is_insecure_allowed = is_insecure_allowed

    @property
    def addresses(self) -> tuple[str, ...]:
        """The trusted servers, the default one first."""
        return self._addresses

    def probe(self, address: str) -> str:
        """The Date header of a server's answer; raises CallFailed if it does not answer."""
        return self._client.probe(f"{address}/rest/")

    def choose(self, server_endpoint: str | None) -> str:
        """The trusted server that a request names, or the first one."""
        try:
            hinted = origin_of(server_endpoint or "")
        except Malformed:
            return self._addresses[0]
        return next((address for address in self._addresses if origin_of(address) == hinted), self._addresses[0])

    def recognise(self, authority: str, access_token: str) -> Installation:
        """Ask app.info whose token this is. Raises NotProved unless it is a token of our own application.

        This consumes nothing, unlike redeeming the refresh token.
        """
        try:
            answer = as_map(self._client.call(f"{authority}/rest/", access_token, methods.application()))
        except Refused as refused:
            if refused.is_passing:
                raise
            raise NotProved(reason=refused.code.lower()) from None
        except AnswerLost as lost:
            # The server's own page says nothing about the portal.
            raise AnswerLost(code="NO_ANSWER", status=lost.status) from None
        if answer.get("client_id") != self._client_id:
            raise NotProved(reason="another application")
        install = as_map(answer.get("install"))
        return Installation(
            member_id=str(install.get("member_id") or ""),
            client_endpoint=self._endpoint(install.get("client_endpoint")),
            authority=authority,
            user_id=as_number(answer.get("user_id")),
            scopes=_read_scopes(answer.get("scope") or install.get("scope")),
        )

    def authorize_address(self, portal_origin: str, state: str) -> str:
        """The address where a person authorizes Logbook. Docs: …/settings/oauth/index.html"""
        return f"{portal_origin}/oauth/authorize/?" + urlencode({"client_id": self._client_id, "state": state})

    def exchange(self, authority: str, code: str) -> Grant:
        """Exchange a code, valid once and for 30 seconds, for a pair. Raises like ``renew``."""
        return self._grant(authority, "exchange", code, lambda session, **to: session.fetch_token(code=code, **to))

    def renew(self, authority: str, refresh_token: str) -> Grant:
        """Get the next pair, which invalidates the old one.

        Raises Refused with the server's code, Unreachable when nothing was sent, or AnswerLost.
        """

        def ask(session: Any, **to: object) -> Any:
            return session.refresh_token(refresh_token=refresh_token, **to)

        return self._grant(authority, "renew", refresh_token, ask)

    def _grant(self, authority: str, what: str, secret: str, ask: Any) -> Grant:
        started = time.monotonic()
        code, outcome = "ok", CallOutcome.OK
        try:
            with self._client.held(f"{authority}/oauth/token/"):
                answer = self._ask(authority, secret, ask)
            return self._read_grant(as_map(answer))
        except CallFailed as failure:
            code, outcome = failure.code, failure.outcome
            raise
        finally:
            milliseconds = round((time.monotonic() - started) * 1000)
            log.info("token", extra={"method": what, "code": code, "milliseconds": milliseconds, "portal": authority})
            self._note(Exchange(authority, Call(f"oauth/{what}"), code, 0, milliseconds, b"", outcome))

    def _ask(self, authority: str, secret: str, ask: Any) -> dict[str, Any]:
        # Most processes never renew a token, and loading Authlib and requests takes as long as all of Flask.
        from b24app.bitrix24.token_endpoint import OAuthError, RequestException, TokenSession

        client = self._client
        try:
            with TokenSession(self._client_id, self._client_secret, client.connections, client.timeouts) as session:
                return dict(ask(session, url=f"{authority}/oauth/token/", allow_redirects=False))
        except OAuthError as refused:
            raise Refused(code=self._readable_code(refused.error, secret)) from None
        except RequestException:  # an address that requests refuses
            raise Unreachable(code="NO_ADDRESS") from None
        except ValueError:  # no JSON, or no object
            raise AnswerLost(code="NO_JSON") from None

    def _readable_code(self, error: object, secret: str) -> str:
        """The server's error code, even if it quotes what it was sent."""
        told = str(error).encode(errors="replace")
        return code_of(conceal(told, secret, self._client_secret).decode())

    def _read_grant(self, answer: Mapping[str, Any]) -> Grant:
        """Lenient about everything but the token itself: a pair that is rejected here is lost for good."""
        access_token, refresh_token = answer.get("access_token"), answer.get("refresh_token")
        if not (isinstance(access_token, str) and access_token):
            raise AnswerLost(code="NO_TOKEN")
        user_id = str(answer.get("user_id") or "")
        try:
            endpoint = self._endpoint(answer.get("client_endpoint"))
        except NotProved:
            endpoint = None
        return Grant(
            pair=Pair(access_token, str(refresh_token) if refresh_token else None),
            member_id=str(answer.get("member_id") or ""),
            client_endpoint=endpoint,
            user_id=int(user_id) if user_id.isdecimal() else None,
        )

    def _endpoint(self, address: object) -> str:
        try:
            return checked_endpoint(str(address or ""), is_insecure_allowed=self._is_insecure_allowed)
        except Malformed:
            is_insecure = str(address).startswith("http://")
            raise NotProved(reason=INSECURE if is_insecure else "address not acceptable") from None


def _read_scopes(text: object) -> frozenset[str]:
    """Scopes, separated by commas or, as some pages of the docs say, by spaces."""
    return frozenset(re.split(r"[,\s]+", str(text or "").strip().lower())) - {""}
