"""Reads requests from a connection; the parsing is httptools'."""

from __future__ import annotations

import socket
from collections import deque
from dataclasses import dataclass, field

import httptools

MAX_HEAD_BYTES = 65_536
MAX_BODY_BYTES = 32 * 1024 * 1024
CHUNK_BYTES = 65_536
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class BadRequestError(Exception):
    """The peer has sent something that is not HTTP, or too much; `status` is for the response."""

    def __init__(self, *, status: int) -> None:
        super().__init__(f"refused with {status}")
        self.status = status


@dataclass(slots=True)
class Message:
    """One request; header names are lower case, repeated headers are joined by a comma."""

    verb: str = ""
    target: str = ""
    headers: dict[str, str] = field(default_factory=dict)
    body: bytearray = field(default_factory=bytearray)
    keeps_alive: bool = False
    has_head: bool = False
    head_bytes: int = 0


class Reader:
    """The requests of one connection, in their order; its `on_…` methods are called by the parser."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._parser = httptools.HttpRequestParser(self)
        self._complete: deque[Message] = deque()
        self._current: Message | None = None
        self._refusal = 0
        self._is_upgraded = False

    def read(self) -> Message | None:
        """The next request, or None when the peer has closed the connection; raises `BadRequestError`."""
        while not self._complete:
            if self._refusal:
                raise BadRequestError(status=self._refusal)
            data = b"" if self._is_upgraded else self._connection.recv(CHUNK_BYTES)
            if not data:
                return self._cut_off()
            self._feed(data)
        return self._complete.popleft()

    def _feed(self, data: bytes) -> None:
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserUpgrade:
            self._is_upgraded = True
        except httptools.HttpParserError:
            self._refusal = self._refusal or 400
        if self._current and not self._current.has_head:
            self._count_head(len(data))

    def _cut_off(self) -> Message | None:
        """Completes a request whose body ends early, so that it is answered anyway."""
        message, self._current = self._current, None
        return message if message and message.has_head else None

    def _count_head(self, size: int) -> None:
        """Counts the head's bytes: both the target and the headers can be too long."""
        message = self._message()
        message.head_bytes += size
        if message.head_bytes > MAX_HEAD_BYTES:
            self._refusal = self._refusal or (431 if len(message.target) < MAX_HEAD_BYTES else 414)

    def _message(self) -> Message:
        if self._current is None:
            self._current = Message()
        return self._current

    def on_message_begin(self) -> None:
        self._current = Message()

    def on_url(self, url: bytes) -> None:
        message = self._message()
        message.target += url.decode("latin-1")
        if len(message.target) > MAX_HEAD_BYTES:
            self._refusal = 414

    def on_header(self, name: bytes, value: bytes) -> None:
        headers, key, text = self._message().headers, name.decode("latin-1").lower(), value.decode("latin-1").strip()
        headers[key] = f"{headers[key]},{text}" if key in headers else text
        if len(name) + len(value) > MAX_HEAD_BYTES:
            self._refusal = 431

    def on_headers_complete(self) -> None:
        message = self._message()
        message.verb = self._parser.get_method().decode("ascii")
        message.keeps_alive = self._parser.should_keep_alive()
        message.has_head = True
        if int(message.headers.get("content-length") or 0) > MAX_BODY_BYTES:
            self._refusal = 413
        elif message.headers.get("expect", "").lower() == "100-continue":
            self._connection.sendall(CONTINUE)

    def on_body(self, body: bytes) -> None:
        message = self._message()
        message.body += body
        if len(message.body) > MAX_BODY_BYTES:
            self._refusal = 413

    def on_message_complete(self) -> None:
        if not self._refusal:
            self._complete.append(self._message())
        self._current = None
