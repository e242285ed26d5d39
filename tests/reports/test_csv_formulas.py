"""Exported tables, opened by LibreOffice with any separator: no cell is a formula."""

import random
import re
import subprocess
from pathlib import Path

import pytest

from b24app.services.reports.csv_tables import csv_lines

COLUMNS = ("title", "text")
# What may be in a cell, put together at random; each seed finds other neighbours.
PIECES = [*"=+-@;,|\t\n\r\"' ", "\r\n", "=1+1", "Call", '""', ";=2+2;", "＝3+3", "\x0b", "\x85", "\u2028"]
HOSTILE = [
    "Call;=1+1;x",
    "a\t=1+1",
    "a\n=1+1",
    'a;"=1+1"',
    "a,=1+1",
    'a";=1+1',
    '";=1+1',
    "; =1+1",
    "'=1+1",
    '"=1+1"',
    '\n"\n=1+1',
]
SEPARATORS = {"semicolons": "59", "everything": "44/59/9/124"}
FORMULA = re.compile(r'table:formula="([^"]*)"')


def rows() -> list[tuple[str, str]]:
    chance = random.Random(8)  # noqa: S311 - the same cells in each run
    cells = [*HOSTILE, *("".join(chance.choices(PIECES, k=chance.randint(1, 9))) for _ in range(600))]
    return list(zip(cells, reversed(cells), strict=True))


def formulas(folder: Path, separators: str, *names: str) -> list[list[str]]:
    """The formulas that LibreOffice sees in each of these files."""
    command = ["soffice", "--headless", "--norestore", f"-env:UserInstallation={(folder / 'profile').as_uri()}"]
    command += ["--convert-to", "fods", f"--infilter=CSV:{separators},34,76,1", "--outdir", str(folder / "read")]
    subprocess.run([*command, *(str(folder / name) for name in names)], check=True, capture_output=True, timeout=90)
    return [FORMULA.findall((folder / "read" / name).with_suffix(".fods").read_text()) for name in names]


@pytest.mark.parametrize("separators", SEPARATORS)
def test_no_cell_is_a_formula(tmp_path: Path, separators: str) -> None:
    written = "".join(csv_lines(COLUMNS, ({"title": title, "text": text} for title, text in rows())))
    (tmp_path / "ours.csv").write_text(written, newline="")
    # So that this test would see one.
    (tmp_path / "theirs.csv").write_text("title;text\nCall;=1+1\n", newline="")
    ours, theirs = formulas(tmp_path, SEPARATORS[separators], "ours.csv", "theirs.csv")
    assert theirs == ["of:=1+1"]
    assert ours == []
