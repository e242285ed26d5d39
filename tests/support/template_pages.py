"""What administrators and writers do with templates."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_date
from sqlalchemy import select

from b24app.models import Portal as PortalRow
from b24app.models import SavedSettings
from tests.support.administrator import Admin
from tests.support.logbook import Page

OFFER = {"name": "Offer sent", "title": "Offer to {card}", "text": "Sent by {author} on {today}.", "icon": "document"}
DEAL, CONTACT = 2, 3


def save(admin: Admin, **fields: Any) -> Page:
    """Make a template, or change the one whose form is sent, on top of what is there."""
    version = admin.go("templates").one("input[name=version]")["value"]
    page = admin.go("templates/edit")
    new = {"template": str(page.one("form[data-editor] input[name=template]")["value"])}
    return admin.go("templates/save", **{"version": version, **new, **OFFER, **fields})


def names(admin: Admin) -> list[str]:
    return [name.text.strip() for name in admin.go("templates").soup.select(".template-name")]


def stored(admin: Admin) -> list[dict[str, Any]]:
    with admin.logbook.database() as session:
        of_portal = select(SavedSettings.choices).join(PortalRow).where(PortalRow.member_id == admin.portal.member_id)
        saved = session.scalar(of_portal)
    return list(saved["templates"]) if saved else []


def typed(page: Page) -> dict[str, str]:
    fields = {name: str(page.one(f"input[name={name}]")["value"]) for name in ("name", "title")}
    return {**fields, "text": page.one("textarea[name=text]").get_text().removeprefix("\n")}


def error(page: Page, field: str) -> str:
    return page.one(f"[data-error-for={field}]").text


def move(admin: Admin, page: Page, direction: str, name: str) -> Page:
    row = next(row for row in page.soup.select("li.template-row") if name in row.text)
    button = row.select(f"button[value^={direction}-]")[0]
    version = page.one("input[name=version]")["value"]
    return admin.submit(str(button["formaction"]), {"version": version, "move": button["value"]})


def smart(admin: Admin) -> int:
    """The entity type of the portal's smart process, "Onboarding projects"."""
    return next(type_id for type_id in admin.portal.state.items if type_id >= 128)


def open_tab(admin: Admin, placement: str = "CRM_DEAL_DETAIL_TAB", card: str = "1", **changes: Any) -> Page:
    return admin.logbook.send(admin.portal.frame(admin.portal.employee, placement, {"ID": card}), **changes)


def offered(page: Page) -> list[str]:
    return [button.text for button in page.soup.select("button[name=template]")]


def insert(admin: Admin, page: Page, name: str = "Offer sent", **words: str) -> Page:
    button = next(one for one in page.soup.select("button[name=template]") if one.text == name)
    pressed = {"template": str(button["value"])}
    return admin.logbook.submit(str(button["formaction"]), {**page.form, **words, **pressed})


def today(zone: str, locale: str = "en") -> str:
    return format_date(datetime.now(ZoneInfo(zone)), "medium", locale).replace("\u200f", "")
