"""The API's lists of icons and templates."""

from typing import Any

from flask import Blueprint, Response, jsonify

from b24app.context import database
from b24app.services.machines import requests
from b24app.services.settings import icons, placeholders
from b24app.web.api.access import Machine, for_machines

blueprint = Blueprint("lists", __name__)


@blueprint.get("/icons")
@for_machines
def show_icons(machine: Machine) -> Response:
    """List the offered icons that this key may use."""
    found = icons_of(machine)
    database().commit()
    return jsonify(icons=found)


@blueprint.get("/templates")
@for_machines
def show_templates(machine: Machine) -> Response:
    """List the templates, with the values that each needs."""
    found = templates_of(machine)
    database().commit()
    return jsonify(templates=found)


def icons_of(machine: Machine) -> list[dict[str, str]]:
    """The icons with their codes, and the URLs of pictures that were added in this portal."""
    allowed = machine.key.icons
    offered = icons.offered(database(), machine.author.portal)
    return [{"code": icon.code} for icon in offered if not allowed or icon.code in allowed]


def templates_of(machine: Machine) -> list[dict[str, Any]]:
    return [
        {
            "id": template.id,
            "name": template.name,
            "title": template.title,
            "text": template.text,
            "icon": template.icon,
            "kinds": [requests.type_name(kind) for kind in template.kinds],
            "values": sorted(placeholders.names_in(template.title, template.text)),
        }
        for template in machine.templates()
    ]
