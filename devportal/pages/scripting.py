"""An application's installation, frames, update and uninstall over HTTP, for scripts; and the BX24 library."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import requests
from flask import Blueprint, Response, abort, current_app, jsonify, request

from ..apps.frames import FramePost
from ..model.applications import Application
from ..model.people import Person
from ..portal import Portal
from . import current_page

pages = Blueprint("scripts", __name__)

PATIENCE_SECONDS = 30
ANSWER_SHOWN = 4_000
Step = Callable[[Portal], FramePost | None]


@pages.get("/api/v1/")
def library() -> Response:
    """The BX24 library, at the path where Bitrix24 has it."""
    return current_app.send_static_file("bx24.js")


@pages.post("/_box/scripts/<name>")
def run(name: str) -> Any:
    """Runs a step; returns the frame's POST and, with `post=1`, the application's answer to it."""
    step = STEPS.get(name)
    if step is None:
        return jsonify(error=f"There is no script {name}.", scripts=sorted(STEPS)), 404
    post = step(current_page.portal())
    if post is None:
        installation = current_page.portal().installations.of(application().client_id)
        return jsonify(installed=installation is not None, finished=bool(installation and installation.is_finished))
    told = {"url": post.url, "query": post.query, "fields": post.fields, "full_url": post.full_url, "name": post.name}
    return jsonify(told | sent(post) if is_set("post") else told)


def install_frame(portal: Portal) -> FramePost:
    return portal.install_frame(person(), application())


def frame(portal: Portal) -> FramePost:
    return portal.frame(person(), given("placement") or "CRM_DEAL_DETAIL_TAB", options(), application())


def finish_install(portal: Portal) -> None:
    portal.finish_install(application())


def update(portal: Portal) -> None:
    if not portal.has_application(application().client_id):
        abort(409, "The application is not installed.")
    portal.update_application(is_set("new_token"), application())


def uninstall(portal: Portal) -> None:
    portal.uninstall(is_set("clean"), application())


STEPS: dict[str, Step] = {
    "install-frame": install_frame,
    "frame": frame,
    "finish-install": finish_install,
    "update": update,
    "uninstall": uninstall,
}


def sent(post: FramePost) -> dict[str, Any]:
    """The frame's POST as a browser would send it, and the application's answer."""
    with requests.Session() as session:
        session.trust_env = False
        try:
            answer = session.post(post.full_url, post.fields, timeout=PATIENCE_SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            return {"status": 0, "answer": type(error).__name__}
    return {"status": answer.status_code, "answer": answer.text[:ANSWER_SHOWN]}


def given(name: str) -> str:
    values = request.get_json(silent=True) if request.is_json else request.form
    value = (values or {}).get(name, "")
    return value if isinstance(value, str) else json.dumps(value)


def is_set(name: str) -> bool:
    return given(name).lower() in ("1", "true", "on", "yes", "y")


def options() -> dict[str, Any] | str | None:
    """The options: a JSON map, or any text, which is sent unchanged."""
    text = given("options")
    try:
        value = json.loads(text) if text else None
    except ValueError:
        return text
    return value if isinstance(value, dict) or value is None else text


def person() -> Person:
    number = given("person")
    found = current_page.portal().state.person(int(number)) if number.isdigit() else None
    if number and found is None:
        abort(400, f"There is no person {number}.")
    return found or current_page.portal().administrator


def application() -> Application:
    portal, client_id = current_page.portal(), given("client_id")
    found = portal.authority.application(client_id) if client_id else portal.application
    return found or abort(404, f"There is no application {client_id}.")
