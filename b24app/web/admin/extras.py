"""The section about what the form offers besides icon, title and text."""

from datetime import UTC, datetime

from flask import Blueprint, Response, request

from b24app.codes import OutcomeKind
from b24app.context import database
from b24app.i18n import gettext as _
from b24app.i18n import written, zone_of
from b24app.models import Person
from b24app.services import text_rules
from b24app.services.delivery import happening_time
from b24app.services.delivery.happening_time import PATTERN
from b24app.services.settings import extras
from b24app.services.settings.extras import LONGEST_PATTERN, Extras
from b24app.services.settings.settings import Section
from b24app.services.text_rules import TextProblem
from b24app.web.admin import gate, saving
from b24app.web.outcomes import Outcome

blueprint = Blueprint("extras", __name__, url_prefix="/settings/extras")


@blueprint.post("")
def show() -> Response:
    """Show what is offered now."""
    person = gate.enter().person
    return _show(person, *extras.read(database(), person.portal_id))


@blueprint.post("/save")
def save() -> Response:
    """Save what is offered; open forms stay as they are."""
    person = gate.enter().person
    typed = _typed()
    if problem := extras.problem(typed.pattern):
        outcome = Outcome(OutcomeKind.INVALID, 422, _("Nothing was saved yet"), "")
        return _show(person, typed, saving.version_shown(), outcome, {"pattern": _in_words(problem)})
    outcome = saving.save(person, Section.EXTRAS, typed.as_map())
    _saved, version = extras.read(database(), person.portal_id)
    return _show(person, typed, version, outcome)


def _show(
    person: Person, shown: Extras, version: int, outcome: Outcome | None = None, errors: dict[str, str] | None = None
) -> Response:
    stored, _version = extras.read(database(), person.portal_id)
    now = datetime.now(UTC)
    return gate.page(
        person,
        "extras",
        outcome,
        version=version,
        is_unsaved=shown != stored,
        extras=shown,
        example=happening_time.prefix(shown.pattern, now, zone_of(person.time_zone)),
        longest=LONGEST_PATTERN,
        errors=errors or {},
    )


def _typed() -> Extras:
    """The content of this request's form; an empty pattern means the usual one."""
    pattern = text_rules.one_line(request.form.get("pattern", "")) or PATTERN
    return Extras("has_moment" in request.form, pattern, "has_related" in request.form)


def _in_words(problem: TextProblem | str) -> str:
    if problem == TextProblem.LONG:
        return _("The pattern is longer than %(limit)s characters.") % {"limit": written(LONGEST_PATTERN)}
    return _("Write {happened} where the date and time should be.")
