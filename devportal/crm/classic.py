"""Cards in the older methods: fields in capitals, all values as text."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from ..model.records import Item
from . import items, multifields
from .field_values import kept
from .fields import Field, classic_fields, item_fields
from .names import camel_name

# Fields whose two spellings differ by more than their capitals.
RENAMED = {
    "DATE_CREATE": "createdTime",
    "DATE_MODIFY": "updatedTime",
    "CREATED_BY_ID": "createdBy",
    "MODIFY_BY_ID": "updatedBy",
    "MOVED_BY_ID": "movedBy",
    "STATUS_ID": "stageId",
    "STATUS_SEMANTIC_ID": "stageSemanticId",
    "COMPANY_TYPE": "typeId",
}
MULTIFIELD = "crm_multifield"
COMPANY = 4


def item_name(field: Field, entity_type_id: int) -> str:
    """A field's name in the universal methods; empty if they do not have it."""
    name = RENAMED.get(field.name, camel_name(field.name))
    if entity_type_id == COMPANY and field.name == "CONTACT_ID":
        name = "contactIds"
    found = item_fields(entity_type_id).get(name)
    return "" if found is None or found.is_disabled else name


@cache
def named_fields(entity_type_id: int) -> list[tuple[str, Field, str]]:
    """The fields of a kind, each with its name here and in the universal methods."""
    fields = classic_fields(entity_type_id)
    return [(name, field, item_name(field, entity_type_id)) for name, field in fields.items()]


def record(item: Item, zone: ZoneInfo) -> dict[str, Any]:
    """All single-valued fields, and the multifields that have values."""
    universal = items.record(item, zone)
    told: dict[str, Any] = {}
    for name, field, known in named_fields(item.entity_type_id):
        if field.type == MULTIFIELD:
            entries = [entry(one) for one in item.values.get("fm", []) if one["typeId"] == name]
            told |= {name: entries} if entries else {}
        elif not field.is_multiple:
            told[name] = text(universal[known] if known else item.values.get(name), field)
    return told


def filterable(item: Item, zone: ZoneInfo) -> dict[str, Any]:
    """The same with only the values of multifields, for filters."""
    fm = item.values.get("fm", [])
    return record(item, zone) | {kind: multifields.values(fm, kind) for kind in multifields.KINDS}


def entry(multifield: multifields.Multifield) -> dict[str, str]:
    return {
        "ID": str(multifield["id"]),
        "VALUE_TYPE": multifield["valueType"],
        "VALUE": multifield["value"],
        "TYPE_ID": multifield["typeId"],
    }


def text(value: Any, field: Field) -> str | None:
    if value is None:
        return None
    return f"{value:.2f}" if field.type == "double" else str(value)


def universal_and_own(
    entity_type_id: int, given: Mapping[str, Any], zone: ZoneInfo
) -> tuple[dict[str, Any], dict[str, Any]]:
    """The given values for the universal methods, and the fields that those do not have."""
    universal: dict[str, Any] = {}
    own: dict[str, Any] = {}
    fm: list[dict[str, Any]] = []
    for name, field in classic_fields(entity_type_id).items():
        known = item_name(field, entity_type_id)
        if name not in given:
            continue
        if field.type == MULTIFIELD:
            fm += [given_entry(one, name) for one in listed(given[name])]
        elif known:
            universal[known] = given[name]
        else:
            own |= kept({name: field}, {name: given[name]}, zone)
    return universal | ({"fm": fm} if fm else {}), own


def given_entry(given: Mapping[str, Any], kind: str) -> dict[str, Any]:
    is_deleted = str(given.get("DELETE") or "N").upper() == "Y"
    return {
        "id": given.get("ID"),
        "typeId": kind,
        "valueType": given.get("VALUE_TYPE"),
        "value": "" if is_deleted else given.get("VALUE"),
    }


def listed(given: Any) -> list[Mapping[str, Any]]:
    entries = given.values() if isinstance(given, dict) else given
    return [one for one in entries if isinstance(one, dict)] if isinstance(entries, (list, type({}.values()))) else []
