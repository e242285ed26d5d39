"""Writes CSV tables, and defuses cells that spreadsheets would take for formulas. Pure."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

BYTE_ORDER_MARK = "\ufeff"
# Spreadsheets take a cell that begins like this for a formula and execute it; an apostrophe makes it text. If they use
# another separator than we do, a cell can begin after any of those, or after a quote.
SIGNS, GAP = r"=+\-@＝＋－＠", r"""\s;,|"'"""
STARTS_LIKE_FORMULA = re.compile(rf"""[\s"']*+[{SIGNS}]|[\t\r\n]""")
INNER_FORMULA = re.compile(rf"(?<![{GAP}])([{GAP}]++)([{SIGNS}])")

Line = dict[str, Any]


class Echo:
    """A file object whose ``write`` returns what is written."""

    def write(self, text: str) -> str:
        return text


def csv_lines(columns: Sequence[str], lines: Iterable[Line]) -> Iterator[str]:
    """The lines of a table; the first one names the columns."""
    writer = csv.DictWriter(Echo(), columns)
    yield BYTE_ORDER_MARK
    yield writer.writeheader()
    for line in lines:
        yield writer.writerow({name: defused(cell) for name, cell in line.items()})


def defused(cell: object) -> object:
    """A cell that no spreadsheet takes for a formula, even if it splits the cell at another separator."""
    if not isinstance(cell, str):
        return cell
    inner = INNER_FORMULA.sub(_behind_gap, cell)
    return f"'{inner}" if STARTS_LIKE_FORMULA.match(cell) else inner


def _behind_gap(found: re.Match[str]) -> str:
    """Put an apostrophe before the sign, unless only spaces separate it from the text before."""
    gap, sign = found.groups()
    return f"{gap}'{sign}" if gap.strip(" \xa0") else found[0]
