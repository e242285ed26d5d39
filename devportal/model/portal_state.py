"""The state of one portal."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal
from zoneinfo import ZoneInfo

from .applications import EventHandler, Installation, Placement
from .dialects import Dialect
from .people import Person, first_people
from .records import Activity, Comment, Icon, Item, LogMessage, Notification, SmartType, Task
from .robots import Robot, RobotRun

Kind = Literal["cloud", "on-premise"]
KINDS: dict[str, Kind] = {"cloud": "cloud", "on-premise": "on-premise"}


@dataclass
class PortalState:
    """The state of one portal; keys of the nested maps are entity type, entity and person ids."""

    name: str
    kind: Kind
    member_id: str
    port: int = 0
    public_url: str = ""
    old_ports: list[int] = field(default_factory=list)
    time_zone: str = "Europe/Berlin"
    language: str = "en"
    people: list[Person] = field(default_factory=first_people)
    # The applications' own users, by client_id; they are not listed among the people.
    system_users: dict[str, Person] = field(default_factory=dict)
    items: dict[int, dict[int, Item]] = field(default_factory=dict)
    types: list[SmartType] = field(default_factory=list)
    # Custom fields: their descriptions in `crm.item.fields`, by entity type and name.
    own_fields: dict[int, dict[str, dict[str, Any]]] = field(default_factory=dict)
    log_messages: dict[int, LogMessage] = field(default_factory=dict)
    comments: dict[int, Comment] = field(default_factory=dict)
    activities: dict[int, Activity] = field(default_factory=dict)
    tasks: dict[int, Task] = field(default_factory=dict)
    notifications: list[Notification] = field(default_factory=list)
    # When external telephone calls were registered, by the values that identify them.
    external_calls: dict[str, int] = field(default_factory=dict)
    icons: dict[str, Icon] = field(default_factory=dict)
    installations: dict[str, Installation] = field(default_factory=dict)
    placements: list[Placement] = field(default_factory=list)
    event_handlers: list[EventHandler] = field(default_factory=list)
    robots: list[Robot] = field(default_factory=list)
    robot_runs: dict[str, RobotRun] = field(default_factory=dict)
    denied_edits: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    denied_reads: dict[int, list[tuple[int, int]]] = field(default_factory=dict)
    dialect: Dialect = field(default_factory=Dialect, metadata={"earlier_name": "readings"})
    last_ids: dict[str, int] = field(default_factory=dict)

    def next_id(self, sequence: str) -> int:
        number = self.last_ids.get(sequence, 0) + 1
        self.last_ids[sequence] = number
        return number

    @property
    def readings(self) -> Dialect:
        """An earlier name of `dialect`."""
        return self.dialect

    @property
    def url(self) -> str:
        """The portal's public URL."""
        return self.public_url or f"http://localhost:{self.port}"

    @property
    def host(self) -> str:
        return self.url.partition("://")[2]

    @property
    def protocol(self) -> str:
        """The PROTOCOL of frame requests: 1 for https."""
        return "1" if self.url.startswith("https:") else "0"

    @property
    def client_endpoint(self) -> str:
        return f"{self.url}/rest/"

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.time_zone)

    @property
    def administrator(self) -> Person:
        return self.people[0]

    def installation(self, client_id: str) -> Installation | None:
        """The application's installation, finished or not; None if there is none."""
        found = self.installations.get(client_id)
        return None if found is None or found.is_removed else found

    def person(self, person_id: int) -> Person | None:
        everybody = [*self.people, *self.system_users.values()]
        return next((person for person in everybody if person.id == person_id), None)
