"""A PostgreSQL server of its own, for tests and benchmarks."""

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg.rows import TupleRow
from sqlalchemy import URL

from tests.support.folders import until_exit

# pgserver asks for such a folder while it is imported, and warns where a machine has none.
if "XDG_RUNTIME_DIR" not in os.environ:
    os.environ["XDG_RUNTIME_DIR"] = until_exit("run")

MEMORY = Path("/dev/shm")
ENOUGH_MEMORY = 2 * 1024**3
# What waits for the disk, which took half of the tests' time, and what makes their time vary.
CARELESS = ("fsync", "synchronous_commit", "full_page_writes", "autovacuum")


@dataclass(frozen=True)
class PostgreSql:
    """A running server; ``{}`` in its address stands for a database's name."""

    address: str
    connection: psycopg.Connection[TupleRow]
    folder: Path
    user: str | None

    def copy(self, template: str, name: str) -> str:
        """The address of a new database that is like another one."""
        self.connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY')
        return self.address.format(name)

    def drop(self, name: str) -> None:
        self.connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')

    def end_connections(self, address: URL) -> None:
        """To a database, as where a network fails; answers when they are gone."""
        end = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = %s"
        self.connection.execute(end, [address.database])

    @property
    def process(self) -> int:
        """The number of the server's first process, another one after each restart."""
        return int((self.folder / "postmaster.pid").read_text().split()[0])

    def restart(self) -> None:
        """As an operator would: all connections are closed, ``connection`` too."""
        # pgserver makes its commands while it is imported, so that no type checker sees them.
        from pgserver._commands import pg_ctl  # type: ignore[attr-defined]

        pg_ctl(["-w", "-m", "fast", "restart"], pgdata=self.folder, user=self.user, timeout=60)


@contextmanager
def serving(*, is_careless: bool) -> Iterator[PostgreSql]:
    """A careless one is in memory and would not survive a power cut, which is all that tests need."""
    from pgserver.postgres_server import get_server

    folder = tempfile.mkdtemp(prefix="logbook-pg-", dir=memory() if is_careless else None)
    server = get_server(folder, cleanup_mode="stop")
    with psycopg.connect(f"postgresql://postgres:@/postgres?host={folder}", autocommit=True) as connection:
        for name in CARELESS if is_careless else ():
            connection.execute(f"ALTER SYSTEM SET {name} = off")
        connection.execute("SELECT pg_reload_conf()")
        address = f"postgresql+psycopg://postgres:@/{{}}?host={folder}"
        yield PostgreSql(address, connection, Path(folder), server.system_user)
    server.cleanup()
    shutil.rmtree(folder, ignore_errors=True)


def memory() -> Path | None:
    """A folder that never waits for a disk; None where there is none with enough room."""
    return MEMORY if MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ENOUGH_MEMORY else None
