"""Activities and comments of a card."""

from __future__ import annotations

from typing import Any

from ...crm import activities
from ...errors import ApiError, missing
from ..call import Call
from ..envelope import Page
from ..listing import PAGE, Listing, array, page_of
from ..parameters import integer, mapping, to_integer, upper
from ..registry import method

BY_START = {"START_TIME": "ASC", "ID": "ASC"}


@method(
    "crm.activity.add",
    scopes=("crm",),
    who="may edit the card",
    refusals=("", "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
    fidelity="calls, meetings and e-mails, which are not sent; no files",
)
def add(call: Call) -> int:
    given = mapping(upper(call.parameters).get("FIELDS"))
    if not given:
        raise ApiError("", "Parameter 'fields' must be array.")
    return call.portal.activities.add(upper(given), call.person).id


@method("crm.activity.get", scopes=("crm",), who="may read the card", refusals=("",), fidelity="without files")
def get(call: Call) -> dict[str, Any]:
    number = to_integer(upper(call.parameters).get("ID") or 0) or 0
    return activities.record(call.portal.activities.get(number, call.person))


@method(
    "crm.activity.list",
    scopes=("crm",),
    who="may read the card",
    refusals=("",),
    page=PAGE,
    fidelity="an activity is bound to its owner only; no files",
)
def listed(call: Call) -> Page:
    given = upper(call.parameters)
    known = {str(one.id): one for one in call.portal.activities.readable(call.person)}
    conditions = array(given, "FILTER")
    bindings = [upper(mapping(one)) for one in mapping(conditions.pop("BINDINGS", None)).values()]
    rows = [activities.record(one) for one in known.values()]
    rows = [row for row in rows if is_bound(row, bindings)]
    order = array(given, "ORDER") or BY_START
    listing = Listing(activities.TYPES, call.portal.zone, is_strict=False)
    page = page_of(listing.chosen(rows, {"filter": conditions, "order": order}), given.get("START"))
    names = [str(name) for name in mapping(given.get("SELECT")).values()]
    shown = [selection(row, known[row["ID"]].values["COMMUNICATIONS"], names) for row in page.rows]
    return Page(shown, page.total, page.next)


def is_bound(row: dict[str, Any], bindings: list[dict[str, Any]]) -> bool:
    """Whether the owner is one of the wanted ones; without any, all match."""
    if not bindings:
        return True
    return any(all(str(row.get(name)) == str(value) for name, value in one.items()) for one in bindings)


def selection(row: dict[str, Any], communications: Any, names: list[str]) -> dict[str, Any]:
    """The selected fields; communications are returned only if they are named."""
    whole = {**row, "COMMUNICATIONS": communications}
    if not names:
        return row
    return {name: value for name, value in whole.items() if name in names or ("*" in names and name in row)}


@method(
    "crm.timeline.comment.add",
    scopes=("crm",),
    who="may edit the card",
    refusals=("OWNER_NOT_FOUND", "ACCESS_DENIED", "INVALID_ARG_VALUE", 100),
    fidelity="kept and told to event handlers; without files, and not shown on the card",
)
def comment(call: Call) -> int:
    fields = mapping(call.parameters.get("fields"))
    for name in ("ENTITY_ID", "ENTITY_TYPE", "COMMENT"):
        if fields.get(name) is None:
            raise missing(name)
    entity_type_id = type_of(call, str(fields["ENTITY_TYPE"]))
    text = str(fields["COMMENT"])
    return call.portal.comments.add(entity_type_id, integer(fields, "ENTITY_ID"), text, call.person).id


def type_of(call: Call, code: str) -> int:
    """The number of a kind's code, such as `deal` or `dynamic_1046`; 0 for an unknown one."""
    kinds = call.portal.cards.kinds()
    return next((kind.entity_type_id for kind in kinds if kind.code == code.upper()), 0)
