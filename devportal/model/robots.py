"""Robots and workflow activities that applications have registered, and their runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Robot:
    """`kind` is robot or activity; `fields` are those of registration, but for CODE.

    `values` are those of its properties, as somebody has saved them where it stands.
    """

    kind: str
    code: str
    handler: str
    client_id: str
    auth_user_id: int
    fields: dict[str, Any] = field(default_factory=dict)
    values: dict[str, Any] = field(default_factory=dict)

    @property
    def properties(self) -> dict[str, dict[str, Any]]:
        """Their descriptions, with keys in capitals as a portal keeps them."""
        given = self.fields.get("PROPERTIES")
        named = given.items() if isinstance(given, dict) else ()
        return {
            name: {str(key).upper(): value for key, value in about.items()}
            for name, about in named
            if isinstance(about, dict)
        }

    @property
    def dialog(self) -> str:
        """The address of the application's frame in its dialog; empty if it has none."""
        return str(self.fields.get("PLACEMENT_HANDLER") or "") if self.fields.get("USE_PLACEMENT") == "Y" else ""

    def value(self, name: str) -> str:
        """What is set, or the default."""
        return str(self.values.get(name) or self.properties[name].get("DEFAULT") or "")


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
