"""The section *Connection*: what is bound in the portal, what Logbook is granted, and its repair."""

from flask import Blueprint, Response

from b24app.bitrix24 import methods
from b24app.bitrix24.entities import is_button, menu_of
from b24app.codes import OutcomeKind, PlaceState
from b24app.context import b24, config, database
from b24app.errors import CallFailed, PairDead
from b24app.i18n import gettext as _
from b24app.i18n import ngettext
from b24app.models import Person
from b24app.services.settings import places
from b24app.services.setup import bindings, robots
from b24app.services.setup.bindings import Place, Survey
from b24app.services.setup.repairs import Repair
from b24app.web import places as names
from b24app.web import refusals
from b24app.web.admin import gate
from b24app.web.admin.connection import checks
from b24app.web.admin.gate import Admin
from b24app.web.admin.home import notice
from b24app.web.admin.repair_progress import Progress
from b24app.web.outcomes import Outcome

blueprint = Blueprint("connection", __name__, url_prefix="/settings/connection")

QUESTIONS = {**bindings.SURVEY, "scope": methods.scope()}


@blueprint.post("")
def show() -> Response:
    """Show what is bound, compared with what is wanted."""
    admin = gate.enter(QUESTIONS)
    survey = bindings.read_survey(admin.answers)
    standing = _standing(admin.person, survey)
    return gate.page(admin.person, "connection", None, standing=lambda: _lists(standing), **_words(admin))


@blueprint.post("/repair")
def repair() -> Response:
    """Repair and report on each place; if that takes long, the page is streamed meanwhile."""
    admin = gate.enter(QUESTIONS)
    person, survey = admin.person, bindings.read_survey(admin.answers)
    progress = Progress(Repair(database(), b24(), person, survey, config().app_url))
    person.portal.notice = None
    database().commit()
    robots.register(database(), b24(), person, survey, config().app_url)
    words = {**_words(admin), "standing": lambda: _lists(progress.repair.places())}
    if progress.is_long:
        return gate.page_in_pieces(person, "connection", progress=progress, ended=lambda: _ended(progress), **words)
    progress.finish()
    report = [names.row(place) for place in progress.report()]
    return gate.page(person, "connection", _ended(progress), report=report, **words)


def _words(admin: Admin) -> dict[str, object]:
    return {"notice": notice(admin.person.portal), "facts": checks.of(admin), **checks.people(admin.person)}


def _standing(person: Person, survey: Survey) -> list[Place]:
    return survey.places(places.read(database(), person.portal_id), config().app_url)


def _lists(standing: list[Place]) -> dict[str, object]:
    by_list: dict[str, list[dict[str, str]]] = {"tabs": [], "buttons": [], "menus": [], "events": []}
    for place in standing:
        name = _list_of(place)
        by_list[name].append(names.row(place) if name == "menus" else {**names.row(place), "name": names.kind(place)})
    return {
        **by_list,
        "is_whole": not any(place.is_amiss for place in standing),
    }


def _list_of(place: Place) -> str:
    if place.type_id is None:
        return "events"
    if menu_of(place.code):
        return "menus"
    return "buttons" if is_button(place.code) else "tabs"


def _ended(progress: Progress) -> Outcome:
    if progress.failure:
        return _failed(progress.failure)
    if missing := len(progress.amiss()):
        sentence = ngettext("%(count)s place is still missing.", "%(count)s places are still missing.", missing) % {
            "count": missing
        }
        return Outcome(
            OutcomeKind.REFUSED, 200, _("Not everything could be repaired"), sentence, _("The list says why.")
        )
    return Outcome(OutcomeKind.REPAIRED, 200, _("Everything is in place"), _done(progress))


def _done(progress: Progress) -> str:
    added = sum(place.state == PlaceState.ADDED for place in progress.report())
    if not progress.total:
        return _("Nothing was missing.")
    if not added:
        return _("What was wrong has been put right.")
    repaired = ngettext(
        "%(count)s place was missing and is there now.", "%(count)s places were missing and are there now.", added
    )
    return repaired % {"count": added}


def _failed(failure: CallFailed | PairDead) -> Outcome:
    refusal = refusals.of(failure)
    return Outcome(OutcomeKind.REFUSED, refusal.status, refusal.heading, refusal.sentence, refusal.advice)
