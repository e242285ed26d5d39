"""Workers that hang, were killed or never started are noticed by their heartbeats and by systemd's watchdog."""

import os
import signal
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from b24app.config import Config
from b24app.heartbeat import Heartbeat
from b24app.services.reports import heartbeats
from b24app.systemd import Supervisor
from devportal import Box
from tests.conftest import any_database, environment
from tests.delivery.test_worker import PATIENCE_SECONDS, running, worker
from tests.support.logbook import Logbook
from tests.support.waiting import until

HERE = socket.gethostname()
ENDED = 2**22 + 1  # above Linux's largest process id


def check(logbook: Logbook) -> tuple[int, str]:
    result = logbook.app.test_cli_runner().invoke(args=["worker", "--check"])
    return result.exit_code, result.output


def beat(logbook: Logbook, host: str = HERE, process_id: int = ENDED, seconds_ago: int = 0) -> None:
    with logbook.database() as session:
        heartbeats.beat(session, host, process_id, "1.0.0")
        aged = "seen_at - make_interval(secs => :s)"
        if session.get_bind().dialect.name == "sqlite":
            aged = "strftime('%Y-%m-%d %H:%M:%f000', seen_at, -:s || ' seconds')"
        session.execute(
            text(f"UPDATE workers SET seen_at = {aged} WHERE process_id = :p"),  # noqa: S608
            {"s": seconds_ago, "p": process_id},
        )
        session.commit()


def names(logbook: Logbook) -> list[tuple[str, int, bool]]:
    with logbook.database() as session:
        return [(one.host, one.process_id, one.is_silent) for one in heartbeats.workers(session)]


def test_a_running_worker_is_alive_and_one_that_has_stopped_is_gone(
    logbook: Logbook, settings: Config, box: Box
) -> None:
    assert check(logbook)[0] == 1
    with worker(settings, box) as process:
        until(lambda: check(logbook)[0] == 0)
        assert f"{HERE}:{process.pid} is alive" in check(logbook)[1]
        process.terminate()
        assert process.wait(PATIENCE_SECONDS) == 0
    code, words = check(logbook)
    assert (code, "No worker runs" in words) == (1, True)


def test_a_worker_is_silent_after_a_minute_by_the_databases_clock(logbook: Logbook) -> None:
    beat(logbook, seconds_ago=40)
    assert check(logbook)[0] == 0
    beat(logbook, seconds_ago=80)
    code, words = check(logbook)
    assert (code, "silent" in words) == (1, True)
    # It was written before the clock was set back.
    beat(logbook, seconds_ago=-4000)
    assert check(logbook)[0] == 1


def test_a_worker_elsewhere_does_not_keep_this_machine_alive(logbook: Logbook) -> None:
    beat(logbook, host="elsewhere")
    assert check(logbook)[0] == 1


def test_a_killed_worker_is_forgotten_by_its_machine_and_later_by_any(logbook: Logbook) -> None:
    beat(logbook, HERE, ENDED, 80)
    beat(logbook, HERE, os.getpid(), 80)
    beat(logbook, "elsewhere", 1, 80)
    beat(logbook, "elsewhere", 2, 4000)
    with logbook.database() as session:
        heartbeats.forget_ended(session, HERE, lambda process_id: process_id != ENDED)
    assert sorted(names(logbook)) == sorted([(HERE, os.getpid(), True), ("elsewhere", 1, True)])


def test_a_heart_beats_every_quarter_of_a_minute_and_forgets_the_dead_of_its_machine(logbook: Logbook) -> None:
    beat(logbook, HERE, ENDED, 80)
    beat(logbook, HERE, 1, 80)
    heartbeat = Heartbeat(logbook.context.sessions)
    heartbeat.beat()
    assert sorted(names(logbook)) == [(HERE, 1, True), (HERE, os.getpid(), False)]
    heartbeat.stop()
    heartbeat.beat()
    assert names(logbook) == [(HERE, 1, True)], "it wrote once more within the same quarter"


@any_database
def test_the_check_has_a_sentence_for_a_database_without_tables(box: Box, database_url: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'empty.db'}"
    environ = Config.from_environment(environment(box, url))
    with running(environ, box, "flask", "--app", "app", "worker", "--check") as process:
        _, told = process.communicate(timeout=PATIENCE_SECONDS)
        assert process.returncode == 1
    assert b"Traceback" not in told
    assert b"cannot be used" in told


class TestSystemd:
    """A datagram socket stands for systemd."""

    @pytest.fixture
    def listener(self, tmp_path: Path) -> Iterator[socket.socket]:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(str(tmp_path / "notify"))
            listener.settimeout(PATIENCE_SECONDS)
            yield listener

    @any_database
    def test_a_worker_says_when_it_is_ready_alive_and_stopping(
        self, logbook: Logbook, settings: Config, box: Box, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("NOTIFY_SOCKET", listener.getsockname())
        monkeypatch.setenv("WATCHDOG_USEC", "300000")
        with worker(settings, box) as process:
            told = {listener.recv(100), listener.recv(100), listener.recv(100)}
            assert told == {b"WATCHDOG=1", b"READY=1"}
            process.send_signal(signal.SIGTERM)
            while (last := listener.recv(100)) == b"WATCHDOG=1":
                pass
            assert last == b"STOPPING=1"
            assert process.wait(PATIENCE_SECONDS) == 0

    @pytest.mark.parametrize("watched", [{}, {"WATCHDOG_USEC": "1"}])
    def test_nothing_is_sent_outside_systemd(self, watched: dict[str, str]) -> None:
        Supervisor(watched).ready()
        Supervisor({**watched, "NOTIFY_SOCKET": "/nowhere/at/all"}).is_alive()

    def test_the_watchdog_of_another_process_is_not_fed(self, listener: socket.socket) -> None:
        environ = {"NOTIFY_SOCKET": listener.getsockname(), "WATCHDOG_USEC": "1", "WATCHDOG_PID": str(ENDED)}
        supervisor = Supervisor(environ)
        supervisor.is_alive()
        supervisor.ready()
        assert listener.recv(100) == b"READY=1"

    def test_an_abstract_address_begins_with_an_at_sign(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as listener:
            listener.bind(f"\0logbook-{os.getpid()}")
            Supervisor({"NOTIFY_SOCKET": f"@logbook-{os.getpid()}"}).ready()
            assert listener.recv(100) == b"READY=1"
