"""The demo: one command starts everything, another port serves where one is taken, and Ctrl-C leaves nothing behind."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.house.test_docs import TARGET
from tests.support.demo import PROJECT, Demo, started

USUAL_PORTS = (8000, 8010, 8011)


@pytest.fixture
def usual_ports_taken() -> Iterator[None]:
    """By us, or by whoever had them before."""
    with ExitStack() as held:
        for port in USUAL_PORTS:
            try:
                held.enter_context(socket.create_server(("127.0.0.1", port)))
            except OSError:
                continue
        yield


@pytest.fixture
def demo(tmp_path: Path) -> Iterator[Demo]:
    with started(tmp_path / "demo") as demo:
        yield demo


def answers(address: str) -> bool:
    try:
        return requests.get(address, timeout=5).ok
    except requests.ConnectionError:
        return False


def end_of(demo: Demo, number: int) -> None:
    """It ends in peace by this signal, and leaves no process behind."""
    addresses = [demo.portal, demo.logbook]
    assert len(demo.processes) >= 3
    code, last_words = demo.end(number)
    assert code == 0, last_words
    assert "Everything is stopped." in last_words
    assert demo.processes == []
    assert [answers(address) for address in addresses] == [False, False]
    assert "Traceback" not in demo.log


def test_other_ports_serve_where_the_usual_ones_are_taken_until_ctrl_c(usual_ports_taken: None, demo: Demo) -> None:
    addresses = [demo.portal, demo.logbook]
    assert not {urlsplit(address).port for address in addresses} & set(USUAL_PORTS)
    assert answers(f"{demo.portal}/crm/deal/list/")
    assert answers(f"{demo.logbook}/healthz")
    end_of(demo, signal.SIGINT)


def test_each_start_is_a_fresh_one_and_ends_by_a_service_manager_or_a_window_that_is_closed(tmp_path: Path) -> None:
    for number in (signal.SIGTERM, signal.SIGHUP):
        with started(tmp_path / "demo") as demo:
            assert "Not installed" in requests.get(f"{demo.portal}/market/", timeout=10).text
            end_of(demo, number)


def test_two_that_start_at_once_get_ports_of_their_own(tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool, ExitStack() as running:
        demos = list(pool.map(lambda name: running.enter_context(started(tmp_path / name)), ("one", "two")))
        assert all(answers(f"{demo.portal}/crm/deal/list/") and answers(f"{demo.logbook}/healthz") for demo in demos)
        assert len({address for demo in demos for address in (demo.portal, demo.logbook)}) == 4


def test_a_second_one_in_the_same_folder_leaves_the_first_alone(demo: Demo) -> None:
    command = [sys.executable, "-m", "devportal.demo", "--folder", str(demo.folder)]
    second = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 1
    assert f"A demo is running in {demo.folder} already" in second.stderr
    assert "--folder" in second.stderr
    assert answers(f"{demo.logbook}/healthz")


def test_it_ends_with_a_word_when_a_part_of_it_dies(demo: Demo) -> None:
    (worker,) = [one for one in demo.processes if b"flask" in (one / "cmdline").read_bytes()]
    os.kill(int(worker.name), signal.SIGKILL)
    code, last_words = demo.wait()
    assert code == 1
    assert "The worker has ended." in last_words
    assert str(demo.folder) in last_words
    assert demo.processes == []


def test_make_alone_lists_every_target_with_a_sentence() -> None:
    # `make test` must not show: a make that another one starts also says which folder it enters.
    shell = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    said = subprocess.run(["make"], cwd=PROJECT, env=shell, capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=2) for line in said.splitlines()]
    assert {line[1] for line in lines} == set(TARGET.findall((PROJECT / "Makefile").read_text()))
    assert all(line[0] == "make" and len(line[2].split()) > 2 for line in lines)
