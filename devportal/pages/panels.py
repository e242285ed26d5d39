"""A place on a page where an application's frame opens."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import abort, request

from ..apps import robots
from ..apps.frames import DEFAULT, FramePost
from ..apps.places import ACTIVITY
from ..model.applications import Application, Installation, Placement
from . import current_page

TAB_COMMANDS = ["reloadData"]
LAYOUT_COMMANDS = [
    "setLayout",
    "setLayoutItemState",
    "setPrimaryButtonState",
    "setSecondaryButtonState",
    "bindLayoutEventCallback",
    "bindValueChangeCallback",
    "bindPrimaryButtonClickCallback",
    "bindSecondaryButtonClickCallback",
    "bindEntityUpdateCallback",
    "lock",
    "unlock",
    "finish",
]
ACTIVITY_COMMANDS = [*TAB_COMMANDS, *LAYOUT_COMMANDS]


@dataclass(frozen=True)
class Panel:
    """A frame: the POST that opens it, and the answers to its messages."""

    post: FramePost
    origin: str
    init: dict[str, Any]
    title: str
    client_id: str

    @property
    def sid(self) -> str:
        return self.post.query["APP_SID"]


def panel_of(row: Placement, options: dict[str, Any], page_path: str) -> Panel:
    """The frame of a bound placement; `page_path` is the page that hosts it."""
    application = application_of(row.client_id)
    told = native_options(row, options) if row.is_native else options | {"URI": page_path}
    return panel(application, row.handler, row.code, told)


def native_options(row: Placement, options: dict[str, Any]) -> dict[str, Any]:
    """The options of a hidden frame, in which the card's number has another name than in visible frames."""
    kinds = {f"CRM_{kind.code}{ACTIVITY}": kind.entity_type_id for kind in current_page.portal().cards.kinds()}
    entity_id = options.get("ID", "")
    return {"entityTypeId": str(kinds[row.code]), "entityId": entity_id, "useBuiltInInterface": "Y"}


def asked_for(placement_id: int) -> tuple[Placement, Panel]:
    """A bound placement and its frame, on the card and page named in this request."""
    row = current_page.portal().places.by_id(placement_id)
    if row is None:
        abort(404, "This application has been removed.")
    options = {name: request.args[name] for name in ("ID", "ENTITY_ID") if name in request.args}
    return row, panel_of(row, options, current_page.local_path(request.args.get("page", "/")))


def main_panel(application: Application, options: dict[str, Any]) -> Panel:
    """The application's own page: the installer until it is finished."""
    installation = current_page.portal().installations.register(application)
    url = application.handler_url if installation.is_finished else application.install_url
    return panel(application, url, DEFAULT, options)


def panel(application: Application, url: str, code: str, options: dict[str, Any]) -> Panel:
    portal, person = current_page.portal(), current_page.person()
    with portal.lock:
        host = request.headers.get("Host", "")
        post = portal.frames.post(person, application, url, code, options or None, host)
        installation = portal.state.installations[application.client_id]
        init = init_data(post, installation, options)
    parts = urlsplit(url)
    return Panel(post, f"{parts.scheme}://{parts.netloc}", init, application.title, application.client_id)


def init_data(post: FramePost, installation: Installation, options: dict[str, Any]) -> dict[str, Any]:
    """The answer to `getInitData`."""
    person = current_page.person()
    return {
        "AUTH_ID": post.fields["AUTH_ID"],
        "REFRESH_ID": post.fields["REFRESH_ID"],
        "AUTH_EXPIRES": post.fields["AUTH_EXPIRES"],
        "DOMAIN": post.query["DOMAIN"],
        "PROTOCOL": post.query["PROTOCOL"],
        "PATH": "/rest",
        "LANG": post.query["LANG"],
        "MEMBER_ID": post.fields["member_id"],
        "IS_ADMIN": person.is_admin,
        "APP_OPTIONS": dict(installation.options),
        "USER_OPTIONS": dict(installation.user_options.get(person.id, {})),
        "PLACEMENT": post.fields["PLACEMENT"],
        "PLACEMENT_OPTIONS": options,
        "INSTALL": not installation.is_finished,
        "FIRST_RUN": person.id not in installation.first_runs,
    }


def interface_of(code: str, *, is_native: bool = False) -> dict[str, list[str]]:
    """The answer to `getInterface`."""
    if code.endswith(ACTIVITY):
        return {"command": LAYOUT_COMMANDS if is_native else ACTIVITY_COMMANDS, "event": []}
    if code == robots.DIALOG:
        return {"command": ["setPropertyValue"], "event": []}
    if code.endswith(("_DETAIL_TAB", "_LIST_MENU")):
        return {"command": TAB_COMMANDS, "event": []}
    return {"command": [], "event": []}


def application_of(client_id: str) -> Application:
    found = current_page.portal().authority.application(client_id)
    if found is None:
        raise LookupError(client_id)
    return found
