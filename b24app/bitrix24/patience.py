"""Connections of limited patience: an answer that drips in is not waited for, and a failed handshake is told apart."""

import io
import socket
import time
from http.client import HTTPResponse
from typing import Any

from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import NewConnectionError

# The time-out of a connection is for the answer's next byte; the whole answer, head and body, may take so much longer.
WHOLE_ANSWER = 1.5


class HandshakeFailed(NewConnectionError):
    """No TLS came about, so nothing was asked; a TLS that fails later is another matter."""


class _Incoming(io.RawIOBase):
    """What comes through a connection, byte by byte as it may, until the time for all of it is over."""

    def __init__(self, stream: io.RawIOBase, connection: socket.socket) -> None:
        self._stream = stream
        self._connection = connection
        self._byte_seconds = connection.gettimeout() or 0
        self._ends_at = time.monotonic() + WHOLE_ANSWER * self._byte_seconds

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


class HttpConnection(HTTPConnection):
    response_class = _TimelyAnswer


class HttpsConnection(HTTPSConnection):
    response_class = _TimelyAnswer

    def connect(self) -> None:
        """Raises HandshakeFailed, or NewConnectionError where it does not even come to a handshake."""
        try:
            super().connect()
        except OSError:
            raise HandshakeFailed(self, "the TLS handshake failed") from None
