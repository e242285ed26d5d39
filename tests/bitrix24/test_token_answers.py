"""Token answers of an authorization server: nothing else in the answer may make us lose the token."""

import json
import socket

import pytest

from b24app.bitrix24.client import Client
from b24app.bitrix24.connections import Connections
from b24app.bitrix24.oauth import Authorities, Grant
from b24app.bitrix24.timeouts import Timeouts
from b24app.errors import Refused, Unreachable
from tests.bitrix24.test_timeouts import hear, serving

TOKENS = {"access_token": "next", "refresh_token": "after that", "member_id": "m", "user_id": "7"}


def renewed(before: bytes = b"", /, **said: object) -> Grant:
    """The pair that is read where a server says this besides."""
    body = before + json.dumps({**TOKENS, **said}).encode()
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=utf-8\r\nConnection: close\r\n"

    def answer(connection: socket.socket) -> None:
        hear(connection)
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    client = Client(Connections(is_insecure_allowed=True), Timeouts(connect_seconds=5, read_seconds=5))
    with serving(answer) as port:
        address = f"http://127.0.0.1:{port}"
        authorities = Authorities((address,), client, "id", "secret", lambda _: None, is_insecure_allowed=True)
        return authorities.renew(address, "refresh")


@pytest.mark.parametrize("expires_in", [3600, "3600", "3600.0", 3600.5, "an hour", "", None, [], -1])
@pytest.mark.parametrize("name", ["expires_in", "expires_at", "expires"])
def test_a_pair_is_accepted_whatever_the_format_of_its_expiry(name: str, expires_in: object) -> None:
    pair = renewed(**{name: expires_in}).pair
    assert (pair.access_token, pair.refresh_token) == ("next", "after that")


@pytest.mark.parametrize("before", [b"\xef\xbb\xbf", b"\nWarning: x() in /x.php on line 1\n"])
def test_a_pair_is_accepted_whatever_precedes_it(before: bytes) -> None:
    assert renewed(before).pair.access_token == "next"


@pytest.mark.parametrize("error", ["", None, False])
def test_a_token_counts_despite_an_empty_error(error: object) -> None:
    assert renewed(error=error).pair.access_token == "next"


@pytest.mark.parametrize("error", ["", None, False, "invalid_grant"])
def test_without_a_token_every_error_is_a_refusal(error: object) -> None:
    with pytest.raises(Refused):
        renewed(error=error, access_token=None)


def test_an_address_that_cannot_be_asked_was_sent_nothing() -> None:
    client = Client(Connections(is_insecure_allowed=True), Timeouts(connect_seconds=5, read_seconds=5))
    authorities = Authorities(("https://*.example",), client, "id", "secret", lambda _: None, is_insecure_allowed=True)
    with pytest.raises(Unreachable, match="NO_ADDRESS"):
        authorities.renew("https://*.example", "refresh")
