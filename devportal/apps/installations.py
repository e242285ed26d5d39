"""The life of an application in a portal: registered, finished, updated, removed."""

from __future__ import annotations

import secrets
from typing import Any

from ..authority import Authority
from ..model.applications import Application, Installation
from ..model.people import Person
from ..model.portal_state import PortalState
from .events import Events
from .handlers import Handlers
from .placements import Placements

# Far from the ids of people.
FIRST_SYSTEM_USER = 9000


class Installations:
    """The installations in a portal; each step fires an event to the handlers bound before it."""

    def __init__(
        self, state: PortalState, placements: Placements, handlers: Handlers, events: Events, authority: Authority
    ) -> None:
        self._state = state
        self._placements = placements
        self._handlers = handlers
        self._events = events
        self._authority = authority

    def of(self, client_id: str) -> Installation | None:
        """The application's installation, finished or not; None if there is none."""
        return self._state.installation(client_id)

    def register(self, application: Application, *, anew: bool = False) -> Installation:
        """The first click on Install: from now on tokens can be issued, but nothing is shown and no event sent.

        If the application leaves the installation to the portal, it is installed and notified at once.
        """
        found = self._state.installations.get(application.client_id)
        if found is not None and not (anew and found.is_removed):
            return found
        kept = found.options if found is not None else {}
        installation = Installation(
            application.client_id,
            secrets.token_hex(16),
            application.scope,
            application.status,
            version=application.version,
            options=kept,
        )
        self._state.installations[application.client_id] = installation
        if not application.completes_installation:
            self._complete(application, installation)
        return installation

    def finish(self, application: Application) -> None:
        """What `setInstallFinish` does, once."""
        installation = self.register(application, anew=True)
        if installation.is_finished:
            return
        installation.is_finished = True
        self._fire("ONAPPINSTALL", self._log_fields(), application)

    def _complete(self, application: Application, installation: Installation) -> None:
        """Installs at once: the portal's server notifies the installation address, and no page opens."""
        installation.is_finished = True
        self._events.tell(application.install_url, "ONAPPINSTALL", self._log_fields(), installation)

    def _log_fields(self) -> dict[str, str]:
        return {"VERSION": "1.0.0", "ACTIVE": "Y", "INSTALLED": "Y", "LANGUAGE_ID": self._state.language}

    def update(self, application: Application, *, new_token: bool) -> None:
        """A new version: every event handler is removed and has to be bound again."""
        installation = self._state.installations[application.client_id]
        previous = installation.version
        installation.version += 1
        if new_token:
            installation.application_token = secrets.token_hex(16)
        data = {
            "VERSION": str(installation.version),
            "PREVIOUS_VERSION": str(previous),
            "LANGUAGE_ID": self._state.language,
        }
        self._fire("ONAPPUPDATE", data, application)
        self._unregister(application.client_id)

    def remove(self, application: Application, *, clean: bool) -> None:
        """Revokes tokens, removes placements and handlers; keeps options unless `clean` or the application is local."""
        installation = self.of(application.client_id)
        if installation is None:
            return
        data = {"LANGUAGE_ID": self._state.language, "CLEAN": "1" if clean else "0"}
        self._events.fire("ONAPPUNINSTALL", data, actor=None, client_id=application.client_id)
        installation.is_removed = True
        installation.is_finished = False
        if clean or installation.status == "L":
            installation.options.clear()
            installation.user_options.clear()
        self._placements.unbind_all(application.client_id)
        self._unregister(application.client_id)
        self._authority.revoke(application.client_id, self._state.member_id)

    def give_own_user(self, application: Application) -> Person:
        """Creates a user named like the application, and announces it at the installation address with a pair."""
        installation = self._state.installations[application.client_id]
        known = self._state.system_users.get(application.client_id)
        number = known.id if known else FIRST_SYSTEM_USER + self._state.next_id("system user")
        person = Person(number, application.title, "", language=self._state.language)
        self._state.system_users[application.client_id] = person
        data = {**self._events.tokens(installation, person), "client_id": application.client_id}
        self._events.tell(application.install_url, "ONAPPUSERREADY", data, installation)
        return person

    def tell_payment(self, application: Application, days: int) -> None:
        """Sends ONAPPPAYMENT, as documented without an application token."""
        installation = self._state.installations[application.client_id]
        data = {"CODE": application.code, "STATUS": "S", "PAYMENT_EXPIRED": "N", "DAYS": str(days)}
        self._events.tell(application.install_url, "ONAPPPAYMENT", data, installation, is_bare=True)

    def _unregister(self, client_id: str) -> None:
        """Removes handlers and robots, as each update does; placements are removed only with the application."""
        self._handlers.unbind_all(client_id)
        self._state.robots[:] = [robot for robot in self._state.robots if robot.client_id != client_id]

    def _fire(self, event: str, data: dict[str, Any], application: Application) -> None:
        """Fires an event with the administrator's tokens."""
        actor, client_id = self._state.administrator, application.client_id
        self._events.fire(event, data, actor=actor, client_id=client_id, with_refresh=True)
