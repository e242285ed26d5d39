"""The pages that people open outside Bitrix24."""

from flask import Blueprint, Response, request

from b24app.web import frame

blueprint = Blueprint("home", __name__)


@blueprint.get("/")
def about() -> Response:
    return frame.page_for_anyone("about.html")


def belongs(sentence: str) -> Response:
    """A page for people, and the Market's probe, who open a URL meant for Bitrix24."""
    return frame.page_for_anyone("belongs.html", address=request.script_root + request.path, sentence=sentence)
