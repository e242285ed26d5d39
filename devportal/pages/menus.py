"""The menus of cards and of lists' rows with applications, which open over the page."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from flask import Blueprint, render_template

from ..crm.kinds import Kind
from . import current_page, panels
from .cards import visible

pages = Blueprint("menus", __name__)

# The kinds whose toolbar names the card `ID`; the others say `ENTITY_ID`.
OLDER = ("LEAD", "DEAL", "CONTACT", "COMPANY")


@dataclass(frozen=True)
class Choice:
    """One line of a menu."""

    title: str
    address: str


@pages.get("/_box/menu/<int:placement_id>")
def chosen(placement_id: int) -> str:
    """Shows the application's frame on a page for a slider."""
    row, panel = panels.asked_for(placement_id)
    title = row.title_in(current_page.person().language, panel.title)
    return render_template("menu.html", panel=panel, interface=panels.interface_of(row.code), title=title)


@pages.app_template_global()
def toolbar_menu(kind: Kind, entity_id: int) -> list[Choice]:
    """The menu at the top right of a card."""
    options = {"ID" if kind.code in OLDER else "ENTITY_ID": entity_id}
    return choices(f"CRM_{kind.code}_DETAIL_TOOLBAR", options, kind.card_path(entity_id))


@pages.app_template_global()
def row_menu(kind: Kind, entity_id: int) -> list[Choice]:
    """The menu of a row in a list."""
    return choices(f"CRM_{kind.code}_LIST_MENU", {"ID": entity_id}, kind.list_path)


def choices(code: str, options: dict[str, int], page: str) -> list[Choice]:
    person = current_page.person()
    query = urlencode({**options, "page": page})
    return [
        Choice(
            row.title_in(person.language, panels.application_of(row.client_id).title), f"/_box/menu/{row.id}?{query}"
        )
        for row in visible(code)
    ]
