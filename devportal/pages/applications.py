"""The applications of a portal: install, open, uninstall."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request

from ..apps.frames import DEFAULT
from ..model.applications import Application
from . import current_page, panels

pages = Blueprint("applications", __name__)


@pages.get("/market/")
def market() -> str:
    return render_template("applications.html")


@pages.get("/marketplace/app/<int:number>/")
def application(number: int) -> str:
    """Shows the application's own page or its installer, or says why not."""
    found = application_numbered(number)
    installation = current_page.portal().installations.of(found.client_id)
    reason = refusal(found)
    if installation is None or reason:
        return render_template("application.html", application=found, panel=None, reason=reason or "Not installed yet.")
    options = {name: value for name, value in request.args.items() if name not in ("IFRAME", "IFRAME_TYPE")}
    made = panels.main_panel(found, options)
    return render_template(
        "application.html", application=found, panel=made, interface=panels.interface_of(DEFAULT), reason=""
    )


@pages.post("/_box/applications/<int:number>/install")
def install(number: int) -> Any:
    require_administrator()
    with current_page.portal().lock:
        current_page.portal().installations.register(application_numbered(number), anew=True)
    return redirect(f"/marketplace/app/{number}/", 303)


@pages.post("/_box/applications/<int:number>/uninstall")
def uninstall(number: int) -> Any:
    require_administrator()
    with current_page.portal().lock:
        current_page.portal().installations.remove(application_numbered(number), clean=request.form.get("clean") == "1")
    return redirect("/market/", 303)


@pages.post("/_box/applications/<int:number>/update")
def update(number: int) -> Any:
    require_administrator()
    found = application_numbered(number)
    with current_page.portal().lock:
        if current_page.portal().has_application(found.client_id):
            current_page.portal().installations.update(found, new_token=request.form.get("new_token") == "1")
    return redirect("/market/", 303)


def refusal(found: Application) -> str:
    """Why this person cannot open the application now; empty if they can."""
    installation = current_page.portal().installations.of(found.client_id)
    if installation is None:
        return "Not installed yet."
    if current_page.person().id in installation.withdrawn_from:
        return "You do not have access to this application. Ask your administrator."
    if not installation.is_finished and not current_page.person().is_admin:
        return "The application is not fully installed. An administrator has to finish the installation."
    return ""


def application_numbered(number: int) -> Application:
    rows = current_page.portal().authority.state.applications
    return next((row for row in rows if row.id == number), None) or abort(404)


def require_administrator() -> None:
    if not current_page.person().is_admin:
        abort(403, "Only an administrator may install and remove applications.")
