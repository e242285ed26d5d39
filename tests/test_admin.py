"""The application's main page: what is bound and its repair for administrators, a welcome for everybody else."""

import pytest

from devportal import Box, Portal
from tests.logbook import Logbook, Page
from tests.strangers import learns_nothing


def open_main_page(logbook: Logbook, portal: Portal) -> Page:
    return logbook.send(portal.frame(portal.administrator, placement="DEFAULT"))


def lines(page: Page, look: str) -> list[str]:
    return [line.get_text(" ", strip=True) for line in page.soup.select(f"li.is-{look}")]


def repair(logbook: Logbook, page: Page) -> Page:
    return logbook.submit("/repair", page.form)


def test_an_administrator_sees_what_is_bound_and_where(installed: Logbook, portal: Portal) -> None:
    page = open_main_page(installed, portal)
    assert page.status == 200
    assert portal.url in page.text
    assert portal.member_id in page.text
    bound = lines(page, "good")
    assert {"Lead", "Deal", "Contact", "Company", "Estimate", "Order", "Invoice"} <= set(bound)
    assert "Onboarding projects" in bound
    assert len(bound) == len(portal.placements) + len(portal.event_handlers)
    assert "Everything is in place" in page.text


def test_it_takes_one_request_to_the_portal(installed: Logbook, box: Box, portal: Portal) -> None:
    box.authority_calls.clear()
    open_main_page(installed, portal)
    assert [call.method for call in portal.calls] == ["batch"]
    assert list(box.authority_calls) == []


def test_only_the_proved_portal_may_frame_it(installed: Logbook, portal: Portal) -> None:
    headers = open_main_page(installed, portal).headers
    assert headers["Content-Security-Policy"].endswith(f"frame-ancestors {portal.url}")
    assert not {"X-Frame-Options", "Set-Cookie"} & set(headers)


def test_others_read_what_logbook_does_and_where_to_find_it(installed: Logbook, portal: Portal) -> None:
    page = installed.send(portal.frame(portal.employee, placement="DEFAULT"))
    assert page.status == 200
    assert "tab" in page.one("main").text
    assert page.soup.select("form") == []
    assert portal.member_id not in page.text


def test_options_of_the_portals_own_page_are_no_card(installed: Logbook, portal: Portal) -> None:
    frame = portal.frame(portal.administrator, placement="DEFAULT", options={"any": "thing", "ID": "nonsense"})
    assert installed.send(frame).status == 200


class TestRepair:
    """POST /repair."""

    def test_what_is_missing_is_named_and_bound_again(self, installed: Logbook, portal: Portal) -> None:
        whole = sorted((placement.code, placement.handler) for placement in portal.placements)
        gone = [placement for placement in portal.placements if placement.code in {"CRM_DEAL_DETAIL_TAB"}]
        portal.state.placements.remove(gone[0])
        del portal.state.event_handlers[0]
        page = open_main_page(installed, portal)
        assert len(lines(page, "missing")) == 2
        assert lines(page, "missing")[0].startswith("Deal")

        page = repair(installed, page)
        assert (page.status, page.outcome) == (200, "repaired")
        assert lines(page, "missing") == []
        assert sorted((placement.code, placement.handler) for placement in portal.placements) == whole
        assert len(portal.event_handlers) == 3

    def test_repairing_what_is_whole_changes_nothing(self, installed: Logbook, portal: Portal) -> None:
        before = portal.placements, portal.event_handlers
        page = repair(installed, open_main_page(installed, portal))
        assert (page.status, page.outcome) == (200, "repaired")
        assert (portal.placements, portal.event_handlers) == before

    def test_a_smart_process_that_was_added_later_gets_its_tab(self, installed: Logbook, portal: Portal) -> None:
        type_id = portal.add_type("Repairs of lifts")
        page = open_main_page(installed, portal)
        assert "Repairs of lifts" in lines(page, "missing")[0]
        assert repair(installed, page).outcome == "repaired"
        assert f"CRM_DYNAMIC_{type_id}_DETAIL_TAB" in {placement.code for placement in portal.placements}

    def test_one_who_is_no_administrator_any_more_is_refused(self, installed: Logbook, portal: Portal) -> None:
        page = open_main_page(installed, portal)
        del portal.state.placements[0]
        portal.administrator.is_admin = False
        page = repair(installed, page)
        assert (page.status, page.refusal) == (403, "refused")
        learns_nothing(page, portal)

    def test_an_expired_token_is_renewed_on_the_way(self, installed: Logbook, box: Box, portal: Portal) -> None:
        page = open_main_page(installed, portal)
        del portal.state.placements[0]
        portal.expire_access_tokens()
        assert repair(installed, page).outcome == "repaired"
        assert [call.method for call in box.authority_calls].count("oauth/token") == 1

    def test_a_permission_that_is_gone_is_said_so(self, installed: Logbook, portal: Portal) -> None:
        page = open_main_page(installed, portal)
        portal.expire_access_tokens()
        portal.authority.renewal_refusal = "invalid_grant"
        page = repair(installed, page)
        assert (page.status, page.refusal) == (403, "expired")
        learns_nothing(page, portal)

    @pytest.mark.parametrize("trouble", ["reset", "html", "garbage"])
    def test_a_portal_without_an_answer_is_said_so(self, installed: Logbook, portal: Portal, trouble: str) -> None:
        page = open_main_page(installed, portal)
        del portal.state.placements[0]
        getattr(portal.weather, trouble)("batch")
        assert repair(installed, page).status == 503
        getattr(portal.weather, trouble)("placement.bind")
        stopped = repair(installed, page)
        assert stopped.status == 503
        assert repair(installed, page).outcome == "repaired"

    def test_what_the_portal_refuses_to_bind_is_named_with_its_word(self, installed: Logbook, portal: Portal) -> None:
        page = open_main_page(installed, portal)
        portal.state.placements[:] = [one for one in portal.placements if one.code != "CRM_LEAD_DETAIL_TAB"]
        portal.weather.refuse("ERROR_CORE", "placement.bind")
        page = repair(installed, page)
        assert (page.status, page.outcome) == (200, "refused")
        assert lines(page, "missing") == ["Lead ERROR_CORE"]
        assert repair(installed, page).outcome == "repaired"
