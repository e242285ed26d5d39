"""Icons: the portal's own codes, and the pictures that administrators add."""

import base64

import pytest
import requests

from devportal import Portal
from tests.devportal.client import Caller
from tests.devportal.pictures import png


def test_the_portals_own_codes_come_first_without_pictures(employee: Caller) -> None:
    body = employee("crm.timeline.icon.list")
    icons = body["result"]["icons"]
    assert (body["total"], len(icons)) == (49, 49)
    assert icons[0] == {"code": "call", "isSystem": True, "fileUri": ""}
    assert icons[6]["code"] == "IM"


def test_an_administrators_picture_joins_the_list_and_can_be_fetched(
    portal: Portal, administrator: Caller, employee: Caller
) -> None:
    added = administrator.result("crm.timeline.icon.add", code="logbook_star", fileContent=png())["icon"]
    assert (added["code"], added["isSystem"]) == ("logbook_star", False)
    assert employee.result("crm.timeline.icon.get", code="logbook_star") == {"icon": added}
    assert employee.result("crm.timeline.icon.list")["icons"][-1] == added
    picture = requests.get(portal.url + added["fileUri"], timeout=10)
    assert (picture.content, picture.headers["Content-Type"]) == (base64.b64decode(png()), "image/png")


@pytest.mark.parametrize(
    ("code", "content", "error", "words"),
    [
        ("call", png(), 0, "call is reserved word and cannot be used"),
        ("taken", png(), 0, "Code must be unique"),
        ("x", png(25, 24), "INVALID_ARG_VALUE", "Only png 24px on 24px is supported"),
        ("x", png(48, 48), "INVALID_ARG_VALUE", "Only png 24px on 24px is supported"),
        ("x", "data:image/png;base64," + png(), "INVALID_ARG_VALUE", "Invalid image"),
        ("x", base64.b64encode(b"GIF89a").decode(), "INVALID_ARG_VALUE", "Invalid image"),
        ("x", "not base64!", "INVALID_ARG_VALUE", "Invalid image"),
        ("x", "", "INVALID_ARG_VALUE", "Invalid image"),
        ("x", None, 100, "Could not find value for parameter {fileContent}"),
        (None, png(), 100, "Could not find value for parameter {code}"),
    ],
)
def test_a_wrong_code_or_picture_is_refused(
    administrator: Caller, code: str, content: str, error: object, words: str
) -> None:
    administrator.result("crm.timeline.icon.add", code="taken", fileContent=png())
    answer = administrator.post("crm.timeline.icon.add", code=code, fileContent=content)
    assert (answer.status_code, answer.json()["error"], answer.json()["error_description"]) == (400, error, words)


def test_only_administrators_add_and_delete(administrator: Caller, employee: Caller) -> None:
    assert employee.error("crm.timeline.icon.add", code="x", fileContent=png()) == "ACCESS_DENIED"
    administrator.result("crm.timeline.icon.add", code="x", fileContent=png())
    assert employee.error("crm.timeline.icon.delete", code="x") == "ACCESS_DENIED"
    assert administrator.result("crm.timeline.icon.delete", code="x") is True
    assert administrator.error("crm.timeline.icon.delete", code="x") == "NOT_FOUND"
    assert administrator.error("crm.timeline.icon.delete", code="call") == "NOT_FOUND"


def test_an_icon_is_replaced_by_deleting_it_first(administrator: Caller) -> None:
    for _ in range(2):
        assert administrator.result("crm.timeline.icon.add", code="again", fileContent=png())
        assert administrator.result("crm.timeline.icon.delete", code="again")


def test_a_code_that_nobody_has_is_not_found(employee: Caller) -> None:
    body = employee("crm.timeline.icon.get", code="nobody")
    assert (body["error"], body["error_description"]) == ("NOT_FOUND", "Icon not found for code `nobody`")
