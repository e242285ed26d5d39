"""A full disk: the web server and the worker are real processes, which may make no file longer than it is."""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import make_url

from devportal import Box, Portal
from tests.conftest import CLIENT_ID, CLIENT_SECRET, any_database, environment
from tests.delivery.test_database_outages import says_that_it_is_out, titles
from tests.support.served import PROJECT, Served

# A PostgreSQL server watches over a disk of its own; Logbook hears of it as of any other outage.
pytestmark = any_database

ADD = "crm.timeline.logmessage.add"
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}
WORK_WITHOUT_ROOM = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), resource.RLIM_INFINITY))
from flask.cli import main
sys.argv = ["flask", "--app", "app", "worker", "--once"]
main()
"""
DOCTOR_WITHOUT_ROOM = WORK_WITHOUT_ROOM.replace('"worker", "--once"', '"doctor"')


@pytest.fixture
def box(served: Served) -> Iterator[Box]:
    with Box(served.url, CLIENT_ID, CLIENT_SECRET) as box:
        yield box


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Served]:
    with Served(tmp_path / "served.log") as served:
        yield served


@pytest.fixture
def form(served: Served, box: Box, portal: Portal, database_url: str) -> dict[str, str]:
    """The composer's form of an employee, filled in."""
    served.start(environment(box, database_url))
    assert served.send(portal.install_frame(portal.administrator)).status == 200
    portal.finish_install()
    return {**served.send(portal.frame(portal.employee)).form, **WORDS}


def length_of_log(database_url: str) -> int:
    """How long SQLite's log is, to which each commit adds: not even the first one finds room behind it."""
    return Path(f"{make_url(database_url).database}-wal").stat().st_size


@contextmanager
def full(database_url: str, processes: list[int]) -> Iterator[None]:
    """These processes may make no file longer than the log of the database is now."""
    unlimited = {process: resource.prlimit(process, resource.RLIMIT_FSIZE) for process in processes}
    for process, (_soft, hard) in unlimited.items():
        resource.prlimit(process, resource.RLIMIT_FSIZE, (length_of_log(database_url), hard))
    yield
    for process, limits in unlimited.items():
        resource.prlimit(process, resource.RLIMIT_FSIZE, limits)


def test_the_web_server_says_so_and_goes_on_when_there_is_room_again(
    served: Served, portal: Portal, form: dict[str, str], database_url: str
) -> None:
    with full(database_url, served.processes):
        says_that_it_is_out(served.post(form))
        assert served.get("/healthz").status == 200, "reading needs no room"
        unready = served.get("/readyz")
        assert (unready.status, '"database":"takes no rows"' in unready.text) == (503, True), unready.text
    assert titles(portal) == []
    assert "disk I/O error" in served.log
    assert served.post(form).outcome == "posted"
    assert titles(portal) == ["Called"]


def test_the_worker_says_so_and_nothing_is_lost(
    served: Served, box: Box, portal: Portal, form: dict[str, str], database_url: str
) -> None:
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
    assert served.post(form).outcome == "queued"
    worker = [sys.executable, "-c", WORK_WITHOUT_ROOM, str(length_of_log(database_url))]
    environ = {**os.environ, **environment(box, database_url)}
    ended = subprocess.run(worker, cwd=PROJECT, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "disk I/O error" in ended.stderr
    assert titles(portal) == []
    told = subprocess.run(
        [*worker[:2], DOCTOR_WITHOUT_ROOM, *worker[3:]], cwd=PROJECT, env=environ, capture_output=True, check=False
    )
    assert b"BAD The database takes no rows: OperationalError: disk I/O error." in told.stdout
    served.work()
    assert titles(portal) == ["Called"]
