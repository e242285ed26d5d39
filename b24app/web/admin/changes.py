"""The audit list of the settings."""

import json

from flask import Blueprint, Response, request

from b24app.context import database
from b24app.i18n import zone_of
from b24app.models import Change, Person
from b24app.services.access.people import person_name
from b24app.services.reports import changes
from b24app.services.settings.settings import Section
from b24app.web.admin import filters, gate

blueprint = Blueprint("changes", __name__, url_prefix="/settings/changes")


@blueprint.post("")
def show() -> Response:
    """Show who changed what, the latest first."""
    person = gate.enter().person
    before = filters.key_of(request.form.get("before", ""))
    rows, older = changes.latest(database(), person.portal, before=before)
    return gate.page(person, "changes", changes=[_shown(row, person) for row in rows], older=older, is_past=before)


def _shown(change: Change, reader: Person) -> dict[str, object]:
    return {
        "who": person_name(change.person),
        "when": change.changed_at.astimezone(zone_of(reader.time_zone)),
        "what": gate.section_names()[Section(change.section).value],
        "before": _written(change.before),
        "after": _written(change.after),
    }


def _written(choices: object) -> str:
    return json.dumps(choices, ensure_ascii=False, indent=1, sort_keys=True) if choices is not None else ""
