"""The section about stored data: its amounts, its export, and what uninstalling deletes."""

from flask import Blueprint, Response

from b24app.context import database
from b24app.i18n import gettext as _
from b24app.services.reports import export
from b24app.web import downloads
from b24app.web.admin import gate
from b24app.web.admin.number_formats import in_words

blueprint = Blueprint("leave", __name__, url_prefix="/settings/leave")


@blueprint.post("")
def show() -> Response:
    """Show the amounts before anything is downloaded."""
    person = gate.enter().person
    stock = export.stock(database(), person.portal)
    names = {
        "entry": _("Entries"),
        "person": _("People"),
        "permission": _("Permissions to write"),
        "draft": _("Drafts"),
        "own_templates": _("People with templates of their own"),
        "settings": _("Sections of the settings"),
        "key": _("Keys"),
        "change": _("Changes of the settings"),
        "call": _("Calls in the log"),
    }
    return gate.page(
        person,
        "leave",
        stock=[(name, in_words(stock[kind], export.MOST_COUNTED)) for kind, name in names.items()],
        lines=in_words(sum(stock.values()), export.MOST_COUNTED),
    )


@blueprint.post("/export")
def download() -> Response:
    """Download everything, one JSON map per line."""
    portal = gate.enter().person.portal
    return downloads.json_lines(portal, "everything", lambda session: export.everything(session, portal))
