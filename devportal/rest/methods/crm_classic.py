"""The older methods of leads, deals, contacts and companies."""

from __future__ import annotations

from functools import partial
from typing import Any

from ...crm import classic
from ...crm.cards import Cards
from ...crm.fields import classic_fields, description
from ...errors import ApiError
from ...model.records import Item
from ..call import Call
from ..envelope import Page
from ..listing import PAGE, Listing, array, page_of
from ..parameters import mapping, to_integer, upper
from ..registry import method

KINDS = {"lead": 1, "deal": 2, "contact": 3, "company": 4}
FIDELITY = "complete but for custom fields, which this portal has none of"


def fields(entity_type_id: int, call: Call) -> dict[str, Any]:
    return {name: description(field, entity_type_id) for name, field in classic_fields(entity_type_id).items()}


def get(entity_type_id: int, call: Call) -> dict[str, Any]:
    return classic.record(asked(entity_type_id, call, may=Cards.may_read), call.portal.zone)


def listed(entity_type_id: int, call: Call) -> Page:
    """Lists cards; unknown fields in filter and order are ignored, unlike in the universal methods."""
    given, zone = upper(call.parameters), call.portal.zone
    known = {str(item.id): item for item in call.portal.cards.readable_items(call.person, entity_type_id)}
    rows = [classic.filterable(item, zone) for item in known.values()]
    types = {name: field_type(field.type) for name, field in classic_fields(entity_type_id).items()}
    conditions = {"filter": array(given, "FILTER"), "order": array(given, "ORDER")}
    page = page_of(Listing(types, zone, is_strict=False).chosen(rows, conditions), given.get("START"))
    shown = [selection(classic.record(known[row["ID"]], zone), given.get("SELECT")) for row in page.rows]
    return Page(shown, page.total, page.next)


def field_type(type_name: str) -> str:
    return "string" if type_name == classic.MULTIFIELD else type_name


def selection(row: dict[str, Any], select: Any) -> dict[str, Any]:
    """The selected fields; `*` and an empty selection mean all but multifields."""
    names = {str(name).upper() for name in mapping(select).values()} if isinstance(select, (dict, list)) else set()
    everything = not names or "*" in names
    return {name: value for name, value in row.items() if name in names or (everything and not isinstance(value, list))}


def add(entity_type_id: int, call: Call) -> int:
    universal, own = given_fields(entity_type_id, call)
    return call.portal.changes.add(entity_type_id, universal, call.person, own).id


def update(entity_type_id: int, call: Call) -> bool:
    item = asked(entity_type_id, call, may=Cards.may_edit)
    universal, own = given_fields(entity_type_id, call)
    call.portal.changes.update(item, universal, call.person, own)
    return True


def delete(entity_type_id: int, call: Call) -> bool:
    call.portal.changes.delete(asked(entity_type_id, call, may=Cards.may_edit), call.person)
    return True


def given_fields(entity_type_id: int, call: Call) -> tuple[dict[str, Any], dict[str, Any]]:
    given = upper(call.parameters)
    if not isinstance(given.get("FIELDS"), (dict, list)):
        raise ApiError("", "Parameter 'fields' must be array.")
    array(given, "PARAMS")
    return classic.universal_and_own(entity_type_id, upper(mapping(given["FIELDS"])), call.portal.zone)


def asked(entity_type_id: int, call: Call, *, may: Any, unnumbered: str = "ID is not defined or invalid.") -> Item:
    """The card with the given id, if the person has the right."""
    number = to_integer(upper(call.parameters).get("ID") or 0) or 0
    if number <= 0:
        raise ApiError("", unnumbered)
    item = call.portal.cards.item(entity_type_id, number)
    if item is None:
        raise ApiError("", "Not found")
    if not may(call.portal.cards, call.person, entity_type_id, number):
        raise ApiError("", "Access denied.")
    return item


VALUES = ("", "CRM_FIELD_ERROR_VALUE_NOT_VALID")
for kind, number in KINDS.items():
    method(f"crm.{kind}.fields", scopes=("crm",), fidelity=FIDELITY)(partial(fields, number))
    method(f"crm.{kind}.get", scopes=("crm",), refusals=("",), fidelity=FIDELITY)(partial(get, number))
    method(f"crm.{kind}.list", scopes=("crm",), refusals=("",), page=PAGE, fidelity=FIDELITY)(partial(listed, number))
    method(f"crm.{kind}.add", scopes=("crm",), refusals=VALUES, fidelity=FIDELITY)(partial(add, number))
    method(f"crm.{kind}.update", scopes=("crm",), who="may edit the card", refusals=VALUES, fidelity=FIDELITY)(
        partial(update, number)
    )
    method(f"crm.{kind}.delete", scopes=("crm",), who="may edit the card", refusals=("",))(partial(delete, number))
