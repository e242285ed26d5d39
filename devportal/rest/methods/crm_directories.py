"""Directories, pipelines, and a search for telephone numbers and e-mail addresses."""

from __future__ import annotations

from collections.abc import Iterable

from ...crm import directories, multifields
from ...crm.stages import WITHOUT_STAGES, category_of
from ...errors import ApiError
from ..call import Call
from ..envelope import Page
from ..listing import Listing
from ..parameters import integer, mapping
from ..registry import method

ROW = {
    "ID": "integer",
    "SORT": "integer",
    "CATEGORY_ID": "integer",
    **dict.fromkeys(("ENTITY_ID", "STATUS_ID", "NAME", "NAME_INIT", "SYSTEM", "COLOR", "SEMANTICS"), "string"),
}
WITHOUT_PIPELINES = (1, 5, 7, 8, 14)
SEARCHED = {"LEAD": 1, "CONTACT": 3, "COMPANY": 4}
MOST_VALUES = 20
MOST_FOUND = 20


def unsupported(kind: str) -> str:
    """The code is a whole sentence."""
    return f"Communication type '{kind}' is not supported in current context"


@method("crm.status.list", scopes=("crm",), fidelity="complete; unknown fields are ignored")
def statuses(call: Call) -> Page:
    numbers = [kind.entity_type_id for kind in call.portal.cards.kinds() if kind.has_item_methods]
    entries = directories.entries(number for number in numbers if number not in WITHOUT_STAGES)
    rows = [directories.row(number, entry) for number, entry in enumerate(entries, 1)]
    chosen = Listing(ROW, call.portal.zone, is_strict=False).chosen(rows, call.parameters)
    return Page(chosen, len(chosen))


@method(
    "crm.category.list",
    scopes=("crm",),
    refusals=("NOT_FOUND", "ENTITY_TYPE_NOT_SUPPORTED", 100),
    fidelity="one pipeline for each kind",
)
def categories(call: Call) -> Page:
    number = integer(call.parameters, "entityTypeId")
    kind = call.portal.cards.kind(number)
    if number in WITHOUT_PIPELINES:
        raise ApiError("ENTITY_TYPE_NOT_SUPPORTED", f"Entity type {kind.code if kind else number} is not supported")
    if kind is None:
        raise ApiError("NOT_FOUND", "Smart process not found")
    row = {"id": category_of(number), "name": "General", "sort": 300, "entityTypeId": number, "isDefault": "Y"}
    return Page({"categories": [row]}, 1)


@method(
    "crm.duplicate.findbycomm",
    scopes=("crm",),
    refusals=("Communication type is not defined", "Communication values is not defined", unsupported("IM")),
    fidelity="complete but for telephone extensions",
)
def find_by_communication(call: Call) -> dict[str, list[int]]:
    """The ids of cards with a telephone number or e-mail address; a kind with many matches ends the search."""
    kind, wanted = communication(call)
    asked = str(call.parameters.get("entity_type") or "").upper()
    found: dict[str, list[int]] = {}
    for name, number in SEARCHED.items():
        if asked not in ("", name):
            continue
        items = call.portal.cards.readable_items(call.person, number)
        ids = [
            item.id for item in items if wanted & comparable(kind, multifields.values(item.values.get("fm", []), kind))
        ]
        found |= {name: ids} if ids else {}
        if len(ids) >= MOST_FOUND:
            break
    return found


def communication(call: Call) -> tuple[str, set[str]]:
    kind = str(call.parameters.get("type") or "").upper()
    if not kind:
        raise ApiError("Communication type is not defined", "Parameter 'type' is required.")
    if kind not in ("PHONE", "EMAIL"):
        raise ApiError(unsupported(kind), "Parameter 'type' is PHONE or EMAIL.")
    values = [str(value) for value in mapping(call.parameters.get("values")).values()]
    if not values:
        raise ApiError("Communication values is not defined", "Parameter 'values' is required.")
    return kind, comparable(kind, values[:MOST_VALUES])


def comparable(kind: str, values: Iterable[str]) -> set[str]:
    """Values for comparison: addresses in lower case, telephone numbers as digits."""
    return {digits(value) if kind == "PHONE" else value.strip().casefold() for value in values} - {""}


def digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdigit())
