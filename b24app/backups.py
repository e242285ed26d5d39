"""Backups: written while everything runs, and checked by restoring them to a separate database."""

import os
import shutil
import sqlite3
import subprocess
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from click import ClickException
from sqlalchemy import URL, Engine, func, make_url, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from b24app import revisions
from b24app.crypto import Vault
from b24app.db import connect
from b24app.machine_models import METADATA
from b24app.outages import cause_of
from b24app.revisions import Tables
from b24app.services.reports import database_checks, encryption_keys
from b24app.services.reports.health import Finding

SQLITE_MAGIC, PG_DUMP_MAGIC = b"SQLite format 3\0", b"PGDMP"


class BackupFailed(ClickException):
    """Why no backup was written, or why one cannot be checked, as one sentence."""


def back_up(engine: Engine, file: Path) -> str:
    """Write everything to a new file that only its owner may read; returns a sentence."""
    if file.exists():
        raise BackupFailed(f"{file} is there already: name another file.")
    part = file.with_name(f".{file.name}.part")
    try:
        part.touch(mode=0o600)
        (_copy_sqlite if engine.dialect.name == "sqlite" else _dump_postgresql)(engine, part)
        part.replace(file)
    except (OSError, sqlite3.Error) as failure:
        raise BackupFailed(f"{file} could not be written: {failure}.") from None
    finally:
        with suppress(OSError):
            part.unlink()
    return f"{file} has everything ({file.stat().st_size:,} bytes). Keep TOKEN_KEYS with it, in another place."


def check(database_url: str, token_keys: tuple[str, ...], file: Path) -> Iterator[Finding]:
    """Restore a backup to a separate database and check that Logbook could use it. Raises BackupFailed."""
    vault = Vault(token_keys)
    with _restored(database_url, file) as address:
        engine = connect(address, vault)
        try:
            with Session(engine) as session:
                yield from _examine(session, vault)
        except DBAPIError as failure:
            yield Finding(False, "The backup cannot be read: {}: {}.".format(*cause_of(failure)))
        finally:
            engine.dispose()


def _examine(session: Session, vault: Vault) -> Iterator[Finding]:
    revision = database_checks.revision(session)
    found = revisions.compare(revision)
    later = "; flask --app app db upgrade brings them up to date" if found is Tables.OLDER else ""
    yield Finding(found in {Tables.CURRENT, Tables.OLDER}, f"The tables are those of revision {revision}{later}.")
    if found is not Tables.CURRENT:
        return
    tables = METADATA.sorted_tables
    counted = ((table.name, session.scalar(select(func.count()).select_from(table))) for table in tables)
    yield Finding(True, "Rows: " + ", ".join(f"{name} {count:,}" for name, count in counted) + ".")
    yield encryption_keys.examine(session, vault)


def _copy_sqlite(engine: Engine, part: Path) -> None:
    with closing(sqlite3.connect(str(engine.url.database))) as source, closing(sqlite3.connect(part)) as target:
        source.backup(target)
        # A single file, without a write-ahead log beside it.
        target.execute("PRAGMA journal_mode=DELETE")
        if (said := target.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            raise BackupFailed(f"The database is damaged: {said}.")


def _dump_postgresql(engine: Engine, part: Path) -> None:
    _run("pg_dump", engine.url, "--format=custom", "--no-owner", f"--file={part}")


@contextmanager
def _restored(database_url: str, file: Path) -> Iterator[str]:
    """The address of a temporary database that holds the backup."""
    try:
        with file.open("rb") as source:
            magic = source.read(16)
    except OSError as failure:
        raise BackupFailed(f"{file} cannot be read: {failure.strerror}.") from None
    if magic == SQLITE_MAGIC:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{shutil.copy(file, folder)}"
    elif magic.startswith(PG_DUMP_MAGIC):
        with _restored_dump(make_url(database_url), file) as address:
            yield address
    else:
        raise BackupFailed(f"{file} is no backup: neither an SQLite file nor an archive of pg_dump.")


@contextmanager
def _restored_dump(url: URL, file: Path) -> Iterator[str]:
    if url.get_backend_name() != "postgresql":
        raise BackupFailed(f"{file} comes from PostgreSQL: set DATABASE_URL to a server that it can be restored on.")
    beside = url.set(database=f"logbook_check_{uuid.uuid4().hex[:12]}")
    _run("createdb", url, beside.database or "")
    try:
        _run("pg_restore", beside, "--no-owner", "--exit-on-error", f"--dbname={beside.database}", str(file))
        yield beside.render_as_string(hide_password=False)
    finally:
        _run("dropdb", url, "--if-exists", "--force", beside.database or "")


def _run(program: str, url: URL, *arguments: str) -> None:
    """Run one of PostgreSQL's programs. The address is passed in the environment, which hides the password."""
    if not shutil.which(program):
        raise BackupFailed(f"{program} is not installed: it comes with the client programs of PostgreSQL.")
    _, parameters = url.get_dialect()().create_connect_args(url)
    names = {"host": "PGHOST", "port": "PGPORT", "user": "PGUSER", "password": "PGPASSWORD", "dbname": "PGDATABASE"}
    environ = {variable: str(parameters[name]) for name, variable in names.items() if name in parameters}
    environ = {**os.environ, **environ}
    done = subprocess.run([program, *arguments], env=environ, capture_output=True, text=True, check=False)
    if done.returncode:
        raise BackupFailed(f"{program} has failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
