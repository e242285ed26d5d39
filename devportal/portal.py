"""One portal: its address, people, applications, cards and error answers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from operator import attrgetter
from typing import Any, Protocol

from .apps.events import Events, EventSender
from .apps.frames import DEFAULT, FramePost, Frames
from .apps.handlers import Handlers
from .apps.installations import Installations
from .apps.placements import Placements
from .authority import Authority
from .clock import Clock
from .crm.activities import Activities
from .crm.card_changes import CardChanges
from .crm.cards import Cards
from .crm.comments import Comments
from .crm.crm import Crm
from .crm.icons import Icons
from .crm.timelines import Timelines
from .errors import ApiError
from .faults import CallFaults
from .faults.calls import RATES
from .model.applications import Application, EventHandler, Placement
from .model.licences import LICENCES
from .model.people import Person
from .model.portal_state import Kind, PortalState
from .model.records import LogMessage
from .request_log import Record


class Surroundings(Protocol):
    """What a portal and its pages need from the box."""

    authority_calls: Record
    lock: threading.RLock
    faults: CallFaults

    @property
    def portals(self) -> Sequence[Portal]: ...

    def add_portal(self, kind: Kind, name: str) -> Portal: ...

    def move(self, portal: Portal) -> None: ...


class Portal:
    """A portal of a box; every change takes its lock."""

    def __init__(
        self, box: Surroundings, state: PortalState, authority: Authority, clock: Clock, sender: EventSender
    ) -> None:
        self.box = box
        self.state = state
        self.authority = authority
        self.clock = clock
        self.lock = box.lock
        self.zone = state.zone
        self.calls = Record()
        self.faults = CallFaults(clock)
        self.cards = Cards(state, clock)
        self.timelines = Timelines(state, self.cards, clock)
        self.icons = Icons(state)
        self.places = Placements(state, self.cards)
        self.handlers = Handlers(state)
        self.events = Events(state, self.handlers, authority, clock, sender)
        crm = Crm(state, self.cards, clock, self.events.fire)
        self.changes = CardChanges(crm)
        self.activities = Activities(crm)
        self.comments = Comments(crm)
        self.installations = Installations(state, self.places, self.handlers, self.events, authority)
        self.frames = Frames(state, authority, self.installations)

    @property
    def name(self) -> str:
        return self.state.name

    @property
    def kind(self) -> str:
        return self.state.kind

    @property
    def member_id(self) -> str:
        return self.state.member_id

    @property
    def url(self) -> str:
        """The portal's public URL."""
        return self.state.url

    @property
    def host(self) -> str:
        return self.state.host

    @property
    def client_endpoint(self) -> str:
        return self.state.client_endpoint

    @property
    def authority_endpoint(self) -> str:
        return self.authority.endpoint

    @property
    def licence(self) -> dict[str, str]:
        """The plan of the active rate limit."""
        bucket = self.faults.bucket
        is_enterprise = bucket is not None and bucket.burst == RATES["enterprise"][0]
        return LICENCES["enterprise" if is_enterprise else self.kind]

    def rename(self) -> None:
        """Moves to a new address: the old one answers 302, and the authorization server returns the new one."""
        self.box.move(self)

    def clear_faults(self) -> None:
        """Removes all faults of this portal, its events and the authorization server."""
        self.faults.clear()
        self.events.faults.clear()
        self.box.faults.clear()
        self.authority.renewal_refusal = ""
        self.authority.refresh_uses_allowed = 1

    # Earlier names, for programs written against them
    calm = clear_faults
    weather = property(attrgetter("faults"))

    # Its people

    @property
    def people(self) -> list[Person]:
        return self.state.people

    @property
    def administrator(self) -> Person:
        return self.state.administrator

    @property
    def employee(self) -> Person:
        return self.people[1]

    @property
    def reader(self) -> Person:
        """An employee who may read all cards but not edit those with the ids 2 and 3."""
        return self.people[2]

    def deny_edit(self, person: Person, entity_type_id: int, entity_id: int) -> None:
        with self.lock:
            self.cards.deny_edit(person.id, entity_type_id, entity_id)

    def allow_edit(self, person: Person, entity_type_id: int, entity_id: int) -> None:
        with self.lock:
            self.cards.allow_edit(person.id, entity_type_id, entity_id)

    def deny_read(self, person: Person, entity_type_id: int, entity_id: int) -> None:
        with self.lock:
            self.cards.deny_read(person.id, entity_type_id, entity_id)

    def allow_read(self, person: Person, entity_type_id: int, entity_id: int) -> None:
        with self.lock:
            self.cards.allow_read(person.id, entity_type_id, entity_id)

    def expire_access_tokens(self, person: Person | None = None) -> None:
        """Their next REST calls answer expired_token until renewed."""
        with self.lock:
            self.authority.expire(self.member_id, person.id if person else None)

    def dismiss(self, person: Person, on: bool = True) -> None:
        """Dismisses a person: their token can still be renewed, but their calls fail."""
        with self.lock:
            person.is_active = not on

    def withdraw_access(self, person: Person, on: bool = True, app: Application | None = None) -> None:
        """Withdraws one person's access to the application."""
        with self.lock:
            withdrawn = self.installations.register(app or self.application).withdrawn_from
            withdrawn[:] = [one for one in withdrawn if one != person.id] + ([person.id] if on else [])

    # Its applications

    @property
    def application(self) -> Application:
        """The application that the box was started with."""
        return self.authority.state.applications[0]

    @property
    def application_token(self) -> str | None:
        found = self.installations.of(self.application.client_id)
        return found.application_token if found else None

    @property
    def placements(self) -> list[Placement]:
        return list(self.state.placements)

    @property
    def event_handlers(self) -> list[EventHandler]:
        return list(self.state.event_handlers)

    def has_application(self, client_id: str) -> bool:
        return self.installations.of(client_id) is not None

    def scope_of(self, client_id: str) -> str:
        return self.state.installations[client_id].scope

    def frame(
        self,
        person: Person,
        placement: str = "CRM_DEAL_DETAIL_TAB",
        options: dict[str, Any] | str | None = None,
        app: Application | None = None,
    ) -> FramePost:
        """The POST that opens a frame, with a fresh token pair of the person."""
        application = app or self.application
        with self.lock:
            bound = self.places.bound(application.client_id, placement)
            url = bound[0].handler if bound else f"{application.app_url}/placement"
            if placement == DEFAULT:
                url = application.handler_url
            chosen = {"ID": "1"} if options is None and placement != DEFAULT else options
            return self.frames.post(person, application, url, placement, chosen)

    def install_frame(self, person: Person, app: Application | None = None) -> FramePost:
        """The POST of the installer page, after a click on Install."""
        application = app or self.application
        with self.lock:
            self.installations.register(application, anew=True)
            return self.frames.post(person, application, application.install_url, DEFAULT, None)

    def install(self, app: Application | None = None) -> None:
        """Clicks Install; returns after the installation address was notified, if it is."""
        with self.lock:
            self.installations.register(app or self.application, anew=True)
        self.events.settle()

    def finish_install(self, app: Application | None = None) -> None:
        """Does what setInstallFinish does; returns after the handlers of ONAPPINSTALL have answered."""
        with self.lock:
            self.installations.finish(app or self.application)
        self.events.settle()

    def uninstall(self, clean: bool = False, app: Application | None = None) -> None:
        """Removes the application; returns when the handlers of ONAPPUNINSTALL have answered."""
        with self.lock:
            self.installations.remove(app or self.application, clean=clean)
        self.events.settle()

    def update_application(self, new_token: bool = False, app: Application | None = None) -> None:
        """Installs a new version; returns when the handlers of ONAPPUPDATE have answered."""
        with self.lock:
            self.installations.update(app or self.application, new_token=new_token)
        self.events.settle()

    # Its cards

    def timeline(self, entity_type_id: int, entity_id: int) -> list[LogMessage]:
        """The card's log messages, oldest first."""
        with self.lock:
            return self.timelines.of_card(entity_type_id, entity_id)

    def add_item(self, entity_type_id: int, title: str = "New item") -> int:
        with self.lock:
            return self.changes.add_titled(entity_type_id, title, self.administrator).id

    def change_item(self, entity_type_id: int, entity_id: int, **fields: Any) -> None:
        """Changes fields by camelCase name, as the administrator."""
        with self.lock:
            self.changes.update_by_id(entity_type_id, entity_id, fields, self.administrator)

    def remove_item(self, entity_type_id: int, entity_id: int) -> None:
        with self.lock:
            self.changes.delete_by_id(entity_type_id, entity_id, self.administrator)

    def add_type(self, title: str) -> int:
        """Adds a smart process; returns its entity type id."""
        with self.lock:
            smart = self.cards.add_type(title)
            self._fire_type_event("ONCRMTYPEADD", smart.id)
            return smart.entity_type_id

    def remove_type(self, entity_type_id: int) -> None:
        with self.lock:
            smart = self.cards.remove_type(entity_type_id)
            if smart is not None:
                self._fire_type_event("ONCRMTYPEDELETE", smart.id)

    def _fire_type_event(self, event: str, number: int) -> None:
        self.events.fire(event, {"FIELDS": {"ID": str(number)}}, actor=self.administrator)

    # Its error answers

    def status_of(self, error: ApiError) -> int:
        return error.seen_status if self.state.dialect.statuses == "seen" else error.status

    def spell(self, error: ApiError) -> dict[str, Any]:
        """The body of a refusal; codes without a name are numbers or digits."""
        body = error.body()
        if isinstance(error.code, int) and self.state.dialect.nameless_codes == "string":
            body["error"] = str(error.code)
        return dict(body)
