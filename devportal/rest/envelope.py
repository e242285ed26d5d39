"""The envelope of a result: `time`, `total`, `next`; and PHP's encoding of empty maps."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..faults.limits import Operating
from ..model.dialects import Dialect


@dataclass(frozen=True, slots=True)
class Page:
    """The answer of a list method: a page, the total, and where the next page starts."""

    rows: Any
    total: int
    next: int | None = None


def success(result: Any, timing: dict[str, Any]) -> dict[str, Any]:
    if isinstance(result, Page):
        body: dict[str, Any] = {"result": result.rows}
        if result.next is not None:
            body["next"] = result.next
        body["total"] = result.total
    else:
        body = {"result": result}
    body["time"] = timing
    return body


def timing(started: float, now: float, operating: Operating, zone: ZoneInfo) -> dict[str, Any]:
    """The `time` block; both arguments are seconds since 1970."""
    duration = now - started
    return {
        "start": started,
        "finish": now,
        "duration": duration,
        "processing": duration,
        "date_start": moment(started, zone),
        "date_finish": moment(now, zone),
        "operating_reset_at": operating.reset_at,
        "operating": operating.seconds,
    }


def moment(seconds: float, zone: ZoneInfo) -> str:
    return datetime.fromtimestamp(int(seconds), zone).isoformat()


def php(value: Any) -> Any:
    """A value as PHP would print it: an empty map is `[]`, a map with the keys 0..n-1 is a list."""
    if isinstance(value, dict):
        if not value:
            return []
        if next(iter(value)) == 0 and list(value) == list(range(len(value))):
            return [php(child) for child in value.values()]
        return {key: php(child) for key, child in value.items()}
    if isinstance(value, list):
        return [php(child) for child in value]
    return value


def php_rows(rows: list[Any], dialect: Dialect) -> Any:
    """Rows as a list or, like a filtered list in PHP, as a map with the remaining keys."""
    return dict(enumerate(rows, 1)) if dialect.rows == "map" else rows


def encode(value: Any) -> bytes:
    return json.dumps(php(value), separators=(",", ":")).encode()
