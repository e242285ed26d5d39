"""The section on who may write: everybody, administrators, or chosen people."""

import re

from flask import Blueprint, Response, request

from b24app.codes import OutcomeKind
from b24app.context import database
from b24app.errors import Malformed
from b24app.i18n import folded, written
from b24app.i18n import gettext as _
from b24app.models import Person
from b24app.services import text_rules
from b24app.services.settings import writers
from b24app.services.settings.settings import Section
from b24app.services.settings.writers import MOST_CHOSEN, Named, Who, Writers
from b24app.web.admin import gate, saving
from b24app.web.outcomes import Outcome

blueprint = Blueprint("writers", __name__, url_prefix="/settings/writers")

LONGEST_NAME = 255


@blueprint.post("")
def show() -> Response:
    """Show who may write now."""
    person = gate.enter().person
    return _show(person, *writers.read(database(), person.portal_id))


@blueprint.post("/find")
def find() -> Response:
    """Without the portal's picker, find people by a part of their name, keeping the form's choices."""
    person = gate.enter().person
    return _show(person, _typed(person), saving.version_shown())


@blueprint.post("/save")
def save() -> Response:
    """Save who may write; entries that already wait are still sent."""
    person = gate.enter().person
    typed = _typed(person)
    if problems := writers.problems(typed):
        errors = {"people": _people_error(problems["people"])}
        outcome = Outcome(OutcomeKind.INVALID, 422, _("Nothing was saved yet"), "")
        return _show(person, typed, saving.version_shown(), outcome, errors)
    outcome = saving.save(person, Section.WRITERS, typed.as_map())
    _saved, version = writers.read(database(), person.portal_id)
    return _show(person, typed, version, outcome)


def _show(
    person: Person, shown: Writers, version: int, outcome: Outcome | None = None, errors: dict[str, str] | None = None
) -> Response:
    called = request.form.get("called", "").strip()[:LONGEST_NAME]
    known, has_more = writers.known(database(), person.portal, called=called)
    chosen = {one.id for one in shown.people}
    stored, _version = writers.read(database(), person.portal_id)
    return gate.page(
        person,
        "writers",
        outcome,
        version=version,
        is_unsaved=(shown.who, chosen) != (stored.who, {one.id for one in stored.people}),
        who=shown.who,
        people=sorted(shown.people, key=lambda one: folded(one.shown)),
        others=[one for one in known if one.id not in chosen],
        called=called,
        is_search_needed=has_more or bool(called),
        most=MOST_CHOSEN,
        errors=errors or {},
    )


def _typed(person: Person) -> Writers:
    """The content of this request's form; raises Malformed for anything that our pages do not send."""
    who = request.form.get("who", "")
    if who not in set(Who):
        raise Malformed(field="who")
    numbers = request.form.getlist("person")
    if not all(re.fullmatch("[1-9][0-9]{0,17}", number) for number in numbers):
        raise Malformed(field="person")
    people = [Named(int(number), _name(number)) for number in numbers]
    return Writers(Who(who), writers.with_our_names(database(), person.portal, people))


def _name(number: str) -> str:
    """A person's name as the browser sends it, on one line; may be empty."""
    return text_rules.one_line(request.form.get(f"name-{number}", ""))[:LONGEST_NAME]


def _people_error(problem: str) -> str:
    sentences = {
        "none": _("Choose at least one person, or let everybody write."),
        "many": _("No more than %(count)s people can be chosen.") % {"count": written(MOST_CHOSEN)},
    }
    return sentences[problem]
