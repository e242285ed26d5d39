"""Logbook below a path of its address, ``https://example.com/logbook``, whatever the proxy does about that path."""

from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flask import Flask

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment


def init_app(app: Flask, app_url: str) -> None:
    """Every address that pages name begins with the path of APP_URL; no header of a proxy is believed about it."""
    if path := urlsplit(app_url).path:
        app.wsgi_app = BelowPath(app.wsgi_app, path)  # type: ignore[method-assign]


class BelowPath:
    """Takes the path off, where the proxy has not done so, and tells the application that it is there."""

    def __init__(self, application: "WSGIApplication", path: str) -> None:
        self._application = application
        self._path = path

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        asked = environ.get("PATH_INFO", "")
        if f"{asked}/".startswith(f"{self._path}/"):
            asked = asked[len(self._path) :]
        return self._application({**environ, "SCRIPT_NAME": self._path, "PATH_INFO": asked or "/"}, start_response)
