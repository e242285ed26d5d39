"""Sealed values and the keys of TOKEN_KEYS: which of them open, and sealing everything again with the newest key.

Every column of type ``Encrypted`` is found by its type, so no table can be forgotten. A seal is opened and made anew as
it is: what it says of column and owner stays.
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
    """How many values the newest key opens, how many only an older one, and how many none."""

    newest: int = 0
    older: int = 0
    lost: int = 0


def columns() -> list[Column[Any]]:
    """All sealed columns; their tables have a key of one column."""
    tables = METADATA.sorted_tables
    return [column for table in tables for column in table.columns if isinstance(column.type, Encrypted)]


def count(session: Session, vault: Vault, most: int | None = None) -> Seals:
    """Try the keys on all values, or on so many of each column: half of them the first, half the last."""
    seals = Seals()
    for column in columns():
        for _, sealed in _all(session, column) if most is None else _ends(session, column, most // 2):
            _count(seals, vault, sealed)
    return seals


def reseal(session: Session, vault: Vault) -> Seals:
    """Seal with the newest key whatever an older one has sealed. Commits after each READ_AT_ONCE; can be resumed.

    ``older`` counts what was sealed again. A value that somebody replaces meanwhile is newer and is kept.
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
    """Returns the value sealed with the newest key, if an older one has sealed it."""
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
    """Keys and sealed values, in short transactions."""
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
