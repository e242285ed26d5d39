"""The database: one engine for each process, one session for each piece of work."""

import sqlite3
import time
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any, cast

from sqlalchemy import (
    URL,
    ColumnElement,
    CursorResult,
    DateTime,
    Engine,
    Table,
    Update,
    create_engine,
    event,
    literal,
    make_url,
    select,
)
from sqlalchemy.engine.interfaces import DBAPIConnection, DBAPICursor
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from b24app.crypto import Vault, bind_vault
from b24app.storable_text import storable

# A database that is locked for longer counts as unavailable. A URL can set another limit: for SQLite with
# ?timeout=, for PostgreSQL with ?connect_timeout= and ?options=-c lock_timeout=.
WAIT_SECONDS = 10
IDLE_SECONDS = 1
# Marks a pooled connection whose commits do not wait for the disk.
UNSYNCED = "is_unsynced"


def connect(address: str, vault: Vault) -> Engine:
    """An engine that seals encrypted columns with ``vault``; SQLite is set to WAL with durable commits."""
    url = make_url(address)
    is_sqlite = url.get_backend_name() == "sqlite"
    # hide_parameters: exceptions of the database must not quote values.
    # pool_use_lifo: the connection that was used last has the freshest pages in its cache.
    engine = create_engine(_patient(url), hide_parameters=True, pool_use_lifo=True)
    bind_vault(engine.dialect, vault)
    if is_sqlite:
        _make_room_for_file(url)
    event.listen(engine, "connect", _prepare_sqlite if is_sqlite else _prepare_postgresql)
    # Events of the driver, since each connection would have to be told of events of the engine.
    event.listen(engine, "do_execute", _execute)
    event.listen(engine, "do_executemany", _execute_many)
    if is_sqlite:
        event.listen(engine, "checkin", _sync_again)
    else:
        _check_idle_connections(engine)
    return engine


def sessions(engine: Engine) -> sessionmaker[Session]:
    """A factory of sessions whose rows stay readable after a commit."""
    return sessionmaker(engine, expire_on_commit=False)


def insert_into(session: Session, table: type[DeclarativeBase]) -> Any:
    """An INSERT in the session's dialect, with ``on_conflict_do_update`` and ``on_conflict_do_nothing``."""
    return insert_for(session.get_bind().dialect.name, table)


def insert_for(dialect: str, table: type[DeclarativeBase] | Table) -> Any:
    """The same for a statement that is built once."""
    # Each dialect is imported only where it is used, since that takes long.
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)


def change(session: Session, statement: Update, values: Mapping[str, Any] | None = None) -> int:
    """Execute an UPDATE without refreshing the session's objects; returns how many rows it changed."""
    result = session.execute(statement, values, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount


def take_over(row: DeclarativeBase, facts: Mapping[str, Any]) -> None:
    """Set only the changed values of a row: SQLAlchemy checks every touched row before each statement."""
    for name, fact in facts.items():
        if getattr(row, name) != fact:
            setattr(row, name, fact)


class _DatabaseTime(FunctionElement[datetime]):
    """The database's current time in UTC, plus some seconds; on PostgreSQL not the transaction's start."""

    type = DateTime()
    inherit_cache = True


@compiles(_DatabaseTime, "sqlite")
def _sqlite_time(element: _DatabaseTime, compiler: SQLCompiler, **options: Any) -> str:
    # With as many digits as SQLAlchemy writes, since SQLite compares times as text.
    return f"strftime('%Y-%m-%d %H:%M:%f000', 'now', {compiler.process(element.clauses, **options)} || ' seconds')"


@compiles(_DatabaseTime, "postgresql")
def _postgresql_time(element: _DatabaseTime, compiler: SQLCompiler, **options: Any) -> str:
    seconds = compiler.process(element.clauses, **options)
    return f"(clock_timestamp() AT TIME ZONE 'UTC' + make_interval(secs => {seconds}))"


def database_time(seconds_later: float = 0) -> ColumnElement[Any]:
    """The database's time as SQL, for state shared by machines whose clocks may differ by minutes."""
    return _DatabaseTime(literal(float(seconds_later)))


def now(session: Session) -> datetime:
    """Query the database's time, as part of the open transaction."""
    moment = session.scalars(select(database_time())).one()
    return cast(datetime, moment).replace(tzinfo=UTC)


def let_go(session: Session) -> None:
    """Release the connection while waiting for something else; there must be no unsaved changes. Rows stay readable."""
    if transaction := session.get_transaction():
        transaction.close()


def skip_sync(session: Session) -> None:
    """Let the transaction that begins here be committed before the disk has it; call it before anything is written.

    Only a power failure can undo such a commit, not the end of a process; and only together with all later ones, since
    each synced commit takes the earlier ones along. Only on SQLite, since PostgreSQL's web clients wait without work.
    """
    if session.get_bind().dialect.name != "sqlite":
        return
    pooled = session.connection().connection
    driver = cast(sqlite3.Connection, pooled.driver_connection)
    # A script would commit what is written already. As a statement, it would be prepared only once, which is when
    # SQLite executes it. If it fails, so will what follows, and SQLAlchemy will say why.
    if not driver.in_transaction:
        with suppress(sqlite3.Error):
            driver.executescript("PRAGMA synchronous=NORMAL")
            pooled.info[UNSYNCED] = True


def is_over(
    moment: InstrumentedAttribute[datetime | None], now: datetime, longest_seconds: float
) -> ColumnElement[bool]:
    """Whether a deadline is over. One that is impossibly far ahead counts as over, too.

    It was set before the clock was set back.
    """
    return moment.is_(None) | (moment <= now) | (moment > now + 2 * timedelta(seconds=longest_seconds))


def has_passed(moment: InstrumentedAttribute[datetime | None], longest_seconds: float) -> ColumnElement[bool]:
    """The same as a condition on the database's time, without querying it first."""
    return moment.is_(None) | (moment <= database_time()) | (moment > database_time(2 * longest_seconds))


def _check_idle_connections(engine: Engine) -> None:
    """Ping a server only over connections that were idle for a moment; ``pool_pre_ping`` would at each use."""

    def note_return(_connection: object, record: ConnectionPoolEntry) -> None:
        record.info["returned_at"] = time.monotonic()

    def check(connection: DBAPIConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        if time.monotonic() - record.info.get("returned_at", time.monotonic()) < IDLE_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except engine.dialect.loaded_dbapi.Error as failure:
            # The others were connected to the same server: the pool makes new ones.
            raise InvalidatePoolError from failure

    event.listen(engine, "checkin", note_return)
    event.listen(engine, "checkout", check)


def _execute(cursor: DBAPICursor, statement: str, parameters: Any, _context: object) -> bool:
    """Execute a statement instead of SQLAlchemy, with parameters that the database can store."""
    cursor.execute(statement, storable(parameters))
    return True


def _execute_many(cursor: DBAPICursor, statement: str, parameters: Any, _context: object) -> bool:
    cursor.executemany(statement, storable(parameters))
    return True


def _patient(url: URL) -> URL:
    name = "timeout" if url.get_backend_name() == "sqlite" else "connect_timeout"
    return url if name in url.query else url.update_query_dict({name: str(WAIT_SECONDS)})


def _make_room_for_file(url: URL) -> None:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()


def _sync_again(connection: Any, record: ConnectionPoolEntry) -> None:
    """The end of ``skip_sync``: the connection goes back to the pool."""
    if not record.info.pop(UNSYNCED, False) or connection is None:
        return
    try:
        connection.executescript("PRAGMA synchronous=FULL")
    except sqlite3.Error:
        record.invalidate()


def _prepare_postgresql(connection: Any, _record: object) -> None:
    connection.execute(
        f"SELECT set_config('lock_timeout', '{WAIT_SECONDS}s', false) WHERE current_setting('lock_timeout') = '0'"
    )
    connection.commit()
