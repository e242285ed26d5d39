"""The records of the CRM: cards, smart process types, log messages and icons."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass
class Item:
    """One card; `values` holds its fields by their camelCase names."""

    id: int
    entity_type_id: int
    title: str
    assigned_by_id: int
    created_at: float
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class SmartType:
    """One smart process: `id` is the row, `entity_type_id` the number used everywhere else."""

    id: int
    entity_type_id: int
    title: str
    created_at: float = 0.0


@dataclass
class LogMessage:
    """One log entry on a card's timeline; `client_id` is the application that added it."""

    id: int
    title: str
    text: str
    icon_code: str
    author_id: int
    created: datetime
    client_id: str
    entity_type_id: int
    entity_id: int
    # Further cards on which it appears.
    bound_to: list[list[int]] = field(default_factory=list)
    is_unbound_from_origin: bool = False
    # The cards to whose timelines it is pinned.
    pinned_on: list[list[int]] = field(default_factory=list)


@dataclass
class Icon:
    """A custom icon of the portal, a PNG of 24×24."""

    code: str
    content: bytes
    file_uri: str


@dataclass
class Notification:
    """A message to a person, as sent by `im.notify`; tags are unique within an application."""

    id: int
    user_id: int
    author_id: int
    kind: str
    message: str
    tag: str
    client_id: str


@dataclass
class Comment:
    """A comment on a card's timeline."""

    id: int
    entity_type_id: int
    entity_id: int
    author_id: int
    text: str
    created: datetime


@dataclass
class Activity:
    """A call, meeting or e-mail of a card; `values` holds its fields by their names in capitals."""

    id: int
    values: dict[str, Any] = field(default_factory=dict)


@dataclass
class Task:
    """A task of the portal's people; `values` holds its fields by their names in capitals."""

    id: int
    values: dict[str, Any] = field(default_factory=dict)
