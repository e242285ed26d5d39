"""The queue: wake-ups for the worker, by Huey. The rows are the truth, so a lost task loses nothing."""

import logging
import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from huey import Huey, PostgresHuey, SqliteHuey, crontab
from sqlalchemy import make_url
from sqlalchemy.orm import Session, sessionmaker

from b24app.bitrix24 import Bitrix24
from b24app.services import chores

log = logging.getLogger(__name__)

NAME = "logbook"
THREADS = 4
# What is due later than this is left to the sweep, which comes every minute.
SCHEDULED_WITHIN = timedelta(seconds=60)


class Queue:
    """``wake`` is for whoever left an entry waiting; ``run`` is the worker."""

    def __init__(self, database_url: str, sessions: sessionmaker[Session], b24: Bitrix24) -> None:
        self._database_url = database_url
        self._sessions = sessions
        self._b24 = b24
        self._huey: Huey | None = None
        self._deliver: Any = None

    def wake(self, portal_id: int) -> None:
        """Tell the worker that a portal's entry waits. Where the queue is broken, the sweep will find it."""
        try:
            self._open()
            self._deliver(portal_id)
        except Exception:
            # Whatever is wrong with the queue must not become the problem of a person who posts.
            log.exception("the queue cannot be used; the worker's sweep delivers instead")

    def run(self) -> None:
        """Work until SIGTERM, which lets the work at hand finish."""
        huey = self._open_whole()
        huey.create_consumer(workers=THREADS, worker_type="thread", graceful_signal="TERM", max_delay=1).run()

    def problem(self) -> str:
        """Why the queue cannot be used; empty where it can."""
        try:
            self._open().pending_count()
        except Exception as failure:
            return type(failure).__name__
        return ""

    def close(self) -> None:
        """Let go of the queue's connection in this thread."""
        if self._huey is not None:
            self._huey.storage.close()

    def _open_whole(self) -> Huey:
        try:
            return self._open()
        except sqlite3.DatabaseError as failure:
            path = self._path()
            log.error("the queue file is broken and was put aside", extra={"file": path, "code": str(failure)})
            path.replace(path.with_suffix(".broken"))
            return self._open()

    def _open(self) -> Huey:
        if self._huey is None:
            huey = self._make()
            self._register(huey)
            self._huey = huey
        return self._huey

    def _make(self) -> Huey:
        url = make_url(self._database_url)
        if url.get_backend_name() == "sqlite":
            return SqliteHuey(NAME, results=False, filename=str(self._path()))
        dsn = url.set(drivername="postgresql").render_as_string(hide_password=False)
        return PostgresHuey(NAME, results=False, dsn=dsn)

    def _path(self) -> Path:
        return Path(f"{make_url(self._database_url).database}.queue")

    def _register(self, huey: Huey) -> None:
        @huey.task(name="deliver")
        def deliver(portal_id: int) -> None:
            due_at = chores.deliver(self._sessions, self._b24, portal_id)
            if due_at and due_at - datetime.now(UTC) < SCHEDULED_WITHIN:
                deliver.schedule((portal_id,), eta=due_at)

        @huey.periodic_task(crontab(), name="sweep")
        def sweep() -> None:
            for portal_id in chores.find_due(self._sessions, self._b24):
                deliver(portal_id)

        self._deliver = deliver
