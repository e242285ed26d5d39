"""The related cards of a card, on which an entry can also appear. Pure.

Everything is read in the batch that reads the card: later commands refer to earlier results. Only lists are read, since
they return nothing where a single card would be refused.

Docs: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html
and …/api-reference/crm/timeline/bindings/
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from b24app.bitrix24.calls import Answers, Call, Json, Reference, as_flag, as_map, as_number, as_rows
from b24app.bitrix24.entities import ORDER, TYPE_CODES, TYPE_IDS, Entity
from b24app.bitrix24.methods import read_entity_name
from b24app.errors import LogbookError

DEAL, CONTACT, COMPANY = TYPE_IDS["DEAL"], TYPE_IDS["CONTACT"], TYPE_IDS["COMPANY"]
MOST_OF_A_KIND = 5
LONGEST_NAME = 255
# The kinds of cards whose calls are kept; portals have some ten, and their own smart processes.
KINDS_KEPT = 256


@dataclass(frozen=True)
class NamedCard:
    """A card and what people call it."""

    entity: Entity
    name: str


def questions(card: Entity, key: str = "entity") -> Mapping[str, Call]:
    """The calls that find related cards; ``key`` is the command in the same batch that reads the card itself."""
    if card.type_id == ORDER:
        return {}
    if card.type_id == COMPANY:
        return {"related_3": listing(CONTACT, {"companyId": card.id})}
    return _questions_of_kind(card.type_id, key)


@lru_cache(KINDS_KEPT)
def _questions_of_kind(type_id: int, key: str) -> Mapping[str, Call]:
    """The same for all cards of a kind, since the calls refer to what the batch has read; encoded once."""
    wanted = {COMPANY: [value_of(key, "companyId")]}
    if type_id != CONTACT:
        wanted[CONTACT] = [value_of(key, f"contactIds][{number}") for number in range(MOST_OF_A_KIND)]
    if type_id > CONTACT:
        wanted[DEAL] = [value_of(key, "dealId" if type_id == TYPE_IDS["QUOTE"] else f"parentId{DEAL}")]
    return {f"related_{kind}": listing(kind, {"@id": ids}) for kind, ids in wanted.items()}


def read(answers: Answers, card: Entity) -> list[NamedCard]:
    """The related cards that this person may read; unanswered calls offer none."""
    found = [NamedCard(entity, name) for key in questions(card) for entity, name in _rows(answers, key).items()]
    return [one for one in found if one.entity != card]


def bind(owner: int | Reference, card: Entity) -> Call:
    """Show the log entry ``owner`` on a further card. Repeating it is harmless."""
    code = TYPE_CODES.get(card.type_id, f"dynamic_{card.type_id}").lower()
    return Call(
        "crm.timeline.bindings.bind", {"fields": {"OWNER_ID": owner, "ENTITY_ID": card.id, "ENTITY_TYPE": code}}
    )


def read_bound(result: Json) -> bool:
    """Whether the entry was bound; False if the person has no right to that card."""
    return as_flag(result)


def value_of(key: str, name: str) -> Reference:
    """A field of the card that the command ``key`` reads."""
    return Reference(f"$result[{key}][item][{name}]")


def listing(type_id: int, which: dict[str, Json]) -> Call:
    """The call that lists cards of a kind by a filter, with the fields that make up their names."""
    select = ["id", "title", "name", "secondName", "lastName"]
    return Call("crm.item.list", {"entityTypeId": type_id, "filter": which, "select": select, "order": {"id": "asc"}})


def _rows(answers: Answers, key: str) -> dict[Entity, str]:
    type_id = int(key.rpartition("_")[2])
    try:
        rows = as_rows(as_map(answers[key]).get("items"))[:MOST_OF_A_KIND]
        cards = {Entity(type_id, as_number(as_map(row).get("id"))): read_entity_name({"item": row}) for row in rows}
    except LogbookError:
        return {}
    return {card: name[:LONGEST_NAME] for card, name in cards.items() if card.id > 0}
