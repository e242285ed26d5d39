"""Filter, order, select and pages of all list methods."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from ..crm.names import upper_name
from ..errors import ApiError
from .comparisons import TEXT_PREFIXES, Comparable, InvalidValue, comparable, matches, split
from .envelope import Page
from .parameters import MAX_DEPTH, is_true, mapping, to_integer

PAGE = 50
DIRECTIONS = ("ASC", "DESC")

Row = Mapping[str, Any]
Test = Callable[[Row], bool]


@dataclass(frozen=True, slots=True)
class Listing:
    """The rules of a list: `types` by field name; a strict one refuses unknown names."""

    types: Mapping[str, str]
    zone: ZoneInfo
    is_strict: bool = True

    def chosen(self, rows: Sequence[Row], parameters: Mapping[str, Any]) -> list[Row]:
        """The rows that match `filter`, sorted by `order`."""
        passes = self.all_of(mapping(parameters.get("filter")))
        return self.ordered([row for row in rows if passes(row)], mapping(parameters.get("order")))

    def ordered(self, rows: list[Row], order: Mapping[str, Any]) -> list[Row]:
        """Sorted by the first key, then the next; empty values come first in ascending order."""
        for key, direction in reversed(list(order.items())):
            name = self.name_of(key, "order")
            descends = self.descends(key, direction)
            if name:
                rows = sorted(rows, key=lambda row: sort_key(self.values_of(row, name)), reverse=descends)
        return rows

    def descends(self, key: str, direction: Any) -> bool:
        word = str(direction).upper()
        if word not in DIRECTIONS and self.is_strict:
            allowed = ", ".join(DIRECTIONS)
            raise invalid("order", f"allowed sort directions are `{allowed}`. But got '{direction}' for field '{key}'")
        return word == "DESC"

    def all_of(self, conditions: Mapping[str, Any], depth: int = 0) -> Test:
        """A test for a group of conditions, which may be nested; its key `logic` may be OR."""
        if depth > MAX_DEPTH:
            return self.senseless("it is nested too deeply")
        tests = [self.test_of(key, value, depth) for key, value in conditions.items() if key.lower() != "logic"]
        logic = next((str(value) for key, value in conditions.items() if key.lower() == "logic"), "AND")
        if logic.upper() == "OR" and tests:
            return lambda row: any(test(row) for test in tests)
        return lambda row: all(test(row) for test in tests)

    def test_of(self, key: str, value: Any, depth: int) -> Test:
        if key.isdigit():
            return self.all_of(mapping(value), depth + 1)
        prefix, given = split(key)
        name = self.name_of(given, "filter")
        if not name:
            return lambda row: True
        try:
            wanted = self.wanted(prefix, name, value)
        except InvalidValue:
            return self.senseless(f"field '{name}' has invalid value")
        return lambda row: matches(prefix, self.values_of(row, name, prefix), wanted)

    def senseless(self, words: str) -> Test:
        """The test for an invalid condition: strict lists refuse it, others find nothing."""
        if self.is_strict:
            raise invalid("filter", words)
        return lambda row: False

    def wanted(self, prefix: str, name: str, value: Any) -> list[Comparable]:
        """The values of a condition; an array matches by any of them."""
        values = list(mapping(value).values()) if isinstance(value, (dict, list)) else [value]
        return [comparable(one, self.type_of(name, prefix), self.zone) for one in values]

    def values_of(self, row: Row, name: str, prefix: str = "") -> list[Comparable]:
        value = row.get(name)
        values = value if isinstance(value, list) else [value]
        return [comparable(one, self.type_of(name, prefix), self.zone) for one in values] or [None]

    def type_of(self, name: str, prefix: str) -> str:
        """The type for comparing a field; text searches compare fields as text."""
        return "string" if prefix in TEXT_PREFIXES else self.types[name]

    def name_of(self, given: str, where: str) -> str:
        """The field with this name, also in capitals; empty for an unknown one, which is ignored."""
        if given in self.types:
            return given
        found = next((name for name in self.types if upper_name(name) == given), "")
        if not found and self.is_strict:
            raise invalid(where, f"field '{given}' is not allowed in {where}")
        return found


def invalid(where: str, words: str) -> ApiError:
    return ApiError("INVALID_ARG_VALUE", f"Invalid {where}: {words}")


def sort_key(values: list[Comparable]) -> tuple[bool, Any]:
    value = values[0]
    return (value is not None, value or 0 if value is None else value)


def selected(row: Row, select: Any, masks: Sequence[str] = ("*",)) -> dict[str, Any]:
    """A row with the selected fields; all for `*` and without a selection."""
    names = {str(name) for name in mapping(select).values()} if isinstance(select, (dict, list)) else set()
    if not names or names & set(masks):
        return dict(row)
    return {name: value for name, value in row.items() if name in names or upper_name(name) in names}


def page_of(rows: Sequence[Any], start: Any, size: int = PAGE) -> Page:
    """One page and where the next one starts; with `start` -1 nothing is counted."""
    first = to_integer(start or 0) or 0
    if first < 0:
        return Page(list(rows[:size]), 0)
    following = first + size if first + size < len(rows) else None
    return Page(list(rows[first : first + size]), len(rows), following)


def array(parameters: Mapping[str, Any], name: str) -> dict[str, Any]:
    """A map parameter of the older methods, which refuse anything else."""
    value = parameters.get(name)
    if is_true(value) and not isinstance(value, (dict, list)):
        raise ApiError("", f"Parameter '{name.lower()}' must be array.")
    return mapping(value)
