"""The section *Privacy*: how long texts of entries are stored, and erasing a person."""

import re

from flask import Blueprint, Response, request

from b24app.codes import OutcomeKind
from b24app.context import database
from b24app.errors import Malformed
from b24app.i18n import gettext as _
from b24app.i18n import written
from b24app.models import Person
from b24app.services.access import people
from b24app.services.access.people import person_name
from b24app.services.settings import erasure, retention
from b24app.services.settings.retention import MOST_DAYS, Retention
from b24app.services.settings.settings import Section
from b24app.web.admin import gate, saving
from b24app.web.outcomes import Outcome

blueprint = Blueprint("privacy", __name__, url_prefix="/settings/privacy")

LISTED = 10
USUAL_DAYS = 90


@blueprint.post("")
def show() -> Response:
    """Show the current choice, and people to choose from."""
    return _show(gate.enter().person)


@blueprint.post("/find")
def find() -> Response:
    """Find the person to erase by a part of their name."""
    return _show(gate.enter().person)


@blueprint.post("/save")
def save() -> Response:
    """Save how long texts are stored; the worker deletes older ones within minutes."""
    person = gate.enter().person
    typed = _typed()
    if typed is None:
        sentence = _("Write a whole number of days from 1 to %(most)s.") % {"most": written(MOST_DAYS)}
        return _show(person, Outcome(OutcomeKind.INVALID, 422, _("Nothing was saved yet"), sentence))
    return _show(person, saving.save(person, Section.PRIVACY, typed.as_map()))


@blueprint.post("/erase")
def erase() -> Response:
    """Erase a person; their name is read before it is deleted."""
    administrator = gate.enter().person
    person = _chosen(administrator)
    if person is None or request.form.get("is_sure") != "yes":
        sentence = _("Choose a person, and tick that you are sure.")
        return _show(administrator, Outcome(OutcomeKind.INVALID, 422, _("Nobody was erased"), sentence))
    name = person_name(person)
    if not erasure.erase(database(), administrator, person):
        sentence = _("An entry of this person is being sent right now. Try again in a minute.")
        return _show(administrator, Outcome(OutcomeKind.REFUSED, 409, _("Nobody was erased"), sentence))
    sentence = _("Logbook has forgotten %(name)s. If they open it again, it knows them again.") % {"name": name}
    return _show(administrator, Outcome(OutcomeKind.SAVED, 200, _("Erased"), sentence))


def _chosen(administrator: Person) -> Person | None:
    """The person to erase, who must not be the administrator."""
    number = request.form.get("erased", "")
    if not re.fullmatch("[1-9][0-9]{0,17}", number, re.ASCII):
        return None
    found = people.numbered(database(), administrator.portal, int(number))
    return next((person for person in found if person.id != administrator.id), None)


def _typed() -> Retention | None:
    """The choice of this request's form; None if the number of days is invalid. Raises Malformed."""
    keep, days = request.form.get("keep", ""), request.form.get("days", "").strip()
    if keep not in {"always", "days", "never"}:
        raise Malformed(field="keep")
    if keep != "days":
        return Retention(None if keep == "always" else 0)
    is_number = bool(re.fullmatch("[1-9][0-9]{0,3}", days, re.ASCII)) and int(days) <= MOST_DAYS
    return Retention(int(days)) if is_number else None


def _is_unsaved(outcome: Outcome | None) -> bool:
    """Whether the form was sent but not saved, so that it is shown as it was."""
    is_refused = outcome is not None and outcome.kind in {OutcomeKind.INVALID, OutcomeKind.OUTDATED}
    return is_refused and "keep" in request.form


def _how_long(days: int | None) -> str:
    if days is None:
        return "always"
    return "days" if days else "never"


def _show(person: Person, outcome: Outcome | None = None) -> Response:
    chosen, version = retention.read(database(), person.portal_id)
    is_open = _is_unsaved(outcome)
    called = request.form.get("called", "").strip()[:255]
    known = people.called(database(), person.portal, called) if called else people.suggested(database(), person.portal)
    return gate.page(
        person,
        "privacy",
        outcome,
        version=version,
        is_unsaved=is_open,
        keep=request.form["keep"] if is_open else _how_long(chosen.days),
        days=request.form.get("days", "") if is_open else chosen.days or USUAL_DAYS,
        most=MOST_DAYS,
        called=called,
        people=[(one.bitrix_id, person_name(one)) for one in known if one.id != person.id][:LISTED],
    )
