"""The application's main page in a portal: settings for its administrators, a welcome for everybody else."""

from flask import Blueprint, Response, request, url_for

from b24app.bitrix24.payloads import MAIN_PAGE
from b24app.errors import CallFailed, LogbookError, Malformed, NotAdministrator, PairDead
from b24app.i18n import gettext as _
from b24app.i18n import ngettext
from b24app.models import Person, Portal
from b24app.services import bindings, portals, tokens
from b24app.services.bindings import Place
from b24app.web import frame, refusals
from b24app.web.context import b24, database, settings
from b24app.web.outcomes import Outcome
from b24app.web.places import named
from b24app.web.sessions import SessionToken, seal, unseal

blueprint = Blueprint("admin", __name__)

PURPOSE = "admin"


@blueprint.post("/")
def open_main_page() -> Response:
    """One request to the portal proves the caller and, if he is an administrator, tells what is bound."""
    call = frame.read_call()
    if call.placement != MAIN_PAGE:
        raise Malformed(field="PLACEMENT")
    caller, answers = portals.recognise(database(), b24(), call, bindings.SURVEY)
    if not caller.is_administrator:
        return frame.page_for(caller.portal, "welcome.html")
    places = bindings.read_survey(answers).places(settings().app_url)
    return _show(caller.person, places)


@blueprint.post("/repair")
def repair() -> Response:
    """Bind what is missing; that he still is an administrator, the portal is asked anew."""
    token = unseal(request.form.get("session", ""), PURPOSE)
    person = portals.find_person(database(), token.member_id, token.person_id)
    answers = tokens.ask_all_as(database(), b24(), person, {**portals.WHO, **bindings.SURVEY})
    if not portals.read_proof(answers, app_code=person.portal.app_code).is_administrator:
        raise NotAdministrator
    survey = bindings.read_survey(answers)
    person.portal.notice = None
    try:
        places = bindings.reconcile(database(), b24(), person, survey, settings().app_url)
    except (CallFailed, PairDead) as failure:
        return _show(person, survey.places(settings().app_url), _failed(failure))
    finally:
        database().commit()
    return _show(person, places, _repaired(places))


def _show(person: Person, places: list[Place], outcome: Outcome | None = None) -> Response:
    token = SessionToken(purpose=PURPOSE, member_id=person.portal.member_id, person_id=person.bitrix_id)
    return frame.page_for(
        person.portal,
        "admin/home.html",
        outcome.status if outcome else 200,
        portal_origin=person.portal.origin,
        member_id=person.portal.member_id,
        places=[_row(place) for place in places if place.type_id],
        events=[_row(place) for place in places if not place.type_id],
        is_whole=all(place.state != "missing" for place in places),
        form={"action": url_for("admin.repair"), "session": seal(token)},
        outcome=outcome or _notice(person.portal),
    )


def _notice(portal: Portal) -> Outcome | None:
    """What happened while nobody looked; it stands there until somebody repairs."""
    notices = {
        "FORGED_UNINSTALL": _("Somebody announced that Logbook was uninstalled, which was not true. Nothing was lost."),
        "OVERLOAD_LIMIT": _("Bitrix24 had blocked Logbook for overload. What waits is sent as soon as it allows."),
        "ACCESS_DENIED": _("The plan of this Bitrix24 did not allow applications. What waits is sent once it does."),
        "PAYMENT_REQUIRED": _("The application’s paid period was over. What waits is sent once it is extended."),
    }
    sentence = notices.get(portal.notice or "")
    return Outcome("refused", 200, _("Something to know"), sentence) if sentence else None


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
