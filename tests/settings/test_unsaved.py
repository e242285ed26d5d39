"""Every form of the settings says whether it shows saved or unsaved content."""

from collections import defaultdict
from io import BytesIO

import pytest

from devportal import Portal
from tests.conftest import any_database
from tests.settings.test_icons import order
from tests.settings.test_uploaded_pictures import picture
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page
from tests.support.template_pages import OFFER, save, stored

pytestmark = any_database

FORM = "form[data-unsaved]"


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


def form(page: Page) -> dict[str, list[str]]:
    """What a browser would send if nobody touched the section's form."""
    fields: defaultdict[str, list[str]] = defaultdict(list)
    for field in page.one(FORM).select("input[name]:not([type=file]), select[name], textarea[name]"):
        if field.name == "textarea":
            fields[str(field["name"])].append(field.get_text().removeprefix("\n"))
        elif field.name == "select":
            fields[str(field["name"])] += [str(option["value"]) for option in field.select("option[selected]")]
        elif field.get("type") not in {"checkbox", "radio"} or field.has_attr("checked"):
            fields[str(field["name"])].append(str(field.get("value", "on")))
    return fields


def is_unsaved(page: Page) -> bool:
    return {"yes": True, "no": False}[str(page.one(FORM)["data-unsaved"])]


def swapped(admin: Admin) -> dict[str, list[str]]:
    """The form of the icons with the first two in the other order."""
    fields = form(admin.go("icons"))
    first, second, *rest = fields["order"]
    return {**fields, "order": [second, first, *rest]}


@pytest.mark.parametrize("section", ["icons", "writers", "places", "templates/edit"])
def test_a_section_that_was_just_opened_has_nothing_to_lose(admin: Admin, section: str) -> None:
    assert not is_unsaved(admin.go(section))


@pytest.mark.parametrize("section", ["icons", "writers", "places"])
def test_what_is_saved_is_saved_whether_it_was_changed_or_not(admin: Admin, section: str) -> None:
    changed = {"icons": {"default": "info"}, "writers": {"who": "administrators"}, "places": {"title-de": "Eigenes"}}
    for changes in ({}, changed[section], {}):
        page = admin.go(f"{section}/save", **{**form(admin.go(section)), **changes})
        assert (page.outcome, is_unsaved(page)) == ("saved", False)


def test_an_order_of_icons_that_is_not_saved_stays_unsaved_through_every_answer(admin: Admin) -> None:
    arranged = swapped(admin)
    upload = {"name": "Party", "picture": (BytesIO(picture()), "party.png")}
    added = admin.go("icons/upload", **{**arranged, **upload})
    code = order(added)[-1]
    assert (added.outcome, is_unsaved(added)) == ("saved", True)
    for address in ("icons/remove", "icons/move", "icons/upload", "icons/remove/confirmed"):
        answer = admin.go(address, **{**form(admin.page), "icon": code})
        assert is_unsaved(answer), address
        assert order(answer)[:2] == arranged["order"][:2]
    assert not is_unsaved(admin.go("icons/save", **form(admin.page)))
    assert order(admin.go("icons"))[:2] == arranged["order"][:2]


def test_an_icon_that_is_added_or_removed_alone_leaves_nothing_unsaved(admin: Admin) -> None:
    upload = {"name": "Party", "picture": (BytesIO(picture()), "party.png")}
    added = admin.go("icons/upload", **{**form(admin.go("icons")), **upload})
    assert (added.outcome, is_unsaved(added)) == ("saved", False)
    code = order(added)[-1]
    assert not is_unsaved(admin.go("icons/save", **{**form(added), "default": code}))
    for address in ("icons/remove", "icons/move", "icons/remove", "icons/remove/confirmed"):
        assert not is_unsaved(admin.go(address, **{**form(admin.page), "icon": code})), address


def test_a_picture_that_waits_for_its_name_is_unsaved(admin: Admin) -> None:
    page = admin.go("icons/upload", **form(admin.go("icons")), picture=(BytesIO(picture()), "party.png"))
    assert (page.outcome, is_unsaved(page)) == ("invalid", True)


def test_ticked_people_stay_unsaved_while_others_are_searched(admin: Admin, portal: Portal) -> None:
    opened = form(admin.go("writers"))
    assert not is_unsaved(admin.go("writers/find", **{**opened, "called": "Anna"}))
    ticked = {**form(admin.page), "who": "chosen", "person": [str(portal.administrator.id)], "called": "B"}
    assert is_unsaved(admin.go("writers/find", **ticked))
    assert not is_unsaved(admin.go("writers/save", **form(admin.page)))


@pytest.mark.parametrize(
    ("section", "changes", "outcome"),
    [
        ("writers", {"who": "chosen"}, "invalid"),
        ("icons", {"offered": []}, "invalid"),
        ("places", {"title-de": "x" * 51}, "invalid"),
        ("writers", {"who": "administrators", "version": "7"}, "outdated"),
        ("icons", {"default": "info", "version": "7"}, "outdated"),
        ("places", {"following": [], "version": "7"}, "outdated"),
    ],
)
def test_what_was_refused_is_unsaved(admin: Admin, section: str, changes: dict[str, object], outcome: str) -> None:
    page = admin.go(f"{section}/save", **{**form(admin.go(section)), **changes})
    assert (page.outcome, is_unsaved(page)) == (outcome, True)


def test_a_template_is_unsaved_as_long_as_it_is_not_what_is_stored(admin: Admin) -> None:
    save(admin)
    opened = form(admin.go("templates/edit", template=stored(admin)[0]["id"]))
    assert not is_unsaved(admin.go("templates/preview", **opened))
    for address in ("templates/preview", "templates/save"):
        assert is_unsaved(admin.go(address, **{**opened, "name": ""})), address
    assert is_unsaved(admin.go("templates/preview", **OFFER, version="1"))
