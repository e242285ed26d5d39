"""Robots and workflow activities that applications have registered, and their runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Robot:
    """`kind` is robot or activity; `fields` are those of registration, but for CODE."""

    kind: str
    code: str
    handler: str
    client_id: str
    auth_user_id: int
    fields: dict[str, Any] = field(default_factory=dict)


@dataclass
class RobotRun:
    """One run of a robot on a document; a workflow that waits goes on when its token is answered."""

    token: str
    code: str
    document: str
    client_id: str
    is_awaited: bool = False
    is_answered: bool = False
    return_values: dict[str, Any] = field(default_factory=dict)
    log_message: str = ""
