"""A caller of the portal's REST, and an application that hears its events."""

import threading
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

import requests

from devportal import Application, FramePost, Person, Portal
from devportal.http import Listener, Request, Response


class Caller:
    """One person through one application; each call is a real HTTP request."""

    def __init__(self, portal: Portal, person: Person, app: Application | None = None) -> None:
        self.portal = portal
        self.frame: FramePost = portal.frame(person, app=app)
        self._http = requests.Session()
        self._http.trust_env = False

    @property
    def token(self) -> str:
        return self.frame.fields["AUTH_ID"]

    def post(self, method: str, **parameters: Any) -> requests.Response:
        address = f"{self.portal.client_endpoint}{method}"
        return self._http.post(address, json={"auth": self.token, **parameters}, timeout=10, allow_redirects=False)

    def __call__(self, method: str, **parameters: Any) -> Any:
        """The body of the answer."""
        return self.post(method, **parameters).json()

    def result(self, method: str, **parameters: Any) -> Any:
        body = self(method, **parameters)
        assert "result" in body, body
        return body["result"]

    def error(self, method: str, **parameters: Any) -> Any:
        return self(method, **parameters).get("error")

    def write(self, title: str = "A call", entity: tuple[int, int] = (2, 1), **changes: Any) -> Any:
        """The answer to one log message on a card."""
        fields = {
            "entityTypeId": entity[0],
            "entityId": entity[1],
            "title": title,
            "text": "Agreed.",
            "iconCode": "call",
        }
        return self("crm.timeline.logmessage.add", fields=fields | changes)


@dataclass
class Heard:
    """One request to the application."""

    path: str
    content_type: str
    fields: dict[str, str]
    query: dict[str, str]


@dataclass
class Listening:
    """An application that answers every POST with its page, and remembers what it was told."""

    status: int = 200
    page: bytes = b""
    files: dict[str, bytes] = field(default_factory=dict)
    heard: list[Heard] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._changed = threading.Condition()
        self._listener = Listener(self._answer)
        self._listener.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.port}"

    def stop(self) -> None:
        self._listener.stop()

    def wait_for(self, count: int) -> list[Heard]:
        """The first `count` requests, when they have come."""
        with self._changed:
            assert self._changed.wait_for(lambda: len(self.heard) >= count, 10), f"only {len(self.heard)} came"
            return self.heard[:count]

    @property
    def events(self) -> list[str]:
        return [one.fields["event"] for one in self.heard if "event" in one.fields]

    def _answer(self, request: Request) -> Response:
        if request.verb == "GET":
            content = self.files.get(request.path)
            return Response.text(404, "") if content is None else Response(200, content, "text/javascript")
        fields = dict(parse_qsl(request.body.decode(), keep_blank_values=True))
        query = dict(parse_qsl(request.query, keep_blank_values=True))
        with self._changed:
            self.heard.append(Heard(request.path, request.headers.get("content-type", ""), fields, query))
            self._changed.notify_all()
        return Response(self.status, self.page, "text/html; charset=utf-8")
