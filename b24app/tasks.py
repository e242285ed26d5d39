"""The queue that wakes the worker, stored by Huey. The rows are the truth, so a lost message loses nothing."""

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
    """Wakes the worker: web requests call ``wake``, the worker calls ``next_wake`` and ``renew``."""

    def __init__(self, database_url: str) -> None:
        self._url = make_url(database_url)
        self._opening = threading.Lock()
        self._storage: BaseStorage | None = None
        self._outages = Outages()

    def wake(self, portal_id: int) -> None:
        """Notify the worker that a portal's entry waits, once until it is received. The sweep covers failures."""
        try:
            storage = self._open()
            if storage.put_if_empty(_key(portal_id), b""):
                storage.enqueue(str(portal_id).encode())
        except Exception as failure:
            # A broken queue must not affect the person who posts: the worker's sweep delivers instead.
            self._outages.note(QUEUE, failure)
            self.close()
        else:
            self._outages.end(QUEUE)

    def next_wake(self) -> int | None:
        """The next portal in the queue; None if there is none, on PostgreSQL after a second. May raise any error."""
        storage = self._open()
        told = storage.dequeue()
        if told is None:
            return None
        text = bytes(told).decode(errors="replace")
        if not text.isdecimal():
            # A message of an earlier version; the sweep finds the portal.
            return self.next_wake()
        storage.pop_data(_key(int(text)))
        return int(text)

    def renew(self) -> None:
        """Replace a broken queue file, and drop messages that nobody has received. May raise any error."""
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
        # Imported when the queue is used: it brings along a driver for PostgreSQL.
        from huey import PostgresHuey, SqliteHuey

        if self._url.get_backend_name() == "sqlite":
            return SqliteHuey(NAME, results=False, filename=str(self._path())).storage
        # Uses SQLAlchemy's own parameters, since Huey may read a URL differently.
        _arguments, parameters = self._url.get_dialect()().create_connect_args(self._url)
        return PostgresHuey(NAME, results=False, **{"connect_timeout": WAIT_SECONDS, **parameters}).storage

    def _path(self) -> Path:
        return Path(f"{self._url.database}.queue")


def _key(portal_id: int) -> str:
    return f"told-of-{portal_id}"
