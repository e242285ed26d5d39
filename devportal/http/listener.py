"""A listening port: one thread takes connections in, one thread serves each of them."""

from __future__ import annotations

import contextlib
import logging
import socket
import struct
import threading
from collections.abc import Callable
from typing import BinaryIO

from .messages import Request, Response
from .wire import BadRequestError, Head, read_body, read_head

Handler = Callable[[Request], Response]

log = logging.getLogger("devportal.http")
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


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
        """Closes the port and every connection; a request under way is cut off."""
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
        # Whoever stops the listener may close the connection at any moment.
        with contextlib.suppress(OSError, ValueError), connection, connection.makefile("rb") as stream:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while self._answer_one(connection, stream, source):
                pass
        with self._lock:
            self._open.discard(connection)

    def _answer_one(self, connection: socket.socket, stream: BinaryIO, source: str) -> bool:
        """Whether the connection lives on."""
        try:
            head = read_head(stream)
            if head is None:
                return False
            if head.headers.get("expect", "").lower() == "100-continue":
                connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n")
            body = read_body(stream, head.headers)
        except BadRequestError as error:
            connection.sendall(Response.text(error.status, "Bad request").wire(keeps_alive=False))
            return False
        response = self._respond(head, body, source)
        if response.resets:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)
            return False
        connection.sendall(response.wire(keeps_alive=head.keeps_alive, with_body=head.verb != "HEAD"))
        return head.keeps_alive

    def _respond(self, head: Head, body: bytes, source: str) -> Response:
        path, _, query = head.target.partition("?")
        request = Request(head.verb, path, query, head.headers, body, source, self.port)
        try:
            return self._handler(request)
        except Exception:
            log.exception("%s %s failed", head.verb, path)
            return Response.text(500, "Internal server error")


def shut(connection: socket.socket) -> None:
    with contextlib.suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    connection.close()
