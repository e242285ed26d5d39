"""The records of requests to the box and events from it, for tests and the request log."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

KEPT = 20_000


@dataclass(frozen=True)
class RecordedCall:
    """One HTTP request; `commands` lists the inner methods of a batch, `at` is seconds since 1970."""

    method: str
    parameters: dict[str, Any]
    person_id: int | None
    client_id: str | None
    status: int
    error: str | None
    duration_seconds: float
    commands: list[str] = field(default_factory=list)
    verb: str = "POST"
    at: float = 0.0
    answer: bytes = b""
    note: str = ""


@dataclass
class SentEvent:
    """A delivery; `status` is 0 until the handler has answered."""

    event: str
    url: str
    fields: dict[str, str]
    client_id: str
    at: float
    status: int = 0
    duration_seconds: float = 0.0
    note: str = ""


class Record(list[RecordedCall]):
    """A list that drops its older half when it gets too long."""

    def add(self, call: RecordedCall) -> None:
        if len(self) >= KEPT:
            del self[: KEPT // 2]
        self.append(call)
