"""What all changes of the CRM need."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from ..clock import Clock
from ..model.people import Person
from ..model.portal_state import PortalState
from .cards import Cards


class Announce(Protocol):
    """Sends an event to its handlers."""

    def __call__(self, event: str, data: dict[str, Any], *, actor: Person | None) -> None: ...


@dataclass(frozen=True)
class Crm:
    """The portal's state, cards and clock, and a way to send events."""

    state: PortalState
    cards: Cards
    clock: Clock
    announce: Announce

    @property
    def zone(self) -> ZoneInfo:
        return self.state.zone

    def moment(self) -> datetime:
        """Now in the portal's zone, in whole seconds, as the CRM stores times."""
        return self.clock.datetime(self.state.time_zone).replace(microsecond=0)
