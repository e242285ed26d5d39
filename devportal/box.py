"""The box: an authorization server and any number of portals, each on its own port, in one process."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from types import TracebackType

from . import persistence, routing
from .apps.events import EventSender
from .authority import Authority
from .clock import Clock
from .faults import CallFaults
from .http import Listener
from .model.applications import DEFAULT_SCOPE, Application
from .model.dialects import dialect_of
from .model.portal_state import Kind, PortalState
from .oauth import endpoint
from .persistence import BoxState, Persistence
from .portal import Portal
from .request_log import Record


class Box:
    """Starts with one cloud portal; `port` and `oauth_port` 0 pick free ones. Raises OSError for a taken port.

    With `state_path` the state is stored in that file; an existing file restores its portals and their ports. `state`
    restores those of another box.
    """

    def __init__(
        self,
        app_url: str,
        client_id: str,
        client_secret: str,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        oauth_port: int = 0,
        code: str = "",
        title: str = "",
        scope: str = DEFAULT_SCOPE,
        state_path: Path | None = None,
        state: BoxState | None = None,
    ) -> None:
        self._host = host
        self.state = persistence.load(state_path) if state_path else state or BoxState()
        self.lock = threading.RLock()
        self.clock = Clock()
        self.authority = Authority(self.state.authority, self.clock)
        self._persistence = Persistence(state_path, self.lock, self.state, self.authority) if state_path else None
        self.authority_calls = Record()
        self.faults = CallFaults(self.clock)
        self.portals: list[Portal] = []
        self._sender = EventSender()
        self._listeners: list[Listener] = []
        self._is_running = False
        self._name_application(Application(1, client_id, client_secret, app_url, code, title, scope))
        try:
            self._listen_for_authority(oauth_port or self.state.authority.port)
            self._open_portals(port)
        except OSError:
            self.stop()
            raise

    def __enter__(self) -> Box:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def authority_url(self) -> str:
        return self.authority.url

    @property
    def weather(self) -> CallFaults:
        """An earlier name of `faults`."""
        return self.faults

    def start(self) -> None:
        self._is_running = True
        self._sender.start()
        for listener in self._listeners:
            listener.start()
        if self._persistence:
            self._persistence.start()

    def stop(self) -> None:
        """Cuts off all running requests; delayed ones are released only afterwards, so that none is answered."""
        for listener in self._listeners:
            listener.stop()
        for faults in [self.faults, *(portal.faults for portal in self.portals)]:
            faults.end()
        self._sender.stop()
        if self._persistence:
            self._persistence.stop()

    def add_application(
        self,
        client_id: str,
        client_secret: str,
        *,
        code: str = "",
        app_url: str = "",
        title: str = "",
        scope: str = DEFAULT_SCOPE,
    ) -> Application:
        """Registers another application."""
        applications = self.state.authority.applications
        application = Application(len(applications) + 1, client_id, client_secret, app_url, code, title, scope)
        with self.lock:
            applications.append(application)
        return application

    def add_portal(self, kind: Kind = "cloud", name: str = "", *, port: int = 0) -> Portal:
        """Adds a portal on its own port, with the same fictitious business."""
        name = name or f"Portal {len(self.portals) + 1}"
        state = PortalState(name, kind, secrets.token_hex(16), port, dialect=dialect_of(kind))
        with self.lock:
            portal = self._open(state)
            portal.cards.seed()
            self.state.portals.append(state)
        return portal

    def move(self, portal: Portal) -> None:
        """Moves a portal to a new port; the old one redirects there."""
        listener = self._listener(portal)
        with self.lock:
            portal.state.old_ports.append(portal.state.port)
            portal.state.port = listener.port
        self._admit(listener)

    @contextmanager
    def unplugged(self, portal: Portal) -> Iterator[None]:
        """A context in which nothing listens at the portal's address."""
        listener = next(one for one in self._listeners if one.port == portal.state.port)
        self._listeners.remove(listener)
        listener.stop()
        try:
            yield
        finally:
            self._admit(self._listener(portal, portal.state.port))

    def _name_application(self, wanted: Application) -> None:
        """Gives the first application the data that the box was started with, also after a restart."""
        kept = self.state.authority.applications
        if kept and kept[0].client_id != wanted.client_id:
            raise ValueError(f"The state belongs to the application {kept[0].client_id}")
        kept[:1] = [wanted]

    def _listen_for_authority(self, port: int) -> None:
        listener = Listener(partial(endpoint.answer, self), self._host, port)
        self.state.authority.port = listener.port
        self._admit(listener)

    def _open_portals(self, port: int) -> None:
        for state in self.state.portals:
            self._open(state)
        if not self.state.portals:
            self.add_portal("cloud", "Brightside Trading", port=port)

    def _open(self, state: PortalState) -> Portal:
        """Listens at the portal's earlier ports, or at a free one."""
        portal = Portal(self, state, self.authority, self.clock, self._sender)
        listeners = [self._listener(portal, port) for port in (*state.old_ports, state.port)]
        state.port = listeners[-1].port
        self.portals.append(portal)
        self.authority.portals[portal.member_id] = state
        for listener in listeners:
            self._admit(listener)
        return portal

    def _listener(self, portal: Portal, port: int = 0) -> Listener:
        return Listener(partial(routing.answer, portal), self._host, port)

    def _admit(self, listener: Listener) -> None:
        self._listeners.append(listener)
        if self._is_running:
            listener.start()
