"""Lists and cards of the CRM, and the timeline of a card."""

from __future__ import annotations

import html
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, abort, render_template, request

from ..crm.directories import name_in
from ..crm.kinds import Kind
from ..crm.stages import stage_name, stages_of
from ..model.applications import Placement
from ..model.records import Item, LogMessage
from . import current_page
from .panels import Panel, panel_of

pages = Blueprint("cards", __name__)

LABELS = {
    "opportunity": "Amount",
    "companyId": "Company",
    "contactId": "Contact",
    "name": "First name",
    "lastName": "Last name",
    "sourceId": "Source",
    "post": "Position",
    "email": "E-mail",
    "phone": "Phone",
    "industry": "Industry",
}
DIRECTORIES = {"sourceId": "SOURCE", "industry": "INDUSTRY"}


@pages.get("/crm/<slug>/list/")
def named_list(slug: str) -> str:
    return show_list(kind_at(f"/crm/{slug}"))


@pages.get("/crm/type/<int:entity_type_id>/list/")
@pages.get("/crm/type/<int:entity_type_id>/list/category/0/")
def type_list(entity_type_id: int) -> str:
    return show_list(kind_at(f"/crm/type/{entity_type_id}"))


@pages.get("/shop/orders/list/")
def order_list() -> str:
    return show_list(kind_at("/shop/orders"))


@pages.get("/crm/<slug>/details/<int:entity_id>/")
def named_card(slug: str, entity_id: int) -> str:
    return show_card(kind_at(f"/crm/{slug}"), entity_id)


@pages.get("/crm/type/<int:entity_type_id>/details/<int:entity_id>/")
def type_card(entity_type_id: int, entity_id: int) -> str:
    return show_card(kind_at(f"/crm/type/{entity_type_id}"), entity_id)


@pages.get("/shop/orders/details/<int:entity_id>/")
def order_card(entity_id: int) -> str:
    return show_card(kind_at("/shop/orders"), entity_id)


@pages.get("/_box/timeline/<int:entity_type_id>/<int:entity_id>")
def news(entity_type_id: int, entity_id: int) -> str:
    """Returns the entries that are newer than those on the page."""
    known = request.args.get("after", "0")
    require_readable(entity_type_id, entity_id)
    entries = current_page.portal().timeline(entity_type_id, entity_id)
    newer = [entry for entry in reversed(entries) if entry.id > int(known if known.isdigit() else 0)]
    return render_template("_entries.html", entries=newer, **drawing())


@pages.get("/upload/crm/<path:rest>")
def picture(rest: str) -> Response:
    icon = current_page.portal().icons.at(f"/upload/crm/{rest}")
    if icon is None:
        abort(404)
    return Response(icon.content, mimetype="image/png")


def show_list(kind: Kind) -> str:
    portal = current_page.portal()
    items = portal.cards.readable_items(current_page.person(), kind.entity_type_id)
    return render_template("list.html", kind=kind, items=items, **drawing())


def show_card(kind: Kind, entity_id: int) -> str:
    item = require_readable(kind.entity_type_id, entity_id)
    portal = current_page.portal()
    entries = list(reversed(portal.timeline(kind.entity_type_id, entity_id)))
    tabs = visible(f"CRM_{kind.code}_DETAIL_TAB")
    return render_template(
        "card.html",
        kind=kind,
        item=item,
        entries=entries,
        tabs=tabs,
        activities=visible(f"CRM_{kind.code}_DETAIL_ACTIVITY"),
        stages=stages_of(kind.entity_type_id),
        rows=list(field_rows(item)),
        may_edit=portal.cards.may_edit(current_page.person(), kind.entity_type_id, entity_id),
        open_panel=open_panel(tabs, kind, entity_id),
        **drawing(),
    )


def open_panel(tabs: list[Placement], kind: Kind, entity_id: int) -> Panel | None:
    """The tab named in the URL, for links and browsers without script."""
    wanted = request.args.get("tab", "")
    row = next((row for row in tabs if f"placement-{row.id}" == wanted), None)
    return panel_of(row, {"ID": str(entity_id)}, kind.card_path(entity_id)) if row else None


def visible(code: str) -> list[Placement]:
    """The placements of installed applications that this person can use."""
    portal, person = current_page.portal(), current_page.person()
    rows = []
    for row in portal.places.bound(code=code):
        installation = portal.installations.of(row.client_id)
        if installation and installation.is_finished and person.id not in installation.withdrawn_from:
            rows.append(row)
    return rows


def kind_at(slug: str) -> Kind:
    kind = next((kind for kind in current_page.portal().cards.kinds() if kind.slug == slug), None)
    return kind or abort(404, "There is no such section in this portal.")


def require_readable(entity_type_id: int, entity_id: int) -> Item:
    cards = current_page.portal().cards
    item = cards.item(entity_type_id, entity_id)
    if item is None:
        abort(404, "The item does not exist or was deleted.")
    if not cards.may_read(current_page.person(), entity_type_id, entity_id):
        abort(403, "You do not have permission to view this item.")
    return item


def field_rows(item: Item) -> Any:
    """The label, text and link of each field on the left of a card."""
    portal = current_page.portal()
    linked = {"companyId": 4, "contactId": 3}
    for name, value in item.values.items():
        if name in linked:
            kind, other = portal.cards.kind(linked[name]), portal.cards.item(linked[name], value)
            if kind and other:
                yield LABELS[name], other.title, kind.card_path(other.id)
        elif name == "opportunity":
            yield LABELS[name], f"€ {value:,.2f}", None
        elif name in LABELS:
            yield LABELS[name], name_in(DIRECTORIES.get(name, ""), value), None


def drawing() -> dict[str, Any]:
    """The template context for entries and lists."""
    portal, person = current_page.portal(), current_page.person()
    zone = ZoneInfo(person.time_zone) if person.time_zone else portal.zone
    return {
        "stage_name": stage_name,
        "name_in": name_in,
        "person_of": portal.state.person,
        "as_shown": as_shown,
        "icon_of": lambda entry: icon_of(entry),
        "day": lambda seconds: datetime.fromtimestamp(seconds, zone).strftime("%B %-d, %Y"),
        "hour": lambda moment: moment.astimezone(zone).strftime("%b %-d, %H:%M"),
        "company_of": lambda item: portal.cards.item(4, item.values.get("companyId", 0)),
    }


def as_shown(text: str) -> str:
    """A text as a timeline shows it: entities decoded once, line breaks as spaces; the template escapes the rest."""
    return " ".join(html.unescape(text).split())


def icon_of(entry: LogMessage) -> str:
    """`system`, the picture's URL, or empty for an unknown code."""
    icons = current_page.portal().icons
    if entry.icon_code in icons.system_codes:
        return "system"
    found = current_page.portal().state.icons.get(entry.icon_code)
    return found.file_uri if found else ""
