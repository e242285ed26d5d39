"""Pages name the reason why a portal is not served and who can fix it, since waiting and reloading do not help."""

from collections.abc import Iterator
from dataclasses import replace

import pytest

from b24app import create_app
from b24app.config import Config
from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook, Page

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


def test_a_right_that_is_missing_is_still_told_as_that(installed: Logbook, portal: Portal) -> None:
    portal.deny_read(portal.employee, 2, 1)
    page = installed.send(portal.frame(portal.employee))
    assert (page.status, page.heading) == (403, "You have no right to do this")
