"""The authorization page, which gives an application a code."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, redirect, request

from . import current_page

pages = Blueprint("authorize", __name__)


@pages.get("/oauth/authorize/")
@pages.get("/oauth/authorize")
def authorize() -> Any:
    """Redirects to the application's registered URL; failures are shown here, never redirected."""
    portal, person = current_page.portal(), current_page.person()
    client_id = request.args.get("client_id", "")
    application = portal.authority.application(client_id)
    installation = portal.installations.of(client_id)
    if application is None or installation is None:
        abort(400, "The application is not installed in this portal.")
    if person.id in installation.withdrawn_from or not person.is_active:
        abort(403, "You do not have access to this application.")
    with portal.lock:
        code = portal.authority.issue_code(client_id, portal.member_id, person.id)
    answer = {
        "code": code,
        "state": request.args.get("state", ""),
        "domain": portal.host,
        "member_id": portal.member_id,
        "scope": installation.scope,
        "server_domain": portal.authority.host,
    }
    return redirect(f"{application.redirect_url}?{urlencode(answer)}")
