"""Receives events from Bitrix24's servers."""

from flask import Blueprint, Response, make_response, request

from b24app.bitrix24.payloads import read_event
from b24app.context import b24, config, context, database
from b24app.errors import Malformed
from b24app.i18n import gettext as _
from b24app.services.setup import events
from b24app.web import errors
from b24app.web.client_address import source
from b24app.web.home import belongs

blueprint = Blueprint("events", __name__)


@blueprint.get("/events")
def explain() -> Response:
    return belongs(_("Bitrix24’s servers tell Logbook here when it is installed, updated or removed."))


def is_event() -> bool:
    """Whether a request to a frame's URL is an event: Bitrix24 sends some to the installation URL."""
    return "event" in request.form and "AUTH_ID" not in request.values


@blueprint.errorhandler(413)
def _answer_too_long(_failure: Exception) -> Response:
    """Answer 400 to a request that is too long for an event."""
    errors.drop_the_rest()
    return errors.answer(Malformed(field="body"))


@blueprint.post("/events")
def take() -> Response:
    """Handle an event. Bitrix24 does not retry, so the answer is only a status."""
    event = read_event(request.form.to_dict(flat=False), source())
    if portal_id := events.take(database(), b24(), event, config().app_url):
        context().queue.wake(portal_id)
    return make_response("", 200)
