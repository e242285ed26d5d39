"""Finds cards by name. Pure, like the other methods.

Docs: https://apidocs.bitrix24.com/api-reference/crm/universal/crm-item-list.html
"""

from b24app.bitrix24.calls import Call, Json, as_list_of, as_map, as_number
from b24app.bitrix24.entities import TYPE_IDS, Entity
from b24app.bitrix24.methods import read_entity_name

FOUND_AT_ONCE = 20
CONTACT = TYPE_IDS["CONTACT"]
SELECTED = ["id", "title", "name", "secondName", "lastName"]


def find_entities(type_id: int, words: str) -> dict[str, Call]:
    """The call for the latest cards whose names contain these words, for contacts any part of the name."""
    fields = ("name", "lastName") if type_id == CONTACT else ("title",)
    page = {"entityTypeId": type_id, "order": {"id": "desc"}, "select": SELECTED}
    return {field: Call("crm.item.list", {**page, "filter": {f"%{field}": words}}) for field in fields}


def read_found(results: list[Json], type_id: int) -> list[tuple[Entity, str]]:
    """Each card once, with its name; raises AnswerLost for an answer that cannot be read."""
    rows = [as_map(row) for result in results for row in as_list_of(result, "items")]
    found = {as_number(row.get("id")): read_entity_name({"item": row}) for row in rows}
    latest = sorted(found, reverse=True)[:FOUND_AT_ONCE]
    return [(Entity(type_id, number), found[number]) for number in latest]
