"""The installer in a portal's frame; a failed step is reported and can be resumed."""

from collections.abc import Iterable

from flask import Blueprint, Response, request, url_for

from b24app.bitrix24 import methods
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.payloads import FrameCall
from b24app.codes import PlaceState
from b24app.context import b24, config, database
from b24app.errors import CallFailed, LogbookError, PairDead
from b24app.i18n import gettext as _
from b24app.models import Person, Portal
from b24app.services.access import portals, tokens
from b24app.services.access.portals import Caller
from b24app.services.setup import bindings, install, repairs, robots
from b24app.services.setup.bindings import Place, Survey
from b24app.web import events, frame, refusals
from b24app.web.home import belongs
from b24app.web.places import named
from b24app.web.sessions import SessionToken, frame_origin, prove_origin, seal, unseal

blueprint = Blueprint("install", __name__)

PURPOSE = "install"


@blueprint.get("/install")
def explain() -> Response:
    return belongs(_("Bitrix24 opens this address while an administrator installs Logbook."))


@blueprint.post("/install")
def run() -> Response:
    """Save the portal, then bind; the button of an interrupted installation sends our session token."""
    if events.is_event():
        return events.take()
    if "session" in request.form:
        return _go_on(request.form["session"])
    caller, answers = _take_in(frame.read_call())
    return _bind(caller.person, bindings.read_survey(answers))


def run_from_main_page(call: FrameCall) -> Response | None:
    """Install if a portal's first request opens the application's own page; raises like ``install``.

    Returns None if everything is bound and the portal does not wait for the installation to finish.
    """
    caller, answers = _take_in(call)
    page = _bind(caller.person, bindings.read_survey(answers))
    return page if page.status_code != 200 or methods.is_unfinished(answers["application"]) else None


def _take_in(call: FrameCall) -> tuple[Caller, Answers]:
    caller, answers = install.install(database(), b24(), call)
    prove_origin(call, caller.portal)
    return caller, answers


def _go_on(session_token: str) -> Response:
    token = unseal(session_token, PURPOSE)
    person = portals.find_person(database(), token.member_id, token.person_id)
    try:
        answers = tokens.ask_all_as(database(), b24(), person, bindings.SURVEY)
        survey = bindings.read_survey(answers)
    except (CallFailed, PairDead) as failure:
        return _stopped(person, _("Looking up what is set up already"), failure, [])
    return _bind(person, survey)


def _bind(person: Person, survey: Survey) -> Response:
    step = _("Putting the tab on the cards")
    try:
        places = repairs.repair(database(), b24(), person, survey, config().app_url)
    except (CallFailed, PairDead) as failure:
        return _stopped(person, step, failure, [])
    missing = [place for place in places if place.state == PlaceState.MISSING]
    if missing:
        return _stopped(person, step, CallFailed(code=missing[0].refusal or "MISSING"), places)
    robots.register(database(), b24(), person, survey, config().app_url)
    return frame.page_for(person.portal, "install/done.html", places=_shown(places))


def _stopped(person: Person, step: str, failure: LogbookError, places: list[Place]) -> Response:
    database().commit()  # the log of the calls that led here
    refusal = refusals.of(failure)
    return frame.page_for(
        person.portal,
        "install/stopped.html",
        refusal.status,
        step=step,
        reason=refusal.sentence,
        advice=refusal.advice,
        places=_shown(place for place in places if place.state != PlaceState.MISSING),
        form={"action": url_for("install.run"), "session": seal(_token(person.portal, person))},
    )


def _token(portal: Portal, person: Person) -> SessionToken:
    return SessionToken(PURPOSE, portal.member_id, person.bitrix_id, origin=frame_origin())


def _shown(places: Iterable[Place]) -> list[dict[str, str]]:
    states = {PlaceState.ADDED: "bound", PlaceState.RENAMED: "bound", PlaceState.UNAVAILABLE: "unavailable"}
    return [{"name": named(place), "state": states.get(place.state, "already")} for place in places if place.type_id]
