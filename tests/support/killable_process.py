"""Processes of Logbook that are killed in the middle of their work, at a moment that the test chooses.

A moment is just before each commit and just before each request goes out: SQLAlchemy's events and Python's sockets
announce them, so nothing of Logbook is touched.
"""

import itertools
import multiprocessing
import os
import signal
import socket
from collections.abc import Callable, Mapping
from multiprocessing.connection import Connection
from typing import Any

from sqlalchemy import Engine, event

from b24app import create_app
from b24app.config import Config
from tests.support.logbook import Logbook, Page

PATIENCE_SECONDS = 60

# Forked from a process that has imported everything: a tenth of a second each instead of two.
CHILDREN = multiprocessing.get_context("forkserver")
CHILDREN.set_forkserver_preload(["pytest", "tests.support.killable_process"])


def post(settings: Mapping[str, str], form: Mapping[str, str], *, moment: int) -> str | None:
    """The outcome that a person is shown; None where the web process is killed at this moment, counted from 1."""
    return _live("post", settings, form, moment)


def work(settings: Mapping[str, str], *, moment: int) -> bool:
    """Whether the worker came to its end before this moment."""
    return _live("work", settings, {}, moment) is not None


def _live(what: str, settings: Mapping[str, str], form: Mapping[str, str], moment: int) -> str | None:
    ours, theirs = CHILDREN.Pipe()
    process = CHILDREN.Process(target=_be, args=(what, settings, form, moment, theirs))
    process.start()
    theirs.close()
    process.join(PATIENCE_SECONDS)
    assert process.exitcode in {0, -signal.SIGKILL}
    with ours:
        return str(ours.recv()) if process.exitcode == 0 else None


def _be(what: str, settings: Mapping[str, str], form: Mapping[str, str], moment: int, told: Connection) -> None:
    logbook = Logbook(create_app(Config.from_environment(settings)))
    moments = itertools.count(1)

    def pass_moment(*_given: object) -> None:
        if next(moments) == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(Engine, "commit", pass_moment)
    _announce_sending(pass_moment)
    if what == "post":
        page: Page = logbook.post(form)
        told.send(page.outcome)
    else:
        logbook.work()
        told.send("worked")
    logbook.close()


def _announce_sending(announce: Callable[[], object]) -> None:
    """Call ``announce`` before anything goes out through a socket of this process."""
    send: Any = socket.socket.sendall

    def send_later(self: socket.socket, *given: Any) -> None:
        announce()
        send(self, *given)

    socket.socket.sendall = send_later  # type: ignore[assignment, method-assign]
