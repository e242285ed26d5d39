"""People are found by a part of their name, ignoring case, with both databases."""

import pytest

from devportal import Portal
from tests.support.administrator import Admin
from tests.support.logbook import Logbook


@pytest.mark.parametrize("called", ["öztürk", "ÖZTÜRK", "ozturk", "O\u0308zt", "IŞIK", "ışık", "işik"])
def test_capitals_and_accents_do_not_matter(installed: Logbook, portal: Portal, called: str) -> None:
    portal.employee.name, portal.employee.last_name = "Işık", "Öztürk"
    installed.send(portal.frame(portal.employee))
    admin = Admin(installed, portal)
    found = admin.go("writers/find", version="0", who="chosen", called=called)
    assert [str(box["value"]) for box in found.soup.select("form [name=person]")] == ["7"]
    assert admin.go("deliveries", author=called).status == admin.go("calls", author=called).status == 200


def test_a_person_without_a_name_is_found_by_what_our_pages_call_them(installed: Logbook, portal: Portal) -> None:
    portal.employee.name = portal.employee.last_name = ""
    installed.send(portal.frame(portal.employee))
    found = Admin(installed, portal).go("writers/find", version="0", who="chosen", called="user 7")
    assert [str(box["value"]) for box in found.soup.select("form [name=person]")] == ["7"]
