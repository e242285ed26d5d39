"""Outbound events: a portal makes one attempt to deliver each."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Any

import requests

from ..authority import Authority
from ..clock import Clock
from ..faults import EventFaults
from ..model.applications import EventHandler, Installation
from ..model.people import Person
from ..model.portal_state import PortalState
from ..model.tokens import ACCESS_SECONDS
from ..request_log import SentEvent
from .handlers import Handlers

log = logging.getLogger("devportal.events")
PATIENCE_SECONDS = 10


@dataclass
class Delivery:
    """An event in the queue; `due` is on the machine's monotonic clock."""

    sent: SentEvent
    due: float = field(default_factory=time.monotonic)


class EventSender:
    """Posts events when they are due, one attempt each, from one thread."""

    def __init__(self) -> None:
        self._queue: deque[Delivery] = deque()
        self._changed = threading.Condition()
        self._is_busy = False
        self._is_stopping = False
        self._thread = threading.Thread(target=self._run, name="sender", daemon=True)
        self._session = requests.Session()
        self._session.trust_env = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        with self._changed:
            self._is_stopping = True
            self._changed.notify_all()
        if self._thread.is_alive():
            self._thread.join(timeout=PATIENCE_SECONDS)
        self._session.close()

    def take(self, delivery: Delivery) -> None:
        with self._changed:
            self._queue.append(delivery)
            self._changed.notify_all()

    def settle(self, timeout_seconds: float) -> bool:
        """Waits until everything is delivered; False after the timeout."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._queue and not self._is_busy, timeout_seconds)

    def _run(self) -> None:
        while (delivery := self._next()) is not None:
            post(self._session, delivery.sent)
            with self._changed:
                self._is_busy = False
                self._changed.notify_all()

    def _next(self) -> Delivery | None:
        with self._changed:
            while not self._is_stopping:
                delivery = min(self._queue, key=lambda one: one.due, default=None)
                wait = delivery.due - time.monotonic() if delivery else None
                if delivery is not None and wait is not None and wait <= 0:
                    self._queue.remove(delivery)
                    self._is_busy = True
                    return delivery
                self._changed.wait(wait)
        return None


def post(session: requests.Session, sent: SentEvent) -> None:
    began = time.perf_counter()
    try:
        with session.post(sent.url, data=sent.fields, timeout=PATIENCE_SECONDS, allow_redirects=False) as response:
            sent.status = response.status_code
    except requests.RequestException as error:
        sent.note = type(error).__name__
        log.info("%s to %s was not delivered: %s", sent.event, sent.url, sent.note)
    sent.duration_seconds = time.perf_counter() - began


class Events:
    """The events of one portal."""

    def __init__(
        self, state: PortalState, handlers: Handlers, authority: Authority, clock: Clock, sender: EventSender
    ) -> None:
        self._state = state
        self._handlers = handlers
        self._authority = authority
        self._clock = clock
        self._sender = sender
        self.faults = EventFaults()
        self.sent: list[SentEvent] = []

    def fire(
        self,
        event: str,
        data: dict[str, Any],
        *,
        actor: Person | None,
        client_id: str | None = None,
        with_refresh: bool = False,
    ) -> None:
        """Sends an event to its handlers of installed applications; without an actor, it has no tokens."""
        for handler in self._handlers.bound(client_id, event):
            installation = self._state.installation(handler.client_id)
            if installation is None or not installation.is_finished:
                continue
            person = self._state.person(handler.auth_type) or actor if actor else None
            auth = self._auth(installation, person, with_refresh=with_refresh)
            self._send(handler, event, data, auth)

    @property
    def weather(self) -> EventFaults:
        """An earlier name of `faults`."""
        return self.faults

    def tell(
        self, url: str, event: str, data: dict[str, Any], installation: Installation, *, is_bare: bool = False
    ) -> None:
        """Sends an event to any address, with the administrator's tokens or, if bare, without tokens."""
        handler = EventHandler(0, event, url, client_id=installation.client_id)
        person = None if is_bare else self._state.administrator
        auth = self._auth(installation, person, with_refresh=True)
        if is_bare:
            del auth["application_token"]
        self._send(handler, event, data, auth)

    def tokens(self, installation: Installation, person: Person) -> dict[str, str]:
        """The token block of an event, with a new pair of this person."""
        return self._auth(installation, person, with_refresh=True)

    def release(self) -> None:
        """Sends the held events, the latest first."""
        self.faults.release(self._take)

    def settle(self, timeout_seconds: float = 15) -> bool:
        """Waits until everything that is not held is delivered; False after the timeout."""
        return self._sender.settle(timeout_seconds)

    def _send(self, handler: EventHandler, event: str, data: dict[str, Any], auth: dict[str, str]) -> None:
        fields = {"event": event, "event_handler_id": str(handler.id)}
        fields |= flattened("data", data) | flattened("auth", self.faults.altered(auth))
        self.post(event, handler.handler, fields, handler.client_id)

    def post(self, name: str, url: str, fields: dict[str, str], client_id: str) -> None:
        """Posts these fields in the background; `name` is for the log."""
        sent = SentEvent(name, url, {"ts": str(int(self._clock.now())), **fields}, client_id, self._clock.now())
        self.sent.append(sent)
        self.faults.send(sent, self._take)

    def _take(self, sent: SentEvent, delay_seconds: float) -> None:
        self._sender.take(Delivery(sent, time.monotonic() + delay_seconds))

    def _auth(self, installation: Installation, person: Person | None, *, with_refresh: bool) -> dict[str, str]:
        auth = {
            "domain": self._state.host,
            "server_endpoint": self._authority.endpoint,
            "client_endpoint": self._state.client_endpoint,
            "member_id": self._state.member_id,
            "application_token": installation.application_token,
        }
        if person is None:
            return auth
        pair = self._authority.issue(installation.client_id, self._state.member_id, person.id, installation.scope)
        tokens = {
            "access_token": pair.access_token,
            "expires": str(int(pair.expires_at)),
            "expires_in": str(ACCESS_SECONDS),
            "scope": installation.scope,
            "status": installation.status,
            "user_id": str(person.id),
        }
        if with_refresh:
            tokens["refresh_token"] = pair.refresh_token
        return tokens | auth


def flattened(name: str, value: Any) -> dict[str, str]:
    """A nested value in PHP's bracket notation."""
    if isinstance(value, dict):
        pairs = [flattened(f"{name}[{key}]", child) for key, child in value.items()]
    elif isinstance(value, list):
        pairs = [flattened(f"{name}[{number}]", child) for number, child in enumerate(value)]
    else:
        return {name: str(value)}
    return {key: text for pair in pairs for key, text in pair.items()}
