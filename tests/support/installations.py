"""Logbook installed in the portal of a box, kept to begin tests with: installing takes longer than most of them."""

import pickle
import socket
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from typing import cast

import pytest

from devportal import Box, Portal
from devportal.persistence import BoxState
from devportal.request_log import SentEvent
from tests.support.databases import Databases
from tests.support.logbook import Logbook

# So young it is as good as one that was made just now: nothing of an installation falls due sooner.
MOST_SECONDS = 60
# A test that has another one of these makes an installation of its own.
PARTS = ("box", "portal", "settings", "logbook", "installed", "database_url")


@dataclass(frozen=True)
class Installation:
    """The box after the installation, and the events that its portal has sent; the database is kept beside."""

    made_at: float
    state: bytes
    sent: tuple[SentEvent, ...]
    ports: tuple[int, ...]

    @property
    def is_usable(self) -> bool:
        """Whether it is young, and its ports are free."""
        return time.monotonic() - self.made_at < MOST_SECONDS and all(map(_is_free, self.ports))

    def box_state(self) -> BoxState:
        return cast("BoxState", pickle.loads(self.state))  # noqa: S301


def begins_installed(item: pytest.Item) -> bool:
    """Whether a test wants an installation like all others."""
    parts = item._fixtureinfo.name2fixturedefs  # type: ignore[attr-defined]
    return "installed" in parts and all(len(parts[name]) == 1 for name in PARTS)


def install(logbook: Logbook, portal: Portal) -> None:
    """As the portal's administrator does it."""
    page = logbook.send(portal.install_frame(portal.administrator))
    assert page.status == 200, page.text
    portal.finish_install()
    portal.calls.clear()


def keep(databases: Databases, box: Box, make: Callable[[str], Logbook]) -> Installation:
    """Install in a box and a database of their own, and keep both."""
    logbook = make(databases.create(is_installed=False))
    install(logbook, box.portals[0])
    with closing(logbook):
        state, sent = pickle.dumps(box.state), tuple(box.portals[0].events.sent)
    databases.keep()
    return Installation(time.monotonic(), state, sent, (box.state.authority.port, box.state.portals[0].port))


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True
