"""Parses the cards that somebody has ticked, typed or pasted."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from flask import request

from b24app.bitrix24 import card_names
from b24app.bitrix24.card_urls import path_of
from b24app.bitrix24.entities import TYPE_IDS, Entity
from b24app.bitrix24.related_cards import NamedCard
from b24app.context import b24, database
from b24app.i18n import gettext as _
from b24app.i18n import written
from b24app.models import Person, Portal
from b24app.services.access import tokens
from b24app.services.delivery.sets import MOST_CARDS
from b24app.web import also_on
from b24app.web.admin import filters
from b24app.web.admin.filters import Unclear
from b24app.web.card_kinds import kind_of, name_of
from b24app.web.card_session import CardSession

# What separates pasted numbers or links.
BETWEEN = re.compile(r"[\s,;]+")
# The most words parsed: each link may be there twice, with other text.
MOST_TYPED = 4 * MOST_CARDS
MOST_UNCLEAR = 3
LONGEST_QUOTE = 60
LONGEST_NAME = 30


@dataclass(frozen=True)
class Choice:
    """Ticked cards, and others typed as numbers or links; ``error`` says what is wrong."""

    ticked: tuple[NamedCard, ...] = ()
    numbers: str = ""
    kind: int = TYPE_IDS["DEAL"]
    typed: tuple[Entity, ...] = ()
    error: str = ""

    @property
    def cards(self) -> list[NamedCard]:
        """The cards, each once, ticked ones first."""
        by_card = {card: NamedCard(card, "") for card in [*(one.entity for one in self.ticked), *self.typed]}
        return list((by_card | {one.entity: one for one in self.ticked}).values())


def read(portal: Portal) -> Choice:
    """The choice in this request's form."""
    ticked = also_on.named(request.form.getlist("card")[: MOST_CARDS + 1])
    numbers, kind = request.form.get("numbers", "").replace("\x00", " ").strip(), request.form.get("kind", "")
    words = [word for word in BETWEEN.split(numbers) if word]
    typed, unclear = _cards(portal, kind, words[:MOST_TYPED])
    chosen = Choice(ticked, numbers, int(kind) if filters.NUMBER.fullmatch(kind) else TYPE_IDS["DEAL"], tuple(typed))
    count = max(len(chosen.cards), len(words) if len(words) > MOST_TYPED else 0)
    return replace(chosen, error=_error(count, unclear))


def of_card(card: CardSession, also: Sequence[str]) -> Choice:
    """The initial choice: the card that somebody comes from, and the further cards ticked there."""
    own = [NamedCard(card.entity, card.entity_name)] if card.entity.id else []
    further = [one for one in also_on.chosen(also, card.related) if one.entity != card.entity]
    return Choice((*own, *further), kind=card.entity.type_id or TYPE_IDS["DEAL"])


def names_of(person: Person, known: Mapping[Entity, str]) -> dict[Entity, str | None]:
    """Ask the portal for the cards' names; None for missing cards. Raises CallFailed or PairDead.

    ``known`` are the cards with the names to use if the portal does not answer.
    """
    asked = card_names.questions(known)
    if not asked:
        return dict(known)
    names = card_names.read(tokens.ask_all_as(database(), b24(), person, asked), known)
    return {card: None if name is None else name or known[card] for card, name in names.items()}


def rows(cards: Sequence[NamedCard], portal_origin: str) -> list[dict[str, str]]:
    """The cards for templates/several/_cards.html."""
    return [
        {
            "value": f"{also_on.written(card.entity)} {card.name[:LONGEST_NAME]}".strip(),
            "name": card.name or name_of(card.entity),
            "kind": f"{kind_of(card.entity.type_id)} {card.entity.id}" if card.name else "",
            "address": portal_origin + path_of(card.entity),
        }
        for card in cards
    ]


def kinds(chosen: int) -> dict[str, str]:
    """The kinds of cards for typed numbers; cards of smart processes are given as links."""
    known = {str(type_id): kind_of(type_id) for type_id in TYPE_IDS.values()}
    return known if str(chosen) in known else {**known, str(chosen): kind_of(chosen)}


def _cards(portal: Portal, kind: str, words: Sequence[str]) -> tuple[list[Entity], list[str]]:
    """The cards that are meant, and a sentence for each word that is not a card."""
    found, unclear = [], []
    for word in words:
        try:
            if card := filters.card_of(portal, kind, word):
                found.append(card)
        except Unclear as problem:
            quote = word if len(word) <= LONGEST_QUOTE else word[:LONGEST_QUOTE] + "…"
            unclear.append(f"“{quote}”: {problem}")
    return found, unclear


def _error(count: int, unclear: Sequence[str]) -> str:
    if unclear:
        return " ".join([*unclear[:MOST_UNCLEAR], *("…" for _more in unclear[MOST_UNCLEAR : MOST_UNCLEAR + 1])])
    if count > MOST_CARDS:
        told = {"count": written(count), "limit": written(MOST_CARDS)}
        return _("These are %(count)s cards; at most %(limit)s can be written on at once.") % told
    return "" if count else _("Choose cards, or give their numbers or links.")
