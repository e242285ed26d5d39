"""Reading the cards of the CRM."""

from __future__ import annotations

from typing import Any

from ...crm.kinds import Kind
from ...errors import ApiError
from ...model.records import Item
from ..call import Call
from ..envelope import Page, moment
from ..parameters import integer, to_integer
from ..registry import method

PAGE = 50
SYSTEM_FIELDS = {"id": "integer", "title": "string", "createdTime": "datetime", "updatedTime": "datetime"}
PERSON_FIELDS = ("createdBy", "updatedBy", "assignedById")


@method("crm.item.get", scopes=("crm",), refusals=("ACCESS_DENIED", "NOT_FOUND", "ENTITY_TYPE_NOT_SUPPORTED", 100))
def get(call: Call) -> dict[str, Any]:
    kind = supported_kind(call)
    item = call.portal.cards.readable_item(call.person, kind.entity_type_id, integer(call.parameters, "id"))
    return {"item": fields_of(call, item)}


@method(
    "crm.item.list",
    scopes=("crm",),
    refusals=("NOT_FOUND", "ENTITY_TYPE_NOT_SUPPORTED", 100),
    page=PAGE,
    fidelity="paging and order by id; filters are not applied",
)
def items(call: Call) -> Page:
    kind = supported_kind(call)
    rows = call.portal.cards.readable_items(call.person, kind.entity_type_id)
    start = to_integer(call.parameters.get("start") or 0) or 0
    counts = start >= 0
    start = max(start, 0)
    page = rows[start : start + PAGE]
    following = start + PAGE if counts and start + PAGE < len(rows) else None
    return Page({"items": [fields_of(call, item) for item in page]}, len(rows) if counts else 0, following)


@method("crm.item.fields", scopes=("crm",), refusals=("NOT_FOUND", "ENTITY_TYPE_NOT_SUPPORTED", 100))
def fields(call: Call) -> dict[str, Any]:
    kind = supported_kind(call)
    rows = call.portal.cards.readable_items(call.person, kind.entity_type_id)
    names = dict.fromkeys([*SYSTEM_FIELDS, *PERSON_FIELDS, *(name for item in rows for name in item.values)])
    return {"fields": {name: description(name) for name in names}}


def supported_kind(call: Call) -> Kind:
    entity_type_id = integer(call.parameters, "entityTypeId")
    kind = call.portal.cards.kind(entity_type_id)
    if entity_type_id in (5, 8) or (kind and not kind.has_item_methods):
        raise ApiError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    if kind is None:
        raise ApiError("NOT_FOUND", "SPA not found")
    return kind


def fields_of(call: Call, item: Item) -> dict[str, Any]:
    created = moment(item.created_at, call.portal.zone)
    return {
        "id": item.id,
        "title": item.title,
        "createdTime": created,
        "updatedTime": created,
        "createdBy": item.assigned_by_id,
        "updatedBy": item.assigned_by_id,
        "assignedById": item.assigned_by_id,
        **item.values,
        "entityTypeId": item.entity_type_id,
    }


def description(name: str) -> dict[str, Any]:
    type_name = SYSTEM_FIELDS.get(name, "user" if name in PERSON_FIELDS else "string")
    is_own = name in SYSTEM_FIELDS and name != "title"
    return {
        "type": type_name,
        "isRequired": False,
        "isReadOnly": is_own,
        "isImmutable": is_own,
        "isMultiple": False,
        "isDynamic": False,
        "title": name[:1].upper() + name[1:],
        "upperName": "".join(f"_{letter}" if letter.isupper() else letter for letter in name).upper(),
    }
