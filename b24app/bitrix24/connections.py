"""Sends HTTP requests over persistent connections: to public addresses only, and to trusted certificates."""

import ssl
import threading
import time
import weakref
from collections import OrderedDict, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache, partial
from urllib.parse import urlsplit

import certifi

from b24app.bitrix24.http_answers import HttpAnswer
from b24app.bitrix24.http_connection import HttpConnection, Peer
from b24app.bitrix24.public_addresses import PLAIN_ADDRESS
from b24app.bitrix24.timeouts import Timeouts
from b24app.errors import Unreachable
from b24app.version import VERSION

LONGEST_ANSWER = 8 * 1024 * 1024
USER_AGENT = f"Logbook/{VERSION}"
JSON_HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip",
    "Content-Type": "application/json",
    "User-Agent": USER_AGENT,
}
MOST_PEERS = 64
MOST_IDLE_PER_PEER = 16
# Routers forget connections that are silent, and tell nobody; servers close theirs after a minute or so.
LONGEST_IDLE_SECONDS = 30
ADDRESSES_KEPT = 1024


class Connections:
    """Connects to private and loopback addresses only if they are allowed; redirects are not followed.

    A company's own authorities in ``ca_bundle`` are trusted in addition to the public ones; the environment is ignored.
    """

    def __init__(
        self, *, is_insecure_allowed: bool, ca_bundle: str = "", clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._is_private_allowed = is_insecure_allowed
        self._trusted = partial(trusted, ca_bundle)
        self._clock = clock
        # The idle connections to each peer, and since when they are; the latest last.
        self._idle: OrderedDict[Peer, deque[tuple[HttpConnection, float]]] = OrderedDict()
        self._lock = threading.Lock()
        weakref.finalize(self, _close_all, self._idle)

    def request(
        self,
        verb: str,
        address: str,
        timeouts: Timeouts,
        body: bytes = b"",
        headers: Mapping[str, str] = JSON_HEADERS,
        longest: int = LONGEST_ANSWER,
    ) -> HttpAnswer:
        """Send one request, and never a second time; the answer's body is cut off after ``longest`` bytes.

        Without ``longest``, only the answer's head is waited for. Raises Unreachable if nothing was sent, and
        AnswerLost if it may have been.
        """
        place = _place(address)
        sent = _request(verb, place, body, headers)
        connection = self._take(place.peer) or self._open(place.peer, timeouts)
        try:
            answer = connection.ask(sent, timeouts, longest, has_body=longest > 0 and verb != "HEAD")
        except BaseException:
            connection.close()
            raise
        self._keep(place.peer, connection)
        return answer

    def _open(self, peer: Peer, timeouts: Timeouts) -> HttpConnection:
        return HttpConnection(peer, timeouts, self._trusted, is_private_allowed=self._is_private_allowed)

    def _take(self, peer: Peer) -> HttpConnection | None:
        """The idle connection that was used last, unless that is too long ago."""
        while True:
            with self._lock:
                idle = self._idle.get(peer)
                connection, idle_since = idle.pop() if idle else (None, 0.0)
            if connection is None or not (connection.has_ended or self._is_old(idle_since)):
                return connection
            connection.close()

    def _keep(self, peer: Peer, connection: HttpConnection) -> None:
        with self._lock:
            surplus = [] if connection.is_persistent else [connection]
            if connection.is_persistent:
                self._idle.setdefault(peer, deque()).append((connection, self._clock()))
                self._idle.move_to_end(peer)
            surplus += self._surplus(self._idle.get(peer, deque()))
        for one in surplus:
            one.close()

    def _surplus(self, idle: deque[tuple[HttpConnection, float]]) -> list[HttpConnection]:
        """Take out the connections of this peer that are too many, and those of any that are too old."""
        surplus = []
        while idle and (len(idle) > MOST_IDLE_PER_PEER or self._is_old(idle[0][1])):
            surplus.append(idle.popleft()[0])
        while self._idle and (len(self._idle) > MOST_PEERS or self._is_unused(next(iter(self._idle.values())))):
            surplus += [connection for connection, _since in self._idle.popitem(last=False)[1]]
        return surplus

    def _is_unused(self, idle: deque[tuple[HttpConnection, float]]) -> bool:
        return not idle or self._is_old(idle[-1][1])

    def _is_old(self, idle_since: float) -> bool:
        return self._clock() - idle_since > LONGEST_IDLE_SECONDS


@lru_cache(maxsize=8)
def trusted(ca_bundle: str) -> ssl.SSLContext:
    """The trusted certificates, read once per process, when first needed: they take 40 ms and several megabytes."""
    context = ssl.create_default_context(cafile=certifi.where())
    context.set_alpn_protocols(["http/1.1"])
    if ca_bundle:
        context.load_verify_locations(cafile=ca_bundle)
    return context


@dataclass(frozen=True)
class _Place:
    """An address as a request names it."""

    peer: Peer
    name: str
    target: str


@lru_cache(ADDRESSES_KEPT)
def _place(address: str) -> _Place:
    """Raises Unreachable for what is no address, or could break out of the request's first lines."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise Unreachable(code="NO_ADDRESS") from None
    if not host or "@" in parts.netloc or parts.scheme not in {"http", "https"} or not PLAIN_ADDRESS.fullmatch(address):
        raise Unreachable(code="NO_ADDRESS")
    is_secure = parts.scheme == "https"
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return _Place(Peer(host, port or (443 if is_secure else 80), is_secure), parts.netloc, target)


def _request(verb: str, place: _Place, body: bytes, headers: Mapping[str, str]) -> bytes:
    """Head and body in one piece, since each would otherwise be a packet and a TLS record of its own.

    Raises Unreachable for what could break out of its line.
    """
    lines = [f"{verb} {place.target} HTTP/1.1", f"Host: {place.name}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    if verb == "POST":
        lines.append(f"Content-Length: {len(body)}")
    if not all(line.isascii() and line.isprintable() for line in lines):
        raise Unreachable(code="NO_HEADER")
    return "\r\n".join([*lines, "\r\n"]).encode() + body


def _close_all(idle: Mapping[Peer, deque[tuple[HttpConnection, float]]]) -> None:
    for connections in idle.values():
        for connection, _since in connections:
            connection.close()
