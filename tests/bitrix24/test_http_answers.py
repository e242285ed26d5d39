"""Answers as servers, and what stands in front of them, really write them."""

import gzip

import pytest

from b24app.bitrix24.http_answers import LONGEST_HEAD, AnswerBroken, AnswerReader, HttpAnswer
from b24app.bitrix24.http_connection import CHUNK_BYTES

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n"


def packed(text: bytes) -> bytes:
    """The same bytes in each of the test processes, which have to agree on the names of the tests."""
    return gzip.compress(text, mtime=0)


PACKED = packed(b"abc")
LONGEST = 100


def read(reader: AnswerReader, sent: bytes, *, piece: int = 10_000, has_body: bool = True) -> HttpAnswer:
    """What is read of an answer that comes in pieces, after which the server hangs up."""
    reader.expect(LONGEST, has_body=has_body)
    for start in range(0, len(sent), piece):
        reader.feed(sent[start : start + piece])
        if reader.is_complete:
            return reader.answer
    reader.end()
    return reader.answer


@pytest.mark.parametrize("piece", [1, 10_000], ids=["byte by byte", "at once"])
@pytest.mark.parametrize(
    "sent",
    [
        OK + b"Content-Length: 3\r\n\r\nabc",
        OK + b"content-length: 3\r\n\r\nabc",
        b"HTTP/1.1 200\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 \xd0\x9e\xd0\x9a\r\nContent-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 200 OK\nContent-Length: 3\n\nabc",
        OK + b"X-City: K\xf6ln \x01\r\nX-None:\r\nX-Long: a\r\n b\r\nContent-Length: 3\r\n\r\nabc",
        OK + b"Upgrade: h2,h2c\r\nConnection: Upgrade, Keep-Alive\r\nContent-Length: 3\r\n\r\nabc",
        OK + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(PACKED) + PACKED,
        CHUNKED + b"\r\n2\r\nab\r\n1\r\nc\r\n0\r\n\r\n",
        CHUNKED + b"\r\n2 \r\nab\r\n1;name=value\r\nc\r\n0\r\nX-Trailer: a\r\n\r\n",
        CHUNKED + b"Content-Length: 900\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
        CHUNKED + b"\r\n3\r\nabc\r\n0\r\nContent-Encoding: gzip\r\n\r\n",
        OK + b"Transfer-Encoding: identity\r\nContent-Length: 3\r\n\r\nabc",
        OK + b"Content-Encoding: gzip\r\n\r\n" + packed(b"ab") + packed(b"c"),
        b"HTTP/1.0 100 Continue\r\n\r\n" + OK + b"Content-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 103 Early Hints\r\nConnection: close\r\n\r\n" + OK + b"Content-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 100 Continue\r\n\r\n" + OK + b"Content-Length: 3\r\n\r\nabc",
        b"HTTP/1.1 103 Early Hints\r\nContent-Length: 1\r\nLink: </a>\r\n\r\n" + OK + b"Content-Length: 3\r\n\r\nabc",
        OK + b"\r\nabc",
        OK + b"Connection: close\r\n\r\nabc",
        b"HTTP/1.0 200 OK\r\n\r\nabc",
    ],
)
def test_it_is_read(sent: bytes, piece: int) -> None:
    answer = read(AnswerReader(), sent, piece=piece)
    assert (answer.status, answer.body) == (200, b"abc")


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"garbage\r\n\r\n",
        b"\xef\xbb\xbf" + OK + b"\r\n",
        b"HTTP/1.1 2000 OK\r\n\r\n",
        OK + b"X-Cut: o",
        OK + b"no colon\r\n\r\n",
        OK + b"Content-Length: 4\r\n\r\nabc",
        OK + b"Content-Length: many\r\n\r\nabc",
        OK + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd",
        OK + b"Content-Length: 3\r\nContent-Length: 3\r\n\r\nabc",
        OK + b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc",
        OK + b"Content-Encoding: gzip\r\n\r\n" + PACKED[:-10],
        CHUNKED + b"\r\n0\r\n" + b"X-Trailer: a\r\n" * 20_000 + b"\r\n",
        CHUNKED + b"\r\n" + b"1;" + b"x" * 300_000 + b"\r\na\r\n0\r\n\r\n",
        CHUNKED + b"\r\n3\r\nabc\r\n",
        CHUNKED + b"\r\nabc",
        OK + b"X-Long: " + b"x" * LONGEST_HEAD,
        b"HTTP/1.1 100 Continue\r\n\r\n",
    ],
)
@pytest.mark.parametrize("piece", [1000, CHUNK_BYTES])
def test_it_is_broken(sent: bytes, piece: int) -> None:
    with pytest.raises(AnswerBroken):
        read(AnswerReader(), sent, piece=piece)


@pytest.mark.parametrize(
    ("sent", "is_last"),
    [
        (OK + b"Content-Length: 3\r\n\r\nabc", False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", False),
        (CHUNKED + b"\r\n0\r\n\r\n", False),
        (OK + b"Connection: close\r\nContent-Length: 3\r\n\r\nabc", True),
        (b"HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc", True),
        (OK + b"\r\nabc", True),
        (CHUNKED + b"Content-Length: 15\r\n\r\n0\r\n\r\n", True),
        (OK + b"Content-Length: 3\r\n\r\nabcd", True),
        (OK + b"Content-Length: 0\r\n\r\n" + OK + b"Content-Length: 0\r\n\r\n", True),
        (OK + b"Connection: close\r\nContent-Length: 3\r\n\r\nabcd", True),
        (OK + b"Content-Length: 900\r\n\r\n" + b"x" * 200, True),
        (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n", True),
    ],
)
def test_another_one_can_follow_only_where_nothing_is_left_over(sent: bytes, *, is_last: bool) -> None:
    reader = AnswerReader()
    read(reader, sent)
    assert reader.is_last == is_last


def test_an_answer_has_nothing_of_the_one_before() -> None:
    reader = AnswerReader()
    read(reader, OK + b"X-First: 1\r\nContent-Length: 3\r\n\r\nabc")
    second = read(reader, b"HTTP/1.1 404 Not Found\r\nX-Second: 2\r\nContent-Length: 2\r\n\r\nde")
    assert second == HttpAnswer(404, {"x-second": "2", "content-length": "2"}, b"de")


@pytest.mark.parametrize("encoding", [b"identity", b"gzip"])
def test_a_long_body_is_cut_off(encoding: bytes) -> None:
    body = b"x" * 10_000 if encoding == b"identity" else packed(b"x" * 10_000)
    sent = OK + b"Content-Encoding: %s\r\nContent-Length: %d\r\n\r\n" % (encoding, len(body)) + body
    assert read(AnswerReader(), sent).body == b"x" * LONGEST


def test_headers_that_follow_the_body_mean_nothing() -> None:
    sent = CHUNKED + b"X-Kept: 1\r\n\r\n0\r\nX-Kept: 2\r\nX-Late: 3\r\n\r\n"
    assert read(AnswerReader(), sent).headers == {"transfer-encoding": "chunked", "x-kept": "1"}


def test_an_answer_to_head_has_no_body() -> None:
    answer = read(AnswerReader(), OK + b"Content-Length: 900\r\nSet-Cookie: a\r\nSet-Cookie: b\r\n\r\n", has_body=False)
    assert answer == HttpAnswer(200, {"content-length": "900", "set-cookie": "a, b"}, b"")


def test_no_text_of_an_answer_is_in_its_representation() -> None:
    assert "abc" not in repr(read(AnswerReader(), OK + b"Content-Length: 3\r\n\r\nabc"))
