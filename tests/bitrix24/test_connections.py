"""Connections that last for many requests, each of which is sent once."""

import select
import socket
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from b24app.bitrix24.connections import LONGEST_IDLE_SECONDS, MOST_IDLE_PER_PEER, MOST_PEERS, Connections
from b24app.bitrix24.http_answers import HttpAnswer
from b24app.bitrix24.timeouts import Timeouts
from b24app.errors import AnswerLost, Unreachable

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc"
FORGED = b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\nforged"
Meeting = Callable[[socket.socket], object]
TIMEOUTS = Timeouts(connect_seconds=5, read_seconds=5)


class Server:
    """Answers each request with the next of ``answers``, then with ANSWER; None hangs up instead."""

    def __init__(self, listener: socket.socket, answers: tuple[bytes | None, ...], before: Meeting) -> None:
        self.port = listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.heard: list[bytes] = []
        self.connections: list[socket.socket] = []
        self.left = threading.Semaphore(0)
        self._answers = list(answers)
        self._before = before
        self._listener = listener

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections.append(connection)
            threading.Thread(target=self._meet, args=(connection,), daemon=True).start()

    def _meet(self, connection: socket.socket) -> None:
        with connection, suppress(ConnectionError):
            while heard := connection.recv(65536):
                self.heard.append(heard)
                self._before(connection)
                answer = self._answers.pop(0) if self._answers else ANSWER
                if answer is None:
                    break
                connection.sendall(answer)
        self.left.release()


@contextmanager
def serving(*answers: bytes | None, before: Meeting = lambda connection: None) -> Iterator[Server]:
    with socket.create_server(("", 0), backlog=100) as listener:
        server = Server(listener, answers, before)
        thread = threading.Thread(target=server.serve)
        thread.start()
        yield server
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@pytest.fixture
def connections() -> Connections:
    return Connections(is_insecure_allowed=True)


def ask(connections: Connections, url: str, body: bytes = b"{}") -> HttpAnswer:
    return connections.request("POST", url, TIMEOUTS, body)


def test_one_connection_serves_one_request_after_the_other(connections: Connections) -> None:
    with serving() as server:
        assert [ask(connections, server.url).body for _ in range(3)] == [b"abc"] * 3
        assert len(server.connections) == 1


@pytest.mark.parametrize("answer", [ANSWER + FORGED, ANSWER.replace(b"OK\r\n", b"OK\r\nConnection: close\r\n")])
def test_what_follows_an_answer_is_no_answer_to_the_next_request(connections: Connections, answer: bytes) -> None:
    with serving(answer) as server:
        assert [ask(connections, server.url).body for _ in range(2)] == [b"abc"] * 2
        assert len(server.connections) == 2


def test_neither_is_what_comes_while_nothing_is_asked(connections: Connections) -> None:
    with serving() as server:
        ask(connections, server.url)
        server.connections[0].sendall(FORGED)
        assert ask(connections, server.url).body == b"abc"
        assert len(server.connections) == 2


def test_a_connection_that_was_closed_meanwhile_is_not_used(connections: Connections) -> None:
    with serving() as server:
        ask(connections, server.url)
        server.connections[0].shutdown(socket.SHUT_RDWR)
        assert server.left.acquire(timeout=5)
        assert ask(connections, server.url).body == b"abc"
        assert len(server.connections) == 2


def test_a_connection_that_was_idle_for_long_is_not_used() -> None:
    now = [0.0]
    connections = Connections(is_insecure_allowed=True, clock=lambda: now[0])
    with serving() as server, serving() as other:
        ask(connections, server.url)
        now[0] += LONGEST_IDLE_SECONDS
        ask(connections, server.url)
        assert len(server.connections) == 1
        now[0] += LONGEST_IDLE_SECONDS + 1
        ask(connections, other.url)
        assert server.left.acquire(timeout=5), "it is closed even if its server is never asked again"
        ask(connections, server.url)
        now[0] += LONGEST_IDLE_SECONDS + 1
        ask(connections, server.url)
        assert len(server.connections) == 3


def test_a_request_whose_kept_connection_breaks_is_not_sent_again(connections: Connections) -> None:
    with serving(ANSWER, None) as server:
        ask(connections, server.url)
        with pytest.raises(AnswerLost, match="CONNECTION_BROKEN"):
            ask(connections, server.url)
        assert (len(server.heard), len(server.connections)) == (2, 1)


def test_a_server_that_refuses_to_read_on_is_heard(connections: Connections) -> None:
    refusal = ANSWER.replace(b"200 OK", b"413 Too Long")
    with serving(refusal, before=lambda connection: connection.shutdown(socket.SHUT_RD)) as server:
        assert ask(connections, server.url, bytes(50_000_000)).status == 413


def test_requests_at_the_same_time_have_connections_of_their_own_and_not_too_many_are_kept(
    connections: Connections,
) -> None:
    count = MOST_IDLE_PER_PEER + 1
    all_are_there = threading.Barrier(count)
    with serving(before=lambda _connection: all_are_there.wait(5)) as server:
        threads = [threading.Thread(target=ask, args=(connections, server.url)) for _ in range(count)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(server.connections) == count
        assert server.left.acquire(timeout=5)
        assert not server.left.acquire(timeout=0)


def test_servers_that_were_not_called_for_the_longest_time_lose_theirs(connections: Connections) -> None:
    with serving() as server:
        # All of 127.0.0.0/8 is this machine.
        for number in range(MOST_PEERS + 1):
            ask(connections, f"http://127.0.0.{number + 1}:{server.port}/")
        assert server.left.acquire(timeout=5)
        assert not server.left.acquire(timeout=0)
        assert server.connections[0].fileno() == -1


@pytest.mark.parametrize(
    "path",
    ["a b", "a HTTP/1.1\r\nX-Forged: 1", "a\r\n\r\nPOST /b", "\u00e9", "a#b", "a\tb", "a\x00b"],
)
def test_no_address_can_break_out_of_its_line(connections: Connections, path: str) -> None:
    with serving() as server:
        with pytest.raises(Unreachable, match="NO_ADDRESS"):
            ask(connections, server.url + path)
        assert server.connections == []


@pytest.mark.parametrize(
    "address", ["", "/", "http://", "http:///a", "ftp://a.example/", "http://me@a.example/", "http://a.example:x/"]
)
def test_what_is_no_web_address_is_not_called(connections: Connections, address: str) -> None:
    with pytest.raises(Unreachable, match="NO_ADDRESS"):
        ask(connections, address)


def test_an_address_is_asked_for_as_it_is_written(connections: Connections) -> None:
    with serving() as server:
        ask(connections, server.url + "a/b?c=%20&d=e")
        ask(connections, server.url.removesuffix("/"))
        first, second = (heard.split(b"\r\n") for heard in server.heard)
        assert first[:2] == [b"POST /a/b?c=%20&d=e HTTP/1.1", b"Host: 127.0.0.1:%d" % server.port]
        assert second[0] == b"POST / HTTP/1.1"


@pytest.mark.parametrize("header", ["a\r\nX-Forged: 1", "a\nb", "\u00e9", "\x00"])
def test_no_header_can_break_out_of_its_line(connections: Connections, header: str) -> None:
    with serving() as server:
        with pytest.raises(Unreachable, match="NO_HEADER"):
            connections.request("POST", server.url, TIMEOUTS, b"{}", {"X-Signature": header})
        assert server.connections == []


def test_through_a_connection_that_is_reset_at_once_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Such as by a load balancer without a server behind it; the system's own function makes it certain."""
    connect = socket.create_connection

    def connect_and_wait(*given: Any) -> socket.socket:
        opened = connect(*given)
        peer, _ = listener.accept()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        peer.close()
        select.select([opened], [], [], 5)
        return opened

    with socket.create_server(("127.0.0.1", 0)) as listener:
        monkeypatch.setattr(socket, "create_connection", connect_and_wait)
        with pytest.raises(Unreachable, match="NO_CONNECTION"):
            ask(Connections(is_insecure_allowed=False), f"http://127.0.0.1:{listener.getsockname()[1]}/")


def test_without_its_authorities_nothing_is_sent(tmp_path: Path) -> None:
    missing = str(tmp_path / "removed.pem")
    with serving() as server:
        with pytest.raises(Unreachable, match="TLS_FAILED"):
            ask(Connections(is_insecure_allowed=True, ca_bundle=missing), server.url.replace("http:", "https:"))
        assert server.heard == []


def test_sending_and_reading_together_have_the_time_of_an_exchange(connections: Connections) -> None:
    timeouts, pause, size = Timeouts(connect_seconds=1, read_seconds=0.4), threading.Event(), 20_000_000

    def read_late_and_answer_later(connection: socket.socket) -> None:
        pause.wait(0.3)
        left = size - 65_536
        while left > 0 and (part := connection.recv(1_000_000)):
            left -= len(part)
        pause.wait(0.35)

    with serving(before=read_late_and_answer_later) as server, pytest.raises(AnswerLost, match="READ_TIMEOUT"):
        connections.request("POST", server.url, timeouts, bytes(size))


def test_only_the_head_is_waited_for_where_nothing_more_is_wanted(connections: Connections) -> None:
    with serving(b"HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: 100\r\n\r\n") as server:
        assert connections.request("GET", server.url, TIMEOUTS, longest=0).headers["date"] == "today"
        assert ask(connections, server.url).body == b"abc"
