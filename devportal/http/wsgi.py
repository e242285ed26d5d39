"""Lets a WSGI application, the portal's pages, answer our requests."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote_to_bytes

from .messages import Request, Response

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# Non-ASCII bytes of queries are escaped, since Werkzeug fails for invalid UTF-8.
ASCII = "".join(map(chr, range(128)))


def respond(application: WSGIApplication, request: Request, extra: dict[str, Any]) -> Response:
    """Runs the application with `extra` in its environ, and returns its whole response."""
    started: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        started[:] = [(status, headers)]
        return lambda data: None

    parts: Iterable[bytes] = application(environ(request) | extra, start_response)
    try:
        body = b"".join(parts)
    finally:
        close = getattr(parts, "close", None)
        if close is not None:
            close()
    status, headers = started[0]
    named = {name.lower(): value for name, value in headers}
    rest = [(name, value) for name, value in headers if name.lower() not in ("content-type", "content-length")]
    return Response(int(status[:3]), body, named.get("content-type", "text/plain"), rest)


def environ(request: Request) -> dict[str, Any]:
    host, _, port = request.headers.get("host", "localhost").partition(":")
    values: dict[str, Any] = {
        "REQUEST_METHOD": request.verb,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(request.path).decode("latin-1"),
        "QUERY_STRING": quote(request.query, safe=ASCII, encoding="latin-1"),
        "SERVER_NAME": host,
        "SERVER_PORT": port or "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "REMOTE_ADDR": request.source,
        "CONTENT_TYPE": request.headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(request.body)),
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(request.body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
    }
    for name, value in request.headers.items():
        if name not in ("content-type", "content-length"):
            values[f"HTTP_{name.upper().replace('-', '_')}"] = value
    return values
