"""The server handles any HTTP, even if it is invalid."""

import socket

import pytest
import requests
from hypothesis import given, settings
from hypothesis import strategies as st

from devportal import Portal
from tests.devportal.client import Caller


def send(portal: Portal, data: bytes) -> bytes:
    """What comes back until the server closes or has answered once."""
    with socket.create_connection(("127.0.0.1", portal.state.port), timeout=10) as connection:
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        parts = []
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts)


def test_a_connection_serves_many_requests(portal: Portal, employee: Caller) -> None:
    with requests.Session() as session:
        for _ in range(3):
            answer = session.post(f"{portal.client_endpoint}profile", json={"auth": employee.token}, timeout=10)
            assert answer.headers["Connection"] == "keep-alive"
    two = b"GET /rest/profile HTTP/1.1\r\nHost: a\r\n\r\n" * 2
    assert send(portal, two).count(b"NO_AUTH_FOUND") == 2


def test_an_old_client_or_one_that_asks_for_it_is_let_go(portal: Portal) -> None:
    assert b"Connection: close" in send(portal, b"GET /rest/profile HTTP/1.0\r\n\r\n")
    assert b"Connection: close" in send(portal, b"GET /rest/profile HTTP/1.1\r\nConnection: close\r\n\r\n")


def test_a_body_may_come_in_chunks(portal: Portal, employee: Caller) -> None:
    def body() -> object:
        yield b'{"auth":'
        yield f'"{employee.token}"}}'.encode()

    headers = {"Content-Type": "application/json"}
    answer = requests.post(f"{portal.client_endpoint}profile", data=body(), headers=headers, timeout=10)  # type: ignore[arg-type]
    assert answer.json()["result"]["ID"] == "7"


def test_a_client_that_sends_expect_gets_100_continue(portal: Portal) -> None:
    head = b"POST /rest/profile HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\nConnection: close\r\n\r\n"
    with socket.create_connection(("127.0.0.1", portal.state.port), timeout=10) as connection:
        connection.sendall(head)
        assert connection.recv(65_536) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert connection.recv(65_536).startswith(b"HTTP/1.1 401")


def test_a_wish_for_another_protocol_is_answered_in_this_one(portal: Portal) -> None:
    head = b"GET /rest/profile HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n"
    assert send(portal, head).startswith(b"HTTP/1.1 401")


def test_a_request_comes_in_any_pieces(portal: Portal) -> None:
    request = b"POST /rest/profile HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    with socket.create_connection(("127.0.0.1", portal.state.port), timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for number in range(len(request)):
            connection.sendall(request[number : number + 1])
        assert connection.recv(65_536).startswith(b"HTTP/1.1 401")


def test_head_has_no_body(portal: Portal) -> None:
    answer = send(portal, b"HEAD /crm/deal/list/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("data", "status"),
    [
        (b"nonsense\r\n\r\n", b"400"),
        (b"GET / HTTP/9\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: -5\r\n\r\n", b"400"),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"GET / HTTP/1.1\r\n" + b"A: " + b"a" * 70_000 + b"\r\n\r\n", b"431"),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", b"400"),
        (b"GET / HTTP/1.1\r\n" + b"A: a\r\n" * 30_000 + b"\r\n", b"431"),
        (b"GET /" + b"a" * 70_000 + b" HTTP/1.1\r\n\r\n", b"414"),
        (b"POST /rest/profile HTTP/1.1\r\nContent-Length: 50\r\n\r\n{", b"401"),
    ],
)
def test_what_is_not_http_is_refused(portal: Portal, data: bytes, status: bytes) -> None:
    assert send(portal, data).split(b" ")[1] == status


@settings(max_examples=60)
@given(st.binary(max_size=80), st.sampled_from([b"/rest/batch", b"/rest/crm.item.get", b"/oauth/authorize/", b"/%ff"]))
def test_no_bytes_bring_a_portal_down(portal: Portal, body: bytes, path: bytes) -> None:
    head = b"POST %s?%s HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\nConnection: close\r\n\r\n"
    query = body.replace(b" ", b"+").replace(b"\r", b"").replace(b"\n", b"")
    answer = send(portal, head % (path, query, len(body)) + body)
    assert answer.split(b" ")[1] != b"500"


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
NAMES = st.sampled_from(
    [
        "fields",
        "entityTypeId",
        "entityId",
        "id",
        "cmd",
        "halt",
        "order",
        "start",
        "offset",
        "code",
        "fileContent",
        "PLACEMENT",
        "HANDLER",
        "LANG_ALL",
        "OPTIONS",
        "USER_ID",
        "event",
        "handler",
        "auth_type",
        "options",
        "option",
        "ACCESS",
        "name",
        "full",
        "SCOPE",
        "CODE",
    ]
)
METHODS = st.sampled_from(
    [
        "batch",
        "crm.item.get",
        "crm.item.list",
        "crm.item.fields",
        "crm.timeline.logmessage.add",
        "crm.timeline.logmessage.list",
        "crm.timeline.logmessage.get",
        "crm.timeline.icon.add",
        "placement.bind",
        "placement.unbind",
        "placement.list",
        "event.bind",
        "event.unbind",
        "app.option.set",
        "app.option.get",
        "user.access",
        "access.name",
        "method.get",
        "methods",
        "scope",
        "feature.get",
        "crm.type.list",
        "crm.type.get",
        "event.test",
    ]
)


@settings(max_examples=150)
@given(METHODS, st.dictionaries(NAMES, VALUES, max_size=5))
def test_no_parameters_bring_a_method_down(administrator: Caller, method: str, parameters: dict[str, object]) -> None:
    answer = administrator.post(method, **parameters)
    assert answer.status_code in (200, 400, 403), answer.text
    assert ("result" in answer.json()) == (answer.status_code == 200)
