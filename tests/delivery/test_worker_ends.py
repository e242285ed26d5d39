"""What ends the worker and what must not: signals, unexpected errors, an unavailable database."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pgserver.postgres_server import get_server

from b24app.config import Config
from b24app.models import EntryState
from b24app.worker import RETRY_SECONDS
from devportal import Box, Portal
from tests.conftest import any_database, environment, migrate
from tests.delivery.test_worker import PATIENCE_SECONDS, PROJECT, post_refused, queue_one, titles
from tests.support.logbook import Logbook
from tests.support.postgresql import memory
from tests.support.waiting import until

ADD = "crm.timeline.logmessage.add"
# A worker that a signal fails by, anywhere in its loop.
FRAGILE = """
import signal, sys
class Unexpected(BaseException): pass
def fail(*_): raise Unexpected
signal.signal(signal.SIGUSR1, fail)
sys.argv = ["flask", "--app", "app", "worker"]
from flask.cli import main
main()
"""


@contextmanager
def logging_worker(
    settings: Config, box: Box, log: Path, *command: str, database_url: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """A worker whose log goes to a file."""
    environ = {**os.environ, **environment(box, database_url or settings.database_url)}
    command = command or ("-m", "flask", "--app", "app", "worker")
    with log.open("wb") as lines:
        process = subprocess.Popen(
            [sys.executable, *command], cwd=PROJECT, env=environ, stderr=lines, start_new_session=True
        )
        try:
            yield process
        finally:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()


@any_database
def test_sighup_is_ignored_and_sigterm_still_ends_it(
    installed: Logbook, settings: Config, box: Box, portal: Portal, tmp_path: Path
) -> None:
    with logging_worker(settings, box, tmp_path / "log") as process:
        until(lambda: "worker started" in (tmp_path / "log").read_text())
        process.send_signal(signal.SIGHUP)
        post_refused(installed, portal)
        until(lambda: titles(portal) == ["Called"])
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


@any_database
def test_an_error_that_nobody_expected_ends_it_though_a_portal_hangs(
    installed: Logbook, settings: Config, box: Box, portal: Portal, tmp_path: Path
) -> None:
    queue_one(installed, portal)
    portal.faults.delay(600, ADD)
    with logging_worker(settings, box, tmp_path / "log", "-c", FRAGILE) as process:
        until(lambda: installed.entries()[0].state == EntryState.SENDING)
        process.send_signal(signal.SIGUSR1)
        assert process.wait(PATIENCE_SECONDS) == 1
    assert "the worker has failed" in (tmp_path / "log").read_text()


@any_database
def test_a_database_that_is_gone_is_waited_for_in_a_line_a_minute(box: Box, settings: Config, tmp_path: Path) -> None:
    """It is gone when the worker starts, comes, and goes again."""
    log, folder = tmp_path / "log", tempfile.mkdtemp(prefix="logbook-pg-", dir=memory())
    database_url = f"postgresql+psycopg://postgres:@/late?host={folder}"
    server = get_server(folder, cleanup_mode="stop")
    server.psql("CREATE DATABASE late")
    migrate(database_url)
    server.cleanup()
    with logging_worker(settings, box, log, database_url=database_url) as process:
        until(lambda: "the database cannot be used" in log.read_text())
        server = get_server(folder, cleanup_mode="stop")
        until(lambda: "the database can be used again" in log.read_text())
        server.cleanup()
        with pytest.raises(subprocess.TimeoutExpired):
            process.wait(3 * RETRY_SECONDS)
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
    shutil.rmtree(folder, ignore_errors=True)
    lines = log.read_text().splitlines()
    assert [line for line in lines if line.startswith(("Traceback", " "))] == []
    assert len(lines) < 20, lines
