"""Checks which encrypted values the keys of TOKEN_KEYS open, and encrypts everything again with the newest key.

Columns are found by their type ``Encrypted``, so none can be forgotten. The names of column and owner in a sealed value
stay.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Text, select, type_coerce, update
from sqlalchemy.orm import Session

from b24app.crypto import Encrypted, Vault
from b24app.db import change
from b24app.machine_models import METADATA

READ_AT_ONCE = 200


@dataclass
class Seals:
    """How many values only the newest key, an older one, or no key opens."""

    newest: int = 0
    older: int = 0
    lost: int = 0


def columns() -> list[Column[Any]]:
    """All encrypted columns; their tables have a single-column primary key."""
    tables = METADATA.sorted_tables
    return [column for table in tables for column in table.columns if isinstance(column.type, Encrypted)]


def count(session: Session, vault: Vault, most: int | None = None) -> Seals:
    """Try the keys on all values, or on the first and last ``most`` / 2 of each column."""
    seals = Seals()
    for column in columns():
        for _, sealed in _all(session, column) if most is None else _ends(session, column, most // 2):
            _count(seals, vault, sealed)
    return seals


def reseal(session: Session, vault: Vault) -> Seals:
    """Seal values of older keys with the newest one. Commits after each READ_AT_ONCE rows; can be resumed.

    ``older`` counts the values sealed again. Values that others replace meanwhile are newer and stay.
    """
    seals = Seals()
    for column in columns():
        (key,) = column.table.primary_key
        for number, sealed in _all(session, column):
            if (fresh := _count(seals, vault, sealed)) is not None:
                same = update(column.table).where(key == number, type_coerce(column, Text) == sealed)
                change(session, same.values({column: type_coerce(fresh, Text)}))
    return seals


def _count(seals: Seals, vault: Vault, sealed: str) -> str | None:
    """Count a value; returns it sealed with the newest key, if an older one sealed it."""
    if vault.is_newest(sealed):
        seals.newest += 1
        return None
    fresh = vault.renewed(sealed)
    if fresh is None:
        seals.lost += 1
    else:
        seals.older += 1
    return fresh


def _all(session: Session, column: Column[Any]) -> Iterator[tuple[int, str]]:
    """All primary keys and sealed values of a column, read in short transactions."""
    (key,) = column.table.primary_key
    last = -1
    while rows := _read(session, column, key > last, key.asc(), READ_AT_ONCE):
        yield from rows
        session.commit()
        last = rows[-1][0]
    session.commit()


def _ends(session: Session, column: Column[Any], most: int) -> list[tuple[int, str]]:
    (key,) = column.table.primary_key
    first, last = (_read(session, column, key > -1, order, most) for order in (key.asc(), key.desc()))
    return list(dict(first + last).items())


def _read(session: Session, column: Column[Any], where: Any, order: Any, most: int) -> list[tuple[int, str]]:
    (key,) = column.table.primary_key
    statement = select(key, type_coerce(column, Text)).where(column.is_not(None), where).order_by(order).limit(most)
    return [(number, sealed) for number, sealed in session.execute(statement)]
