"""A local application without the box *Application completes the installation itself*.

The portal's server then notifies the installation address, as an event, and opens the application's own page.
"""

import pytest

from devportal import Portal
from tests.conftest import any_database
from tests.setup.test_events import EVENTS, forged
from tests.setup.test_install import TABS
from tests.support.logbook import Logbook

pytestmark = any_database


@pytest.fixture
def portal(portal: Portal) -> Portal:
    """A portal that completes the installation."""
    portal.application.completes_installation = False
    return portal


def sent_to(portal: Portal, address: str) -> list[dict[str, str]]:
    return [sent.fields for sent in portal.events.sent if sent.url.endswith(address)]


def bound(portal: Portal) -> set[str]:
    return {placement.code for placement in portal.placements}


@pytest.mark.parametrize("address", ["/install", "/"])
def test_its_event_takes_the_portal_in_and_binds(logbook: Logbook, portal: Portal, address: str) -> None:
    portal.install()
    (event,) = sent_to(portal, "/install")
    assert logbook.submit(address, event).status == 200
    assert bound(portal) >= TABS
    assert {handler.event for handler in portal.event_handlers} >= set(EVENTS)
    page = logbook.send(portal.frame(portal.administrator, placement="DEFAULT"))
    assert (page.heading, page.soup.select(".tasks")) == ("Logbook settings", [])
    assert logbook.send(portal.frame(portal.employee)).status == 200


def test_where_the_event_is_lost_the_administrators_first_page_installs(logbook: Logbook, portal: Portal) -> None:
    portal.install()
    page = logbook.send(portal.frame(portal.administrator, placement="DEFAULT"))
    assert (page.heading, page.soup.select(".tasks")) == ("Logbook settings", [])
    assert bound(portal) >= TABS


def test_anybody_elses_first_page_says_that_it_is_not_installed(logbook: Logbook, portal: Portal) -> None:
    portal.install()
    page = logbook.send(portal.frame(portal.employee, placement="DEFAULT"))
    assert (page.status, page.refusal) == (403, "not-installed")
    page = logbook.send(portal.frame(portal.administrator, placement="DEFAULT"), AUTH_ID="forged")
    assert (page.status, page.refusal) == (403, "not-installed")
    assert bound(portal) == set()


def test_an_application_page_that_is_its_installer_too_ends_the_installation(logbook: Logbook, portal: Portal) -> None:
    portal.application.completes_installation = True
    portal.application.has_installer = False
    page = logbook.send(portal.install_frame(portal.administrator))
    assert page.heading == "Logbook is installed"
    assert any("/install.js" in str(script["src"]) for script in page.soup.select("script"))


def test_after_a_removal_the_main_page_installs_again(logbook: Logbook, portal: Portal) -> None:
    portal.install()
    logbook.submit("/install", sent_to(portal, "/install")[0])
    portal.uninstall()
    assert logbook.submit("/events", sent_to(portal, "/events")[0]).status == 200
    portal.install()
    page = logbook.send(portal.frame(portal.administrator, placement="DEFAULT"))
    assert (page.heading, bound(portal) >= TABS) == ("Logbook settings", True)


@pytest.mark.parametrize("address", ["/install", "/"])
def test_an_event_there_is_believed_as_little_as_elsewhere(installed: Logbook, portal: Portal, address: str) -> None:
    for event in EVENTS:
        assert installed.submit(address, forged(portal, event, application_token="0" * 32)).status == 403
    assert installed.submit(address, forged(portal, "ONAPPUNINSTALL", member_id="no member")).status == 400
    assert installed.send(portal.frame(portal.employee)).status == 200


@pytest.mark.parametrize("address", ["/events", "/install", "/"])
@pytest.mark.parametrize("event", ["ONAPPUSERREADY", "ONCRMDYNAMICITEMADD_1032", "OnAppSettingsDisplay"])
def test_an_event_that_means_nothing_to_us_is_taken_and_ignored(
    installed: Logbook, portal: Portal, caplog: pytest.LogCaptureFixture, event: str, address: str
) -> None:
    fields = forged(portal, event, access_token="x", application_token=None)
    portal.calls.clear()
    assert installed.submit(address, fields).status == 200
    assert "event ignored" in caplog.text
    assert list(portal.calls) == []


def test_the_user_of_an_application_may_be_announced_with_facts_alone(installed: Logbook, portal: Portal) -> None:
    facts = {"event": "ONAPPUSERREADY", "data[member_id]": portal.member_id, "data[user_id]": "41"}
    assert installed.submit("/install", facts).status == 200
