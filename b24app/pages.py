"""Everything that answers requests, put together."""

from flask import Flask

from b24app.web import (
    admin,
    api,
    assets,
    compression,
    entries,
    errors,
    events,
    help_page,
    history,
    home,
    install,
    languages,
    legal,
    native,
    oauth,
    own_keys,
    own_templates,
    pins,
    prefix,
    readiness,
    robot,
    searching,
    templates,
)
from b24app.web.api import mcp
from b24app.web.bodies import Request
from b24app.web.several import pages as several

LONGEST_BODY = 256 * 1024


def init_app(app: Flask, app_url: str) -> None:
    app.request_class = Request
    app.config.update(MAX_CONTENT_LENGTH=LONGEST_BODY, MAX_FORM_MEMORY_SIZE=LONGEST_BODY)
    prefix.init_app(app, app_url)
    errors.init_app(app)
    assets.init_app(app)
    compression.init_app(app)
    languages.init_app(app)
    pages = (home, help_page, legal, readiness, install, admin, entries, templates, history, pins, events, oauth)
    for page in (*pages, searching, own_keys, own_templates, several, api, mcp, robot, native):
        app.register_blueprint(page.blueprint)
