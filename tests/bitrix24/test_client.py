"""One request, one answer, and a specific error for each failure, which decides what may be repeated."""

import json
import logging
import socket
import threading
from collections.abc import Iterator
from urllib.parse import quote

import pytest

from b24app.bitrix24.calls import Call
from b24app.bitrix24.client import Client, Exchange
from b24app.bitrix24.connections import LONGEST_ANSWER, Connections
from b24app.bitrix24.timeouts import Timeouts
from b24app.errors import AnswerLost, CallFailed, Moved, Refused, Unreachable

TOKEN = "token-that-nobody-may-read"
CALL = Call("crm.timeline.logmessage.add", {"fields": {"title": "a"}})


class Peer:
    """A server that reads one request and answers with fixed bytes; None means that it hangs up silently."""

    def __init__(self) -> None:
        self.answer: bytes | None = b""
        self.heard = b""
        self.pieces = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.endpoint = f"http://127.0.0.1:{self._listener.getsockname()[1]}/rest/"
        threading.Thread(target=self._serve, daemon=True).start()

    def says(self, status: str, body: str, *headers: str) -> None:
        head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body.encode())}", *headers])
        self.answer = f"{head}\r\n\r\n{body}".encode()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            with connection:
                self.heard, self.pieces = b"", 0
                while not self.heard.endswith(b"}") and (part := connection.recv(65536)):
                    self.heard += part
                    self.pieces += 1
                if self.answer is not None:
                    connection.sendall(self.answer)


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def client() -> Client:
    return Client(Connections(is_insecure_allowed=True), Timeouts(connect_seconds=1, read_seconds=0.5))


def failure(client: Client, endpoint: str) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        client.call(endpoint, TOKEN, CALL)
    return caught.value


def test_the_result_is_answered(client: Client, peer: Peer) -> None:
    peer.says("200 OK", '{"result": {"id": 1}, "time": {}}')
    assert client.call(peer.endpoint, TOKEN, CALL) == {"id": 1}


def test_a_request_is_one_piece(client: Client, peer: Peer) -> None:
    """Its head and its body by themselves would be two packets, and two records of TLS."""
    peer.says("200 OK", '{"result": true}')
    client.call(peer.endpoint, TOKEN, CALL)
    assert peer.pieces == 1


def test_the_token_travels_in_the_body_and_never_in_the_address(client: Client, peer: Peer) -> None:
    peer.says("200 OK", '{"result": true}')
    client.call(peer.endpoint, TOKEN, CALL)
    head, _, body = peer.heard.decode().partition("\r\n\r\n")
    assert head.startswith("POST /rest/crm.timeline.logmessage.add HTTP/1.1")
    assert TOKEN not in head
    assert json.loads(body) == {"fields": {"title": "a"}, "auth": TOKEN}


@pytest.mark.parametrize("status", ["200 OK", "400 Bad Request", "401 Unauthorized", "503 Service Unavailable"])
@pytest.mark.parametrize(
    ("code", "read"), [('"access_denied"', "ACCESS_DENIED"), ("0", "0"), ('"0"', "0"), ("100", "100")]
)
def test_an_error_code_is_a_refusal_under_any_status(
    client: Client, peer: Peer, status: str, code: str, read: str
) -> None:
    peer.says(status, f'{{"error": {code}, "error_description": "no"}}')
    refused = failure(client, peer.endpoint)
    assert isinstance(refused, Refused)
    assert refused.code == read


@pytest.mark.parametrize("body", ["<html>oops</html>", "", "[]", "null", '"text"', '{"time": {}}', "{", "[" * 100_000])
def test_a_senseless_answer_leaves_it_open_whether_anything_was_done(client: Client, peer: Peer, body: str) -> None:
    peer.says("500 Internal Server Error", body)
    assert isinstance(failure(client, peer.endpoint), AnswerLost)


@pytest.mark.parametrize(
    "status",
    ["200 OK", "403 Forbidden", "499 Closed", "500 Oops", "503 Unavailable", "530 Origin", "598 Read", "599 Connect"],
)
@pytest.mark.parametrize(
    "body",
    [
        "<html>Please wait</html>",
        "upstream connect error",
        '{"error": "Service Unavailable"}',
        '{"error": "forbidden"}',
        '{"error": {"code": 503}}',
        '{"error": true, "message": "try later"}',
        '{"message": "no route"}',
    ],
)
def test_what_is_no_answer_of_the_portals_rest_says_nothing(client: Client, peer: Peer, status: str, body: str) -> None:
    peer.says(status, body)
    assert isinstance(failure(client, peer.endpoint), AnswerLost)


@pytest.mark.parametrize("error", ['""', "null", "false"])
class TestEmptyErrors:
    """Some portals write an error that says nothing."""

    def test_a_result_counts_despite_an_empty_error(self, client: Client, peer: Peer, error: str) -> None:
        peer.says("200 OK", f'{{"error": {error}, "result": {{"id": 1}}}}')
        assert client.call(peer.endpoint, TOKEN, CALL) == {"id": 1}

    def test_without_a_result_it_is_a_refusal(self, client: Client, peer: Peer, error: str) -> None:
        peer.says("200 OK", f'{{"error": {error}}}')
        refused = failure(client, peer.endpoint)
        assert (type(refused), refused.code) == (Refused, "UNKNOWN")


def test_a_portal_that_broke_down_promises_nothing(client: Client, peer: Peer) -> None:
    peer.says("500 Internal Server Error", '{"error": "INTERNAL_SERVER_ERROR"}')
    assert isinstance(failure(client, peer.endpoint), AnswerLost)


@pytest.mark.parametrize("status", ["502 Bad Gateway", "504 Gateway Timeout", "524 A Timeout Occurred"])
@pytest.mark.parametrize("body", ["<html>oops</html>", '{"message": ""}', '{"error": "Gateway Timeout"}', "{}"])
def test_what_a_gateway_says_is_not_the_portals_answer(client: Client, peer: Peer, status: str, body: str) -> None:
    peer.says(status, body)
    lost = failure(client, peer.endpoint)
    assert (type(lost), lost.code) == (AnswerLost, "GATEWAY")


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "307 Temporary Redirect"])
def test_a_redirect_is_never_followed(client: Client, peer: Peer, status: str) -> None:
    elsewhere = Peer()
    peer.says(status, "", f"Location: {elsewhere.endpoint}")
    assert isinstance(failure(client, peer.endpoint), Moved)
    assert elsewhere.heard == b""
    elsewhere.close()


def test_a_connection_that_breaks_after_sending_leaves_it_open(client: Client, peer: Peer) -> None:
    peer.answer = None
    assert isinstance(failure(client, peer.endpoint), AnswerLost)


@pytest.mark.parametrize("answer", [b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\n{", b"garbage\r\n\r\n"])
def test_an_answer_that_ends_too_early_leaves_it_open(client: Client, peer: Peer, answer: bytes) -> None:
    peer.answer = answer
    assert isinstance(failure(client, peer.endpoint), AnswerLost)


def test_silence_leaves_it_open() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    client = Client(Connections(is_insecure_allowed=True), Timeouts(connect_seconds=1, read_seconds=0.1))
    lost = failure(client, f"http://127.0.0.1:{listener.getsockname()[1]}/rest/")
    listener.close()
    assert isinstance(lost, AnswerLost)
    assert lost.code == "READ_TIMEOUT"


def test_where_nobody_listens_nothing_was_sent(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    assert isinstance(failure(client, f"http://127.0.0.1:{port}/rest/"), Unreachable)


@pytest.mark.parametrize(
    "endpoint", ["http://no-such-host.invalid/rest/", "http:///rest/", "https://127.0.0.1:1/rest/"]
)
def test_where_nobody_can_be_found_nothing_was_sent(client: Client, endpoint: str) -> None:
    assert isinstance(failure(client, endpoint), Unreachable)


def test_an_endless_answer_is_not_read_to_its_end(client: Client, peer: Peer) -> None:
    peer.says("200 OK", '{"result": "' + "x" * LONGEST_ANSWER + '"}')
    assert isinstance(failure(client, peer.endpoint), AnswerLost)


def test_no_failure_shows_the_token(client: Client, peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    peer.answer = None
    lost = failure(client, peer.endpoint)
    assert lost.__cause__ is None
    assert TOKEN not in f"{lost!r}{caplog.text}"


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "[::1]"])
def test_without_permission_no_private_address_hears_a_word(peer: Peer, host: str) -> None:
    peer.says("200 OK", '{"result": true}')
    careful = Client(Connections(is_insecure_allowed=False), Timeouts(connect_seconds=1, read_seconds=1))
    assert isinstance(failure(careful, peer.endpoint.replace("127.0.0.1", host)), Unreachable)
    assert peer.heard == b""


def test_each_call_leaves_one_line(client: Client, peer: Peer, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "b24app")
    peer.says("200 OK", '{"result": true}')
    client.call(peer.endpoint, TOKEN, CALL)
    (line,) = [record for record in caplog.records if record.name == "b24app.bitrix24.client"]
    assert vars(line).items() >= {"method": CALL.method, "status": 200, "code": "ok"}.items()


REFUSAL = {"error": "NO_AUTH_FOUND", "error_description": "Wrong authorization data"}
ODD_TOKEN = "token/that+nobody=may.read~"
QUOTED = {
    "as it is": ODD_TOKEN,
    "as PHP writes JSON": ODD_TOKEN.replace("/", "\\/"),
    "as an address": quote(ODD_TOKEN, safe=""),
    "as an address in an address": quote(quote(ODD_TOKEN, safe=""), safe=""),
    "in numbers of JSON": "".join(f"\\u{ord(sign):04X}" for sign in ODD_TOKEN),
    "in numbers of HTML": "".join(f"&#{ord(sign)};" for sign in ODD_TOKEN),
}


@pytest.mark.parametrize("place", ["error", "error_description"])
@pytest.mark.parametrize("spelling", QUOTED)
def test_a_refusal_that_quotes_the_token_is_noted_without_it(peer: Peer, place: str, spelling: str) -> None:
    noted: list[Exchange] = []
    client = Client(Connections(is_insecure_allowed=True), Timeouts(1, 1), noted.append)
    peer.says("401 Unauthorized", json.dumps({**REFUSAL, place: f"<{QUOTED[spelling]}> is unknown"}))
    with pytest.raises(Refused) as caught:
        client.call(peer.endpoint, ODD_TOKEN, CALL)
    (exchange,) = noted
    assert b"is unknown" in exchange.answer
    assert QUOTED[spelling].encode() not in exchange.answer
    assert caught.value.code == exchange.code
    assert "NOBODY" not in exchange.code


def test_an_answer_in_utf_16_hides_no_token(peer: Peer) -> None:
    noted: list[Exchange] = []
    client = Client(Connections(is_insecure_allowed=True), Timeouts(1, 1), noted.append)
    body = json.dumps({"error": "NO_AUTH_FOUND", "error_description": TOKEN}).encode("utf-16-le")
    peer.answer = b"HTTP/1.1 401 No\r\nContent-Length: %d\r\n\r\n" % len(body) + body
    with pytest.raises(Refused, match="NO_AUTH_FOUND"):
        client.call(peer.endpoint, TOKEN, CALL)
    assert TOKEN not in noted[0].answer.replace(b"\0", b"").decode()
