"""The web application behind the pages, one for all portals; each request names its portal."""

from __future__ import annotations

from flask import Flask, render_template
from werkzeug.exceptions import HTTPException

from ..http import Request, Response, wsgi
from ..portal import Portal
from . import (
    applications,
    authorize,
    automation,
    card_forms,
    cards,
    faults,
    frames,
    layout,
    log,
    menus,
    portals,
    scripting,
)
from .current_page import PORTAL_KEY

PARTS = (layout, cards, card_forms, applications, automation, frames, menus, authorize, log, faults, portals, scripting)


def create_site() -> Flask:
    site = Flask(__name__)
    site.jinja_env.trim_blocks = site.jinja_env.lstrip_blocks = True
    for part in PARTS:
        site.register_blueprint(part.pages)
    site.context_processor(layout.page_context)
    site.register_error_handler(HTTPException, show_error)
    return site


def show_error(error: HTTPException) -> tuple[str, int]:
    return render_template("error.html", title=error.name, description=error.description), error.code or 500


SITE = create_site()


def respond(portal: Portal, request: Request) -> Response:
    return wsgi.respond(SITE, request, {PORTAL_KEY: portal})
