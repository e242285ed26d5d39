"""Robots and workflow activities that applications have registered, and their runs."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass
class Robot:
    """A robot or an activity, by `kind`; `fields` are those of its registration without CODE.

    `values` are the values of its properties, as set by whoever placed it.
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
        """The descriptions of its properties, with keys in capitals as portals store them."""
        given = self.fields.get("PROPERTIES")
        named = given.items() if isinstance(given, dict) else ()
        return {
            name: {str(key).upper(): value for key, value in about.items()}
            for name, about in named
            if isinstance(about, dict)
        }

    @property
    def dialog(self) -> str:
        """The URL of the application's frame in its dialog; empty if it has none."""
        return str(self.fields.get("PLACEMENT_HANDLER") or "") if self.fields.get("USE_PLACEMENT") == "Y" else ""

    def value(self, name: str) -> str:
        """A property's value, or its default."""
        return str(self.values.get(name) or self.properties[name].get("DEFAULT") or "")


@dataclass
class RobotRun:
    """A run of a robot on a document; a waiting workflow resumes when its token is answered."""

    token: str
    code: str
    document: str
    client_id: str
    is_awaited: bool = False
    is_answered: bool = False
    return_values: dict[str, Any] = field(default_factory=dict)
    log_message: str = ""
