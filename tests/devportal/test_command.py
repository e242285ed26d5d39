"""`python -m devportal` runs the portal alone."""

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

PROJECT = Path(__file__).parent.parent.parent
GIVEN = ["--app-url", "http://127.0.0.1:9", "--client-id", "local.demo.1", "--client-secret", "s"]


def command(*more: str) -> list[str]:
    return [sys.executable, "-m", "devportal", *GIVEN, *more]


@contextmanager
def running(*more: str) -> Iterator[tuple[subprocess.Popen[str], list[str]]]:
    """The process, and the lines that it printed until it was ready."""
    with subprocess.Popen(command(*more), cwd=PROJECT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        lines: list[str] = []
        while not lines or "Authorization server" not in lines[-1]:
            lines.append(process.stdout.readline())
            assert lines[-1], "it ended before it was ready"
        try:
            yield process, lines
        finally:
            process.kill()


def addresses(lines: list[str]) -> list[str]:
    return re.findall(r"http://localhost:\d+", "".join(lines))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_says_where_it_listens_and_ends_cleanly(number: signal.Signals) -> None:
    with running() as (process, lines):
        portal, authority = addresses(lines)
        assert requests.get(portal, timeout=10).ok
        assert requests.get(authority, timeout=10).ok
        process.send_signal(number)
        assert process.wait(15) == 0


def test_a_taken_port_is_reported_in_one_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        ended = subprocess.run(
            command("--port", port), cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False
        )
    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert "Address already in use" in ended.stderr


def test_it_listens_on_loopback_only() -> None:
    with running() as (_, lines):
        port = int(addresses(lines)[0].rpartition(":")[2])
        others = {str(address[4][0]) for address in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
        for address in others - {"127.0.0.1"}:
            if address.startswith("127."):
                continue
            with pytest.raises(OSError, match=r"refused|unreachable"):
                socket.create_connection((address, port), timeout=5)


def test_more_portals_and_a_state_file_can_be_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "state.json"
    more = ("--portal", "on-premise:Workshop", "--state", str(path))
    with running(*more) as (process, first):
        assert "Workshop, on-premise" in "".join(first)
        process.terminate()
        process.wait(15)
    with running(*more) as (_, second):
        assert second == first


def test_a_senseless_portal_is_refused() -> None:
    ended = subprocess.run(
        command("--portal", "house"), cwd=PROJECT, capture_output=True, text=True, timeout=30, check=False
    )
    assert ended.returncode == 2
    assert "is not like on-premise:Workshop" in ended.stderr
