"""Keyset pagination: long lists, latest first, where every page costs the same.

Rows found by an index are read in steps; other conditions, such as text, are checked row by row, up to a limit.
"""

import heapq
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Row, Select, cast, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

SHOWN = 20
# A page checks at most this many rows; then it ends early, and the next page continues from there.
LOOKED_AT = 20_000
FIRST_STEP, LONGEST_STEP = SHOWN + 1, 500

Found = Row[*tuple[Any, ...]]
Statement = Select[*tuple[Any, ...]]
Column = InstrumentedAttribute[Any]


@dataclass(frozen=True)
class Lead:
    """The leading columns of an ordered index with their values, before the key."""

    columns: tuple[Column, ...]
    values: tuple[Any, ...]

    def also(self, column: Column, value: Any) -> "Lead":
        """This lead with another column."""
        return Lead((*self.columns, column), (*self.values, value))

    def narrow(self, session: Session, statement: Statement, key: Column, before: int | None = None) -> Statement:
        """Restrict a statement to the lead's rows before ``before``, by descending key."""
        return self.narrow_for(session.get_bind().dialect.name, statement, key, before)

    def narrow_for(self, dialect: str, statement: Statement, key: Column, before: int | None = None) -> Statement:
        """The same for a statement that is built once; its values may be bind parameters."""
        if dialect == "sqlite":
            equal = (column == value for column, value in zip(self.columns, self.values, strict=True))
            rest = () if before is None else (key < before,)
            return statement.where(*equal, *rest).order_by(key.desc())
        return self._narrow_as_one(statement, key, before)

    def _narrow_as_one(self, statement: Statement, key: Column, before: int | None) -> Statement:
        """Compare columns and key as one row value, which only the right index has in order.

        With equality conditions, PostgreSQL may use the primary key, which is in order, too, and read all newer rows.
        SQLite would not use all columns of the index for a row value.
        """
        values = [_typed(value, column) for value, column in zip(self.values, self.columns, strict=True)]
        place, sought = tuple_(*self.columns), tuple_(*values)
        end = place <= sought
        if before is not None:
            end = tuple_(*self.columns, key) < tuple_(*values, literal(before, key.type))
        return statement.where(place >= sought, end).order_by(*(one.desc() for one in (*self.columns, key)))


def _typed(value: Any, column: Column) -> ColumnElement[Any]:
    return cast(value, column.type) if isinstance(value, BindParameter) else literal(value, column.type)


@dataclass(frozen=True)
class Page:
    """``next_key`` is where the next page begins, None on the last; ``is_cut`` if the limit ended this page early."""

    rows: list[Found]
    next_key: int | None = None
    is_cut: bool = False

    @property
    def ids(self) -> list[int]:
        return [row.id for row in self.rows]


def walk(
    session: Session, statement: Statement, leads: Iterable[Lead], key: Column, before: int | None = None
) -> Iterator[Found]:
    """The rows of all leads, merged by descending ``key``, which is called ``id``.

    Commits after each step, so that long reads block nobody.
    """
    return heapq.merge(*(_steps(session, statement, lead, key, before) for lead in leads), key=lambda row: -int(row.id))


def cut(rows: Iterable[Found], is_wanted: Callable[[Found], bool]) -> Page:
    """The next page of matching rows."""
    found: list[Found] = []
    for looked_at, row in enumerate(rows, 1):
        if is_wanted(row):
            if len(found) == SHOWN:
                return Page(found, found[-1].id)
            found.append(row)
        if looked_at == LOOKED_AT:
            return Page(found, row.id, is_cut=True)
    return Page(found)


def count(session: Session, statement: Statement, lead: Lead, key: Column, most: int) -> int:
    """How many rows there are, at most ``most`` + 1."""
    counted = lead.narrow(session, statement, key).limit(most + 1).subquery()
    return session.scalar(select(func.count()).select_from(counted)) or 0


def _steps(session: Session, statement: Statement, lead: Lead, key: Column, before: int | None) -> Iterator[Found]:
    """Read rows in steps, short ones first, since most readers need only one page."""
    length = FIRST_STEP
    while True:
        rows = session.execute(lead.narrow(session, statement, key, before).limit(length)).all()
        session.commit()
        yield from rows
        if len(rows) < length:
            return
        before, length = rows[-1].id, LONGEST_STEP
