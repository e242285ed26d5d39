"""How Logbook stands with the portal: what is set up there, and its repair."""

from flask import Blueprint, Response

from b24app.errors import CallFailed, LogbookError, PairDead
from b24app.i18n import gettext as _
from b24app.i18n import ngettext
from b24app.models import Person
from b24app.services import bindings
from b24app.services.bindings import Place
from b24app.web import refusals
from b24app.web.admin import office
from b24app.web.admin.home import notice
from b24app.web.context import b24, database, settings
from b24app.web.outcomes import Outcome
from b24app.web.places import named

blueprint = Blueprint("connection", __name__, url_prefix="/settings/connection")


@blueprint.post("")
def show() -> Response:
    """What is bound, held against what is wanted."""
    at_work = office.enter(bindings.SURVEY)
    return _show(at_work.person, bindings.read_survey(at_work.answers).places(settings().app_url))


@blueprint.post("/repair")
def repair() -> Response:
    """Bind what is missing."""
    at_work = office.enter(bindings.SURVEY)
    person, survey = at_work.person, bindings.read_survey(at_work.answers)
    person.portal.notice = None
    try:
        places = bindings.reconcile(database(), b24(), person, survey, settings().app_url)
    except (CallFailed, PairDead) as failure:
        return _show(person, survey.places(settings().app_url), _failed(failure))
    finally:
        database().commit()
    return _show(person, places, _repaired(places))


def _show(person: Person, places: list[Place], outcome: Outcome | None = None) -> Response:
    return office.page(
        person,
        "connection",
        outcome,
        notice=notice(person.portal),
        portal_origin=person.portal.origin,
        member_id=person.portal.member_id,
        places=[_row(place) for place in places if place.type_id],
        events=[_row(place) for place in places if not place.type_id],
        is_whole=all(place.state != "missing" for place in places),
    )


def _row(place: Place) -> dict[str, object]:
    notes = {"unavailable": _("this Bitrix24 does not have it"), "missing": place.refusal or _("missing")}
    return {"name": named(place), "is_bound": place.state in {"bound", "added"}, "note": notes.get(place.state, "")}


def _repaired(places: list[Place]) -> Outcome:
    missing = [place for place in places if place.state == "missing"]
    if missing:
        sentence = ngettext(
            "%(count)s place is still missing.", "%(count)s places are still missing.", len(missing)
        ) % {"count": len(missing)}
        return Outcome("refused", 200, _("Not everything could be repaired"), sentence, _("The list says why."))
    added = sum(place.state == "added" for place in places)
    repaired = ngettext(
        "%(count)s place was missing and is there now.", "%(count)s places were missing and are there now.", added
    )
    sentence = repaired % {"count": added} if added else _("Nothing was missing.")
    return Outcome("repaired", 200, _("Everything is in place"), sentence)


def _failed(failure: LogbookError) -> Outcome:
    refusal = refusals.of(failure)
    return Outcome("refused", refusal.status, refusal.heading, refusal.sentence, refusal.advice)
