"""The universal methods of cards."""

from __future__ import annotations

from typing import Any

from ...crm import items
from ...crm.fields import item_description, item_fields
from ...crm.kinds import Kind
from ...errors import ApiError, missing
from ...model.records import Item
from ..call import Call
from ..envelope import Page
from ..listing import PAGE, Listing, page_of, selected
from ..parameters import integer
from ..registry import method

KIND_REFUSALS = ("NOT_FOUND", "ENTITY_TYPE_NOT_SUPPORTED", 100)
VALUE_REFUSALS = ("ACCESS_DENIED", "CRM_FIELD_ERROR_VALUE_NOT_VALID", *KIND_REFUSALS)
WITHOUT_OWN_FIELDS = "complete but for relations between kinds, of which there are none; custom fields are only read"


@method("crm.item.get", scopes=("crm",), refusals=("ACCESS_DENIED", *KIND_REFUSALS), fidelity=WITHOUT_OWN_FIELDS)
def get(call: Call) -> dict[str, Any]:
    return {"item": told(call, asked_item(call))}


@method(
    "crm.item.list",
    scopes=("crm",),
    refusals=("INVALID_ARG_VALUE", *KIND_REFUSALS),
    page=PAGE,
    fidelity=WITHOUT_OWN_FIELDS,
)
def listed(call: Call) -> Page:
    kind = supported_kind(call)
    cards = call.portal.cards.readable_items(call.person, kind.entity_type_id)
    types = {field.name: field.type for field in item_fields(kind.entity_type_id).values()}
    listing = Listing(types, call.portal.zone)
    rows = listing.chosen([told(call, item) for item in cards], call.parameters)
    page = page_of(rows, call.parameters.get("start"))
    shown = [selected(row, call.parameters.get("select")) for row in page.rows]
    return Page({"items": shown}, page.total, page.next)


@method("crm.item.fields", scopes=("crm",), refusals=KIND_REFUSALS, fidelity=WITHOUT_OWN_FIELDS)
def fields(call: Call) -> dict[str, Any]:
    number = supported_kind(call).entity_type_id
    described = {name: item_description(field, number) for name, field in item_fields(number).items()}
    return {"fields": described | call.portal.state.own_fields.get(number, {})}


@method("crm.item.add", scopes=("crm",), refusals=VALUE_REFUSALS, fidelity=WITHOUT_OWN_FIELDS)
def add(call: Call) -> dict[str, Any]:
    kind = supported_kind(call)
    item = call.portal.changes.add(kind.entity_type_id, given_fields(call), call.person)
    return {"item": told(call, item)}


@method(
    "crm.item.update",
    scopes=("crm",),
    who="may edit the card",
    refusals=VALUE_REFUSALS,
    fidelity=WITHOUT_OWN_FIELDS,
)
def update(call: Call) -> dict[str, Any]:
    item = asked_item(call)
    call.portal.changes.update(item, given_fields(call), call.person)
    return {"item": told(call, item)}


@method("crm.item.delete", scopes=("crm",), who="may edit the card", refusals=("ACCESS_DENIED", *KIND_REFUSALS))
def delete(call: Call) -> list[Any]:
    call.portal.changes.delete(asked_item(call), call.person)
    return []


def told(call: Call, item: Item) -> dict[str, Any]:
    return items.record(item, call.portal.zone, call.portal.state.own_fields.get(item.entity_type_id))


def asked_item(call: Call) -> Item:
    kind = supported_kind(call)
    return call.portal.cards.readable_item(call.person, kind.entity_type_id, integer(call.parameters, "id"))


def given_fields(call: Call) -> dict[str, Any]:
    """The given fields; an empty array is a map without fields."""
    given = call.parameters.get("fields")
    if given in ([], ""):
        return {}
    if not isinstance(given, dict):
        raise missing("fields")
    return given


def supported_kind(call: Call) -> Kind:
    entity_type_id = integer(call.parameters, "entityTypeId")
    kind = call.portal.cards.kind(entity_type_id)
    if entity_type_id in (5, 8) or (kind and not kind.has_item_methods):
        raise ApiError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    if kind is None:
        raise ApiError("NOT_FOUND", "SPA not found")
    return kind
