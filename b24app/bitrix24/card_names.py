"""Reads in one batch which of many cards a person can see, and what they are called. Pure.

Lists leave out cards that do not exist or that the person may not read. If a portal does not have a kind of card, the
call is refused.

Docs: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html
"""

from collections import defaultdict
from collections.abc import Collection, Iterator

from b24app.bitrix24.calls import BATCH_LENGTH, Answers, Call, as_list_of, as_map, as_number
from b24app.bitrix24.entities import ORDER, Entity
from b24app.bitrix24.methods import read_entity_name
from b24app.bitrix24.related_cards import LONGEST_NAME, listing
from b24app.errors import LogbookError, Refused

# The number of rows on a page of a list.
PAGE = 50


def questions(cards: Collection[Entity], most: int = BATCH_LENGTH) -> dict[str, Call]:
    """At most ``most`` calls; the method does not support orders."""
    return {key: listing(part[0].type_id, {"@id": [card.id for card in part]}) for key, part in _parts(cards, most)}


def read(answers: Answers, cards: Collection[Entity], most: int = BATCH_LENGTH) -> dict[Entity, str | None]:
    """The name of each card; None for a missing card, empty if the portal did not answer."""
    names: dict[Entity, str | None] = dict.fromkeys(cards, "")
    for key, part in _parts(cards, most):
        try:
            rows = [as_map(row) for row in as_list_of(answers[key], "items")]
            found = {as_number(row.get("id")): read_entity_name({"item": row})[:LONGEST_NAME] for row in rows}
            names |= {card: found.get(card.id) for card in part}
        except Refused as refused:
            if not refused.is_passing:
                names |= dict.fromkeys(part)
        except LogbookError:
            continue
    return names


def _parts(cards: Collection[Entity], most: int) -> Iterator[tuple[str, list[Entity]]]:
    """The cards in groups of one kind that fit on a page, each with the key of its call."""
    by_kind: dict[int, list[Entity]] = defaultdict(list)
    for card in cards:
        if card.type_id != ORDER:
            by_kind[card.type_id].append(card)
    parts = [kind[at : at + PAGE] for kind in by_kind.values() for at in range(0, len(kind), PAGE)]
    return ((f"cards_{number}", part) for number, part in enumerate(parts[:most]))
