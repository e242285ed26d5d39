"""The fields of each kind of card, with their names in the universal and in the older methods."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .kinds import FIRST_DYNAMIC_ID, FIXED_BY_ID
from .names import title_of, upper_name
from .stages import directory_of_stages

HERE = Path(__file__).parent
FOR_EVERY_KIND = "*"
DYNAMIC = "DYNAMIC"
STAGE = "stage"
# The kinds of card that such fields lead to.
PARENTS: dict[str, dict[str, Any]] = {
    f"crm_{name}": {"parentEntityTypeId": number}
    for name, number in {"lead": 1, "deal": 2, "company": 4, "quote": 7}.items()
}
MY_COMPANY = PARENTS["crm_company"] | {"isMyCompany": True, "isEmbeddedEditorEnabled": True}


@dataclass(frozen=True, slots=True)
class Field:
    """One row of a table of fields; `directory` is the list in which a `crm_status` is looked up."""

    kind: str
    name: str
    type: str
    flags: str
    directory: str = ""

    @property
    def is_required(self) -> bool:
        return "Q" in self.flags

    @property
    def is_read_only(self) -> bool:
        return "R" in self.flags

    @property
    def is_immutable(self) -> bool:
        return "I" in self.flags

    @property
    def is_multiple(self) -> bool:
        return "M" in self.flags

    @property
    def is_disabled(self) -> bool:
        """Disabled fields are always null."""
        return "D" in self.flags


@cache
def table(name: str) -> list[Field]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return [Field(**row) for row in csv.DictReader(file)]


@cache
def item_fields(entity_type_id: int) -> dict[str, Field]:
    """A kind's fields by camelCase name, common ones first."""
    kinds = (FOR_EVERY_KIND, code_of(entity_type_id))
    return {field.name: field for field in table("item_fields.csv") if field.kind in kinds}


@cache
def classic_fields(entity_type_id: int) -> dict[str, Field]:
    """A kind's fields by their names in the older methods."""
    code = code_of(entity_type_id)
    return {field.name: field for field in table("classic_fields.csv") if field.kind == code}


def code_of(entity_type_id: int) -> str:
    return DYNAMIC if entity_type_id >= FIRST_DYNAMIC_ID else FIXED_BY_ID[entity_type_id].code


def description(field: Field, entity_type_id: int) -> dict[str, Any]:
    """A field's description in both families of `fields` methods."""
    found: dict[str, Any] = {
        "type": field.type,
        "isRequired": field.is_required,
        "isReadOnly": field.is_read_only or field.is_disabled,
        "isImmutable": field.is_immutable,
        "isMultiple": field.is_multiple,
        "isDynamic": False,
    }
    if field.directory:
        stages = directory_of_stages(entity_type_id)
        found["statusType"] = stages if field.directory == STAGE else field.directory
    if field.type in PARENTS:
        found["settings"] = MY_COMPANY if upper_name(field.name) == "MYCOMPANY_ID" else PARENTS[field.type]
    if upper_name(field.name) == "CONTACT_ID":
        found["isDeprecated"] = True
    return found | {"title": title_of(field.name)}


def item_description(field: Field, entity_type_id: int) -> dict[str, Any]:
    return description(field, entity_type_id) | {"upperName": upper_name(field.name)}
