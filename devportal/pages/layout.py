"""The layout of every page: the menu, and the switches of person and language."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, redirect, request, url_for

from ..model.people import LANGUAGES
from . import current_page
from .glyphs import glyph

pages = Blueprint("layout", __name__)


@pages.get("/")
def home() -> Any:
    return redirect("/crm/deal/list/")


@pages.get("/favicon.ico")
def favicon() -> Any:
    return redirect(url_for("static", filename="portal.svg"))


@pages.post("/_box/acting")
def act() -> Any:
    """Switches the current person, or that person's language."""
    portal = current_page.portal()
    answer: Response = redirect(current_page.local_path(request.form.get("next", "/")), 303)  # type: ignore[assignment]
    chosen = request.form.get("person", "")
    found = portal.state.person(int(chosen)) if chosen.isdigit() else None
    if found is not None:
        answer.set_cookie(current_page.cookie_name(), str(found.id), httponly=True, samesite="Lax")
    language = request.form.get("language", "")
    if language in LANGUAGES and found is not None and found.id == current_page.person().id:
        with portal.lock:
            found.language = language
    return answer


def page_context() -> dict[str, Any]:
    """The variables of every template."""
    portal = current_page.portal()
    return {
        "portal": portal,
        "acting": current_page.person(),
        "kinds": portal.cards.kinds(),
        "languages": LANGUAGES,
        "applications": portal.authority.state.applications,
        "installation_of": portal.installations.of,
        "robots": portal.state.robots,
        "current_path": request.full_path.rstrip("?"),
        "in_slider": request.args.get("IFRAME") == "Y",
        "glyph": glyph,
    }
