"""The worker as a process of its own: woken, stopped, killed, several at once, with a broken queue."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import requests
from sqlalchemy import make_url

from b24app.config import Config
from b24app.models import EntryState, LogEntry
from b24app.worker import LOOK_SECONDS, LOOKS_A_SWEEP
from devportal import Box, Portal
from tests.conftest import any_database, environment
from tests.support.logbook import Logbook, Page
from tests.support.waiting import until

PROJECT = Path(__file__).parent.parent.parent
ADD = "crm.timeline.logmessage.add"
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}
PATIENCE_SECONDS = 60


@contextmanager
def running(settings: Config, box: Box, *command: str) -> Iterator[subprocess.Popen[bytes]]:
    environ = {**os.environ, **environment(box, settings.database_url)}
    process = subprocess.Popen(
        [sys.executable, "-m", *command], cwd=PROJECT, env=environ, stderr=subprocess.PIPE, start_new_session=True
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
        process.communicate()


def worker(settings: Config, box: Box) -> AbstractContextManager[subprocess.Popen[bytes]]:
    return running(settings, box, "flask", "--app", "app", "worker")


def queue_one(logbook: Logbook, portal: Portal, title: str = "Called") -> None:
    assert post_refused(logbook, portal, title).outcome == "queued"


def post_refused(logbook: Logbook, portal: Portal, title: str = "Called") -> Page:
    """The portal refuses it once; a worker that runs already may be quicker than the page that says so."""
    form = logbook.send(portal.frame(portal.employee)).form
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
    page = logbook.post(form, **{**WORDS, "title": title})
    assert page.outcome in {"queued", "posted"}
    return page


def titles(portal: Portal) -> list[str]:
    return [message.title for message in portal.timeline(2, 1)]


def test_a_waiting_entry_wakes_the_worker_which_stops_in_peace(
    installed: Logbook, settings: Config, box: Box, portal: Portal
) -> None:
    with worker(settings, box) as process:
        post_refused(installed, portal)
        until(lambda: titles(portal) == ["Called"])
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0


def test_sigterm_lets_the_work_at_hand_finish(installed: Logbook, settings: Config, box: Box, portal: Portal) -> None:
    queue_one(installed, portal)
    portal.faults.delay(1, ADD, processed=True)
    with worker(settings, box) as process:
        until(lambda: installed.entries()[0].state == EntryState.SENDING)
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
    assert installed.entries()[0].state == EntryState.SENT


def test_two_workers_deliver_each_entry_once(installed: Logbook, settings: Config, box: Box, portal: Portal) -> None:
    for number in range(6):
        queue_one(installed, portal, f"Entry {number}")
    # While the first to come holds its batch, the second looks at the same portal.
    portal.faults.delay(2, ADD)
    with worker(settings, box), worker(settings, box):
        until(lambda: {entry.state for entry in installed.entries()} == {EntryState.SENT})
    assert sorted(titles(portal)) == [f"Entry {number}" for number in range(6)]


def test_an_entry_of_a_killed_worker_is_taken_up_by_the_next(
    installed: Logbook, settings: Config, box: Box, portal: Portal
) -> None:
    queue_one(installed, portal)
    portal.faults.delay(600, ADD, processed=True)
    with worker(settings, box) as process:
        until(lambda: titles(portal) == ["Called"])
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    portal.faults.end()
    installed.pass_time(301)
    installed.work()
    assert installed.entries()[0].state == EntryState.SENT
    assert titles(portal) == ["Called"]


@any_database
def test_what_a_killed_process_left_is_taken_up_while_the_worker_runs(
    installed: Logbook, settings: Config, box: Box, portal: Portal
) -> None:
    """No more than a few seconds after its claim is over, long before the next sweep."""
    queue_one(installed, portal)
    with worker(settings, box):
        until(lambda: titles(portal) == ["Called"])
        post_refused(installed, portal, "Left behind")
        until(lambda: installed.entries()[-1].state == EntryState.SENT)
        with installed.database() as session:
            # Merging a row would write back its portal as well, with the lease that the worker has just released.
            entry = session.get_one(LogEntry, installed.entries()[-1].id)
            entry.state, entry.bitrix_id = EntryState.SENDING, None
            entry.due_at = datetime.now(UTC) + timedelta(seconds=1)
            session.commit()
        began = time.monotonic()
        until(lambda: installed.entries()[-1].state == EntryState.SENT)
        assert time.monotonic() - began < LOOK_SECONDS * LOOKS_A_SWEEP / 2


@pytest.mark.parametrize("is_processed", [True, False])
def test_an_entry_of_a_killed_web_server_arrives_once(
    installed: Logbook, settings: Config, box: Box, portal: Portal, is_processed: bool
) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    portal.faults.delay(600, ADD, processed=is_processed)
    web = ("gunicorn", "--bind", "127.0.0.1:0", "--no-control-socket", "app:app")
    with running(settings, box, *web) as process:
        address = _address(process)
        posting = subprocess.Popen([sys.executable, "-c", POST, f"{address}/entries", *_flat({**form, **WORDS})])
        until(lambda: installed.entries() and installed.entries()[0].state == EntryState.SENDING)
        until(lambda: not is_processed or titles(portal) == ["Called"])
        os.killpg(process.pid, signal.SIGKILL)
        posting.wait(PATIENCE_SECONDS)
    portal.faults.end()
    for seconds in (301, 80, 80):
        installed.pass_time(seconds)
        installed.work()
    assert installed.entries()[0].state == EntryState.SENT
    assert titles(portal) == ["Called"]


def test_a_broken_queue_file_is_put_aside_and_nothing_is_lost(
    installed: Logbook, settings: Config, box: Box, portal: Portal
) -> None:
    if make_url(settings.database_url).get_backend_name() != "sqlite":
        assert installed.context.queue.problem() == ""
        return
    path = Path(f"{make_url(settings.database_url).database}.queue")
    path.write_bytes(b"this is no database" * 1000)
    queue_one(installed, portal)
    assert installed.context.queue.problem()
    with worker(settings, box):
        until(lambda: path.with_suffix(".broken").exists())
        until(lambda: path.exists() and titles(portal) == ["Called"])


def test_once_does_what_is_due_and_exits(installed: Logbook, settings: Config, box: Box, portal: Portal) -> None:
    queue_one(installed, portal)
    with running(settings, box, "flask", "--app", "app", "worker", "--once") as process:
        assert process.wait(PATIENCE_SECONDS) == 0
    assert titles(portal) == ["Called"]


def test_metrics_are_served_where_the_setting_says(
    installed: Logbook, settings: Config, box: Box, portal: Portal, monkeypatch: pytest.MonkeyPatch, free_port: int
) -> None:
    queue_one(installed, portal)
    monkeypatch.setenv("METRICS_ADDRESS", f"127.0.0.1:{free_port}")
    with worker(settings, box):
        until(lambda: titles(portal) == ["Called"])
        until(lambda: 'logbook_entries{state="sent"} 1.0' in _metrics(free_port))
        # The refused call was this process's, whose log comes within a second.
        until(lambda: 'logbook_calls_last_hour{method="crm.timeline.logmessage.add"' in _metrics(free_port))


POST = "import sys, requests; a = sys.argv; requests.post(a[1], data=dict(zip(a[2::2], a[3::2])))"


def _flat(fields: dict[str, str]) -> list[str]:
    return [text for pair in fields.items() for text in pair]


def _address(process: subprocess.Popen[bytes]) -> str:
    assert process.stderr
    for line in process.stderr:
        if b"Listening at: " in line:
            return line.split(b"Listening at: ")[1].split()[0].decode()
    raise AssertionError("the web server did not start")


def _metrics(port: int) -> str:
    try:
        return requests.get(f"http://127.0.0.1:{port}/metrics", timeout=5).text
    except requests.ConnectionError:
        return ""


@any_database
def test_it_delivers_without_a_queue_or_metrics_and_stops_on_a_signal(
    installed: Logbook, settings: Config, box: Box, portal: Portal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    portal.weather.refuse("QUERY_LIMIT_EXCEEDED", ADD)
    assert installed.post(installed.send(portal.frame(portal.employee)).form, **WORDS).outcome == "queued"
    # The same database by another name, beside which no file of a queue can be.
    link = tmp_path / "link.db"
    link.symlink_to(str(make_url(settings.database_url).database))
    Path(f"{link}.queue").mkdir()
    apart = replace(settings, database_url=f"sqlite:///{link}")
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as taken:
        monkeypatch.setenv("METRICS_ADDRESS", f"[::1]:{taken.getsockname()[1]}")
        with worker(apart, box) as process:
            until(lambda: portal.timeline(2, 1))
            process.terminate()
            assert process.wait(PATIENCE_SECONDS) == 0
            assert process.stderr
            log = process.stderr.read().decode()
    assert "metrics are not served" in log
    assert "the queue cannot be used" in log
    assert "worker stopped" in log
