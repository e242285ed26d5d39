"""Our robot: receives its runs from Bitrix24's queue, and shows its settings dialog."""

from flask import Blueprint, Response, make_response, request

from b24app.bitrix24.payloads import ROBOT_SETTINGS
from b24app.bitrix24.robots import Settings, read_run, read_settings
from b24app.context import b24, context, database
from b24app.errors import Malformed
from b24app.i18n import gettext as _
from b24app.models import Portal
from b24app.services.access import portals
from b24app.services.delivery.entries import LONGEST_TEXT, LONGEST_TITLE
from b24app.services.machines import robots
from b24app.services.settings import icons, settings
from b24app.services.settings.settings import Section
from b24app.services.text_rules import TextProblem
from b24app.web import frame, text_problems
from b24app.web.client_address import source
from b24app.web.home import belongs
from b24app.web.icons import palette, tiles
from b24app.web.sessions import prove_origin

blueprint = Blueprint("robot", __name__, url_prefix="/robot")

LIMITS = {"title": LONGEST_TITLE, "text": LONGEST_TEXT}


@blueprint.post("")
def take() -> Response:
    """Handle a run. Bitrix24 does not retry, so the answer is only a status."""
    portal_id = robots.take(database(), b24(), read_run(request.form.to_dict(flat=False), source()))
    context().queue.wake(portal_id)
    return make_response("", 200)


@blueprint.get("/settings")
def explain() -> Response:
    return belongs(_("Bitrix24 opens this address when somebody sets up the robot of Logbook."))


@blueprint.post("/settings")
def show_settings() -> Response:
    """Show the frame in the robot's dialog. Nothing is saved here: the choices go into the portal's own form."""
    call = frame.read_call()
    if call.placement != ROBOT_SETTINGS:
        raise Malformed(field="PLACEMENT")
    caller, answers = portals.prove(database(), b24(), call, icons.QUESTION)
    try:
        icons.learn(caller.portal, answers)
        prove_origin(call, caller.portal)
        words = _words(caller.portal, read_settings(call.options))
    finally:
        # Commit the caller's token pair.
        database().commit()
    return frame.page_for(caller.portal, "robot.html", 200, **words)


def _words(portal: Portal, chosen: Settings) -> dict[str, object]:
    offer = palette(portal, icons.of(settings.of(portal)[Section.ICONS]))
    usual = offer.default or next((choice.code for choice in offer.offered), "")
    icon_code = chosen.icon_code or usual
    return {
        "chosen": chosen,
        "limits": LIMITS,
        "missing": {name: text_problems.in_words(name, TextProblem.EMPTY, limit) for name, limit in LIMITS.items()},
        "form": {"errors": {}, "icon": icon_code},
        "icons": tiles(offer.offered, icon_code),
        "groups": offer.groups,
        "recent": 0,
        "most_icons": len(offer.offered) if portal.has_more_icons else 0,
        # An earlier choice stays until another one is made: it may be one of the portal's placeholders.
        "foreign_icon": "" if icon_code in offer.codes else icon_code,
    }
