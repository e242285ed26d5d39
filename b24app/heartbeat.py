"""The heartbeat of a worker process: a row in the database, which ``worker --check`` reads."""

import os
import socket
import time
from collections.abc import Iterator

from sqlalchemy.orm import Session, sessionmaker

from b24app.services.reports import health, heartbeats
from b24app.services.reports.health import Finding
from b24app.services.reports.heartbeats import BEAT_SECONDS
from b24app.version import VERSION


class Heartbeat:
    """``beat`` can be called often and writes once per BEAT_SECONDS; it raises what the database raises."""

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


def examine_here(session: Session) -> Iterator[Finding]:
    """Check that this machine has a worker, and that each is alive."""
    here = [worker for worker in heartbeats.workers(session) if worker.host == socket.gethostname()]
    yield from map(_judge, here)
    if not here:
        yield Finding(False, f"No worker runs on {socket.gethostname()}: start flask --app app worker.")


def examine_everywhere(session: Session) -> Iterator[Finding]:
    """Check that every worker is alive and of this version, and that there is one if needed."""
    everywhere = heartbeats.workers(session)
    yield from map(_judge, everywhere)
    others = {worker.version for worker in everywhere} - {VERSION}
    if others:
        yield Finding(False, f"There are workers of version {', '.join(others)} beside this {VERSION}: restart them.")
    if not everywhere:
        is_needed = health.is_worker_needed(session)
        yield Finding(not is_needed, "No worker is running: start flask --app app worker, which delivers what waits.")


def _judge(worker: heartbeats.Worker) -> Finding:
    state = "has been silent for a minute or more: it hangs or was killed" if worker.is_silent else "is alive"
    return Finding(not worker.is_silent, f"Worker {worker} {state}.")


def _is_running(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
