"""Requests and responses as plain values, without a framework."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

EARLY_HINTS = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload; as=style\r\n\r\n"
REASONS = {status.value: status.phrase for status in HTTPStatus}


@dataclass(frozen=True, slots=True)
class Request:
    """One request; header names are lower case, the path is still percent-encoded."""

    verb: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    source: str
    port: int = 0


@dataclass(slots=True)
class Response:
    """A response; `resets` breaks the connection instead; `is_hinted` sends a 103 first."""

    status: int
    body: bytes = b""
    content_type: str = "application/json; charset=utf-8"
    headers: list[tuple[str, str]] = field(default_factory=list)
    resets: bool = False
    is_hinted: bool = False

    @classmethod
    def json(cls, status: int, value: Any, headers: list[tuple[str, str]] | None = None) -> Response:
        return cls(status, json.dumps(value, separators=(",", ":")).encode(), headers=headers or [])

    @classmethod
    def text(cls, status: int, text: str) -> Response:
        return cls(status, text.encode(), "text/plain; charset=utf-8")

    @classmethod
    def redirect(cls, address: str, status: int = 302) -> Response:
        page = f'<html><head><title>Moved</title></head><body><a href="{address}">Moved</a></body></html>'
        return cls(status, page.encode(), "text/html; charset=utf-8", [("Location", address)])

    def wire(self, *, keeps_alive: bool, with_body: bool = True) -> bytes:
        """The whole response as bytes."""
        lines = [f"HTTP/1.1 {self.status} {REASONS.get(self.status, 'Unknown')}"]
        if self.status not in (204, 304):
            lines += [f"Content-Type: {self.content_type}", f"Content-Length: {len(self.body)}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines.append("Connection: keep-alive" if keeps_alive else "Connection: close")
        head = "\r\n".join(lines).encode("latin-1", "replace") + b"\r\n\r\n"
        return (EARLY_HINTS if self.is_hinted else b"") + head + (self.body if with_body else b"")
