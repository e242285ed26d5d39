"""A portal has several names: the page that opens our frame by another one may show it, once its caller is proved."""

import re

import pytest

from b24app.models import Portal as PortalRow
from devportal import FramePost, Portal
from devportal.model.people import Person
from tests.conftest import any_database
from tests.support.attacker import Attacker, learns_nothing
from tests.support.logbook import Logbook, Page

pytestmark = any_database

ALIAS = "crm.company.local:8443"
ORIGIN = f"https://{ALIAS}"
WORDS = {"icon": "comment", "title": "Called", "text": "By Friday."}
SECTIONS = (
    *("", "/places", "/icons", "/templates", "/writers", "/deliveries", "/connection", "/calls", "/changes", "/leave"),
    *("/places/save", "/connection/repair", "/templates/edit", "/writers/save"),
)


def by_alias(frame: FramePost) -> FramePost:
    """The same frame for somebody who browses the portal by its other name, behind a proxy that speaks https."""
    frame.query.update(DOMAIN=ALIAS, PROTOCOL="1")
    return frame


def opened(logbook: Logbook, portal: Portal, person: Person | None = None, placement: str = "DEFAULT") -> Page:
    return logbook.send(by_alias(portal.frame(person or portal.administrator, placement=placement)))


def ancestors(page: Page) -> list[str]:
    return page.headers["Content-Security-Policy"].partition("frame-ancestors ")[2].split()


def is_of_alias(page: Page, portal: Portal) -> None:
    assert (ancestors(page), page.one("body")["data-portal-origin"]) == ([portal.url, ORIGIN], ORIGIN)


@pytest.fixture
def composer(installed: Logbook, portal: Portal) -> Page:
    return opened(installed, portal, portal.employee, "CRM_DEAL_DETAIL_TAB")


def test_the_tab_may_be_shown_by_both_names(composer: Page, portal: Portal) -> None:
    is_of_alias(composer, portal)
    assert f"img-src 'self' {portal.url} {ORIGIN};" in composer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    "address", ["/entries", "/preview", "/drafts/discard", "/history", "/history/delete", "/templates"]
)
def test_so_may_every_page_that_comes_from_it(installed: Logbook, portal: Portal, composer: Page, address: str) -> None:
    page = installed.submit(address, {**composer.form, **WORDS, "page": "0-1"})
    is_of_alias(page, portal)
    again = installed.submit("/preview", {**page.form, **WORDS})
    is_of_alias(again, portal)


def test_so_may_every_page_of_the_settings(installed: Logbook, portal: Portal) -> None:
    page = opened(installed, portal)
    is_of_alias(page, portal)
    for section in SECTIONS:
        fields = {"session": str(page.one("input[name=session]")["value"]), "who": "everybody", "version": "0"}
        page = installed.submit(f"/settings{section}", fields)
        is_of_alias(page, portal)


def test_so_may_the_installer_also_where_it_goes_on(logbook: Logbook, portal: Portal) -> None:
    portal.faults.refuse("ACCESS_DENIED", "placement.bind", times=None)
    stopped = logbook.send(by_alias(portal.install_frame(portal.administrator)))
    is_of_alias(stopped, portal)
    portal.clear_faults()
    done = logbook.submit("/install", {"session": stopped.form["session"]})
    assert done.heading == "Logbook is installed"
    is_of_alias(done, portal)


def test_so_may_the_page_of_those_who_are_no_administrators(installed: Logbook, portal: Portal) -> None:
    is_of_alias(opened(installed, portal, portal.employee), portal)


def test_links_to_cards_stay_where_somebody_browses(installed: Logbook, portal: Portal, composer: Page) -> None:
    installed.post(composer.form, **WORDS)
    page = opened(installed, portal)
    filled = {"session": str(page.one("input[name=session]")["value"]), "state": "all"}
    page = installed.submit("/settings/deliveries", {**filled, "card": f"{ORIGIN}/crm/deal/details/1/"})
    assert page.one("main a[target=_blank][href*=details]")["href"] == f"{ORIGIN}/crm/deal/details/1/"


def test_a_portal_of_one_name_is_named_once(installed: Logbook, portal: Portal) -> None:
    page = installed.send(portal.frame(portal.employee))
    assert (ancestors(page), page.one("body")["data-portal-origin"]) == ([portal.url], portal.url)


@pytest.mark.parametrize(
    ("domain", "sources"),
    [
        ("crm_test.company.local:8443", ["https://crm_test.company.local:8443", "https://*.company.local:8443"]),
        ("crm.my_company.local", ["https://crm.my_company.local", "https://*.local"]),
        ("crm_test:8443", ["https://crm_test:8443"]),
    ],
)
def test_a_host_with_an_underscore_is_named_as_browsers_take_it_too(
    installed: Logbook, portal: Portal, domain: str, sources: list[str]
) -> None:
    frame = by_alias(portal.frame(portal.employee))
    frame.query["DOMAIN"] = domain
    assert ancestors(installed.send(frame)) == [portal.url, *sources]


def test_nobody_who_is_not_proved_gets_a_name_in(installed: Logbook, portal: Portal) -> None:
    for address in ("CRM_DEAL_DETAIL_TAB", "DEFAULT"):
        page = installed.send(by_alias(portal.frame(portal.employee, placement=address)), AUTH_ID="forged")
        learns_nothing(page, portal)
        assert ALIAS not in str(page.headers) + page.text


@pytest.mark.parametrize(
    "domain", ["a;script-src *", "a b", "*.example", "a'b", 'a"b', "a,b", "a\r\nb", "[::1]", "a:0"]
)
def test_what_is_no_host_never_reaches_the_policy(installed: Logbook, portal: Portal, domain: str) -> None:
    frame = portal.frame(portal.employee)
    frame.query["DOMAIN"] = domain
    page = installed.send(frame)
    assert (page.status, ancestors(page)) == (400, ["*"])
    assert not re.search(r"script-src (?!'self';)", page.headers["Content-Security-Policy"])


def test_the_other_name_is_neither_called_nor_stored(installed: Logbook, portal: Portal, attacker: Attacker) -> None:
    frame = portal.frame(portal.employee)
    frame.query["DOMAIN"] = attacker.host
    page = installed.send(frame)
    assert (page.status, ancestors(page)) == (200, [portal.url, attacker.address])
    assert installed.post(page.form, **WORDS).outcome == "posted"
    assert attacker.heard == []
    with installed.database() as session:
        assert session.query(PortalRow).one().client_endpoint == portal.client_endpoint
