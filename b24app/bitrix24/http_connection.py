"""One connection to a server: opened in time, used for one request after the other, each answered in time.

Whether anything was sent decides about the error, since only what was certainly not sent may be sent again.
"""

import select
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from ipaddress import ip_address
from ssl import SSLContext
from typing import NamedTuple

from b24app.bitrix24.http_answers import AnswerReader, HttpAnswer
from b24app.bitrix24.public_addresses import is_public
from b24app.bitrix24.timeouts import Timeouts
from b24app.codes import Reason
from b24app.errors import AnswerLost, Unreachable

# Each address is tried for at least this long, even if the total time is over.
LEAST_SECONDS = 0.05
CHUNK_BYTES = 64 * 1024


class Peer(NamedTuple):
    """The server at the other end of a connection."""

    host: str
    port: int
    is_secure: bool


class HttpConnection:
    """Raises Unreachable unless it can be opened, and AnswerLost from then on."""

    def __init__(
        self, peer: Peer, timeouts: Timeouts, trusted: Callable[[], SSLContext], *, is_private_allowed: bool
    ) -> None:
        ends_at = time.monotonic() + timeouts.connect_seconds
        self._socket = _connect(peer, timeouts.connect_seconds)
        try:
            # A request is sent in one piece, so nothing is gained by waiting for more.
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if not (is_private_allowed or _is_public(self._socket)):
                raise Unreachable(code="PRIVATE_ADDRESS")
            if peer.is_secure:
                self._socket.settimeout(max(ends_at - time.monotonic(), LEAST_SECONDS))
                self._socket = _secured(self._socket, trusted, peer.host)
        except OSError:  # closed as soon as it was open
            self._socket.close()
            raise Unreachable(code="NO_CONNECTION") from None
        except BaseException:
            self._socket.close()
            raise
        self._readable = select.poll()
        self._readable.register(self._socket, select.POLLIN)
        self._reader = AnswerReader()

    @property
    def is_persistent(self) -> bool:
        """Whether it can take another request after the last answer."""
        return not self._reader.is_last

    @property
    def has_ended(self) -> bool:
        """Whether the server has closed it while it was idle: it can be read from, if only to its end."""
        return bool(self._readable.poll(0))

    def ask(self, request: bytes, timeouts: Timeouts, longest: int, *, has_body: bool = True) -> HttpAnswer:
        """Send a request and read its answer, the body up to ``longest`` bytes."""
        self._reader.expect(longest, has_body=has_body)
        ends_at = time.monotonic() + timeouts.exchange_seconds
        try:
            self._send(request, timeouts.read_seconds)
            self._read(ends_at, timeouts.read_seconds)
            return self._reader.answer
        except TimeoutError:
            raise AnswerLost(code=Reason.READ_TIMEOUT) from None
        except OSError:
            raise AnswerLost(code="CONNECTION_BROKEN") from None

    def close(self) -> None:
        self._socket.close()

    def _send(self, request: bytes, seconds: float) -> None:
        if self._socket.gettimeout() != seconds:
            self._socket.settimeout(seconds)
        # A server that refuses to read on may have answered nevertheless.
        with suppress(ConnectionError):
            self._socket.sendall(request)

    def _read(self, ends_at: float, byte_seconds: float) -> None:
        reader = self._reader
        while not reader.is_complete:
            left_seconds = ends_at - time.monotonic()
            if left_seconds < byte_seconds:
                self._wait_at_most(left_seconds)
            data = self._socket.recv(CHUNK_BYTES)
            reader.feed(data) if data else reader.end()

    def _wait_at_most(self, seconds: float) -> None:
        if seconds <= 0:
            raise TimeoutError
        self._socket.settimeout(seconds)


def _connect(peer: Peer, seconds: float) -> socket.socket:
    """Connect within a time that all addresses of the host share."""
    ends_at = time.monotonic() + seconds
    code = "NO_CONNECTION"
    addresses = _addresses(peer)
    for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
        share_seconds = max(ends_at - time.monotonic(), LEAST_SECONDS) / left
        try:
            opened = socket.create_connection((address, peer.port), share_seconds)
        except TimeoutError:
            code = "CONNECT_TIMEOUT"
        except OSError:
            code = "NO_CONNECTION"
        else:
            return opened
    raise Unreachable(code=code)


def _addresses(peer: Peer) -> list[str]:
    try:
        found = socket.getaddrinfo(peer.host, peer.port, socket.AF_UNSPEC, socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unreachable(code="NO_CONNECTION") from None
    return [str(place[4][0]) for place in found]


def _is_public(opened: socket.socket) -> bool:
    """Whether the connected address is public; judging that one prevents DNS rebinding."""
    address, *_ = opened.getpeername()
    return is_public(ip_address(address.partition("%")[0]))


def _secured(opened: socket.socket, trusted: Callable[[], SSLContext], host: str) -> socket.socket:
    """The connection after its TLS handshake."""
    try:
        return trusted().wrap_socket(opened, server_hostname=host)
    except (OSError, ValueError):
        raise Unreachable(code="TLS_FAILED") from None
