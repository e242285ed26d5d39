"""The log messages on the cards' timelines."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

from .. import errors
from ..clock import Clock
from ..model.people import Person
from ..model.portal_state import PortalState
from ..model.records import LogMessage
from .cards import Cards
from .text_storage import stored


@dataclass(frozen=True)
class NewLogMessage:
    """What an application asks to write."""

    entity_type_id: int
    entity_id: int
    title: str
    text: str
    icon_code: str


class Timelines:
    """Adds, reads and deletes log messages, by the portal's rules about people and applications."""

    def __init__(self, state: PortalState, cards: Cards, clock: Clock) -> None:
        self._state = state
        self._cards = cards
        self._clock = clock
        self._by_card: defaultdict[tuple[int, int], list[LogMessage]] = defaultdict(list)
        for message in state.log_messages.values():
            for card in [(message.entity_type_id, message.entity_id), *message.bound_to]:
                self._by_card[(card[0], card[1])].append(message)

    def of_card(self, entity_type_id: int, entity_id: int) -> list[LogMessage]:
        """Oldest first."""
        return list(self._by_card.get((entity_type_id, entity_id), ()))

    def add(self, new: NewLogMessage, author: Person, client_id: str) -> LogMessage:
        self._require_owner(new)
        self._require_edit(author, new.entity_type_id, new.entity_id)
        number = self._state.next_id("log_message")
        created = self._clock.datetime(self._state.time_zone).replace(microsecond=0)
        message = LogMessage(
            number,
            stored(new.title, self._state.dialect.texts),
            stored(new.text, self._state.dialect.texts),
            new.icon_code,
            author.id,
            created,
            client_id,
            new.entity_type_id,
            new.entity_id,
        )
        self._state.log_messages[number] = message
        self._by_card[(new.entity_type_id, new.entity_id)].append(message)
        return message

    def get(self, number: int, reader: Person) -> LogMessage:
        message = self._state.log_messages.get(number)
        if message is None or not self._cards.may_read(reader, message.entity_type_id, message.entity_id):
            raise not_found(number)
        return message

    def readable(self, entity_type_id: int, entity_id: int, reader: Person) -> list[LogMessage]:
        if not self._cards.may_read(reader, entity_type_id, entity_id):
            raise errors.denied()
        return self.of_card(entity_type_id, entity_id)

    def delete(self, number: int, person: Person, client_id: str) -> None:
        message = self._state.log_messages.get(number)
        if message is None:
            raise not_found(number)
        self._require_edit(person, message.entity_type_id, message.entity_id)
        if message.client_id != client_id:
            raise errors.ApiError("REMOVING_DISABLED", "Log message was created by another application")
        del self._state.log_messages[number]
        for messages in self._by_card.values():
            if message in messages:
                messages.remove(message)

    def show(self, message: LogMessage, card: tuple[int, int]) -> None:
        """Shows a log message on a further card's timeline."""
        self._by_card[card].append(message)

    def hide(self, message: LogMessage, card: tuple[int, int]) -> None:
        self._by_card[card].remove(message)

    def _require_owner(self, new: NewLogMessage) -> None:
        """Checks that the card exists; older cores check only the type and the id's sign."""
        gone = errors.ApiError("OWNER_NOT_FOUND", "Owner was not found")
        if new.entity_id <= 0 or self._cards.kind(new.entity_type_id) is None:
            raise gone
        if self._state.dialect.core == "current" and self._cards.item(new.entity_type_id, new.entity_id) is None:
            raise gone

    def _require_edit(self, person: Person, entity_type_id: int, entity_id: int) -> None:
        if self._state.dialect.core == "old":
            if not person.is_admin:
                raise errors.denied()
        elif not self._cards.may_edit(person, entity_type_id, entity_id):
            raise errors.denied()


def not_found(number: int) -> errors.ApiError:
    return errors.ApiError("NOT_FOUND", f"Timeline logmessage not found for id {number}")
