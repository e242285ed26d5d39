"""Reads the answers to HTTP requests; the parsing is llhttp's.

Docs: RFC 9110 and RFC 9112
"""

import zlib
from dataclasses import dataclass, field

from httptools import HttpParserError, HttpParserUpgrade, HttpResponseParser

LONGEST_HEAD = 64 * 1024
# An interim answer announces the final one; 101 is no such answer, since it ends HTTP.
INTERIM = {100, *range(102, 200)}
# What other clients read as well. A connection that anything follows after an answer is not used again.
LENIENCIES = {
    "lenient_headers": True,
    "lenient_chunked_length": True,
    "lenient_keep_alive": True,
    "lenient_data_after_close": True,
    "lenient_optional_cr_before_lf": True,
    "lenient_spaces_after_chunk_size": True,
    "lenient_transfer_encoding": True,
}


class AnswerBroken(ConnectionError):
    """What came is no HTTP, is too long, ended too early, or cannot be unpacked."""


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
        """Forget the last answer; the next one's body is read up to ``longest`` bytes, or not at all."""
        self._longest = longest
        self._has_body = has_body
        self._left_bytes = 2 * (LONGEST_HEAD + longest)
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
        self._head_bytes += 0 if self._status else len(data)
        # Trailers and the marks of chunks are no part of the body, but must end as well.
        self._left_bytes -= len(data)
        if self._head_bytes > LONGEST_HEAD or (self._left_bytes < 0 and not self.is_complete):
            raise AnswerBroken

    def end(self) -> None:
        """The connection has ended, and so has an answer without a length; raises AnswerBroken for any other one."""
        if not self._status or "content-length" in self._headers or self._is_chunked:
            raise AnswerBroken
        self.is_complete = True

    @property
    def answer(self) -> HttpAnswer:
        """The complete answer; raises AnswerBroken if its body cannot be unpacked."""
        body = b"".join(self._pieces)
        if self._headers.get("content-encoding", "").lower() in {"gzip", "x-gzip"} and self._has_body:
            body = _unpacked(body, self._longest, is_cut_off=len(body) > self._longest)
        return HttpAnswer(self._status, self._headers, body[: self._longest])

    def on_message_begin(self) -> None:
        # A second answer, which nobody has asked for.
        self.is_last = self.is_last or self.is_complete

    def on_header(self, name: bytes, value: bytes) -> None:
        # Those that follow a chunked body mean nothing to us.
        if not self._status:
            key, text = name.decode("latin-1").strip().lower(), value.decode("latin-1").strip()
            self._headers[key] = f"{self._headers[key]}, {text}" if key in self._headers else text

    def on_headers_complete(self) -> None:
        if not self.is_complete:
            self._status = self._parser.get_status_code()
            self.is_complete = self._status not in INTERIM and (not self._has_body or self._length_besides == 0)

    def on_body(self, piece: bytes) -> None:
        if not self.is_complete:
            self._pieces.append(piece)
            self._body_bytes += len(piece)
            self.is_complete = self._body_bytes > self._longest or self._body_bytes == self._length_besides

    def on_message_complete(self) -> None:
        if self.is_complete:
            return
        if self._status in INTERIM:
            self._reset()
        else:
            self.is_complete = True
            # Servers and what stands in front of them may differ about where an answer with two lengths ends.
            has_two_lengths = "content-length" in self._headers and "transfer-encoding" in self._headers
            self.is_last = has_two_lengths or not self._parser.should_keep_alive()

    @property
    def _is_chunked(self) -> bool:
        return "chunked" in self._headers.get("transfer-encoding", "").lower()

    @property
    def _length_besides(self) -> int | None:
        """The length beside a Transfer-Encoding that does not delimit the body, for which llhttp does not count."""
        length = self._headers.get("content-length", "")
        is_uncounted = "transfer-encoding" in self._headers and not self._is_chunked
        return int(length) if is_uncounted and length.isdecimal() else None

    def _reset(self) -> None:
        self._status = self._head_bytes = self._body_bytes = 0
        self._headers: dict[str, str] = {}
        self._pieces: list[bytes] = []


def _unpacked(body: bytes, longest: int, *, is_cut_off: bool) -> bytes:
    """A body without its gzip compression, up to ``longest`` bytes; it may have several parts."""
    unpacked = b""
    while body and len(unpacked) < longest:
        unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16)
        try:
            unpacked += unpacking.decompress(body, longest - len(unpacked))
        except zlib.error:
            raise AnswerBroken from None
        if not (unpacking.eof or is_cut_off or len(unpacked) >= longest):
            raise AnswerBroken
        body = unpacking.unused_data
    return unpacked
