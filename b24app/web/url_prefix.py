"""Serves Logbook below a path, ``https://example.com/logbook``, whether or not the proxy strips it."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Flask, app_url: str) -> None:
    """Make every URL in our pages begin with APP_URL's path; proxies' headers are ignored for this."""
    if path := urlsplit(app_url).path:
        app.wsgi_app = BelowPath(app.wsgi_app, path)  # type: ignore[method-assign]


class BelowPath:
    """Strips the path, unless the proxy did, and passes it to the application as SCRIPT_NAME."""

    def __init__(self, application: "WSGIApplication", path: str) -> None:
        self._application = application
        self._path = path

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        asked = environ.get("PATH_INFO", "")
        if f"{asked}/".startswith(f"{self._path}/"):
            asked = asked[len(self._path) :]
        return self._application({**environ, "SCRIPT_NAME": self._path, "PATH_INFO": asked or "/"}, start_response)
