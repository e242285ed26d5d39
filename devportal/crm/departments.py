"""The structure of the company: its departments and who works where."""

from __future__ import annotations

from typing import Any

from ..model.people import Person

COMPANY, SALES, OFFICE = 1, 2, 3
MEMBERS = {1: SALES, 7: SALES, 12: OFFICE}
TYPES = {"ID": "integer", "NAME": "string", "SORT": "integer", "PARENT": "integer", "UF_HEAD": "integer"}


def departments(company: str) -> list[dict[str, Any]]:
    """The departments as `department.get` returns them, without empty heads and parents."""
    return [
        {"ID": str(COMPANY), "NAME": company, "SORT": 500, "UF_HEAD": "1"},
        {"ID": str(SALES), "NAME": "Sales", "SORT": 500, "PARENT": str(COMPANY), "UF_HEAD": "1"},
        {"ID": str(OFFICE), "NAME": "Office", "SORT": 500, "PARENT": str(COMPANY)},
    ]


def departments_of(person: Person) -> list[int]:
    return [MEMBERS.get(person.id, COMPANY)]
