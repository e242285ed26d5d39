"""The native composer: a hidden frame, whose script has the portal itself draw the form above the timeline."""

from flask import Blueprint

from b24app.web.native import pages, pictures

blueprint = Blueprint("native", __name__)
for part in (pages, pictures):
    blueprint.register_blueprint(part.blueprint)
