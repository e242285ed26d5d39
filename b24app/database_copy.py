"""Copies all rows to another database, such as from SQLite to PostgreSQL, and compares them afterwards.

Secrets are copied encrypted, even those that no key opens. The target gets everything in one transaction.
"""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from itertools import zip_longest
from typing import Any

from click import ClickException
from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Engine,
    Enum,
    MetaData,
    Select,
    String,
    Table,
    Text,
    func,
    insert,
    select,
    text,
)
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from b24app import migrating, revisions
from b24app.crypto import Encrypted
from b24app.machine_models import METADATA
from b24app.models import RunningWorker
from b24app.outages import cause_of
from b24app.revisions import Tables
from b24app.services.reports import database_checks, heartbeats

READ_AT_ONCE = 500
NOT_COPIED = {RunningWorker.__tablename__}


class NotCopied(ClickException):
    """Why nothing was copied, as one sentence; the target may have new, empty tables."""


def copy(source: Engine, target: Engine) -> Iterator[str]:
    """Copy everything, and yield a sentence for each table and at the end. Raises NotCopied."""
    if source.url == target.url:
        raise NotCopied("That is the database of DATABASE_URL itself.")
    tables = _as_stored()
    with _held(source, tables) as reading:
        _refuse_unfit(reading)
        migrating.upgrade(target)
        with target.begin() as writing:
            _refuse_filled(writing, tables)
            for table in tables:
                yield f"{table.name}: {_copy_table(reading, writing, table):,} rows"
            for table in tables:
                _compare(reading, writing, table)
            if target.dialect.name == "postgresql":
                _set_sequences(writing, tables)
    yield "Every row is there, and is the same as here. Set DATABASE_URL to the new address everywhere, then start."


def _as_stored() -> list[Table]:
    """The tables in the order of their foreign keys, with plain types that leave values unchanged."""
    stored = MetaData()
    for table in METADATA.sorted_tables:
        if table.name not in NOT_COPIED:
            table.to_metadata(stored)
    for table in stored.sorted_tables:
        for column in table.columns:
            column.type = _plain_type(column)
    return stored.sorted_tables


def _plain_type(column: Column[Any]) -> Any:
    if isinstance(column.type, Encrypted):
        return Text()
    if isinstance(column.type, Enum):
        return String(column.type.length)
    return JSON(none_as_null=True) if isinstance(column.type, JSON) else column.type


@contextmanager
def _held(source: Engine, tables: list[Table]) -> Iterator[Connection]:
    """Lock the source until the end: rows written later would be missing in the copy."""
    with source.connect() as connection:
        if source.dialect.name == "sqlite":
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        else:
            connection.exec_driver_sql(f"LOCK TABLE {', '.join(table.name for table in tables)} IN SHARE MODE")
        yield connection
        connection.rollback()


def _refuse_unfit(reading: Connection) -> None:
    session = Session(reading)
    if revisions.compare(database_checks.revision(session)) is not Tables.CURRENT:
        raise NotCopied("The tables here are of another version: run flask --app app db upgrade first.")
    alive = [str(worker) for worker in heartbeats.workers(session) if not worker.is_silent]
    if alive:
        raise NotCopied(f"A worker is running ({', '.join(alive)}): stop the workers and the web servers first.")


def _refuse_filled(writing: Connection, tables: list[Table]) -> None:
    filled = [table.name for table in tables if writing.scalar(select(func.count()).select_from(table))]
    if filled:
        raise NotCopied(f"The target is not empty: there are rows in {', '.join(filled)}.")


def _copy_table(reading: Connection, writing: Connection, table: Table) -> int:
    count = 0
    with closing(_read(reading, table)) as found:
        for rows in found.partitions(READ_AT_ONCE):
            _write(writing, table, rows)
            count += len(rows)
    return count


def _write(writing: Connection, table: Table, rows: Any) -> None:
    try:
        writing.execute(insert(table), [dict(row._mapping) for row in rows])
    except DBAPIError as failure:
        code, reason = cause_of(failure)
        raise NotCopied(f"{table.name}, in the {len(rows)} rows from {rows[0][0]} on: {code}: {reason}") from None


def _compare(reading: Connection, writing: Connection, table: Table) -> None:
    with closing(_read(reading, table)) as ours, closing(_read(writing, table)) as theirs:
        for here, there in zip_longest(ours, theirs):
            if here is None or there is None or tuple(here) != tuple(there):
                name = (here or there)[0]
                raise NotCopied(f"{table.name}: the row {name} is not the same in the copy, so nothing was kept of it.")


def _read(connection: Connection, table: Table) -> Any:
    statement: Select[Any] = select(table).order_by(*(_ordered(connection, key) for key in table.primary_key))
    return connection.execute(statement.execution_options(yield_per=READ_AT_ONCE))


def _ordered(connection: Connection, key: Column[Any]) -> Any:
    """Order texts by their bytes, as SQLite does; PostgreSQL would use the collation."""
    is_worded = connection.dialect.name == "postgresql" and isinstance(key.type, String)
    return key.collate("C") if is_worded else key


def _set_sequences(writing: Connection, tables: list[Table]) -> None:
    """Set the sequences past the copied rows, so that new rows get new numbers."""
    for table in tables:
        for key in table.primary_key:
            sequence = writing.scalar(text("SELECT pg_get_serial_sequence(:t, :c)"), {"t": table.name, "c": key.name})
            last = writing.scalar(select(func.max(key))) if sequence else None
            if last is not None:
                writing.execute(text("SELECT setval(:sequence, :last)"), {"sequence": sequence, "last": last})
