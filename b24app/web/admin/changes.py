"""The audit list of the settings."""

import json
import re

from flask import Blueprint, Response, request

from b24app.i18n import gettext as _
from b24app.i18n import zone_of
from b24app.models import Change, Person
from b24app.services import changes
from b24app.services.settings import Section
from b24app.web.admin import office
from b24app.web.context import database

blueprint = Blueprint("changes", __name__, url_prefix="/settings/changes")


@blueprint.post("")
def show() -> Response:
    """Who changed what, the latest first."""
    person = office.enter().person
    before = request.form.get("before", "")
    page_key = int(before) if re.fullmatch("[0-9]{1,18}", before) else None
    rows, older = changes.latest(database(), person.portal, before=page_key)
    return office.page(person, "changes", changes=[_shown(row, person) for row in rows], older=older, is_past=page_key)


def _shown(change: Change, reader: Person) -> dict[str, object]:
    names = {
        Section.PLACES: _("Where it shows"),
        Section.ICONS: _("Icons"),
        Section.TEMPLATES: _("Templates"),
        Section.WRITERS: _("Who may write"),
    }
    return {
        "who": change.person.name,
        "when": change.changed_at.astimezone(zone_of(reader.time_zone)),
        "what": names.get(Section(change.section), change.section),
        "before": _written(change.before),
        "after": _written(change.after),
    }


def _written(choices: object) -> str:
    return json.dumps(choices, ensure_ascii=False, indent=1, sort_keys=True) if choices is not None else ""
