"""The operators of list filters: a field's value against the value of a condition."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

Comparable = str | float | None
Test = Callable[[Comparable, list[Comparable]], bool]

TEXT_TYPES = ("string", "text", "char", "crm_status", "crm_currency", "boolean", "file")
TIME_TYPES = ("datetime", "date")


class InvalidValue(Exception):
    """A condition's value does not fit the type of its field."""


def comparable(value: Any, type_name: str, zone: ZoneInfo) -> Comparable:
    """A value converted for comparison; None for an empty one."""
    if value is None or value == "" or isinstance(value, (dict, list)):
        return None
    if type_name == "boolean":
        return "y" if str(value).lower() in ("y", "1", "true") else "n"
    if type_name in TIME_TYPES:
        return seconds(str(value), zone)
    if type_name in TEXT_TYPES:
        return str(value).casefold()
    try:
        return float(value)
    except (ValueError, OverflowError):
        raise InvalidValue from None


def seconds(text: str, zone: ZoneInfo) -> float:
    """An ISO date or time in seconds since 1970, by default in the portal's zone."""
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).timestamp()
    except (ValueError, OverflowError):
        raise InvalidValue from None


def equals(value: Comparable, wanted: list[Comparable]) -> bool:
    return value in wanted


def ordered(compare: Callable[[float, float], bool]) -> Test:
    """A comparison of two values; empty values never match."""

    def test(value: Comparable, wanted: list[Comparable]) -> bool:
        return value is not None and any(one is not None and compare(value, one) for one in wanted)  # type: ignore[arg-type]

    return test


def contains(value: Comparable, wanted: list[Comparable]) -> bool:
    return value is not None and any(str(one or "") in str(value) for one in wanted)


def like(value: Comparable, wanted: list[Comparable]) -> bool:
    """Whether a value matches a pattern, in which `%` stands for any text."""
    return value is not None and any(pattern(str(one or "")).fullmatch(str(value)) for one in wanted)


def pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("%")), re.DOTALL)


POSITIVE: dict[str, Test] = {
    "": equals,
    "=": equals,
    "@": equals,
    ">": ordered(lambda value, wanted: value > wanted),
    ">=": ordered(lambda value, wanted: value >= wanted),
    "<": ordered(lambda value, wanted: value < wanted),
    "<=": ordered(lambda value, wanted: value <= wanted),
    "%": contains,
    "=%": like,
    "%=": like,
}
NEGATIVE: dict[str, Test] = {"!": equals, "!=": equals, "!@": equals, "!%": contains, "!=%": like, "!%=": like}
PREFIXES = sorted([*POSITIVE, *NEGATIVE], key=len, reverse=True)
TEXT_PREFIXES = ("%", "=%", "%=", "!%", "!=%", "!%=")


def split(key: str) -> tuple[str, str]:
    """Splits `>=opportunity` into the prefix `>=` and the name `opportunity`."""
    prefix = next(one for one in PREFIXES if key.startswith(one))
    return prefix, key[len(prefix) :]


def matches(prefix: str, values: list[Comparable], wanted: list[Comparable]) -> bool:
    """Whether a field's value meets the condition, or with a negative prefix none does."""
    if prefix in NEGATIVE:
        return not any(NEGATIVE[prefix](value, wanted) for value in values)
    return any(POSITIVE[prefix](value, wanted) for value in values)
