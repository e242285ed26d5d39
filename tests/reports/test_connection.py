"""The section "Connection": its state, what is bound in the portal, and its repair."""

import pytest

from b24app.models import Person as PersonRow
from b24app.models import Portal as PortalRow
from b24app.models import TokenPair
from devportal import Box, Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.attacker import learns_nothing
from tests.support.logbook import Logbook, Page

pytestmark = any_database


@pytest.fixture
def admin(installed: Logbook, portal: Portal) -> Admin:
    return Admin(installed, portal)


def lines(page: Page, look: str) -> list[str]:
    """What is bound and what is not, now."""
    return [line.get_text(" ", strip=True) for line in page.soup.select(f".columns li.is-{look}")]


def report(page: Page) -> list[str]:
    """What a repair has done, line by line."""
    return [line.get_text(" ", strip=True) for line in page.soup.select("[aria-labelledby=report] li, .work li")]


def checks(page: Page) -> dict[str, str]:
    terms = page.soup.select("dl.key-values dt")
    return {term.get_text(strip=True): term.find_next("dd").get_text(" ", strip=True) for term in terms}


def worries(page: Page) -> set[str]:
    marked = page.soup.select("dd.is-worry")
    return {mark.find_previous("dt").get_text(strip=True) for mark in marked}


class TestChecks:
    """What an administrator would otherwise ask support."""

    def test_all_of_them_come_with_one_request(self, admin: Admin, portal: Portal) -> None:
        portal.calls.clear()
        page = admin.go("connection")
        assert page.status == 200
        assert [call.method for call in portal.calls] == ["batch"]
        shown = checks(page)
        assert (shown["Address"], shown["member_id"]) == (portal.url, portal.member_id)
        assert shown["Kind of installation"] == "local application of this Bitrix24 (L)"
        assert shown["Permissions"] == "crm, placement: all that Logbook needs"
        assert shown["Application token"] == "known"
        assert shown["Clocks"] == "Logbook and Bitrix24 agree."
        assert shown["People who must open Logbook again"] == "nobody"
        assert "Last successful call" in shown
        assert worries(page) == set()

    @pytest.mark.parametrize(
        ("letter", "words"),
        [("F", "free"), ("D", "demo"), ("T", "trial"), ("P", "bought"), ("S", "subscription"), ("Q", "unknown")],
    )
    def test_each_kind_of_installation_has_its_words(
        self, admin: Admin, portal: Portal, letter: str, words: str
    ) -> None:
        portal.state.installations[portal.application.client_id].status = letter
        shown = checks(admin.go("connection"))["Kind of installation"]
        assert words in shown
        assert shown.endswith(f"({letter})")

    @pytest.mark.parametrize(
        ("days", "is_expired", "words", "is_worry"),
        [(1, False, "1 day left", True), (30, False, "30 days left", False), (-3, True, "is over", True)],
    )
    def test_the_days_left_are_counted(
        self, admin: Admin, portal: Portal, days: int, is_expired: bool, words: str, is_worry: bool
    ) -> None:
        installation = portal.state.installations[portal.application.client_id]
        installation.days_left, installation.is_expired = days, is_expired
        page = admin.go("connection")
        assert checks(page)["Paid period"] == words
        assert ("Paid period" in worries(page)) is is_worry

    def test_permissions_that_are_missing_are_named(self, admin: Admin, portal: Portal) -> None:
        portal.state.installations[portal.application.client_id].scope = "placement,task"
        for pair in portal.authority.state.pairs:
            pair.scope = "placement,task"
        page = admin.go("connection")
        assert "Missing permissions: crm." in checks(page)["Permissions"]
        assert "Permissions" in worries(page)

    @pytest.mark.parametrize(("seconds", "words"), [(40, "40 seconds behind"), (-40, "40 seconds ahead of")])
    def test_clocks_that_differ_are_compared(
        self, admin: Admin, box: Box, portal: Portal, seconds: int, words: str
    ) -> None:
        box.clock.advance(seconds)
        page = admin.go("connection")
        assert checks(page)["Clocks"] == f"Logbook is {words} Bitrix24."
        assert "Clocks" in worries(page)

    def test_a_missing_application_token_is_reported(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        with installed.database() as session:
            session.query(PortalRow).one().application_token = None
            session.commit()
        assert "Application token" in worries(admin.go("connection"))

    def test_people_whose_permission_is_dead_are_named(self, admin: Admin, installed: Logbook, portal: Portal) -> None:
        for person in (portal.employee, portal.reader):
            person.last_name = f"<i>{person.last_name}</i>"
            installed.send(portal.frame(person))
        with installed.database() as session:
            for pair in session.query(TokenPair).join(PersonRow).filter(PersonRow.bitrix_id != 1):
                pair.refusal = "INVALID_GRANT"
            session.commit()
        page = admin.go("connection")
        assert checks(page)["People who must open Logbook again"].replace(" ,", ",") == (
            "Ben <i>Okafor</i>, Clara <i>Lindqvist</i>"
        )
        installed.send(portal.frame(portal.reader))
        assert checks(admin.go("connection"))["People who must open Logbook again"] == "Ben <i>Okafor</i>"

    def test_of_very_many_the_first_are_named_and_the_others_counted(self, admin: Admin, installed: Logbook) -> None:
        with installed.database() as session:
            administrator = session.query(PersonRow).one()
            obtained_at = session.query(TokenPair).one().obtained_at
            for number in range(60):
                person = PersonRow(
                    portal_id=administrator.portal_id, bitrix_id=1000 + number, name=f"P{number:02}", time_zone=""
                )
                session.add(person)
                session.flush()
                session.add(TokenPair(person_id=person.id, refusal="INVALID_GRANT", obtained_at=obtained_at))
            session.commit()
        shown = checks(admin.go("connection"))["People who must open Logbook again"]
        assert shown.endswith("P49 and 10 more")


class TestRepair:
    """What is missing is named, and bound again by one button."""

    def test_an_administrator_sees_what_is_bound(self, admin: Admin, portal: Portal) -> None:
        page = admin.go("connection")
        bound = lines(page, "good")
        assert {"Lead", "Deal", "Contact", "Company", "Estimate", "Order", "Invoice"} <= set(bound)
        assert {"Onboarding projects", "A smart process was added"} <= set(bound)
        assert len(bound) == len(portal.placements) + len(portal.event_handlers)
        assert "Everything is in place" in page.text

    def test_what_is_missing_is_bound_again_and_reported_line_by_line(self, admin: Admin, portal: Portal) -> None:
        whole = sorted((placement.code, placement.handler) for placement in portal.placements)
        gone = [placement for placement in portal.placements if placement.code == "CRM_DEAL_DETAIL_TAB"]
        portal.state.placements.remove(gone[0])
        del portal.state.event_handlers[0]
        portal.state.placements[0].handler = "http://127.0.0.1:9/elsewhere"
        page = admin.go("connection")
        assert len(lines(page, "missing")) == 3

        page = admin.go("connection/repair")
        assert (page.status, page.outcome) == (200, "repaired")
        assert lines(page, "missing") == []
        assert report(page) == ["Lead new", "Deal new", "Logbook was installed new"]
        assert sorted((placement.code, placement.handler) for placement in portal.placements) == whole
        assert len(portal.event_handlers) == 5

    def test_repairing_what_is_whole_changes_nothing(self, admin: Admin, portal: Portal) -> None:
        before = portal.placements, portal.event_handlers
        page = admin.go("connection/repair")
        assert (page.status, page.outcome, report(page)) == (200, "repaired", [])
        assert (portal.placements, portal.event_handlers) == before

    def test_what_is_bound_twice_or_too_much_is_put_right(self, admin: Admin, portal: Portal) -> None:
        extra = [
            type(one)(**{**vars(one), "id": 900 + number, "code": code})
            for number, (one, code) in enumerate(
                [(portal.placements[0], portal.placements[0].code), (portal.placements[0], "CRM_LEAD_LIST_MENU")]
            )
        ]
        portal.state.placements.extend(extra)
        page = admin.go("connection/repair")
        assert page.outcome == "repaired"
        assert report(page)[-1] == "Lead: Menu of a row in lists removed"
        assert len(portal.placements) == len({one.code for one in portal.placements}) == 8

    def test_a_smart_process_that_was_added_later_gets_its_tab(self, admin: Admin, portal: Portal) -> None:
        type_id = portal.add_type("Repairs of lifts")
        page = admin.go("connection")
        assert "Repairs of lifts" in lines(page, "missing")[0]
        assert admin.go("connection/repair").outcome == "repaired"
        assert f"CRM_DYNAMIC_{type_id}_DETAIL_TAB" in {placement.code for placement in portal.placements}

    def test_forty_five_smart_processes_show_their_progress(self, admin: Admin, portal: Portal) -> None:
        for number in range(45):
            portal.add_type(f"Process {number}")
        page = admin.go("connection/repair")
        assert (page.status, page.outcome) == (200, "repaired")
        assert report(page) == [f"Process {number} new" for number in range(45)]
        steps = [(str(bar["value"]), str(bar["max"])) for bar in page.soup.select("progress")]
        assert steps == [(done, "45") for done in ("0", "10", "20", "30", "40", "45")]
        assert lines(page, "missing") == []
        assert len(portal.placements) == 53
        assert "45 places were missing" in page.one("[data-outcome]").text

    def test_one_who_is_no_administrator_any_more_is_refused(self, admin: Admin, portal: Portal) -> None:
        page = admin.go("connection")
        del portal.state.placements[0]
        portal.administrator.is_admin = False
        page = admin.go("connection/repair")
        assert (page.status, page.refusal) == (403, "refused")
        learns_nothing(page, portal)

    def test_an_expired_token_is_renewed_on_the_way(self, admin: Admin, box: Box, portal: Portal) -> None:
        del portal.state.placements[0]
        portal.expire_access_tokens()
        assert admin.go("connection/repair").outcome == "repaired"
        assert [call.method for call in box.authority_calls].count("oauth/token") == 1

    def test_a_lost_permission_is_reported(self, admin: Admin, portal: Portal) -> None:
        portal.expire_access_tokens()
        portal.authority.renewal_refusal = "invalid_grant"
        page = admin.go("connection/repair")
        assert (page.status, page.refusal) == (403, "expired")
        learns_nothing(page, portal)

    @pytest.mark.parametrize("trouble", ["reset", "html", "garbage"])
    def test_a_portal_without_an_answer_is_reported(self, admin: Admin, portal: Portal, trouble: str) -> None:
        del portal.state.placements[0]
        getattr(portal.faults, trouble)("batch")
        assert admin.go("connection/repair").status == 503
        getattr(portal.faults, trouble)("placement.bind")
        stopped = admin.go("connection/repair")
        assert stopped.status == 503
        assert admin.go("connection/repair").outcome == "repaired"

    def test_what_the_portal_refuses_to_bind_is_named_with_its_word(self, admin: Admin, portal: Portal) -> None:
        page = admin.go("connection")
        portal.state.placements[:] = [one for one in portal.placements if one.code != "CRM_LEAD_DETAIL_TAB"]
        portal.faults.refuse("ERROR_ARGUMENT", "placement.bind")
        page = admin.go("connection/repair")
        assert (page.status, page.outcome) == (200, "refused")
        assert lines(page, "missing") == ["Lead Bitrix24 answered “ERROR_ARGUMENT”."]
        assert report(page) == lines(page, "missing")
        assert admin.go("connection/repair").outcome == "repaired"
