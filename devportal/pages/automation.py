"""Automation: applications' robots and activities, their settings dialogs, and a form to run them."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, abort, redirect, render_template, request

from ..apps import robots
from ..apps.robots import DIALOG, DOCUMENT_CLASSES, DYNAMIC
from ..crm import classic, items
from ..crm.fields import classic_fields
from ..crm.kinds import Kind
from ..crm.names import title_of, upper_name
from ..model.records import Item
from ..model.robots import Robot
from . import current_page, panels
from .panels import Panel

pages = Blueprint("automation", __name__)

RUNS_SHOWN = 10
# The kind of card for which the dialog is shown.
DEAL = 2


@pages.get("/automation/")
def overview() -> str:
    runs = list(current_page.portal().state.robot_runs.values())[-RUNS_SHOWN:]
    return render_template(
        "automation.html", cards=cards(), name_of=name_of, dialog_path=dialog_path, runs=reversed(runs)
    )


@pages.get("/automation/<kind>/<code>/")
def dialog(kind: str, code: str) -> str:
    """Shows the application's frame, or the properties if it has none or the portal ignores it."""
    robot = robot_named(kind, code)
    is_framed = robot.dialog and current_page.portal().state.dialect.robot_dialogs == "framed"
    made = panel_of(robot) if is_framed else None
    return render_template(
        "dialog.html",
        robot=robot,
        panel=made,
        interface=panels.interface_of(DIALOG),
        name=name_of(robot),
        options_of=options_of,
        label_of=label_of,
        is_saved="saved" in request.args,
    )


@pages.post("/_box/automation/<kind>/<code>/save")
def save(kind: str, code: str) -> Any:
    robot = robot_named(kind, code)
    with current_page.portal().lock:
        robot.values = {name: request.form.get(f"property_{name.lower()}", "") for name in robot.properties}
    return redirect(f"{dialog_path(robot)}?saved", 303)


@pages.post("/_box/automation/<kind>/<code>/run")
def run(kind: str, code: str) -> Any:
    """Runs a robot on a card, with placeholders filled in, as the current person."""
    robot = robot_named(kind, code)
    portal, (kind_of_card, item) = current_page.portal(), card_named(request.form.get("document", ""))
    fields = classic.record(item, portal.zone) if classic_fields(item.entity_type_id) else in_capitals(item)
    values = {name: robots.filled(robot.value(name), fields) for name in robot.properties}
    with portal.lock:
        robots.fire(
            portal.state,
            portal.events,
            robot.client_id,
            robot.code,
            f"{kind_of_card.code}_{item.id}",
            values,
            current_page.person(),
            is_awaited=request.form.get("waits") == "1",
        )
    return redirect("/automation/", 303)


def in_capitals(item: Item) -> dict[str, Any]:
    return {upper_name(name): value for name, value in items.record(item, current_page.portal().zone).items()}


def panel_of(robot: Robot) -> Panel:
    """The frame in a robot's dialog."""
    options = {
        "code": robot.code,
        "activity_name": "A1",
        "properties": robot.properties,
        "current_values": {name: robot.value(name) for name in robot.properties},
        "document_type": ["crm", DOCUMENT_CLASSES.get("DEAL", DYNAMIC), "DEAL"],
        "document_fields": document_fields(DEAL),
        "template": {},
    }
    return panels.panel(panels.application_of(robot.client_id), robot.dialog, DIALOG, options)


def document_fields(entity_type_id: int) -> dict[str, Any]:
    fields = classic_fields(entity_type_id).items()
    return {name: {"Name": title_of(name), "Type": field.type} for name, field in fields}


def cards() -> list[tuple[str, str]]:
    """The cards that this person may read, by document name."""
    portal, person = current_page.portal(), current_page.person()
    return [
        (f"{kind.code}_{item.id}", f"{kind.name}: {item.title}")
        for kind in portal.cards.kinds()
        for item in portal.cards.readable_items(person, kind.entity_type_id)
    ]


def card_named(document: str) -> tuple[Kind, Item]:
    code, _, number = document.rpartition("_")
    kind = next((kind for kind in current_page.portal().cards.kinds() if kind.code == code), None)
    item = current_page.portal().cards.item(kind.entity_type_id, int(number)) if kind and number.isdigit() else None
    return (kind, item) if kind and item else abort(404, "The item does not exist or was deleted.")


def robot_named(kind: str, code: str) -> Robot:
    rows = current_page.portal().state.robots
    found = next((robot for robot in rows if (robot.kind, robot.code) == (kind, code)), None)
    return found or abort(404, "This application has been removed.")


def dialog_path(robot: Robot) -> str:
    return f"/automation/{robot.kind}/{robot.code}/"


def name_of(robot: Robot) -> str:
    return in_language(robot.fields.get("NAME")) or robot.code


def label_of(robot: Robot, name: str) -> str:
    return in_language(robot.properties[name].get("NAME")) or name


def options_of(robot: Robot, name: str) -> dict[str, Any]:
    found = robot.properties[name].get("OPTIONS")
    return found if isinstance(found, dict) else {}


def in_language(text: Any) -> str:
    """A text that may be given per language."""
    if not isinstance(text, dict):
        return str(text or "")
    return str(text.get(current_page.person().language) or text.get("en") or next(iter(text.values()), ""))
