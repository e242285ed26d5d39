"""Keeps what the box remembers in a file."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from . import statefile
from .authority import AuthorityState
from .model.portal_state import PortalState

if TYPE_CHECKING:
    from .box import Box

PAUSE_SECONDS = 1.0


@dataclass
class BoxState:
    """What a state file holds."""

    authority: AuthorityState = field(default_factory=AuthorityState)
    portals: list[PortalState] = field(default_factory=list)


class Keeper:
    """Writes once a second when something has changed, and at the end."""

    def __init__(self, path: Path, box: Box) -> None:
        self._path = path
        self._box = box
        self._written = ""
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="keeper", daemon=True)

    def load(self) -> BoxState:
        """Raises ValueError for a file that is not a state file."""
        return statefile.load(self._path, BoxState) if self._path.exists() else BoxState()

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join(timeout=5)
            self._keep()

    def _run(self) -> None:
        while not self._ended.wait(PAUSE_SECONDS):
            self._keep()

    def _keep(self) -> None:
        with self._box.lock:
            self._box.authority.forget_dead_pairs()
            now = statefile.encode(self._box.state)
        if now != self._written:
            statefile.save(self._path, now)
            self._written = now
