"""Reading one HTTP/1.1 request from a socket's file."""

from __future__ import annotations

from typing import BinaryIO

MAX_HEAD_BYTES = 65_536
MAX_BODY_BYTES = 32 * 1024 * 1024


class BadRequestError(Exception):
    """What arrived is not HTTP that this server takes; `status` says how to answer."""

    def __init__(self, *, status: int) -> None:
        super().__init__(f"refused with {status}")
        self.status = status


class Head:
    """The request line and the headers; names are lower case, repeated ones are joined by a comma."""

    __slots__ = ("headers", "target", "verb", "version")

    def __init__(self, verb: str, target: str, version: str, headers: dict[str, str]) -> None:
        self.verb = verb
        self.target = target
        self.version = version
        self.headers = headers

    @property
    def keeps_alive(self) -> bool:
        asked = self.headers.get("connection", "").lower()
        return "close" not in asked and (self.version == "HTTP/1.1" or "keep-alive" in asked)


def read_head(stream: BinaryIO) -> Head | None:
    """None when the peer has closed the connection."""
    line = stream.readline(MAX_HEAD_BYTES + 1)
    if line == b"\r\n":
        line = stream.readline(MAX_HEAD_BYTES + 1)
    if not line:
        return None
    words = line.decode("latin-1").rstrip("\r\n").split(" ")
    if len(line) > MAX_HEAD_BYTES:
        raise BadRequestError(status=414)
    if len(words) != 3 or not words[2].startswith("HTTP/1.") or not words[0].isalpha():
        raise BadRequestError(status=400)
    return Head(words[0].upper(), words[1], words[2], read_headers(stream))


def read_headers(stream: BinaryIO) -> dict[str, str]:
    headers: dict[str, str] = {}
    size = 0
    while (line := stream.readline(MAX_HEAD_BYTES + 1)) not in (b"\r\n", b"\n", b""):
        size += len(line)
        if size > MAX_HEAD_BYTES:
            raise BadRequestError(status=431)
        name, colon, value = line.decode("latin-1").partition(":")
        if not colon:
            raise BadRequestError(status=400)
        name = name.strip().lower()
        value = value.strip()
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    return headers


def read_body(stream: BinaryIO, headers: dict[str, str]) -> bytes:
    if "chunked" in headers.get("transfer-encoding", "").lower():
        return read_chunks(stream)
    length = headers.get("content-length", "0")
    if not (length.isascii() and length.isdigit()):
        raise BadRequestError(status=400)
    if int(length) > MAX_BODY_BYTES:
        raise BadRequestError(status=413)
    return stream.read(int(length))


def read_chunks(stream: BinaryIO) -> bytes:
    parts: list[bytes] = []
    total = 0
    while size := chunk_size(stream.readline(1024)):
        total += size
        if total > MAX_BODY_BYTES:
            raise BadRequestError(status=413)
        parts.append(stream.read(size))
        stream.readline(1024)
    read_headers(stream)
    return b"".join(parts)


def chunk_size(line: bytes) -> int:
    try:
        return int(line.split(b";")[0].strip(), 16)
    except ValueError:
        raise BadRequestError(status=400) from None
