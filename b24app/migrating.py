"""Migrates the tables: one process at a time, all or nothing."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from click import ClickException
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from b24app import revisions
from b24app.outages import is_locked
from b24app.revisions import MIGRATIONS, Tables
from b24app.services.reports import database_checks

log = logging.getLogger(__name__)

# The number of an advisory lock in PostgreSQL; arbitrary, but fixed.
LOCK = 2_024_112_500


class NotMigrated(ClickException):
    """Why the tables were left unchanged, as one sentence."""


def settings(connection: Connection | None = None) -> Config:
    """Alembic's settings: the migrations under ``migrations/``, on this connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def upgrade(engine: Engine, revision: str = "head") -> str:
    """Create or migrate the tables; returns a sentence. Raises NotMigrated for tables of another version."""
    with alone(engine) as connection:
        before = _current(connection)
        found = revisions.compare(before)
        if found in {Tables.NEWER, Tables.UNKNOWN}:
            raise NotMigrated(
                f"The tables are those of revision {before}, which this version does not know (it ends with "
                f"{revisions.head()}): migrate with the version that made them. Nothing was changed."
            )
        command.upgrade(settings(connection), revision)
        return _said(before, _current(connection))


def downgrade(engine: Engine, revision: str) -> str:
    """Go back to a revision; returns a sentence."""
    with alone(engine) as connection:
        before = _current(connection)
        command.downgrade(settings(connection), revision)
        return f"The tables were those of revision {before}, and are now those of {_current(connection) or 'none'}."


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that waits for any other migration, and is rolled back on failure."""
    with engine.connect() as connection:
        (_lock_sqlite if engine.dialect.name == "sqlite" else _lock_postgresql)(connection)
        yield connection
        connection.commit()


def _lock_sqlite(connection: Connection) -> None:
    # SQLite's driver begins no transaction for DDL; this one also keeps others from writing.
    while True:
        try:
            connection.exec_driver_sql("BEGIN IMMEDIATE")
        except OperationalError as failure:
            if not is_locked(failure):
                raise
            log.warning("another process is writing to the database; waiting for it")
            connection.rollback()
        else:
            return


def _lock_postgresql(connection: Connection) -> None:
    if connection.scalar(text("SELECT pg_try_advisory_xact_lock(:lock)"), {"lock": LOCK}):
        return
    log.warning("another migration is under way; waiting for it")
    connection.execute(text("SET LOCAL lock_timeout = 0"))
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    connection.execute(text("SET LOCAL lock_timeout TO DEFAULT"))


def _current(connection: Connection) -> str | None:
    return database_checks.revision(Session(connection))


def _said(before: str | None, after: str | None) -> str:
    if before == after:
        return f"The tables are those of revision {after} already; nothing was changed."
    scripts = ScriptDirectory(str(MIGRATIONS)).iterate_revisions(after, before or "base")
    done = [f"  {script.revision} {script.doc}" for script in scripts][::-1]
    start = f"The tables were those of revision {before}" if before else "There were no tables"
    return "\n".join([f"{start}, and are now those of {after}:", *done])
