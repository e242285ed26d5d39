"""The native composer: the script of a hidden frame has the portal draw the form above the timeline."""

from flask import Blueprint

from b24app.web.native import pages, pictures

blueprint = Blueprint("native", __name__)
for part in (pages, pictures):
    blueprint.register_blueprint(part.blueprint)
