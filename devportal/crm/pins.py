"""Log messages that are pinned to the top of a card's timeline."""

from __future__ import annotations

from .. import errors
from ..errors import ApiError
from ..model.people import Person
from ..model.portal_state import PortalState
from ..model.records import LogMessage
from . import timeline_bindings
from .cards import Cards
from .timelines import Timelines

MOST = {"three": 3, "seven": 7}


class Pins:
    """Pins and unpins log messages; anybody who may edit the card may do both."""

    def __init__(self, state: PortalState, cards: Cards, timelines: Timelines) -> None:
        self._state = state
        self._cards = cards
        self._timelines = timelines

    def pin(self, number: int, card: tuple[int, int], person: Person) -> None:
        """Has no further effect if it is repeated."""
        message = self._on_card(number, card, person)
        pinned = self.of_card(card)
        if message in pinned:
            return
        if len(pinned) >= MOST[self._state.dialect.pins]:
            raise ApiError(0, f"Only {self._state.dialect.pins} events can be added to favorites")
        message.pinned_on.append(list(card))

    def unpin(self, number: int, card: tuple[int, int], person: Person) -> None:
        message = self._on_card(number, card, person)
        message.pinned_on[:] = [one for one in message.pinned_on if one != list(card)]

    def of_card(self, card: tuple[int, int]) -> list[LogMessage]:
        return [message for message in self._timelines.of_card(*card) if list(card) in message.pinned_on]

    def _on_card(self, number: int, card: tuple[int, int], person: Person) -> LogMessage:
        if self._cards.item(*card) is None:
            raise ApiError("OWNER_NOT_FOUND", "Owner was not found")
        if not self._cards.may_edit(person, *card):
            raise errors.denied()
        message = self._state.log_messages.get(number)
        if message is None or card not in timeline_bindings.cards_of(message):
            raise ApiError("NOT_FOUND", "Not found.")
        return message
