"""The section "Where it shows" filled in, and what the portal's cards show then."""

from typing import Any

import requests

from devportal import Portal
from devportal.model.people import Person
from tests.support.administrator import Admin
from tests.support.logbook import Page
from tests.support.markup import Element, parse


def filled(page: Page) -> dict[str, Any]:
    """What a browser would send if nobody touched the form."""
    form = page.one("form[action='/settings/places/save']")
    fields: dict[str, Any] = {"version": form.select_one("[name=version]")["value"]}  # type: ignore[index]
    chosen = form.select("select[name=button] option[selected]")
    fields["button"] = [str(option["value"]) for option in chosen if option["value"]]
    for name in ("type", "tab", "menu"):
        boxes = form.select(f"input[name={name}]")
        fields[name] = [str(box["value"]) for box in boxes if name == "type" or box.has_attr("checked")]
    if form.select_one("input[name=following][checked]"):
        fields["following"] = "on"
    return fields | {str(box["name"]): str(box["value"]) for box in form.select("input[name^=title-]")}


def save(
    admin: Admin, *, on: tuple[str, int | str] | None = None, off: tuple[str, int | str] | None = None, **more: Any
) -> Page:
    """Open the section, turn one switch, and save; a field that is None is left away."""
    fields = filled(admin.go("places"))
    if on:
        fields[on[0]].append(str(on[1]))
    if off:
        fields[off[0]].remove(str(off[1]))
    changes = {name.replace("title_", "title-"): value for name, value in more.items()}
    return admin.go(
        "places/save", **{name: value for name, value in {**fields, **changes}.items() if value is not None}
    )


def bound(portal: Portal) -> set[str]:
    return {placement.code for placement in portal.placements}


def card(portal: Portal, path: str, person: Person | None = None) -> Element:
    """The portal's own page, as this person sees it."""
    cookies = {f"acting_{portal.member_id}": str((person or portal.administrator).id)}
    return parse(requests.get(portal.url + path, cookies=cookies, timeout=10).text)


def tabs(portal: Portal, path: str = "/crm/deal/details/1/", person: Person | None = None) -> list[str]:
    return [tab.text for tab in card(portal, path, person).select("[role=tab]")]


def buttons(portal: Portal, path: str = "/crm/deal/details/1/") -> list[str]:
    return [button.text for button in card(portal, path).select(".timeline-bar button")]


def notes(page: Page, name: str) -> dict[str, str]:
    """What is said beside the switches of this name, by the name of the card."""
    rows = page.soup.select("table.switches tbody tr")
    column = {"tab": 0, "button": 1}[name]
    cells = [(row.select("th")[0].get_text(strip=True), row.select("td")[column]) for row in rows]
    return {card: note.get_text(" ", strip=True) for card, cell in cells if (note := cell.select_one("small"))}


def menu_note(page: Page, menu: str) -> str:
    """What is said beside the switch of a menu."""
    note = page.soup.select_one(f"[id=menu-{menu}]")
    return note.get_text(" ", strip=True) if note else ""
