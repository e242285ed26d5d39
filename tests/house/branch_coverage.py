"""Checks the branch coverage alone, which coverage.py can only check together with the lines.

``python -m tests.house.branch_coverage FILE`` reads a report of ``coverage json``; exits with 1 below LEAST_PERCENT.
"""

import json
import sys
from pathlib import Path

LEAST_PERCENT = 95
LISTED = 10


def percent(totals: dict[str, int]) -> float:
    """The share of the branches that were taken, of a file or of all."""
    return 100 * totals["covered_branches"] / totals["num_branches"] if totals["num_branches"] else 100


def main(report: Path) -> int:
    """Print the branch coverage and, if it is too low, the files that miss most; returns an exit code."""
    found = json.loads(report.read_text())
    reached = percent(found["totals"])
    print(f"Branches alone: {reached:.2f} %, at least {LEAST_PERCENT} % are required")  # noqa: T201
    if reached >= LEAST_PERCENT:
        return 0
    missing = {name: file["summary"]["missing_branches"] for name, file in found["files"].items()}
    for name in sorted(missing, key=lambda one: -missing[one])[:LISTED]:
        print(f"{missing[name]:>5} branches are missing in {name}")  # noqa: T201
    return 1


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
