"""The portals of the box, with a form to add another."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, jsonify, redirect, render_template, request

from ..model.portal_state import KINDS
from . import current_page

pages = Blueprint("portals", __name__)


@pages.get("/_box/portals")
def portals() -> str:
    return render_template("portals.html", portals=current_page.portal().box.portals, kinds_of_portals=list(KINDS))


@pages.post("/_box/portals")
def add() -> Any:
    """Adds a portal, from a form or JSON with `kind` and `name`; programs get its address."""
    given: Any = request.get_json(silent=True) if request.is_json else request.form
    kind = KINDS.get(str((given or {}).get("kind", "cloud")))
    if kind is None:
        abort(400, f"kind is one of {', '.join(KINDS)}")
    made = current_page.portal().box.add_portal(kind, str((given or {}).get("name", ""))[:60])
    if "text/html" in request.headers.get("Accept", ""):
        return redirect("/_box/portals", 303)
    return jsonify(name=made.name, kind=made.kind, url=made.url, member_id=made.member_id)
