"""The directories in which `crm_status` fields are looked up: sources, types, industries and all stages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from .stages import FAILURE, IN_PROGRESS, SUCCESS, all_stages, category_of, directory_of_stages, has_prefixed_stages

ENTRIES: dict[str, dict[str, str]] = {
    "SOURCE": {
        "WEB": "Website",
        "WEBFORM": "Web form",
        "CALL": "Call",
        "EMAIL": "E-mail",
        "CHAT": "Online chat",
        "TRADE_SHOW": "Trade fair",
        "RECOMMENDATION": "Referral",
        "PARTNER": "Partner",
        "OTHER": "Other",
    },
    "HONORIFIC": {"HNR_EN_1": "Mr.", "HNR_EN_2": "Ms.", "HNR_EN_3": "Dr."},
    "DEAL_TYPE": {"SALE": "Sales", "COMPLEX": "Integrated sale", "GOODS": "Goods", "SERVICE": "After-sales service"},
    "CONTACT_TYPE": {"CLIENT": "Client", "SUPPLIER": "Supplier", "PARTNER": "Partner", "OTHER": "Other"},
    "COMPANY_TYPE": {"CUSTOMER": "Client", "SUPPLIER": "Supplier", "PARTNER": "Partner", "OTHER": "Other"},
    "INDUSTRY": {
        "RETAIL": "Retail",
        "TRANSPORT": "Transport",
        "MANUFACTURING": "Manufacturing",
        "DESIGN": "Interior design",
        "HEALTHCARE": "Healthcare",
        "EDUCATION": "Education",
        "OTHER": "Other",
    },
    "EMPLOYEES": {"EMPLOYEES_1": "Fewer than 50", "EMPLOYEES_2": "50 to 250", "EMPLOYEES_3": "More than 250"},
    "EVENT_TYPE": {"INFO": "Information", "PHONE": "Phone call", "MESSAGE": "E-mail sent"},
}
COLOURS = {IN_PROGRESS: "#39A8EF", SUCCESS: "#7BD500", FAILURE: "#FF5752"}
GROUPS = {IN_PROGRESS: "process", SUCCESS: "success", FAILURE: "failure"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a directory; a stage has `semantics`."""

    directory: str
    code: str
    name: str
    sort: int
    semantics: str = ""
    category: int | None = None


def entries(stage_kinds: Iterable[int]) -> list[Entry]:
    """The entries of all directories, for these kinds of cards."""
    found = [
        Entry(directory, code, name, 10 * number)
        for directory, names in ENTRIES.items()
        for number, (code, name) in enumerate(names.items(), 1)
    ]
    for entity_type_id in stage_kinds:
        category = category_of(entity_type_id) if has_prefixed_stages(entity_type_id) else None
        for number, (code, stage) in enumerate(all_stages(entity_type_id).items(), 1):
            directory = directory_of_stages(entity_type_id)
            found.append(Entry(directory, code, stage.name, 10 * number, stage.semantics, category))
    return found


def row(number: int, entry: Entry) -> dict[str, Any]:
    """An entry as `crm.status.list` returns it."""
    told: dict[str, Any] = {
        "ID": str(number),
        "ENTITY_ID": entry.directory,
        "STATUS_ID": entry.code,
        "NAME": entry.name,
        "NAME_INIT": entry.name,
        "SORT": str(entry.sort),
        "SYSTEM": "Y" if entry.sort == 10 or entry.semantics in (SUCCESS, FAILURE) else "N",
        "CATEGORY_ID": None if entry.category is None else str(entry.category),
        "COLOR": None,
        "SEMANTICS": entry.semantics if entry.semantics in (SUCCESS, FAILURE) else None,
    }
    if entry.semantics:
        colour = COLOURS[entry.semantics]
        told |= {"COLOR": colour, "EXTRA": {"SEMANTICS": GROUPS[entry.semantics], "COLOR": colour}}
    return told


def first_of(directory: str) -> str | None:
    return next(iter(ENTRIES.get(directory, {})), None)


def name_in(directory: str, code: str | None) -> str:
    """The name of a code; unknown codes are their own names."""
    return ENTRIES.get(directory, {}).get(code or "", code or "")
