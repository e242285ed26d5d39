"""The settings page inside a portal: one module, one template and one address for each section."""

from flask import Blueprint

from b24app.errors import LogbookError
from b24app.web.admin import calls, changes, extras, home, keys, leave, places, privacy, refused, writers
from b24app.web.admin.connection import pages as connection
from b24app.web.admin.deliveries import pages as deliveries
from b24app.web.admin.icons import own_icons
from b24app.web.admin.icons import pages as icons
from b24app.web.admin.templates import pages as templates

blueprint = Blueprint("admin", __name__)
blueprint.register_error_handler(LogbookError, refused.answer)
for section in (
    home,
    places,
    icons,
    own_icons,
    templates,
    extras,
    writers,
    keys,
    deliveries,
    connection,
    calls,
    changes,
    privacy,
    leave,
):
    blueprint.register_blueprint(section.blueprint)
