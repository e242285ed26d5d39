"""Runs of our robot, which Bitrix24's queue sends."""

from flask import Blueprint, Response, make_response, request

from b24app.bitrix24.robots import read_run
from b24app.context import b24, context, database
from b24app.services.machines import robots
from b24app.web.source import source

blueprint = Blueprint("robot", __name__)


@blueprint.post("/robot")
def take() -> Response:
    """Each run comes once, and only a log reads the answer: the status is enough."""
    portal_id = robots.take(database(), b24(), read_run(request.form.to_dict(flat=False), source()))
    context().queue.wake(portal_id)
    return make_response("", 200)
