"""The pages that people and monitors open outside Bitrix24."""

from flask import Blueprint, Response, jsonify, request
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from b24app.context import database
from b24app.models import Portal
from b24app.web import frame

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def about() -> Response:
    return frame.page_for_anyone("about.html")


@blueprint.get("/healthz")
def health() -> tuple[Response, int]:
    """For monitors: whether the database answers; a query without a table would not even touch the file."""
    try:
        database().execute(select(Portal.id).limit(1))
    except SQLAlchemyError:
        return jsonify(status="the database does not answer"), 503
    return jsonify(status="ok"), 200


def belongs(sentence: str) -> Response:
    """For people, and the Market's probe, that open an address meant for Bitrix24."""
    return frame.page_for_anyone("belongs.html", address=request.script_root + request.path, sentence=sentence)
