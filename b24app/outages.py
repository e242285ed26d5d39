"""Outages of the database or the queue, which are logged once a minute however often they are noticed."""

import logging
import sqlite3
import threading
import time
from collections.abc import Callable

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

log = logging.getLogger(__name__)

DATABASE = "the database"
QUEUE = "the queue"
SAID_AGAIN_SECONDS = 60
LONGEST_REASON = 200
READ_ONLY = "25006"

# SQLite's errors that are about its file rather than a statement.
OF_FILE = {
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_CORRUPT,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_NOTADB,
}


class Outages:
    """Remembers which outages were logged, and when."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._said_at: dict[str, float] = {}
        self._is_told: set[str] = set()

    def note(self, what: str, failure: Exception) -> None:
        """Log that ``what`` cannot be used, at most once a minute."""
        with self._lock:
            now = self._clock()
            if now - self._said_at.get(what, -SAID_AGAIN_SECONDS) < SAID_AGAIN_SECONDS:
                return
            self._said_at[what] = now
            self._is_told.add(what)
        code, reason = cause_of(failure)
        log.error("%s cannot be used; waiting for it", what, extra={"code": code, "reason": reason})

    def end(self, what: str) -> None:
        """Log that ``what`` can be used again, if an outage was logged."""
        with self._lock:
            was_told = what in self._is_told
            self._is_told.discard(what)
        if was_told:
            log.warning("%s can be used again", what)


def cause_of(failure: Exception) -> tuple[str, str]:
    """The class of the driver's error, and the first line of its message."""
    cause = getattr(failure, "orig", None) or failure
    return type(cause).__name__, (str(cause).splitlines() or [""])[0][:LONGEST_REASON]


def is_locked(failure: DBAPIError) -> bool:
    """Whether another process has locked the SQLite file."""
    return getattr(failure.orig, "sqlite_errorcode", 0) & 0xFF in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}


def is_outage(failure: Exception) -> bool:
    """Whether the database as a whole is temporarily unavailable; any other error is our own bug."""
    if not isinstance(failure, DBAPIError):
        return False
    code = getattr(failure.orig, "sqlite_errorcode", None)
    if code is not None:
        return code & 0xFF in OF_FILE
    is_out = isinstance(failure, OperationalError | InterfaceError) or is_read_only(failure)
    return failure.connection_invalidated or is_out


def is_read_only(failure: DBAPIError) -> bool:
    """Whether the PostgreSQL server is a read-only replica, as after a switch to another server."""
    return getattr(failure.orig, "sqlstate", "") == READ_ONLY
