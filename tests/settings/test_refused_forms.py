"""The input of a settings form survives a portal that does not answer, including an uploaded picture."""

from collections import defaultdict
from io import BytesIO
from typing import Any

import pytest
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from b24app.services.settings.own_icons import LONGEST_PICTURE
from devportal import Portal
from tests.conftest import any_database
from tests.settings.test_uploaded_pictures import picture
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page

# As many as make a form long, and more than any portal lists.
CODES = [f"icon-{number}" for number in range(1000)]


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


def long(length: int) -> bytes:
    """A picture of so many bytes."""
    return picture().ljust(length, b"\0")


def send(admin: Admin, fields: dict[str, Any], address: str = "/settings/icons/upload") -> Page:
    """A form with files, which a browser makes in memory, however long it is."""
    boundary, body = encode_multipart({"session": admin.session, **fields})
    client = admin.logbook.app.test_client()
    answer = client.post(address, data=body, content_type=f"multipart/form-data; boundary={boundary}")
    return Page(answer.status_code, dict(answer.headers), answer.get_data(as_text=True))


def add(admin: Admin, content: bytes, **fields: Any) -> Page:
    file = FileStorage(BytesIO(content), "party.png")
    return send(admin, {"version": "0", "name": "Party", "picture": file, **fields})


def send_again(admin: Admin, page: Page) -> Page:
    """What a press on "Try again" sends."""
    assert page.one("form")["enctype"] == "multipart/form-data"
    fields: defaultdict[str, list[str]] = defaultdict(list)
    for area in page.one("form").select("textarea"):
        fields[str(area["name"])].append(area.get_text().removeprefix("\n"))
    return send(admin, fields, str(page.one("form")["action"]))


@any_database
@pytest.mark.parametrize("length", [len(picture()), LONGEST_PICTURE])
def test_a_picture_is_added_as_soon_as_the_portal_answers(admin: Admin, portal: Portal, length: int) -> None:
    portal.faults.reset("batch", times=2)
    page = add(admin, long(length), order=CODES, kept="QUFB")
    for _time in range(2):
        assert (page.status, portal.icons.custom) == (503, [])
        assert [part.text for part in page.soup.select(".typed :is(dt, dd)")] == ["Name", "Party"]
        page = send_again(admin, page)
    assert (page.status, page.outcome, len(portal.icons.custom)) == (200, "saved", 1)


def test_a_form_without_a_picture_stays_without(admin: Admin, portal: Portal) -> None:
    portal.faults.reset("batch")
    refused = add(admin, b"", order=CODES)
    assert "kept" not in [area["name"] for area in refused.soup.select("textarea")]
    assert send_again(admin, refused).one("#picture-error").text == "Choose a picture."


def test_a_body_that_is_too_long_is_refused_and_not_shown_again(admin: Admin, portal: Portal) -> None:
    content = long(LONGEST_PICTURE + 1)
    portal.faults.reset("batch")
    assert "kept" not in [area["name"] for area in add(admin, content).soup.select("textarea")]
    page = add(admin, content, order=CODES)
    assert (page.status, page.outcome, portal.icons.custom) == (422, "invalid", [])
    assert page.one("#picture-error").text == "A picture may have up to 1 MB."
    assert page.one("[name=name]")["value"] == "Party"


def test_other_forms_are_sent_again_as_they_came(admin: Admin, portal: Portal) -> None:
    portal.faults.reset("batch")
    page = admin.go("icons/save", order=CODES, kept="QUFB")
    assert (page.status, page.one("form")["enctype"]) == (503, "application/x-www-form-urlencoded")
    assert page.soup.select(".typed") == []
