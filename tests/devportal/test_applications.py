"""An application has its own name, and the scopes that it was given."""

import pytest
import requests

from devportal import Box, Portal
from tests.devportal.client import Caller

CLIENT = ("http://127.0.0.1:9", "local.first.1", "s")


@pytest.mark.parametrize(("title", "shown"), [("Stock taking", "Stock taking"), ("", "local.first.1")])
def test_the_portals_pages_call_it_by_its_name(title: str, shown: str) -> None:
    with Box(*CLIENT, title=title) as box:
        page = requests.get(f"{box.portals[0].url}/market/", timeout=10).text
    assert shown in page
    assert "Logbook" not in page


def test_its_scopes_are_those_that_it_was_given() -> None:
    with Box(*CLIENT, scope="user_brief,department") as box:
        portal = box.portals[0]
        caller = Caller(portal, portal.employee)
        assert caller.frame.fields["APPLICATION_SCOPE"] == "user_brief,department"
        assert caller.result("scope") == ["user_brief", "department"]
        assert caller.result("user.current")["ID"] == "7"
        assert caller.error("crm.item.list", entityTypeId=2) == "insufficient_scope"
        other = box.add_application("local.other.2", "s", scope="crm")
        assert Caller(portal, portal.employee, other).result("scope") == ["crm"]


def test_events_are_those_of_a_scope_of_all_or_of_the_applications_own(portal: Portal) -> None:
    portal.application.scope = "user"
    caller = Caller(portal, portal.administrator)
    assert caller.result("events", SCOPE="task") == [
        f"ONTASK{name}{change}" for name in ("", "COMMENT") for change in ("ADD", "UPDATE", "DELETE")
    ]
    assert caller.result("events", SCOPE="user") == ["ONUSERADD"]
    assert caller.result("events", SCOPE="nothing") == []
    own = caller.result("events")
    assert ("ONAPPINSTALL" in own, "ONUSERADD" in own, "ONCRMDEALADD" in own) == (True, True, False)
    assert {"ONAPPINSTALL", "ONUSERADD", "ONCRMDEALADD", "ONTASKADD"} <= set(caller.result("events", FULL=True))
    assert caller.result("events", SCOPE="user", FULL=True) == ["ONUSERADD"]


@pytest.mark.parametrize(("scope", "error"), [("crm", "ERROR_EVENT_NOT_FOUND"), ("user", None)])
def test_an_event_of_another_scope_cannot_be_bound(portal: Portal, scope: str, error: str | None) -> None:
    portal.application.scope = scope
    caller = Caller(portal, portal.administrator)
    assert caller.error("event.bind", event="ONUSERADD", handler="http://127.0.0.1:9/events") == error
