"""Our scripts, styles and images: read at startup, compressed once, served before any other processing."""

import hashlib
import mimetypes
import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from b24app.web import compression

YEAR_SECONDS = 365 * 24 * 3600
COMPRESSED = {".css", ".js", ".svg"}
# Whole lines of comment, which are for readers of the source.
COMMENTS = re.compile(rb"^[ \t]*(?:/\*.*?\*/|//[^\n]*)[ \t]*\n", re.DOTALL | re.MULTILINE)
HEADERS = [("X-Content-Type-Options", "nosniff"), ("Referrer-Policy", "no-referrer"), ("Vary", "Accept-Encoding")]

Environ = dict[str, Any]
Application = Callable[[Environ, Any], Iterable[bytes]]


class StaticFile:
    """One file as it is sent; ``hash`` is the hash of exactly these bytes."""

    def __init__(self, path: Path) -> None:
        body = path.read_bytes()
        self.body = COMMENTS.sub(b"", body) if path.suffix in {".css", ".js"} else body
        self.hash = hashlib.sha256(self.body).hexdigest()[:12]
        kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
        self.type = f"{kind}; charset=utf-8" if kind.startswith("text/") else kind
        self.is_compressed = path.suffix in COMPRESSED
        self._in = lru_cache(lambda encoding: compression.compress(self.body, encoding, is_for_all=True))

    def encoded(self, accepted: str) -> tuple[str, bytes]:
        """The encoding and the bytes for this Accept-Encoding header; compressed when first asked for."""
        encoding = compression.choose(accepted) if self.is_compressed else ""
        return encoding, self._in(encoding) if encoding else self.body


class StaticFiles:
    """Answers GET and HEAD below ``prefix`` for the files of a folder, and passes on all other requests."""

    def __init__(self, folder: Path, prefix: str) -> None:
        self._prefix = f"{prefix}/"
        self.files = {path.name: StaticFile(path) for path in folder.iterdir() if path.is_file()}

    def before(self, application: Application) -> Application:
        def answer(environ: Environ, start_response: Any) -> Iterable[bytes]:
            path = environ.get("PATH_INFO", "")
            file = self.files.get(path.removeprefix(self._prefix)) if path.startswith(self._prefix) else None
            if file is None or environ["REQUEST_METHOD"] not in {"GET", "HEAD"}:
                return application(environ, start_response)
            return _send(file, environ, start_response)

        return answer


def _send(file: StaticFile, environ: Environ, start_response: Any) -> Iterable[bytes]:
    encoding, body = file.encoded(environ.get("HTTP_ACCEPT_ENCODING", ""))
    headers = [*HEADERS, ("Content-Type", file.type), ("Content-Length", str(len(body))), _caching(file, environ)]
    if encoding:
        headers.append(("Content-Encoding", encoding))
    start_response("200 OK", headers)
    return [] if environ["REQUEST_METHOD"] == "HEAD" else [body]


def _caching(file: StaticFile, environ: Environ) -> tuple[str, str]:
    """Cache for ever only under the file's own hash: versions running side by side get each other's requests."""
    is_hashed = parse_qs(environ.get("QUERY_STRING", "")).get("v") == [file.hash]
    return "Cache-Control", f"public, max-age={YEAR_SECONDS}, immutable" if is_hashed else "no-store"
