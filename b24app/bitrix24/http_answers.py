"""Reads the answers to HTTP requests; the parsing is llhttp's.

Docs: RFC 9110 and RFC 9112
"""

import zlib
from dataclasses import dataclass, field

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

LONGEST_HEAD = 64 * 1024
# An interim answer announces the final one; 101 is no such answer, since it ends HTTP.
INTERIM = {100, *range(102, 200)}
# What browsers, and Python's own client, read as well. A connection is closed if anything follows an answer.
LENIENCIES = {
    "lenient_headers": True,
    "lenient_chunked_length": True,
    "lenient_data_after_close": True,
    "lenient_optional_cr_before_lf": True,
    "lenient_spaces_after_chunk_size": True,
    "lenient_transfer_encoding": True,
}


class AnswerBroken(ConnectionError):
    """What came is no HTTP, or ended too early."""


@dataclass(frozen=True)
class HttpAnswer:
    """The answer to one request. Header names are lower case; a repeated header's values are joined by commas."""

    status: int
    headers: dict[str, str]
    body: bytes = field(repr=False)


class AnswerReader:
    """Reads a connection's answers one after the other; its ``on_…`` methods are called by the parser."""

    def __init__(self) -> None:
        self._parser = HttpResponseParser(self)
        self._parser.set_dangerous_leniencies(**LENIENCIES)
        self.expect(0)

    def expect(self, longest: int, *, has_body: bool = True) -> None:
        """Forget the last answer; the next one's body is read up to ``longest`` bytes."""
        self._longest = longest
        self._has_body = has_body
        self.is_complete = False
        self.is_last = True
        self._reset()

    def feed(self, data: bytes) -> None:
        """Read more of the answer; raises AnswerBroken."""
        try:
            self._parser.feed_data(data)
        except (HttpParserError, HttpParserUpgrade):
            self.is_last = True
            if not self.is_complete:
                raise AnswerBroken from None
        if not self._status:
            self._head_bytes += len(data)
            if self._head_bytes > LONGEST_HEAD:
                raise AnswerBroken

    def end(self) -> None:
        """The connection has ended, and so has an answer without a length; raises AnswerBroken for any other one."""
        if not self._status or "content-length" in self._headers or "chunked" in self._transfer:
            raise AnswerBroken
        self.is_complete = True

    @property
    def answer(self) -> HttpAnswer:
        """The complete answer; raises AnswerBroken if its body cannot be unpacked."""
        body = b"".join(self._pieces)[: self._longest]
        if self._headers.get("content-encoding", "").lower() in {"gzip", "x-gzip"}:
            body = _unpacked(body, self._longest)
        return HttpAnswer(self._status, self._headers, body)

    def on_message_begin(self) -> None:
        # A second answer, which nobody has asked for.
        self.is_last = self.is_last or self.is_complete

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.is_complete:
            key, text = name.decode("latin-1").strip().lower(), value.decode("latin-1").strip()
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        if not self.is_complete:
            self._status = self._parser.get_status_code()
            self.is_complete = not self._has_body and self._status not in INTERIM

    def on_body(self, piece: bytes) -> None:
        if not self.is_complete:
            self._pieces.append(piece)
            self._body_bytes += len(piece)
            self.is_complete = self._body_bytes > self._longest

    def on_message_complete(self) -> None:
        if self.is_complete:
            return
        if self._status in INTERIM:
            self._reset()
        else:
            self.is_complete = True
            self.is_last = not self._parser.should_keep_alive()

    @property
    def _transfer(self) -> str:
        return self._headers.get("transfer-encoding", "").lower()

    def _reset(self) -> None:
        self._status = self._head_bytes = self._body_bytes = 0
        self._headers: dict[str, str] = {}
        self._pieces: list[bytes] = []


def _unpacked(body: bytes, longest: int) -> bytes:
    """A body without its gzip compression, up to ``longest`` bytes."""
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        return unpacking.decompress(body, longest)
    except zlib.error:
        raise AnswerBroken from None
