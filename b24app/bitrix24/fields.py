"""The fields of cards: their descriptions, and the names behind numbers and codes. Pure.

Everything is read in the batch that reads the card: later commands refer to earlier results.

Docs: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-fields.html
and …/api-reference/crm/status/crm-status-list.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from b24app.bitrix24 import card_lookup, related_cards
from b24app.bitrix24.calls import Answers, Call, Json, as_flag, as_list_of, as_map, as_rows
from b24app.bitrix24.entities import TYPE_IDS
from b24app.errors import LogbookError

# Types whose values cannot be written as text.
WORDLESS = frozenset({"file", "location", "crm_category", "crm", "resourcebooking", "iblock_element", "iblock_section"})
# Fields that only programs use.
TECHNICAL = re.compile(
    r"utm[a-z]+|originatorid|originid|originversion|xmlid|webformid|searchcontent|[a-z]+short|has[a-z]+"
)
STATUSES = {
    name.lower(): name
    for name in ("stageId", "previousStageId", "sourceId", "typeId", "honorific", "industry", "employees", "eventId")
}
CARDS = {
    "companyid": ("companyId", TYPE_IDS["COMPANY"]),
    "mycompanyid": ("mycompanyId", TYPE_IDS["COMPANY"]),
    "companyids": ("companyIds", TYPE_IDS["COMPANY"]),
    "contactid": ("contactId", TYPE_IDS["CONTACT"]),
    "contactids": ("contactIds", TYPE_IDS["CONTACT"]),
    "leadid": ("leadId", TYPE_IDS["LEAD"]),
    "dealid": ("dealId", TYPE_IDS["DEAL"]),
    "quoteid": ("quoteId", TYPE_IDS["QUOTE"]),
}
PARENT = re.compile(r"parentid([1-9][0-9]{0,8})", re.ASCII)
LONGEST_TITLE = 80


@dataclass(frozen=True)
class CardField:
    """A field: ``choices`` are a list's texts by number, ``directory`` is where a status is looked up."""

    name: str
    type: str
    title: str
    is_multiple: bool = False
    choices: Mapping[str, str] = field(default_factory=dict)
    directory: str = ""

    @property
    def is_useful(self) -> bool:
        """Whether people would insert it into a text."""
        return self.type not in WORDLESS and not TECHNICAL.fullmatch(self.name.lower())


def of_kind(type_id: int) -> Call:
    return Call("crm.item.fields", {"entityTypeId": type_id})


def read(result: Json) -> dict[str, CardField]:
    """The fields of a card, by their names in lower case."""
    described = as_map(as_map(result).get("fields"))
    return {name.lower(): _read(name, as_map(facts)) for name, facts in described.items()}


def naming(name: str, key: str = "entity") -> Call | None:
    """The call that finds the name behind a field's value, if that is a code or a card; ``name`` is in lower case.

    ``key`` is the command of the same batch that reads the card itself.
    """
    if name in STATUSES:
        value = related_cards.value_of(key, STATUSES[name])
        return Call("crm.status.list", {"filter": {"STATUS_ID": value}})
    if (found := _card_in(name)) is None:
        return None
    written, type_id = found
    steps = (
        [f"{written}][{number}" for number in range(related_cards.MOST_OF_A_KIND)]
        if name.endswith("ids")
        else [written]
    )
    return related_cards.listing(type_id, {"@id": [related_cards.value_of(key, step) for step in steps]})


def read_names(answers: Answers, key: str, described: CardField) -> dict[str, str]:
    """The names by the values; empty if the portal does not answer."""
    try:
        if described.name.lower() in STATUSES:
            return _statuses(answers[key], described.directory)
        found = card_lookup.read_found([answers[key]], 0)
    except LogbookError:
        return {}
    return {str(card.id): name for card, name in found if name}


def _read(name: str, facts: Mapping[str, Json]) -> CardField:
    choices = [as_map(row) for row in as_rows(facts.get("items"))]
    return CardField(
        name=name,
        type=str(facts.get("type") or ""),
        title=str(facts.get("formLabel") or facts.get("title") or name)[:LONGEST_TITLE],
        is_multiple=as_flag(facts.get("isMultiple")),
        choices={str(row.get("ID")): str(row.get("VALUE") or "") for row in choices},
        directory=str(facts.get("statusType") or ""),
    )


def _card_in(name: str) -> tuple[str, int] | None:
    if parent := PARENT.fullmatch(name):
        return f"parentId{parent[1]}", int(parent[1])
    return CARDS.get(name)


def _statuses(result: Json, directory: str) -> dict[str, str]:
    """The names of one directory's codes. Each pipeline has a directory of its own, such as ``DEAL_STAGE_5``."""
    rows = [as_map(row) for row in as_list_of(result, "statuses")]
    of_field = [row for row in rows if str(row.get("ENTITY_ID") or "").startswith(directory)]
    exact = [row for row in of_field if row.get("ENTITY_ID") == directory]
    return {str(row.get("STATUS_ID")): str(row.get("NAME") or "") for row in [*of_field, *exact]}
