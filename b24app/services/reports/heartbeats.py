"""The heartbeats of the workers: each process updates a row, whose age shows when it hangs or was killed.

Ages are by the database's clock, since workers of several machines are compared.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from b24app.db import database_time, insert_into
from b24app.models import RunningWorker

BEAT_SECONDS = 15
SILENT_SECONDS = 60
# How long a killed worker is reported, unless its machine notices that it ended.
REPORTED_SECONDS = 3600


@dataclass(frozen=True)
class Worker:
    """A worker process; a silent one hangs, was killed, or cannot reach the database."""

    host: str
    process_id: int
    version: str
    is_silent: bool

    def __str__(self) -> str:
        return f"{self.host}:{self.process_id}"


def workers(session: Session) -> list[Worker]:
    """All workers that have reported and were not stopped properly, including silent ones."""
    columns = (RunningWorker.host, RunningWorker.process_id, RunningWorker.version, _is_silent())
    return [Worker(*row) for row in session.execute(select(*columns).order_by(RunningWorker.started_at))]


def beat(session: Session, host: str, process_id: int, version: str) -> None:
    """Report that this worker is alive; commits."""
    session.execute(report(session, host, process_id, version))
    session.commit()


def report(session: Session, host: str, process_id: int, version: str) -> Any:
    """The statement that writes a heartbeat."""
    row = {"host": host, "process_id": process_id, "version": version}
    statement = insert_into(session, RunningWorker).values(**row, started_at=database_time(), seen_at=database_time())
    key = [RunningWorker.host, RunningWorker.process_id]
    fresh = {"version": statement.excluded.version, "seen_at": statement.excluded.seen_at}
    return statement.on_conflict_do_update(index_elements=key, set_=fresh)


def end(session: Session, host: str, process_id: int) -> None:
    """Delete the heartbeat of a worker that stops properly; commits."""
    session.execute(delete(RunningWorker).where(_is_this(host, process_id)))
    session.commit()


def forget_ended(session: Session, host: str, is_running: Callable[[int], bool]) -> None:
    """Delete silent workers of this machine that have ended, and all that were silent for long; commits."""
    session.execute(delete(RunningWorker).where(RunningWorker.seen_at < database_time(-REPORTED_SECONDS)))
    here = select(RunningWorker.process_id).where(RunningWorker.host == host, _is_silent())
    for process_id in session.scalars(here).all():
        if not is_running(process_id):
            session.execute(delete(RunningWorker).where(_is_this(host, process_id)))
    session.commit()


def _is_this(host: str, process_id: int) -> ColumnElement[bool]:
    return (RunningWorker.host == host) & (RunningWorker.process_id == process_id)


def _is_silent() -> ColumnElement[bool]:
    # A future time was written before the clock was set back.
    return (RunningWorker.seen_at < database_time(-SILENT_SECONDS)) | (
        RunningWorker.seen_at > database_time(SILENT_SECONDS)
    )
