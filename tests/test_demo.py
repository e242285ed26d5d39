"""The demo: one command starts everything, another port serves where one is taken, and Ctrl-C leaves nothing behind."""

import os
import signal
import socket
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests.demo import PROJECT, Demo, started
from tests.test_docs import TARGET

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


def number_of(process: Path) -> int:
    return int(process.name)


def test_other_ports_serve_where_the_usual_ones_are_taken(usual_ports_taken: None, demo: Demo) -> None:
    addresses = [demo.portal, demo.logbook]
    assert not {urlsplit(address).port for address in addresses} & set(USUAL_PORTS)
    assert answers(f"{demo.portal}/crm/deal/list/")
    assert answers(f"{demo.logbook}/healthz")


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_it_ends_in_peace_and_leaves_no_process(demo: Demo, name: str) -> None:
    """By Ctrl-C, by a service manager, by a window that is closed."""
    addresses = [demo.portal, demo.logbook]
    assert len(demo.processes) >= 3
    code, last_words = demo.end(getattr(signal, name))
    assert code == 0, last_words
    assert "Everything is stopped." in last_words
    assert demo.processes == []
    assert [answers(address) for address in addresses] == [False, False]
    assert "Traceback" not in demo.log


def test_it_ends_with_a_word_when_a_part_of_it_dies(demo: Demo) -> None:
    os.kill(number_of(demo.processes[0]), signal.SIGKILL)
    code, last_words = demo.wait()
    assert code == 1
    assert "has ended" in last_words
    assert str(demo.folder) in last_words
    assert demo.processes == []


def test_each_start_is_a_fresh_one(tmp_path: Path) -> None:
    for _ in range(2):
        with started(tmp_path / "demo") as demo:
            assert "Not installed" in requests.get(f"{demo.portal}/market/", timeout=10).text
            assert demo.end()[0] == 0


def test_make_alone_lists_every_target_with_a_sentence() -> None:
    # `make test` must not show: a make that another one starts also says which folder it enters.
    shell = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    said = subprocess.run(["make"], cwd=PROJECT, env=shell, capture_output=True, text=True, check=True).stdout
    lines = [line.split(maxsplit=2) for line in said.splitlines()]
    assert {line[1] for line in lines} == set(TARGET.findall((PROJECT / "Makefile").read_text()))
    assert all(line[0] == "make" and len(line[2].split()) > 2 for line in lines)
