"""The queue: wake-ups for the worker, by Huey. The rows are the truth, so a lost task loses nothing."""

import itertools
import logging
import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from huey import Huey, PostgresHuey, SqliteHuey
from sqlalchemy import make_url
from sqlalchemy.orm import Session, sessionmaker

from b24app.bitrix24 import Bitrix24
from b24app.services import chores

log = logging.getLogger(__name__)

NAME = "logbook"
THREADS = 4
LOOK_SECONDS = 5
LOOKS_A_SWEEP = 12
SWEEP_SECONDS = LOOK_SECONDS * LOOKS_A_SWEEP
# What is due later than this is left to the sweep.
SCHEDULED_WITHIN = timedelta(seconds=SWEEP_SECONDS)
BROKEN = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}


class Queue:
    """``wake`` is for whoever left an entry waiting; ``run`` is the worker."""

    def __init__(self, database_url: str, sessions: sessionmaker[Session], b24: Bitrix24, app_url: str) -> None:
        self._database_url = database_url
        self._sessions = sessions
        self._b24 = b24
        self._app_url = app_url
        self._opening = threading.Lock()
        self._huey: Huey | None = None
        self._deliver: Any = None
        self._follow: Any = None

    def wake(self, portal_id: int) -> None:
        """Tell the worker that a portal's entry waits. Where the queue is broken, the sweep will find it."""
        try:
            self._open()
            self._deliver(portal_id)
        except Exception:
            # Whatever is wrong with the queue must not become the problem of a person who posts.
            log.exception("the queue cannot be used; the worker's sweep delivers instead")
            self.close()

    def run(self) -> None:
        """Work until SIGTERM, which lets the work at hand finish."""
        self._mend()
        consumer = self._open().create_consumer(
            workers=THREADS, worker_type="thread", graceful_signal="TERM", max_delay=1
        )
        stopping = threading.Event()
        sweeping = threading.Thread(target=self._sweep_until, args=(stopping,), name="sweep")
        sweeping.start()
        consumer.run()
        stopping.set()
        sweeping.join()

    def problem(self) -> str:
        """Why the queue cannot be used; empty where it can."""
        try:
            self._open().pending_count()
        except Exception as failure:
            return type(failure).__name__
        return ""

    def close(self) -> None:
        """Let go of the queue's connection; the next use makes another."""
        if self._huey is not None:
            self._huey.storage.close()

    def sweep(self) -> None:
        """Find what is due and hand it over, in whatever state the queue is."""
        self._mend()
        due = chores.find_due(chores.Round(self._sessions), self._b24)
        for portal_id in due.to_follow:
            self._hand_over(self._follow, self._follow_now, portal_id)
        self._deliver_to(due.to_deliver)

    def look_for_deliveries(self) -> None:
        """The part of a sweep that cannot wait for a minute: an entry's fate is settled within 90 seconds."""
        self._deliver_to(chores.find_deliveries(chores.Round(self._sessions)))

    def _deliver_to(self, portal_ids: list[int]) -> None:
        for portal_id in portal_ids:
            self._hand_over(self._deliver, self._deliver_now, portal_id)

    def _sweep_until(self, stopping: threading.Event) -> None:
        """The sweep does not come out of the queue: it has to come where the queue is broken, too."""
        for number in itertools.count():
            try:
                self.sweep() if number % LOOKS_A_SWEEP == 0 else self.look_for_deliveries()
            except Exception:
                log.exception("the sweep has failed; another follows in a minute")
            if stopping.wait(LOOK_SECONDS):
                return

    def _hand_over(self, task: Any, work: Callable[[int], object], portal_id: int) -> None:
        """To the worker's threads, or where the queue cannot be used, to nobody but ourselves."""
        try:
            task(portal_id)
        except Exception:
            log.exception("the queue cannot be used; the sweep does it by itself")
            # What the work fails of is logged, and must not keep the other portals waiting.
            with suppress(Exception):
                work(portal_id)

    def _deliver_now(self, portal_id: int) -> datetime | None:
        return chores.deliver(self._sessions, self._b24, portal_id)

    def _follow_now(self, portal_id: int) -> None:
        chores.follow(self._sessions, self._b24, portal_id, self._app_url)

    def _mend(self) -> None:
        """Put a broken queue file aside and begin another: the wake-ups in it are lost, the rows are not."""
        try:
            self._open().pending_count()
        except sqlite3.DatabaseError as failure:
            if getattr(failure, "sqlite_errorcode", None) in BROKEN:
                self._begin_another(str(failure))

    def _begin_another(self, failure: str) -> None:
        path = self._path()
        log.error("the queue file is broken and was put aside", extra={"file": path, "code": failure})
        self.close()
        for ending in ("-wal", "-shm", ""):
            if (part := Path(f"{path}{ending}")).exists():
                part.replace(f"{path.with_suffix('.broken')}{ending}")
        self._open().storage.initialize_schema()

    def _open(self) -> Huey:
        with self._opening:
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
            due_at = self._deliver_now(portal_id)
            if due_at and due_at - datetime.now(UTC) < SCHEDULED_WITHIN:
                deliver.schedule((portal_id,), eta=due_at)

        @huey.task(name="follow")
        def follow(portal_id: int) -> None:
            self._follow_now(portal_id)

        self._deliver, self._follow = deliver, follow
