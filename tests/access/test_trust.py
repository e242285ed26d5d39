"""Every forged frame is refused, learns nothing and changes nothing."""

import json
from collections.abc import Callable
from urllib.parse import quote

import pytest

from b24app.models import Person
from b24app.models import Portal as PortalRow
from b24app.web.frame import page_for
from devportal import Box, FramePost, Portal
from tests.conftest import any_database
from tests.support.attacker import Attacker, learns_nothing
from tests.support.logbook import Logbook, Page

pytestmark = any_database

ADDRESSES = {"/placement": "CRM_DEAL_DETAIL_TAB", "/": "DEFAULT", "/install": "DEFAULT"}
FRAMES = pytest.mark.parametrize("address", ADDRESSES)
NO_TOKEN_OF_ANYBODY = "0123456789abcdef" * 4 + "012345"


def frame_at(address: str, portal: Portal) -> FramePost:
    """What the portal would post to this address for its administrator, who may do everything."""
    if address == "/install":
        return portal.install_frame(portal.administrator)
    return portal.frame(portal.administrator, placement=ADDRESSES[address])


def token_of_another_application(box: Box, portal: Portal) -> str:
    other = box.add_application("local.other.2", "another secret", app_url="http://127.0.0.1:9")
    token = portal.install_frame(portal.administrator, app=other).fields["AUTH_ID"]
    portal.finish_install(app=other)
    return token


@FRAMES
class TestTokensThatProveNothing:
    """Each is refused with 403, whatever else in the request is true."""

    def refused(self, logbook: Logbook, portal: Portal, address: str, **changes: str | None) -> Page:
        page = logbook.send(frame_at(address, portal), **changes)
        assert page.status == 403
        learns_nothing(page, portal)
        return page

    def test_one_that_nobody_has_issued(self, installed: Logbook, portal: Portal, address: str) -> None:
        page = self.refused(installed, portal, address, AUTH_ID=NO_TOKEN_OF_ANYBODY)
        assert page.refusal == "not-proved"

    def test_one_that_is_no_token(self, installed: Logbook, portal: Portal, address: str) -> None:
        assert self.refused(installed, portal, address, AUTH_ID="' OR 1=1 --".replace(" ", "+")).refusal == "not-proved"

    def test_one_that_has_expired(self, installed: Logbook, portal: Portal, address: str) -> None:
        expired = portal.frame(portal.administrator).fields["AUTH_ID"]
        portal.expire_access_tokens()
        assert self.refused(installed, portal, address, AUTH_ID=expired).refusal == "expired"

    def test_one_of_another_application_of_this_portal(
        self, installed: Logbook, box: Box, portal: Portal, address: str
    ) -> None:
        stranger = token_of_another_application(box, portal)
        assert self.refused(installed, portal, address, AUTH_ID=stranger).refusal == "not-proved"

    def test_one_of_another_portal(self, installed: Logbook, portal: Portal, second: Portal, address: str) -> None:
        foreign = second.frame(second.administrator).fields["AUTH_ID"]
        assert self.refused(installed, portal, address, AUTH_ID=foreign).refusal == "not-proved"

    def test_one_of_a_portal_that_says_to_be_another(
        self, installed: Logbook, portal: Portal, second: Portal, address: str
    ) -> None:
        page = installed.send(frame_at(address, second), member_id=portal.member_id, DOMAIN=portal.host)
        assert (page.status, page.refusal) == (403, "not-proved")
        learns_nothing(page, portal)

    def test_one_of_somebody_who_was_dismissed(self, installed: Logbook, portal: Portal, address: str) -> None:
        token = portal.frame(portal.administrator).fields["AUTH_ID"]
        portal.dismiss(portal.administrator)
        self.refused(installed, portal, address, AUTH_ID=token)

    def test_one_of_an_installation_that_is_over(self, installed: Logbook, portal: Portal, address: str) -> None:
        frame = portal.frame(portal.administrator, placement=ADDRESSES[address])
        portal.uninstall()
        page = installed.send(frame)
        assert page.status == 403
        learns_nothing(page, portal)


def test_people_of_a_portal_without_logbook_are_told_so(logbook: Logbook, portal: Portal) -> None:
    page = logbook.send(portal.frame(portal.administrator))
    assert (page.status, page.refusal) == (403, "not-installed")
    assert list(portal.calls) == []
    learns_nothing(page, portal)
    # The main page installs, but only for an administrator.
    page = logbook.send(portal.frame(portal.employee, placement="DEFAULT"))
    assert (page.status, page.refusal) == (403, "not-installed")
    learns_nothing(page, portal)


@pytest.mark.parametrize(("address", "asked"), [("/placement", []), ("/", ["app.info"])])
def test_a_member_id_of_nobody_asks_no_portal(
    installed: Logbook, box: Box, portal: Portal, address: str, asked: list[str]
) -> None:
    box.authority_calls.clear()
    page = installed.send(frame_at(address, portal), member_id="0" * 32)
    assert (page.status, page.refusal) == (403, "not-installed")
    assert list(portal.calls) == []
    assert [call.method for call in box.authority_calls] == asked


@FRAMES
def test_addresses_of_an_attacker_are_never_called(
    installed: Logbook, portal: Portal, attacker: Attacker, address: str
) -> None:
    """The server's own certificate of trust is its list, not what a browser brings."""
    evil = attacker.address
    changes = {
        "SERVER_ENDPOINT": f"{evil}/rest/",
        "DOMAIN": attacker.host,
        "client_endpoint": f"{evil}/rest/",
        "server_endpoint": f"{evil}/rest/",
        "APP_URL": evil,
    }
    frame = frame_at(address, portal)
    page = installed.send(FramePost(frame.url, {**frame.query, "DOMAIN": attacker.host}, frame.fields), **changes)
    assert page.status == 200  # the token is good, and the portal is the one that the token says
    # By the word of a proved person, their own page may be shown where they say that they browse; nothing more.
    assert page.headers["Content-Security-Policy"].endswith(f"frame-ancestors {portal.url} {evil}")
    assert page.text.count(attacker.host) == 1
    assert page.one("body")["data-portal-origin"] == evil
    assert attacker.heard == []
    for token in (NO_TOKEN_OF_ANYBODY, "x"):
        page = installed.send(FramePost(frame.url, {}, frame.fields), **{**changes, "AUTH_ID": token})
        assert page.status == 403
        learns_nothing(page, portal)
    assert attacker.heard == []


NO_HOSTS = [
    *("{host}@evil.example", "evil.example/{host}", "evil.example?{host}", "evil.example#{host}"),
    *("evil.example\\{host}", "http://evil.example", "//evil.example", "evil.example\r\nX: y", "[::1]"),
    *("169.254.169.254:80:80", "..", "-", "a" * 254),
]


def test_a_domain_that_is_no_host_is_malformed(installed: Logbook, portal: Portal) -> None:
    frame = portal.frame(portal.employee)
    for domain in NO_HOSTS:
        page = installed.send(
            FramePost(frame.url, {**frame.query, "DOMAIN": domain.format(host=portal.host)}, frame.fields)
        )
        assert (domain, page.status, page.refusal) == (domain, 400, "malformed")
    assert list(portal.calls) == []


def test_any_real_host_is_only_a_hint(installed: Logbook, portal: Portal) -> None:
    frame = portal.frame(portal.employee)
    port = portal.host.partition(":")[2]
    domains = {
        f"LOCALHOST:{port}": "",
        f"localhost.:{port}": "",
        "portal.bitrix24.com": " http://portal.bitrix24.com",
        "bücher.example": " http://xn--bcher-kva.example",
        "10.0.0.1": " http://10.0.0.1",
    }
    for domain, named in domains.items():
        page = installed.send(FramePost(frame.url, {**frame.query, "DOMAIN": domain}, frame.fields))
        assert (domain, page.status) == (domain, 200)
        assert page.headers["Content-Security-Policy"].endswith(f"frame-ancestors {portal.url}{named}")


@pytest.mark.parametrize(
    "endpoint", ["https://a.example;script-src *;x/rest/", "https://a.example/;script-src *;x/rest/", "https://*/rest/"]
)
def test_no_stored_address_becomes_more_than_an_ancestor(logbook: Logbook, endpoint: str) -> None:
    """Whatever reported it, and whatever was let in before addresses were checked."""
    with logbook.app.test_request_context():
        answer = page_for(PortalRow(client_endpoint=endpoint), "welcome.html", is_unfinished=False)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.count("script-src") == 1
    assert "*" not in policy
    assert policy.rpartition("frame-ancestors ")[2] in {"'none'", "https://a.example"}


def test_a_forged_install_leaves_no_trace(logbook: Logbook, box: Box, portal: Portal) -> None:
    frame = portal.install_frame(portal.employee)
    stranger = token_of_another_application(box, portal)
    for changes in ({}, {"AUTH_ID": stranger}, {"AUTH_ID": NO_TOKEN_OF_ANYBODY}, {"member_id": "0" * 32}):
        page = logbook.send(frame, **changes)
        assert page.status == 403
        learns_nothing(page, portal)
    assert portal.placements == []
    with logbook.database() as session:
        assert session.query(PortalRow).count() == 0
        assert session.query(Person).count() == 0


def test_an_employee_cannot_change_the_application_token(installed: Logbook, portal: Portal) -> None:
    installed.send(portal.frame(portal.employee), APPLICATION_TOKEN="f" * 32)
    with installed.database() as session:
        assert session.query(PortalRow).one().application_token == portal.application_token


def test_the_answer_to_a_forged_frame_says_nothing_of_the_reason(installed: Logbook, portal: Portal) -> None:
    """Unknown and foreign tokens get the same page, but for its request id."""
    pages = []
    for token in (NO_TOKEN_OF_ANYBODY, "x", "y" * 200):
        page = installed.send(portal.frame(portal.employee), AUTH_ID=token)
        pages.append(page.text.replace(page.headers["X-Request-ID"], ""))
    assert len(set(pages)) == 1


@pytest.mark.parametrize("spelling", [str, quote, json.dumps])
def test_what_is_refused_is_not_reflected(installed: Logbook, portal: Portal, spelling: Callable[[str], str]) -> None:
    script = "<script>alert(document.domain)</script>"
    fields = {"PLACEMENT": script, "PLACEMENT_OPTIONS": script, "LANG": script, "status": script, "member_id": script}
    for name in fields:
        page = installed.send(portal.frame(portal.employee), **{name: spelling(script)})
        assert script not in page.text
