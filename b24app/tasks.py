"""The queue that wakes the worker, kept by Huey. The rows are the truth, so a lost message loses nothing."""

import logging
import sqlite3
import threading
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import make_url

from b24app.db import WAIT_SECONDS
from b24app.outages import QUEUE, Outages

if TYPE_CHECKING:
    from huey.storage import BaseStorage

log = logging.getLogger(__name__)

NAME = "logbook"
BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class Queue:
    """``wake`` is for whoever left an entry waiting; ``next_wake`` and ``renew`` are for the worker."""

    def __init__(self, database_url: str) -> None:
        self._url = make_url(database_url)
        self._opening = threading.Lock()
        self._storage: BaseStorage | None = None
        self._outages = Outages()

    def wake(self, portal_id: int) -> None:
        """Tell the worker that a portal's entry waits, once until it is received. If that fails, the sweep finds it."""
        try:
            storage = self._open()
            if storage.put_if_empty(_key(portal_id), b""):
                storage.enqueue(str(portal_id).encode())
        except Exception as failure:
            # A problem with the queue must not become a problem of the person who posts.
            # The worker's sweep delivers instead.
            self._outages.note(QUEUE, failure)
            self.close()
        else:
            self._outages.end(QUEUE)

    def next_wake(self) -> int | None:
        """The next portal in the queue; None if there is none, on PostgreSQL after a second. May raise anything."""
        storage = self._open()
        told = storage.dequeue()
        if told is None:
            return None
        text = bytes(told).decode(errors="replace")
        if not text.isdecimal():
            # Left behind by an earlier version; the sweep knows better.
            return self.next_wake()
        storage.pop_data(_key(int(text)))
        return int(text)

    def renew(self) -> None:
        """Replace a broken queue file, and drop messages that nobody has received. May raise anything."""
        try:
            self._open().flush_results()
        except sqlite3.DatabaseError as failure:
            if getattr(failure, "sqlite_errorcode", None) not in BROKEN:
                raise
            self._begin_another(str(failure))

    def problem(self) -> str:
        """Why the queue cannot be used; empty if it can."""
        try:
            self._open().queue_size()
        except Exception as failure:
            return type(failure).__name__
        return ""

    def close(self) -> None:
        """Close the queue's connection; the next use opens another."""
        if self._storage is not None:
            self._storage.close()

    def _begin_another(self, failure: str) -> None:
        path = self._path()
        log.error("the queue file is broken and was put aside", extra={"file": path, "code": failure})
        self.close()
        for ending in ("-wal", "-shm", ""):
            if (part := Path(f"{path}{ending}")).exists():
                part.replace(f"{path.with_suffix('.broken')}{ending}")
        self._open().initialize_schema()

    def _open(self) -> "BaseStorage":
        with self._opening:
            if self._storage is None:
                self._storage = self._make()
            return self._storage

    def _make(self) -> "BaseStorage":
        # Loaded by whoever uses the queue: it brings a driver for PostgreSQL along.
        from huey import PostgresHuey, SqliteHuey

        if self._url.get_backend_name() == "sqlite":
            return SqliteHuey(NAME, results=False, filename=str(self._path())).storage
        # Connects like SQLAlchemy itself, since a URL written out again may be read differently.
        _arguments, parameters = self._url.get_dialect()().create_connect_args(self._url)
        return PostgresHuey(NAME, results=False, **{"connect_timeout": WAIT_SECONDS, **parameters}).storage

    def _path(self) -> Path:
        return Path(f"{self._url.database}.queue")


def _key(portal_id: int) -> str:
    return f"told-of-{portal_id}"
