"""The pulse of a worker process: its row in the database, and what ``worker --check`` reads there."""

import os
import socket
import time
from collections.abc import Iterator

from sqlalchemy.orm import Session, sessionmaker

from b24app.services.reports import heartbeats
from b24app.services.reports.health import Finding
from b24app.services.reports.heartbeats import BEAT_SECONDS
from b24app.version import VERSION


class Heart:
    """``beat`` is called often and writes once in BEAT_SECONDS; it raises what the database raises."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self._host = socket.gethostname()
        self._beat_at = 0.0

    def beat(self) -> None:
        if time.monotonic() < self._beat_at:
            return
        with self._sessions() as session:
            heartbeats.beat(session, self._host, os.getpid(), VERSION)
            heartbeats.forget_ended(session, self._host, _is_running)
        self._beat_at = time.monotonic() + BEAT_SECONDS

    def stop(self) -> None:
        with self._sessions() as session:
            heartbeats.end(session, self._host, os.getpid())


def examine(session: Session) -> Iterator[Finding]:
    """Whether every worker of this machine is alive, and whether there is one."""
    here = [worker for worker in heartbeats.workers(session) if worker.host == socket.gethostname()]
    for worker in here:
        state = "has been silent for a minute or more: it hangs or was killed" if worker.is_silent else "is alive"
        yield Finding(not worker.is_silent, f"Worker {worker} {state}.")
    if not here:
        yield Finding(False, f"No worker runs on {socket.gethostname()}: start flask --app app worker.")


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
