"""The database: one engine for a process, one session for a piece of work."""

from pathlib import Path
from typing import Any, cast

from sqlalchemy import CursorResult, Engine, Update, create_engine, event, make_url
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase, Session, sessionmaker

from b24app.crypto import Vault, bind_vault

SQLITE_BUSY_SECONDS = 15


def connect(url: str, vault: Vault) -> Engine:
    """An engine that seals encrypted columns with ``vault``; SQLite is set to WAL with durable commits."""
    is_sqlite = make_url(url).get_backend_name() == "sqlite"
    options: dict[str, Any] = (
        {"connect_args": {"timeout": SQLITE_BUSY_SECONDS}} if is_sqlite else {"pool_pre_ping": True}
    )
    # hide_parameters: an exception of the database must not quote what was written.
    engine = create_engine(url, hide_parameters=True, **options)
    bind_vault(engine.dialect, vault)
    if is_sqlite:
        _make_room_for_file(url)
        event.listen(engine, "connect", _prepare_sqlite)
    return engine


def sessions(engine: Engine) -> sessionmaker[Session]:
    """A factory of sessions whose rows stay readable after a commit."""
    return sessionmaker(engine, expire_on_commit=False)


def insert_into(session: Session, table: type[DeclarativeBase]) -> Any:
    """An INSERT that can be told ``on_conflict_do_update`` or ``on_conflict_do_nothing``, in the dialect in use."""
    is_sqlite = session.get_bind().dialect.name == "sqlite"
    return (sqlite if is_sqlite else postgresql).insert(table)


def change(session: Session, statement: Update) -> int:
    """Execute an UPDATE past the rows that the session holds; answers how many rows it changed."""
    result = session.execute(statement.execution_options(synchronize_session=False))
    return cast("CursorResult[Any]", result).rowcount


def _make_room_for_file(url: str) -> None:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)


def _prepare_sqlite(connection: Any, _record: object) -> None:
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode=WAL")
    cursor.execute("PRAGMA synchronous=FULL")
    cursor.execute("PRAGMA foreign_keys=ON")
    cursor.execute("PRAGMA secure_delete=ON")
    cursor.close()
