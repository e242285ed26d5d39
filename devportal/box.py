"""The box: an authorization server and any number of portals, each on its own port, in one process."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from types import TracebackType
from typing import Literal

from .authority import Authority, AuthorityState
from .calls import Record
from .clock import Clock
from .events import Courier
from .http import Listener
from .model.applications import Application
from .model.portal_state import PortalState
from .model.readings import readings_of
from .oauth import door
from .portal import Portal
from .weather import Weather

Kind = Literal["cloud", "on-premise"]


@dataclass
class BoxState:
    """What a state file holds."""

    authority: AuthorityState = field(default_factory=AuthorityState)
    portals: list[PortalState] = field(default_factory=list)


class Box:
    """Starts with one cloud portal; `port` and `oauth_port` 0 pick free ones. Raises OSError for a taken port."""

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
    ) -> None:
        self._host = host
        self.state = BoxState()
        self.lock = threading.RLock()
        self.clock = Clock()
        self.authority = Authority(self.state.authority, self.clock)
        self.authority_calls = Record()
        self.weather = Weather(self.clock)
        self.portals: list[Portal] = []
        self._courier = Courier()
        self._listeners: list[Listener] = []
        self._is_running = False
        self.add_application(client_id, client_secret, code=code, app_url=app_url)
        self._authority_listener = self._listen_for_authority(oauth_port)
        try:
            self.add_portal("cloud", "Brightside Trading", port=port)
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
    def authority_host(self) -> str:
        return f"localhost:{self.state.authority.port}"

    @property
    def authority_url(self) -> str:
        return f"http://{self.authority_host}"

    def start(self) -> None:
        self._is_running = True
        self._courier.start()
        for listener in self._listeners:
            listener.start()

    def stop(self) -> None:
        for listener in self._listeners:
            listener.stop()
        self._courier.stop()

    def add_application(
        self, client_id: str, client_secret: str, *, code: str = "", app_url: str = "", title: str = ""
    ) -> Application:
        """Another application that the portals know."""
        applications = self.state.authority.applications
        title = title or ("Logbook" if not applications else client_id)
        application = Application(len(applications) + 1, client_id, client_secret, app_url, code, title)
        with self.lock:
            applications.append(application)
        return application

    def add_portal(self, kind: Kind = "cloud", name: str = "", *, port: int = 0) -> Portal:
        """Another portal on its own port, with the same fictitious business."""
        name = name or f"Portal {len(self.portals) + 1}"
        state = PortalState(name, kind, secrets.token_hex(16), readings=readings_of(kind))
        portal = Portal(self, state, self.authority, self.clock, self._courier)
        portal.cards.plant()
        listener = Listener(portal.handle, self._host, port)
        state.port = listener.port
        with self.lock:
            self.state.portals.append(state)
            self.portals.append(portal)
            self.authority.portals[portal.member_id] = portal
        self._admit([listener])
        return portal

    def portal(self, member_id: str) -> Portal | None:
        return self.authority.portals.get(member_id)

    def _listen_for_authority(self, port: int) -> Listener:
        listener = Listener(lambda request: door.answer(self, request), self._host, port)
        self.state.authority.port = listener.port
        self._admit([listener])
        return listener

    def _admit(self, listeners: Iterable[Listener]) -> None:
        for listener in listeners:
            self._listeners.append(listener)
            if self._is_running:
                listener.start()
