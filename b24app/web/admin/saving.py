"""Saves a section, unless somebody else has saved it meanwhile."""

import re
from typing import Any

from flask import request

from b24app.codes import OutcomeKind
from b24app.context import database
from b24app.errors import Outdated
from b24app.i18n import gettext as _
from b24app.i18n import moment, zone_of
from b24app.models import Person
from b24app.services.access.people import person_name
from b24app.services.settings import settings
from b24app.services.settings.settings import Section
from b24app.web.outcomes import Outcome


def version_shown() -> int:
    """The version that this request's form is based on; 0, the state before the first save, if it names none."""
    text = request.form.get("version", "")
    return int(text) if re.fullmatch("[0-9]{1,9}", text) else 0


def save(person: Person, section: Section, choices: dict[str, Any]) -> Outcome:
    """Save the form's choices, unless somebody else has saved the section since the form was shown.

    An outdated form is shown again; saving it once more replaces the other person's choice.
    """
    try:
        is_changed = settings.save(database(), person, section, choices, version=version_shown())
    except Outdated:
        return _outdated(person, section)
    if not is_changed:
        return Outcome(OutcomeKind.SAVED, 200, _("Nothing to save"), _("You have not changed anything."))
    return Outcome(OutcomeKind.SAVED, 200, _("Saved"), _("Your choice counts from now on."))


def _outdated(person: Person, section: Section) -> Outcome:
    latest = settings.latest_change(database(), person.portal_id, section)
    if latest is None:
        sentence = _("What you see was never saved like this.")
    else:
        when = moment(latest.changed_at.astimezone(zone_of(person.time_zone)))
        sentence = _("%(name)s has saved it on %(moment)s.") % {"name": person_name(latest.person), "moment": when}
    advice = _("Nothing of yours was saved. It is still shown below; save it again to replace the other choice.")
    return Outcome(OutcomeKind.OUTDATED, 409, _("Somebody else has changed this since you opened it"), sentence, advice)
