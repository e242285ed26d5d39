"""Stores the state of a box in a file."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path

from . import statefile
from .authority import Authority, AuthorityState
from .model.portal_state import PortalState

PAUSE_SECONDS = 1.0


@dataclass
class BoxState:
    """What a state file holds."""

    authority: AuthorityState = field(default_factory=AuthorityState)
    portals: list[PortalState] = field(default_factory=list)


def load(path: Path) -> BoxState:
    """The state in a file, or a new one without a file; raises ValueError for an invalid file."""
    return statefile.load(path, BoxState) if path.exists() else BoxState()


class Persistence:
    """Writes changes of the state once a second, and at the end."""

    def __init__(self, path: Path, lock: threading.RLock, state: BoxState, authority: Authority) -> None:
        self._path = path
        self._lock = lock
        self._state = state
        self._authority = authority
        self._written = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="persistence", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
            self._save()

    def _run(self) -> None:
        while not self._ended.wait(PAUSE_SECONDS):
            self._save()

    def _save(self) -> None:
        with self._lock:
            self._authority.forget_dead_pairs()
            now = statefile.encode(self._state)
        if now != self._written:
            statefile.save(self._path, now)
            self._written = now
