"""The server's part of answering frames' messages."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from ..model.applications import Application, Installation
from . import current_page, panels

pages = Blueprint("frames", __name__)


@pages.get("/_box/panel/<int:placement_id>")
def panel(placement_id: int) -> str:
    """Renders a bound placement for a tab that opens."""
    row, made = panels.asked_for(placement_id)
    return render_template("_panel.html", panel=made, interface=panels.interface_of(row.code, is_native=row.is_native))


@pages.post("/_box/frame/install-finish")
def finish() -> Any:
    """Handles `setInstallFinish`; the page then reloads and shows the application."""
    if not current_page.person().is_admin:
        abort(403)
    with current_page.portal().lock:
        current_page.portal().installations.finish(asking_application())
    return jsonify(True)


@pages.post("/_box/frame/refresh-auth")
def refresh() -> Any:
    """Handles `refreshAuth`: returns a fresh pair of the current person."""
    portal, application = current_page.portal(), asking_application()
    if not portal.has_application(application.client_id):
        abort(403)
    with portal.lock:
        scope = portal.scope_of(application.client_id)
        pair = portal.authority.issue(application.client_id, portal.member_id, current_page.person().id, scope)
    return jsonify(AUTH_ID=pair.access_token, REFRESH_ID=pair.refresh_token, AUTH_EXPIRES="3600")


@pages.post("/_box/frame/first-run")
def first_run() -> Any:
    """Handles `setInstall`: this person has seen the application's first run."""
    runs = asking_installation().first_runs
    if current_page.person().id not in runs:
        runs.append(current_page.person().id)
    return jsonify(True)


@pages.post("/_box/frame/app-option")
def app_option() -> Any:
    if not current_page.person().is_admin:
        abort(403)
    asking_installation().options[asked("name")] = asked("value")
    return jsonify(True)


@pages.post("/_box/frame/user-option")
def user_option() -> Any:
    own = asking_installation().user_options.setdefault(current_page.person().id, {})
    own[asked("name")] = asked("value")
    return jsonify(True)


@pages.get("/_box/people")
def people() -> Any:
    """The people that `selectUser` offers."""
    return jsonify(
        [
            {
                "id": str(person.id),
                "name": person.full_name,
                "photo": "",
                "position": person.position,
                "url": f"/company/personal/user/{person.id}/",
                "sub": False,
                "sup": False,
            }
            for person in current_page.portal().people
            if person.is_active
        ]
    )


PICKED = {"lead", "contact", "company", "deal", "quote"}


@pages.get("/_box/crm")
def crm_choices() -> Any:
    """The cards that `selectCRM` offers; it supports no smart processes, invoices and orders."""
    portal, person = current_page.portal(), current_page.person()
    wanted = PICKED & set(request.args.get("types", "deal").split(","))
    return jsonify(
        [
            {
                "id": f"{kind.short}_{item.id}",
                "type": kind.code.lower(),
                "place": kind.code.lower(),
                "title": item.title,
                "desc": "",
                "url": kind.card_path(item.id),
            }
            for kind in portal.cards.kinds()
            if kind.code.lower() in wanted
            for item in portal.cards.readable_items(person, kind.entity_type_id)
        ]
    )


@pages.get("/_box/has-page")
def has_page() -> Any:
    """Answers whether `openPath` may open this path."""
    try:
        endpoint, _ = current_app.url_map.bind("").match(request.args.get("path", ""))
    except HTTPException:
        return jsonify(False)
    return jsonify(endpoint.startswith(("cards.", "applications.")))


def asked(name: str) -> Any:
    given = request.get_json(silent=True)
    return given.get(name) if isinstance(given, dict) else None


def asking_application() -> Application:
    found = current_page.portal().authority.application(str(asked("client_id")))
    return found or abort(404)


def asking_installation() -> Installation:
    found = current_page.portal().installations.of(str(asked("client_id")))
    return found or abort(404)
