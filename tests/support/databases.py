"""The databases of tests: each test has an empty one, or one in which Logbook is installed already."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tests.support.postgresql import PostgreSql


class Databases(Protocol):
    """One database at a time, always at the same address, so that the application need not be made again for it."""

    def create(self, *, is_installed: bool) -> str:
        """The address of a copy of the migrated database, or of the one that was kept."""

    def keep(self) -> None:
        """Take the database away, and keep it to be copied. Nothing may be connected to it."""

    def drop(self) -> None:
        """Delete the database."""


@dataclass(frozen=True)
class SqliteFiles:
    """Files beside each other: the one of the test, and those that it is copied from."""

    path: Path
    migrated: Path

    @property
    def kept(self) -> Path:
        return self.path.with_name("kept.db")

    def create(self, *, is_installed: bool) -> str:
        shutil.copy(self.kept if is_installed else self.migrated, self.path)
        return f"sqlite:///{self.path}"

    def keep(self) -> None:
        self.path.rename(self.kept)
        self.drop()

    def drop(self) -> None:
        for part in self.path.parent.glob(f"{self.path.stem}.*"):
            part.unlink()


@dataclass(frozen=True)
class PostgreSqlDatabases:
    """Databases of one server, by their names."""

    server: PostgreSql
    name: str
    migrated: str

    @property
    def kept(self) -> str:
        return f"kept_{self.name}"

    def create(self, *, is_installed: bool) -> str:
        return self.server.copy(self.kept if is_installed else self.migrated, self.name)

    def keep(self) -> None:
        self.server.connection.execute(f'DROP DATABASE IF EXISTS "{self.kept}"')
        self.server.connection.execute(f'ALTER DATABASE "{self.name}" RENAME TO "{self.kept}"')

    def drop(self) -> None:
        self.server.drop(self.name)
