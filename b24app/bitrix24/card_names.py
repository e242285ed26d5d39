"""Which of many cards are there for a person, and what they are called, in one batch. Pure.

Lists leave out what does not exist and what the person may not read; a kind of card that a portal does not have is
refused.

Docs: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html
"""

from collections import defaultdict
from collections.abc import Collection, Iterator

from b24app.bitrix24.calls import BATCH_LENGTH, Answers, Call, as_list_of, as_map, as_number
from b24app.bitrix24.entities import ORDER, Entity
from b24app.bitrix24.methods import read_entity_name
from b24app.bitrix24.related_cards import LONGEST_NAME, listing
from b24app.errors import LogbookError, Refused

# As many as a page of a list has.
PAGE = 50


def questions(cards: Collection[Entity], most: int = BATCH_LENGTH) -> dict[str, Call]:
    """``most`` calls at most; the method does not know orders."""
    return {key: listing(part[0].type_id, {"@id": [card.id for card in part]}) for key, part in _parts(cards, most)}


def read(answers: Answers, cards: Collection[Entity], most: int = BATCH_LENGTH) -> dict[Entity, str | None]:
    """The cards with their names; None for those that are not there. What was not answered has an empty name."""
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
    """Cards of one kind, as many as fit on a page, with the key of their question."""
    by_kind: dict[int, list[Entity]] = defaultdict(list)
    for card in cards:
        if card.type_id != ORDER:
            by_kind[card.type_id].append(card)
    parts = [kind[at : at + PAGE] for kind in by_kind.values() for at in range(0, len(kind), PAGE)]
    return ((f"cards_{number}", part) for number, part in enumerate(parts[:most]))
