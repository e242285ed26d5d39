"""Registers everything that answers requests: blueprints, errors, languages and the like."""

from flask import Flask

from b24app.web import (
    admin,
    api,
    compression,
    entries,
    entry_search,
    errors,
    events,
    help_page,
    history,
    home,
    install,
    legal,
    native,
    oauth,
    own_keys,
    own_templates,
    pins,
    readiness,
    request_bodies,
    request_language,
    robot,
    templates,
    url_prefix,
    urls,
)
from b24app.web.api import mcp
from b24app.web.several import pages as several


def init_app(app: Flask, app_url: str) -> None:
    request_bodies.init_app(app)
    url_prefix.init_app(app, app_url)
    errors.init_app(app)
    urls.init_app(app)
    compression.init_app(app)
    request_language.init_app(app)
    pages = (home, help_page, legal, readiness, install, admin, entries, templates, history, pins, events, oauth)
    for page in (*pages, entry_search, own_keys, own_templates, several, api, mcp, robot, native):
        app.register_blueprint(page.blueprint)
