"""The section "Connection": what is bound in the portal and its repair."""

import pytest

from devportal import Box, Portal
from tests.logbook import Logbook, Page
from tests.office import Office
from tests.strangers import learns_nothing


@pytest.fixture
def office(installed: Logbook, portal: Portal) -> Office:
    return Office(installed, portal)


def lines(page: Page, look: str) -> list[str]:
    return [line.get_text(" ", strip=True) for line in page.soup.select(f"li.is-{look}")]


def test_an_administrator_sees_what_is_bound_and_where(office: Office, portal: Portal) -> None:
    page = office.go("connection")
    assert page.status == 200
    assert portal.url in page.text
    assert portal.member_id in page.text
    bound = lines(page, "good")
    assert {"Lead", "Deal", "Contact", "Company", "Estimate", "Order", "Invoice"} <= set(bound)
    assert "Onboarding projects" in bound
    assert len(bound) == len(portal.placements) + len(portal.event_handlers)
    assert "Everything is in place" in page.text


def test_what_is_missing_is_named_and_bound_again(office: Office, portal: Portal) -> None:
    whole = sorted((placement.code, placement.handler) for placement in portal.placements)
    gone = [placement for placement in portal.placements if placement.code in {"CRM_DEAL_DETAIL_TAB"}]
    portal.state.placements.remove(gone[0])
    del portal.state.event_handlers[0]
    page = office.go("connection")
    assert len(lines(page, "missing")) == 2
    assert lines(page, "missing")[0].startswith("Deal")

    page = office.go("connection/repair")
    assert (page.status, page.outcome) == (200, "repaired")
    assert lines(page, "missing") == []
    assert sorted((placement.code, placement.handler) for placement in portal.placements) == whole
    assert len(portal.event_handlers) == 3


def test_repairing_what_is_whole_changes_nothing(office: Office, portal: Portal) -> None:
    before = portal.placements, portal.event_handlers
    page = office.go("connection/repair")
    assert (page.status, page.outcome) == (200, "repaired")
    assert (portal.placements, portal.event_handlers) == before


def test_a_smart_process_that_was_added_later_gets_its_tab(office: Office, portal: Portal) -> None:
    type_id = portal.add_type("Repairs of lifts")
    page = office.go("connection")
    assert "Repairs of lifts" in lines(page, "missing")[0]
    assert office.go("connection/repair").outcome == "repaired"
    assert f"CRM_DYNAMIC_{type_id}_DETAIL_TAB" in {placement.code for placement in portal.placements}


def test_one_who_is_no_administrator_any_more_is_refused(office: Office, portal: Portal) -> None:
    page = office.go("connection")
    del portal.state.placements[0]
    portal.administrator.is_admin = False
    page = office.go("connection/repair")
    assert (page.status, page.refusal) == (403, "refused")
    learns_nothing(page, portal)


def test_an_expired_token_is_renewed_on_the_way(office: Office, box: Box, portal: Portal) -> None:
    del portal.state.placements[0]
    portal.expire_access_tokens()
    assert office.go("connection/repair").outcome == "repaired"
    assert [call.method for call in box.authority_calls].count("oauth/token") == 1


def test_a_permission_that_is_gone_is_said_so(office: Office, portal: Portal) -> None:
    portal.expire_access_tokens()
    portal.authority.renewal_refusal = "invalid_grant"
    page = office.go("connection/repair")
    assert (page.status, page.refusal) == (403, "expired")
    learns_nothing(page, portal)


@pytest.mark.parametrize("trouble", ["reset", "html", "garbage"])
def test_a_portal_without_an_answer_is_said_so(office: Office, portal: Portal, trouble: str) -> None:
    del portal.state.placements[0]
    getattr(portal.weather, trouble)("batch")
    assert office.go("connection/repair").status == 503
    getattr(portal.weather, trouble)("placement.bind")
    stopped = office.go("connection/repair")
    assert stopped.status == 503
    assert office.go("connection/repair").outcome == "repaired"


def test_what_the_portal_refuses_to_bind_is_named_with_its_word(office: Office, portal: Portal) -> None:
    page = office.go("connection")
    portal.state.placements[:] = [one for one in portal.placements if one.code != "CRM_LEAD_DETAIL_TAB"]
    portal.weather.refuse("ERROR_CORE", "placement.bind")
    page = office.go("connection/repair")
    assert (page.status, page.outcome) == (200, "refused")
    assert lines(page, "missing") == ["Lead ERROR_CORE"]
    assert office.go("connection/repair").outcome == "repaired"
