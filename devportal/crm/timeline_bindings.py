"""Binds log messages to further cards."""

from __future__ import annotations

from ..model.records import LogMessage
from .timelines import Timelines

Card = tuple[int, int]


def cards_of(message: LogMessage) -> list[Card]:
    """The cards of a log message, its own first unless it was unbound."""
    own = [] if message.is_unbound_from_origin else [(message.entity_type_id, message.entity_id)]
    return [*own, *((type_id, entity_id) for type_id, entity_id in message.bound_to)]


def bind(timelines: Timelines, message: LogMessage, card: Card) -> None:
    """Has no further effect if it is repeated."""
    if card in cards_of(message):
        return
    if card == (message.entity_type_id, message.entity_id):
        message.is_unbound_from_origin = False
    else:
        message.bound_to.append(list(card))
    timelines.show(message, card)


def unbind(timelines: Timelines, message: LogMessage, card: Card) -> bool:
    """Unbinds a card; False if it was not bound."""
    if card not in cards_of(message):
        return False
    if card == (message.entity_type_id, message.entity_id):
        message.is_unbound_from_origin = True
    else:
        message.bound_to.remove(list(card))
    timelines.hide(message, card)
    return True
