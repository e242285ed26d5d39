"""A listening port: one thread accepts connections, and each connection is served by a thread of its own."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import threading
from collections.abc import Callable

from .messages import Request, Response
from .reader import CHUNK_BYTES, BadRequestError, Message, Reader

Handler = Callable[[Request], Response]

log = logging.getLogger("devportal.http")
RESET_ON_CLOSE = struct.pack("ii", 1, 0)
DRAIN_SECONDS = 2
DRAIN_READS = 32


class Listener:
    """Serves `handler` on `host:port` (0 picks a free port) until stopped; raises OSError when the port is taken."""

    def __init__(self, handler: Handler, host: str = "127.0.0.1", port: int = 0) -> None:
        self._handler = handler
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            self._socket.bind((host, port))
        except OSError:
            self._socket.close()
            raise
        self._socket.listen(256)
        self.port: int = self._socket.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._is_stopping = False
        self._thread = threading.Thread(target=self._take_in, name=f"listener-{self.port}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Closes the port and every connection; a request in progress is cut off."""
        self._is_stopping = True
        shut(self._socket)
        if self._thread.is_alive():
            self._thread.join(timeout=5)
        with self._lock:
            for connection in self._open:
                shut(connection)

    def _take_in(self) -> None:
        while not self._is_stopping:
            try:
                connection, peer = self._socket.accept()
            except OSError:
                return
            with self._lock:
                self._open.add(connection)
            threading.Thread(target=self._serve, args=(connection, peer[0]), daemon=True).start()

    def _serve(self, connection: socket.socket, source: str) -> None:
        # `stop` may close the connection at any moment.
        with contextlib.suppress(OSError, ValueError), connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            reader = Reader(connection)
            while self._answer_one(connection, reader, source):
                pass
        with self._lock:
            self._open.discard(connection)

    def _answer_one(self, connection: socket.socket, reader: Reader, source: str) -> bool:
        """Answers one request; returns whether to keep the connection."""
        try:
            message = reader.read()
        except BadRequestError as error:
            connection.sendall(Response.text(error.status, "Bad request").wire(keeps_alive=False))
            discard_rest(connection)
            return False
        if message is None:
            return False
        response = self._respond(message, source)
        if response.resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            return False
        connection.sendall(response.wire(keeps_alive=message.keeps_alive, with_body=message.verb != "HEAD"))
        return message.keeps_alive

    def _respond(self, message: Message, source: str) -> Response:
        path, _, query = message.target.partition("?")
        request = Request(message.verb, path, query, message.headers, bytes(message.body), source, self.port)
        try:
            return self._handler(request)
        except Exception:
            log.exception("%s %s failed", message.verb, path)
            return Response.text(500, "Internal server error")


def discard_rest(connection: socket.socket) -> None:
    """Reads the rest of a refused request for some time: closing with unread bytes would reset the connection."""
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(DRAIN_SECONDS)
    for _ in range(DRAIN_READS):
        if not connection.recv(CHUNK_BYTES):
            return


def shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
