"""The privacy policy and the terms of use, at public URLs for the listing in the Market."""

from pathlib import Path
from urllib.parse import urlsplit

from flask import Blueprint, Response

from b24app.context import config
from b24app.web import frame

blueprint = Blueprint("legal", __name__)

MIT_LICENCE = (Path(__file__).parent.parent.parent / "LICENSE").read_text()


@blueprint.get("/privacy")
def privacy() -> Response:
    return _page("privacy", config().privacy_text)


@blueprint.get("/licence")
def licence() -> Response:
    return _page("licence", config().licence_text)


def _page(name: str, text: str) -> Response:
    """Show the operator's own text, or ours in the reader's language."""
    return frame.page_for_anyone(
        f"{name}.html",
        operator=config().operator_name or urlsplit(config().app_url).hostname,
        contact=config().operator_contact,
        paragraphs=[part.strip() for part in text.split("\n\n") if part.strip()],
        mit_licence=MIT_LICENCE,
    )
