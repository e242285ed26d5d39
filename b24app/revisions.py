"""The revisions of the tables that this version knows, read off the names of the migrations' files."""

import enum
from functools import cache
from pathlib import Path

MIGRATIONS = Path(__file__).parent.parent / "migrations"


class Tables(enum.StrEnum):
    """The tables of a database, compared with those that this version works with."""

    CURRENT = "current"
    MISSING = "missing"
    OLDER = "older"
    NEWER = "newer"
    UNKNOWN = "unknown"


@cache
def known() -> tuple[str, ...]:
    """All revisions, the first one first; they are numbered."""
    return tuple(sorted(path.stem.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*_*.py")))


def head() -> str:
    """The revision that this version works with."""
    return known()[-1]


def compare(revision: str | None) -> Tables:
    """How a database's revision, None if it has no tables, compares with this version's."""
    if revision is None:
        return Tables.MISSING
    if revision in known():
        return Tables.CURRENT if revision == head() else Tables.OLDER
    return Tables.NEWER if revision.isdecimal() and int(revision) > int(head()) else Tables.UNKNOWN
