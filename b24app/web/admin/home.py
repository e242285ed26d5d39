"""The application's main page in a portal: an overview of the settings for administrators, a welcome for others."""

from flask import Blueprint, Response

from b24app.bitrix24 import methods
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.payloads import MAIN_PAGE, FrameCall
from b24app.codes import PlaceState
from b24app.context import b24, config, database
from b24app.errors import Malformed, NotAdministrator, NotInstalled, NotProved
from b24app.i18n import gettext as _
from b24app.i18n import ngettext
from b24app.models import Person, Portal
from b24app.services.access import portals
from b24app.services.reports import connection, deliveries, health
from b24app.services.reports.deliveries import Standing
from b24app.services.settings import places
from b24app.services.setup import bindings
from b24app.services.setup.bindings import Place
from b24app.web import events, frame, install, own_keys, sentences
from b24app.web.admin import gate, number_formats
from b24app.web.sessions import prove_origin
from b24app.web.several import pages as several

blueprint = Blueprint("home", __name__)


@blueprint.post("/")
def open_main_page() -> Response:
    """Open the page; one request proves the caller and, for administrators, reads what is bound."""
    if events.is_event():
        return events.take()
    call = frame.read_call()
    if call.placement != MAIN_PAGE:
        raise Malformed(field="PLACEMENT")
    try:
        caller, answers = portals.recognise(database(), b24(), call, bindings.SURVEY)
    except NotInstalled as unknown:
        if page := _install(call, unknown):
            return page
        caller, answers = portals.recognise(database(), b24(), call, bindings.SURVEY)
    prove_origin(call, caller.portal)
    if not caller.is_administrator:
        is_unfinished = methods.is_unfinished(answers["application"])
        return frame.page_for(
            caller.portal,
            "welcome.html",
            is_unfinished=is_unfinished,
            session=own_keys.session_of(caller.person),
            several_session=several.session_of(caller.person),
        )
    return _show(caller.person, answers)


def _install(call: FrameCall, unknown: NotInstalled) -> Response | None:
    """Show the installer to an administrator: an application that Bitrix24 installs itself has no other page."""
    try:
        return install.run_from_main_page(call)
    except NotProved as failure:
        raise failure if failure.is_insecure else unknown from None
    except NotAdministrator:
        raise unknown from None


@blueprint.post("/settings")
def show() -> Response:
    """Show the overview again, coming from a section."""
    admin = gate.enter(bindings.SURVEY)
    return _show(admin.person, admin.answers)


def _show(person: Person, answers: Answers) -> Response:
    standing = bindings.read_survey(answers).places(places.read(database(), person.portal_id), config().app_url)
    counts = deliveries.counts(database(), person.portal)
    return gate.page(
        person,
        "home",
        tasks=_tasks(person.portal, standing, counts),
        is_unfinished=methods.is_unfinished(answers["application"]),
        portal_origin=person.portal.origin,
        several_session=several.session_of(person),
        cards=len({place.type_id for place in standing if place.type_id and place.is_there}),
        waiting=number_formats.in_words(counts[Standing.WAITING] + counts[Standing.UNSURE]),
        failed=number_formats.in_words(counts[Standing.FAILED]),
    )


def _tasks(portal: Portal, standing: list[Place], counts: dict[Standing, int]) -> list[dict[str, str]]:
    """Hints for administrators, each with a link to a section."""
    missing = sum(place.state == PlaceState.MISSING for place in standing)
    failed = counts[Standing.FAILED]
    dead = connection.count_without_permission(database(), portal)
    silenced = ngettext(
        "Logbook may not write for %(count)s person at the moment.",
        "Logbook may not write for %(count)s people at the moment.",
        dead,
    )
    counted = [
        (
            "connection",
            missing,
            ngettext("%(count)s place is not set up.", "%(count)s places are not set up.", missing),
        ),
        ("deliveries", failed, ngettext("%(count)s entry was refused.", "%(count)s entries were refused.", failed)),
        ("connection", dead, silenced),
    ]
    told = [{"section": "connection", "sentence": notice(portal)}] if notice(portal) else []
    if health.is_worker_missing(database()):
        sentence = _("What waits is not being sent at the moment. Please tell whoever looks after Logbook.")
        told.append({"section": "deliveries", "sentence": sentence})
    return told + [
        {"section": section, "sentence": sentence % {"count": number_formats.in_words(count)}}
        for section, count, sentence in counted
        if count
    ]


def notice(portal: Portal) -> str:
    """What happened in the background, shown until somebody repairs it; empty if nothing did."""
    return sentences.notice(portal.notice)
