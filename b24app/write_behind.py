"""Writes rows a moment later, those of many requests in one transaction; for logs, on which nothing depends.

A process that ends writes its remaining rows; one that is killed loses the rows of its last second.
"""

import atexit
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary, ref

from sqlalchemy import Engine, exc
from sqlalchemy.orm import Session

from b24app.outages import is_outage

log = logging.getLogger(__name__)

Row = dict[str, Any]
Write = Callable[[Session, list[Row]], None]
LATEST_SECONDS = 1.0
# The most rows held during an outage of the database; the oldest are dropped first.
MOST_ROWS = 2000
# A row may refer to one that another transaction has not committed yet, or has deleted.
TRIES = 3


class _Waiting(NamedTuple):
    write: Write
    row: Row
    tries: int = 0


class WriteBehind:
    """The waiting rows of one engine."""

    def __init__(self, engine: Engine) -> None:
        self._engine = ref(engine)
        self._waiting: deque[_Waiting] = deque()
        self._access = threading.Lock()
        self._writing = threading.Lock()
        self._timer: threading.Timer | None = None

    def add(self, write: Write, rows: Iterable[Row]) -> None:
        """Have ``write`` insert these rows within a second, in their own transaction; it must not commit."""
        self._hold(_Waiting(write, row) for row in rows)

    def write(self) -> None:
        """Insert the waiting rows now, unless the database is unavailable.

        The calling thread must have no open writing transaction: SQLite has one writer at a time.
        """
        with self._writing:
            with self._access:
                taken, self._waiting, self._timer = self._waiting, deque(), None
            for write in dict.fromkeys(one.write for one in taken):
                self._insert([one for one in taken if one.write is write])

    def close(self) -> None:
        """Insert the waiting rows, or drop them if that fails."""
        self.write()
        with self._access:
            self._waiting.clear()
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    def _insert(self, waiting: list[_Waiting]) -> None:
        engine = self._engine()
        if engine is None:
            return
        try:
            with Session(engine) as session:
                waiting[0].write(session, [one.row for one in waiting])
                session.commit()
        except exc.SQLAlchemyError as failure:
            if is_outage(failure) or isinstance(failure, exc.TimeoutError):
                # The outage is reported elsewhere; these rows wait.
                self._hold(waiting, in_front=True)
            elif len(waiting) == 1:
                self._hold(one._replace(tries=one.tries + 1) for one in waiting if one.tries < TRIES)
            else:
                for one in waiting:
                    self._insert([one])

    def _hold(self, waiting: Iterable[_Waiting], *, in_front: bool = False) -> None:
        with self._access:
            if in_front:
                self._waiting.extendleft(reversed(list(waiting)))
            else:
                self._waiting.extend(waiting)
            lost = len(self._waiting) - MOST_ROWS
            while len(self._waiting) > MOST_ROWS:
                self._waiting.popleft()
            if self._waiting and self._timer is None:
                self._timer = threading.Timer(LATEST_SECONDS, self.write)
                self._timer.daemon = True
                self._timer.start()
        if lost > 0:
            log.error("rows for the database were dropped", extra={"count": lost})


_of_engines: WeakKeyDictionary[Engine, WriteBehind] = WeakKeyDictionary()


def of(engine: Engine) -> WriteBehind:
    """The waiting rows of an engine in this process."""
    found = _of_engines.get(engine)
    return found if found is not None else _of_engines.setdefault(engine, WriteBehind(engine))


@atexit.register
def _close_all() -> None:
    for waiting in list(_of_engines.values()):
        waiting.close()


# A forked process starts without rows: waiting ones belong to its parent.
os.register_at_fork(after_in_child=_of_engines.clear)
