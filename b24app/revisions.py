"""The table revisions that this version knows, from the names of the migrations' files."""

import enum
from functools import cache
from pathlib import Path

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class Tables(enum.StrEnum):
    """How a database's tables compare with those that this version needs."""

    CURRENT = "current"
    MISSING = "missing"
    OLDER = "older"
    NEWER = "newer"
    UNKNOWN = "unknown"


@cache
def known() -> tuple[str, ...]:
    """All revisions, the oldest first."""
    return tuple(sorted(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))


def head() -> str:
    """The revision that this version needs."""
    return known()[-1]


def compare(revision: str | None) -> Tables:
    """Compare a database's revision, None if it has no tables, with this version's."""
    if revision is None:
        return Tables.MISSING
    if revision in known():
        return Tables.CURRENT if revision == head() else Tables.OLDER
    return Tables.NEWER if revision.isdecimal() and int(revision) > int(head()) else Tables.UNKNOWN
