"""What everything that changes the CRM works with."""

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
    """Sends an event to whoever has bound a handler."""

    def __call__(self, event: str, data: dict[str, Any], *, actor: Person | None) -> None: ...


@dataclass(frozen=True)
class Crm:
    """The portal's state, its cards, its time, and how applications are notified of a change."""

    state: PortalState
    cards: Cards
    clock: Clock
    announce: Announce

    @property
    def zone(self) -> ZoneInfo:
        return self.state.zone

    def moment(self) -> datetime:
        """Now, in the portal's zone; whole seconds, as the CRM keeps them."""
        return self.clock.datetime(self.state.time_zone).replace(microsecond=0)
