"""Connections with timeouts for whole answers; failed TLS handshakes raise an error of their own."""

import io
import socket
import sys
import time
from http.client import CONTINUE, HTTPResponse
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.connection import allowed_gai_family, create_connection

# Portals end requests after 60 seconds, so waiting much longer is pointless.
MORE_SECONDS = 5
# Each address is tried for at least this long, even if the total time is over.
LEAST_SECONDS = 0.05
# Interim statuses; 101 is not one of them, since it ends HTTP.
EARLIEST_HINT, FIRST_FINAL = 102, 200


def whole_answer_seconds(byte_seconds: float) -> float:
    """How long a whole answer, head and body, may take if its next byte may take ``byte_seconds``."""
    return byte_seconds + min(byte_seconds / 2, MORE_SECONDS)


class HandshakeFailed(NewConnectionError):
    """The TLS handshake failed, so nothing was sent."""


class _Incoming(io.RawIOBase):
    """Reads from a connection until its total timeout."""

    def __init__(self, stream: io.RawIOBase, connection: socket.socket) -> None:
        self._stream = stream
        self._connection = connection
        self._byte_seconds = connection.gettimeout() or 0
        self._ends_at = time.monotonic() + whole_answer_seconds(self._byte_seconds)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left_seconds = self._ends_at - time.monotonic()
        if left_seconds <= 0:
            raise TimeoutError
        self._connection.settimeout(min(left_seconds, self._byte_seconds))
        return self._stream.readinto(buffer)

    def close(self) -> None:
        self._stream.close()
        super().close()


class _TimelyAnswer(HTTPResponse):
    def __init__(self, connection: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(connection, *args, **kwargs)
        self.fp = io.BufferedReader(_Incoming(self.fp.detach(), connection))

    def _read_status(self) -> tuple[str, int, str]:
        """Skip interim answers: the standard library takes 103 Early Hints for the final answer."""
        version, status, reason = super()._read_status()  # type: ignore[misc]
        return version, CONTINUE if EARLIEST_HINT <= status < FIRST_FINAL else status, reason


class _Timely(HTTPConnection):
    """Connects within a timeout that all addresses of the host share, and sends a request in one piece."""

    response_class = _TimelyAnswer
    _parts: list[bytes] | None = None

    def request(self, *args: Any, **kwargs: Any) -> None:
        """Send head and body together, since each would otherwise be a packet and a TLS record of its own."""
        self._parts = []
        try:
            super().request(*args, **kwargs)
            whole = b"".join(self._parts)
        finally:
            self._parts = None
        self.send(whole)

    def send(self, data: Any) -> None:
        if self._parts is None:
            super().send(data)
        else:
            self._parts.append(data)

    def _new_conn(self) -> socket.socket:
        try:
            peer = _connect(self._dns_host.strip("[]"), self.port, float(self.timeout or 0), self.socket_options)
        except (socket.gaierror, UnicodeError) as failure:
            raise NameResolutionError(self.host, self, socket.gaierror(str(failure))) from None
        except TimeoutError:
            raise ConnectTimeoutError(self, f"{self.host} did not take the connection in time") from None
        except OSError:
            raise NewConnectionError(self, f"{self.host} cannot be reached") from None
        sys.audit("http.client.connect", self, self.host, self.port)
        return peer


def _connect(host: str, port: int, seconds: float, options: Any) -> socket.socket:
    """Connect to the first address that answers; raises OSError, TimeoutError if the last address was silent."""
    ends_at = time.monotonic() + seconds
    addresses = [found[4][0] for found in socket.getaddrinfo(host, port, allowed_gai_family(), socket.SOCK_STREAM)]
    failure = OSError("the host has no address")
    for left, address in zip(range(len(addresses), 0, -1), addresses, strict=True):
        share_seconds = max(ends_at - time.monotonic(), LEAST_SECONDS) / left
        try:
            peer = create_connection((str(address), port), share_seconds, socket_options=options)
        except OSError as one:
            failure = one
        else:
            peer.settimeout(seconds)
            return peer
    raise failure


class HttpConnection(_Timely):
    pass


class HttpsConnection(_Timely, HTTPSConnection):
    def connect(self) -> None:
        """Raises HandshakeFailed, or NewConnectionError if there was no handshake at all."""
        try:
            super().connect()
        except OSError:
            raise HandshakeFailed(self, "the TLS handshake failed") from None
