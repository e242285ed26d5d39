"""Multifields: telephone numbers, e-mail addresses and messengers, several of each per card."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

KINDS = ("PHONE", "EMAIL", "WEB", "IM", "LINK")
# The flat fields that show the first value of a kind, alone or of one type.
FIRST_OF_KIND = {"phone": "PHONE", "email": "EMAIL"}
FIRST_OF_TYPE = {
    "phoneMobile": ("PHONE", "MOBILE"),
    "phoneWork": ("PHONE", "WORK"),
    "phoneMailing": ("PHONE", "MAILING"),
    "emailHome": ("EMAIL", "HOME"),
    "emailWork": ("EMAIL", "WORK"),
    "emailMailing": ("EMAIL", "MAILING"),
}
CHANGEABLE = ("typeId", "valueType", "value")
HAS = {"hasPhone": "PHONE", "hasEmail": "EMAIL"}

Multifield = dict[str, Any]
NextId = Callable[[], int]


def from_parameters(given: Any) -> list[Multifield]:
    """`{"15": {...}, "n0": {...}}` or an array; a number as the key is the entry's id."""
    if isinstance(given, dict):
        return [{"id": as_id(key), **entry} for key, entry in given.items() if isinstance(entry, dict)]
    return [entry for entry in given if isinstance(entry, dict)] if isinstance(given, list) else []


def as_id(key: Any) -> int | None:
    text = str(key)
    return int(text) if text.isascii() and text.isdigit() else None


def changed(known: list[Multifield], given: Iterable[Multifield], next_id: NextId) -> list[Multifield]:
    """The multifields after a change: entries with a known id are changed or, without a value, removed."""
    found: dict[int | None, Multifield] = {one["id"]: dict(one) for one in known}
    for entry in given:
        number = as_id(entry.get("id"))
        if number not in found:
            number = next_id()
            found[number] = {"id": number, "typeId": "", "valueType": "WORK", "value": ""}
        found[number] |= {key: str(entry[key]) for key in CHANGEABLE if entry.get(key) is not None}
    return [one for one in found.values() if one["value"] and one["typeId"] in KINDS]


def of_flat(given: dict[str, Any], next_id: NextId) -> list[Multifield]:
    """The multifields from flat telephone and e-mail fields."""
    found = [{"typeId": kind, "value": given[name]} for name, kind in FIRST_OF_KIND.items() if given.get(name)]
    return changed([], found, next_id)


def flat(multifields: list[Multifield]) -> dict[str, str]:
    """The fields that show the first value of a kind."""
    told = {name: first(multifields, kind) for name, kind in FIRST_OF_KIND.items()}
    told |= {name: first(multifields, kind, wanted) for name, (kind, wanted) in FIRST_OF_TYPE.items()}
    return told | {name: "Y" if first(multifields, kind) else "N" for name, kind in HAS.items()}


def first(multifields: list[Multifield], kind: str, value_type: str = "") -> str:
    wanted = (one for one in multifields if one["typeId"] == kind and value_type in ("", one["valueType"]))
    return next((str(one["value"]) for one in wanted), "")


def values(multifields: list[Multifield], kind: str) -> list[str]:
    return [str(one["value"]) for one in multifields if one["typeId"] == kind]
