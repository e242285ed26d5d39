"""Refusal pages name the reason why a portal is not served, and who can fix it."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Literal

import pytest

from b24app import create_app
from b24app.config import Config
from b24app.models import EntryState
from devportal import Box, Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page
from tests.support.outboxes import ADD, WORDS, on_timeline, states, waiting

pytestmark = any_database


@pytest.fixture
def careful(settings: Config) -> Iterator[Logbook]:
    """Logbook as it is meant to be run: public addresses and https alone."""
    logbook = Logbook(create_app(replace(settings, is_insecure_allowed=False)))
    yield logbook
    logbook.close()


def names(page: Page, status: int, cause: str, who: str) -> None:
    assert (page.status, page.heading) == (status, "Logbook cannot work with this Bitrix24 now")
    assert cause in page.text
    assert who in page.text


def test_a_portal_over_http(careful: Logbook, portal: Portal) -> None:
    for frame in (
        portal.install_frame(portal.administrator),
        portal.frame(portal.administrator, placement="DEFAULT"),
    ):
        names(careful.send(frame), 403, "begins with http://", "to set up https")


def test_a_portal_at_a_private_address(careful: Logbook, portal: Portal) -> None:
    portal.state.public_url = f"https://localhost:{portal.state.port}"
    names(careful.send(portal.install_frame(portal.administrator)), 503, "private network", "reached from the internet")


def test_a_portal_whose_certificate_is_not_trusted(logbook: Logbook, portal: Portal) -> None:
    portal.state.public_url = f"https://localhost:{portal.state.port}"
    names(logbook.send(portal.install_frame(portal.administrator)), 503, "No secure connection", "CA_BUNDLE")


def test_a_plan_that_allows_no_application(installed: Logbook, portal: Portal) -> None:
    admin = Admin(installed, portal)
    portal.faults.is_plan_lapsed = True
    cause = (403, "commercial plans only", "An administrator of this Bitrix24 can extend its plan")
    names(installed.send(portal.frame(portal.employee)), *cause)
    names(installed.send(portal.frame(portal.administrator, placement="DEFAULT")), *cause)
    names(installed.send(portal.install_frame(portal.administrator)), *cause)
    names(admin.go("writers"), *cause)
    portal.clear_faults()


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_portal_that_is_not_there_any_more(installed: Logbook, portal: Portal, status: int) -> None:
    frame = portal.frame(portal.employee)
    portal.faults.proxy(status)
    names(installed.send(frame), 503, "nothing is there", "If it has been deleted, nothing can be sent there")
    portal.faults.refuse("PORTAL_DELETED")
    names(installed.send(frame), 503, "nothing is there", "If it has been deleted, nothing can be sent there")


def test_an_authorization_server_with_such_a_page_says_nothing_of_the_portal(
    logbook: Logbook, box: Box, portal: Portal
) -> None:
    box.faults.proxy(404)
    assert logbook.send(portal.install_frame(portal.administrator)).heading == "Bitrix24 does not answer"


@pytest.mark.parametrize("statuses", ["documented", "seen"])
def test_an_entry_that_the_plan_holds_up_waits_for_it(
    installed: Logbook, portal: Portal, statuses: Literal["documented", "seen"]
) -> None:
    portal.state.dialect.statuses = statuses
    form = installed.send(portal.frame(portal.employee)).form
    portal.faults.is_plan_lapsed = True
    page = installed.post(form, **WORDS)
    assert (page.status, page.outcome) == (202, "queued")
    assert "The plan of this Bitrix24 allows no applications now" in page.text
    portal.clear_faults()
    installed.pass_time(3600)
    installed.work()
    assert on_timeline(portal) == [WORDS["title"]]


def test_an_unpaid_application_waits_too(installed: Logbook, portal: Portal) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    portal.faults.refuse("PAYMENT_REQUIRED", ADD)
    page = installed.post(form, **WORDS)
    assert (page.status, page.outcome) == (202, "queued")
    assert "paid period is over" in page.text


def test_an_entry_that_goes_alone_is_held_up_by_the_plan_too(installed: Logbook, portal: Portal) -> None:
    waiting(installed, portal, title="$result[total]")
    portal.faults.is_plan_lapsed = True
    installed.work()
    assert states(installed) == [(EntryState.PENDING, "ACCESS_DENIED")]


def test_a_missing_right_with_the_plans_status_is_reported_as_a_missing_right(
    installed: Logbook, portal: Portal
) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    portal.faults.refuse("ACCESS_DENIED", ADD)
    page = installed.post(form, **WORDS)
    assert page.outcome == "refused"
    assert "You may not write on this card." in page.text


def test_a_missing_right_is_still_reported_as_such(installed: Logbook, portal: Portal) -> None:
    portal.deny_read(portal.employee, 2, 1)
    page = installed.send(portal.frame(portal.employee))
    assert (page.status, page.heading) == (403, "You have no right to do this")
