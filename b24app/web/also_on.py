"""The further cards of an entry: those that a form offers, those chosen, and their outcomes in words."""

import re
from collections.abc import Sequence

from flask import request

from b24app.bitrix24.entities import Entity
from b24app.bitrix24.related_cards import LONGEST_NAME, NamedCard
from b24app.codes import CardState
from b24app.i18n import gettext as _
from b24app.models import EntryState, LogEntry
from b24app.services import text_rules
from b24app.services.delivery import bound_cards
from b24app.services.delivery.bound_cards import BoundCard
from b24app.web.card_kinds import name_of

CARD = re.compile(r"([1-9][0-9]{0,8})-([1-9][0-9]{0,17})", re.ASCII)


def written(card: Entity) -> str:
    """The value of a card in a form, ``2-17``."""
    return f"{card.type_id}-{card.id}"


def offered() -> tuple[NamedCard, ...]:
    """The cards that this request's form offers; their names come from a browser and are only for display."""
    return named(request.form.getlist("related")[: bound_cards.MOST])


def named(texts: Sequence[str]) -> tuple[NamedCard, ...]:
    """Parse named cards, ``2-17 Offer``, each once; invalid ones are left out."""
    found = {}
    for text in texts:
        number, _space, name = text.partition(" ")
        if card := _read(number):
            found[card] = NamedCard(card, text_rules.one_line(name)[:LONGEST_NAME])
    return tuple(found.values())


def typed() -> tuple[str, ...]:
    """The cards chosen in this request's form, each once."""
    numbers = request.form.getlist("also_on")[: bound_cards.MOST]
    return tuple(dict.fromkeys(number for number in numbers if CARD.fullmatch(number)))


def chosen(numbers: Sequence[str], related: Sequence[NamedCard]) -> list[NamedCard]:
    """These cards with their names."""
    names = {one.entity: one.name for one in related}
    cards = [card for number in numbers if (card := _read(number))]
    return [NamedCard(card, names.get(card, "")) for card in cards]


def in_words(entry: LogEntry) -> str:
    """The outcome of an entry's further cards in words; empty if it has none."""
    cards = bound_cards.of(entry)
    if not cards or entry.state == EntryState.FAILED:
        return ""
    if entry.state != EntryState.SENT:
        return _("After that it will also be on: %(cards)s.") % {"cards": _names(cards)}
    sentences = {
        CardState.BOUND: _("It is also on: %(cards)s."),
        CardState.WAITING: _("It will be on these in a moment: %(cards)s."),
        CardState.REFUSED: _("Bitrix24 did not let you put it on: %(cards)s."),
    }
    by_state = {state: [card for card in cards if card.state == state] for state in sentences}
    return " ".join(sentences[state] % {"cards": _names(some)} for state, some in by_state.items() if some)


def _names(cards: Sequence[BoundCard]) -> str:
    return ", ".join(f"“{card.name or name_of(card.entity)}”" for card in cards)


def _read(number: str) -> Entity | None:
    match = CARD.fullmatch(number)
    return Entity(int(match[1]), int(match[2])) if match else None
