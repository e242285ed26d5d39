"""`make coverage` fails if too few branches are covered, however many lines are."""

import json
from pathlib import Path

import coverage
import pytest

from tests.house.branch_coverage import LEAST_PERCENT, main, percent

SOURCE = """
def sign(number):
    text = ""
    if number:
        text = "not zero"
    return text


for chosen in NUMBERS:
    sign(chosen)
"""


def report_of(folder: Path, numbers: str) -> Path:
    """The report of a module that calls a function with one branch for these numbers."""
    module = folder / "signs.py"
    module.write_text(SOURCE.replace("NUMBERS", numbers))
    measured = coverage.Coverage(data_file=None, branch=True, include=[str(module)], config_file=False)
    with measured.collect():
        exec(compile(module.read_text(), str(module), "exec"), {})  # noqa: S102
    measured.json_report(outfile=str(folder / "report.json"))
    return folder / "report.json"


def test_all_branches_are_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(report_of(tmp_path, "[0, 1]")) == 0
    assert capsys.readouterr().out == f"Branches alone: 100.00 %, at least {LEAST_PERCENT} % are required\n"


def test_all_lines_without_all_branches_are_not_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report = report_of(tmp_path, "[1]")
    totals = json.loads(report.read_text())["totals"]
    assert (totals["missing_lines"], percent(totals)) == (0, 75)
    assert main(report) == 1
    assert "1 branches are missing in" in capsys.readouterr().out
