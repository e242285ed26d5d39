"""Cards in the universal methods, with all fields of their kind."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from ..model.records import Item
from . import multifields
from .fields import Field, item_fields
from .stages import IN_PROGRESS, category_of, first_stage, semantics_of

# The values of empty fields; all others are null.
UNFILLED: dict[str, Any] = {
    "opened": "Y",
    "isManualOpportunity": "N",
    "isRecurring": "N",
    "isReturnCustomer": "N",
    "isRepeatedApproach": "N",
    "hasPhone": "N",
    "hasEmail": "N",
    "hasImol": "N",
    "export": "Y",
    "isMyCompany": "N",
    "taxValue": 0,
    "companyId": 0,
    "contactId": 0,
    "webformId": 0,
}


def record(item: Item, zone: ZoneInfo, own: Mapping[str, Mapping[str, Any]] | None = None) -> dict[str, Any]:
    """`own` are the fields that people have added to its kind, by name."""
    fields = item_fields(item.entity_type_id)
    told = {name: unfilled(field) for name, field in fields.items()}
    known = {**moments(item, zone), **computed(item), **item.values}
    told |= {name: value for name, value in known.items() if name in fields and not fields[name].is_disabled}
    for name, field in (own or {}).items():
        told[name] = item.values.get(name, [] if field.get("isMultiple") else None)
    return {**told, "entityTypeId": item.entity_type_id}


def unfilled(field: Field) -> Any:
    if field.is_multiple:
        return []
    return None if field.is_disabled else UNFILLED.get(field.name)


def moments(item: Item, zone: ZoneInfo) -> dict[str, Any]:
    """The fields about who changed the card and when."""
    created = datetime.fromtimestamp(int(item.created_at), zone).isoformat()
    times = ("createdTime", "updatedTime", "movedTime", "lastActivityTime", "begindate")
    people = ("createdBy", "updatedBy", "movedBy", "lastActivityBy", "assignedById")
    return dict.fromkeys(times, created) | dict.fromkeys(people, item.assigned_by_id)


def computed(item: Item) -> dict[str, Any]:
    """Fields that are computed from others."""
    stage = str(item.values.get("stageId") or "")
    semantics = semantics_of(item.entity_type_id, stage)
    contact = item.values.get("contactId")
    told: dict[str, Any] = {
        "id": item.id,
        "title": item.title,
        "categoryId": category_of(item.entity_type_id),
        "stageSemanticId": semantics,
        "closed": "N" if semantics in (None, IN_PROGRESS) else "Y",
        "isNew": "Y" if stage and stage == first_stage(item.entity_type_id) else "N",
        "contactIds": [contact] if contact else [],
        "companyIds": [item.values["companyId"]] if item.values.get("companyId") else [],
    }
    return told | multifields.flat(item.values.get("fm", []))
