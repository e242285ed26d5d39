"""What one worker delivers: the entries of one portal by CPU time, and those of a hundred portals by the clock."""

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, Select, func, insert, select
from sqlalchemy.orm import Session

from b24app.config import Config
from b24app.crypto import Vault
from b24app.db import connect
from b24app.models import EntryState, LogEntry, Person, RunningWorker
from tests.bench import servers
from tests.bench.servers import MEASURED, OTHERS, Stand, on_cores
from tests.bench.speed import Row
from tests.support.served import Served

PORTALS, OF_EACH, OF_ONE = 100, 50, 1000
LOOK_SECONDS = 0.02
LONGEST_SECONDS = 120


def main() -> int:
    """Prints the table; 1 when a mark is missed by more than the noise."""
    rows = [of_one_portal(), of_many_portals()]
    sys.stdout.write("\n".join(map(str, rows)) + "\n")
    return int(any(row.is_missed for row in rows))


def of_one_portal() -> Row:
    """The worker's own CPU time, its rounds while the portal is paced included."""
    with working(1) as (served, engine):
        before = servers.cpu_of([served.worker])
        deliver(engine, OF_ONE)
        spent = servers.cpu_of([served.worker]) - before
    return Row("entries of one portal a CPU second of the worker", OF_ONE / spent, 1500, "/s", is_least=True)


def of_many_portals() -> Row:
    """From the first that is sent to the last; the worker and the portals have a processor each."""
    with working(PORTALS) as (_served, engine):
        rate = deliver(engine, OF_EACH)
    return Row(f"entries/s of {PORTALS} portals by one worker", rate, 800, "/s", is_least=True)


@contextmanager
def working(portals: int) -> Iterator[tuple[Served, Engine]]:
    """A worker that has looked once, its web server, and the database of this many installed portals."""
    with (
        tempfile.TemporaryDirectory(prefix="logbook-bench-") as folder,
        on_cores(OTHERS),
        servers.stubs(portals) as (_process, urls),
        servers.logbook(Stand(urls[0], Path(folder)), B24_OAUTH_URL=",".join(urls)) as served,
    ):
        for url in urls[1:]:
            servers.install(Stand(url, Path(folder)), served)
        with on_cores(MEASURED):
            served.start_worker()
        config = Config.from_environment(served.environment)
        engine = connect(config.database_url, Vault(config.token_keys))
        _await(lambda: _count(engine, select(RunningWorker)))
        yield served, engine
        engine.dispose()


def deliver(engine: Engine, of_each: int) -> float:
    """Write so many entries for each person, and wait until all are sent; returns how many a second."""
    with Session(engine) as session:
        people = session.scalars(select(Person)).all()
        session.execute(insert(LogEntry), [entry(person, number) for person in people for number in range(of_each)])
        session.commit()
    unsent, whole = select(LogEntry).where(LogEntry.state != EntryState.SENT), len(people) * of_each
    _await(lambda: _count(engine, unsent) < whole)
    began, left = time.monotonic(), _count(engine, unsent)
    _await(lambda: not _count(engine, unsent))
    return left / (time.monotonic() - began)


def _count(engine: Engine, rows: Select[Any]) -> int:
    with Session(engine) as session:
        return session.scalars(select(func.count()).select_from(rows.subquery())).one()


def _await(is_reached: Callable[[], object]) -> None:
    ends_at = time.monotonic() + LONGEST_SECONDS
    while not is_reached():
        assert time.monotonic() < ends_at, "the worker takes too long"
        time.sleep(LOOK_SECONDS)


def entry(person: Person, number: int) -> dict[str, object]:
    return {
        "portal_id": person.portal_id,
        "person_id": person.id,
        "form_key": f"bench-{number}",
        "entity_type_id": 2,
        "entity_id": 1 + number,
        "icon_code": "info",
        "title": f"Entry {number}",
        "text": "What was agreed on the telephone.",
        "written_at": datetime.now(UTC),
        "due_at": datetime.now(UTC),
    }


if __name__ == "__main__":
    sys.exit(main())
