"""The settings page inside a portal: one module, one template and one address for each section."""

from flask import Blueprint

from b24app.errors import LogbookError
from b24app.web.admin import (
    calls,
    changes,
    connection,
    deliveries,
    home,
    icons,
    kept,
    leave,
    own_icons,
    places,
    templates,
    writers,
)

blueprint = Blueprint("admin", __name__)
blueprint.register_error_handler(LogbookError, kept.answer)
for section in (home, places, icons, own_icons, templates, writers, deliveries, connection, calls, changes, leave):
    blueprint.register_blueprint(section.blueprint)
