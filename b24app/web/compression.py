"""Compresses answers with Brotli, or with gzip for proxies and old browsers.

Why the length of an answer reveals no secrets (BREACH): docs/performance.md.
"""

import gzip

import brotli
from flask import Flask, Response, request

SHORTEST = 600
# Pages are compressed for each reader, files once for everybody.
PAGE_QUALITY, FILE_QUALITY = 6, 11
# Of 64 KB, in which pages fit; a larger one costs time and bytes.
PAGE_WINDOW = 16
GZIP_LEVEL = 5
ENCODINGS = ("br", "gzip")


def init_app(app: Flask) -> None:
    app.after_request(_compress)


def choose(accepted: str) -> str:
    """The best of our encodings that an Accept-Encoding header names; empty if none."""
    offers = {}
    for offer in accepted.lower().split(","):
        name, _, parameters = offer.partition(";")
        offers[name.strip()] = parameters.replace(" ", "") not in {"q=0", "q=0.0", "q=0.00", "q=0.000"}
    return next((encoding for encoding in ENCODINGS if offers.get(encoding)), "")


def compress(body: bytes, encoding: str, *, is_for_all: bool = False) -> bytes:
    """Compress a body; as small as possible if it is ``is_for_all``."""
    if encoding == "br":
        if is_for_all:
            return bytes(brotli.compress(body, quality=FILE_QUALITY))
        return bytes(brotli.compress(body, quality=PAGE_QUALITY, lgwin=PAGE_WINDOW))
    return gzip.compress(body, 9 if is_for_all else GZIP_LEVEL, mtime=0)


def _compress(answer: Response) -> Response:
    if answer.is_streamed or answer.direct_passthrough or not (answer.mimetype or "").startswith("text/"):
        return answer
    answer.headers["Vary"] = "Accept-Encoding"
    body = answer.get_data()
    if len(body) < SHORTEST:
        return answer
    if encoding := choose(request.headers.get("Accept-Encoding", "")):
        answer.set_data(compress(body, encoding))
        answer.headers["Content-Encoding"] = encoding
    return answer
