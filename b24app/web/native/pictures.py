"""Our icons as single SVG files, since portals show pictures by URL, not parts of a file."""

import re
from functools import cache
from html import escape
from pathlib import Path

from flask import Blueprint, Response, abort, current_app, request

from b24app.web.static_files import YEAR_SECONDS

blueprint = Blueprint("pictures", __name__)

SYMBOL = re.compile(r'<symbol id="([\w-]+)" viewBox="0 0 24 24">(.*?)</symbol>', re.DOTALL)
LOOK = (
    'width="48" height="48" viewBox="0 0 24 24" color="#525c69" fill="none" stroke="currentColor" stroke-width="1.5" '
    'stroke-linecap="round" stroke-linejoin="round"'
)


@blueprint.get("/glyphs/<code>.svg")
def glyph(code: str) -> Response:
    """An icon, cached forever under the hash of all drawings."""
    shape = shapes(current_app.static_folder or "").get(code)
    if shape is None:
        abort(404)
    answer = Response(f'<svg xmlns="http://www.w3.org/2000/svg" {LOOK}>{shape}</svg>', mimetype="image/svg+xml")
    if request.args.get("v") == _version():
        answer.headers["Cache-Control"] = f"public, max-age={YEAR_SECONDS}, immutable"
    return answer


def address_of_glyph(code: str) -> str:
    """The icon's path below APP_URL."""
    return f"/glyphs/{escape(code)}.svg?v={_version()}"


@cache
def shapes(folder: str) -> dict[str, str]:
    """The shapes of each icon."""
    return dict(SYMBOL.findall((Path(folder) / "icons.svg").read_text("utf-8")))


def _version() -> str:
    return str(current_app.extensions["logbook.hash_of"]("icons.svg"))
