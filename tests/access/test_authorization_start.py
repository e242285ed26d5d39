"""Where an authorization starts: people are sent to a portal's sign-in, and nobody learns which portals we know."""

from urllib.parse import parse_qs, quote, urlsplit

import pytest

from b24app.models import Portal as PortalRow
from devportal import Box, Portal
from tests.conftest import CLIENT_ID, any_database
from tests.support.attacker import Attacker, learns_nothing
from tests.support.logbook import Logbook, Page
from tests.support.query_plans import heard

pytestmark = any_database


def address_in(page: Page) -> str:
    """Where a person gets to, at once or by the page's only link."""
    return page.headers.get("Location") or str(page.one("a")["href"])


def state_in(page: Page) -> str:
    return parse_qs(urlsplit(address_in(page)).query)["state"][0]


def start(logbook: Logbook, host: str) -> tuple[Page, str, list[str]]:
    """The answer, all that it says without the host and the state, and the statements that it took."""
    with heard(logbook.context.engine) as statements:
        page = logbook.get("/oauth/start", domain=host)
    headers = {name: value for name, value in page.headers.items() if name != "X-Request-ID"}
    whole = f"{page.status} {headers} {page.text}"
    for word, blank in ((host, "HOST"), (quote(state_in(page)), "STATE")):
        whole = whole.replace(word, blank)
    return page, whole, [statement for statement, _ in statements]


@pytest.mark.parametrize(
    ("known", "unknown", "status"),
    [
        ("crm.customer.example", "crm.somebody.example", 200),
        ("crm.customer.example:8443", "crm.somebody.example:8443", 200),
        ("198.51.100.17", "198.51.100.71", 302),
        ("8.8.8.17", "8.8.8.71", 200),
        ("customer.bitrix24.de", "somebody.bitrix24.de", 302),
    ],
)
def test_the_answer_does_not_tell_who_has_logbook(
    installed: Logbook, portal: Portal, known: str, unknown: str, status: int
) -> None:
    scheme = "http" if status == 302 and known[0].isdigit() else "https"
    with installed.database() as session:
        session.query(PortalRow).one().client_endpoint = f"{scheme}://{known}/rest/"
        session.commit()
    (ours, our_answer, our_statements), (theirs, their_answer, their_statements) = (
        start(installed, host) for host in (known, unknown)
    )
    assert ours.status == status
    assert our_answer == their_answer
    assert our_statements == their_statements
    assert len(our_statements) == 1
    assert len(state_in(ours)) == len(state_in(theirs))
    assert urlsplit(address_in(ours)).netloc == known
    assert parse_qs(urlsplit(address_in(ours)).query)["client_id"] == [CLIENT_ID]


def test_a_page_asks_whether_that_is_the_right_address(installed: Logbook, portal: Portal) -> None:
    page = installed.get("/oauth/start", domain="CRM.Customer.Example.")
    assert page.status == 200
    learns_nothing(page, portal)
    assert page.one("strong").get_text() == "crm.customer.example"
    (link,) = page.soup.select("a")
    assert str(link["href"]).startswith("https://crm.customer.example/oauth/authorize/?")
    assert link["rel"] == "noreferrer"
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


@pytest.mark.parametrize(
    "domain",
    [
        *("evil.example", "8.8.8.8", "evil", "127.1", "2130706433", "bitrix24.de", "a.b.bitrix24.de"),
        *("x.bitrix24.de:8443", "x.bitrix24.de.evil.example", "xbitrix24.de", "x.bitrix24.evil", "localhost.evil"),
    ],
)
def test_no_other_host_is_redirected_to(installed: Logbook, domain: str) -> None:
    page = installed.get("/oauth/start", domain=domain)
    assert (page.status, "Location" in page.headers) == (200, False)
    assert urlsplit(address_in(page)).netloc == page.one("strong").get_text() == domain


@pytest.mark.parametrize(
    "domain",
    ["", "{host}@evil.example", "{host}/x", "evil.example?x", "evil.example#x", "\x00", "%", "a b", "javascript:x"],
)
def test_what_is_no_host_is_refused(installed: Logbook, portal: Portal, domain: str) -> None:
    page = installed.get("/oauth/start", domain=domain.format(host=portal.host))
    assert page.status == 403
    learns_nothing(page, portal)


def test_what_a_host_is_written_with_stays_text(installed: Logbook) -> None:
    page = installed.get("/oauth/start", domain="bücher.example")
    assert page.one("strong").get_text() == "xn--bcher-kva.example"
    for domain in ("<b>x</b>.example", '"x.example', "x.example'onclick"):
        assert installed.get("/oauth/start", domain=domain).status == 403


@pytest.mark.parametrize("domain", ["127.0.0.1:9", "10.1.2.3", "localhost:8000", "portal.localhost"])
def test_only_for_the_portal_in_a_box_private_addresses_are_redirected_to(installed: Logbook, domain: str) -> None:
    assert address_in(installed.get("/oauth/start", domain=domain)).startswith(f"http://{domain}/oauth/authorize/?")
    config = installed.context.config
    object.__setattr__(config, "is_insecure_allowed", False)
    page = installed.get("/oauth/start", domain=domain)
    assert page.status == 200
    assert address_in(page).startswith(f"https://{domain}/oauth/authorize/?")


class TestCallbackOfAnUnknownPortal:
    """Whoever takes the state there with a code of their own learns nothing from the page, and costs no call."""

    def test_it_is_refused_without_a_call(self, installed: Logbook, box: Box, attacker: Attacker) -> None:
        state = state_in(installed.get("/oauth/start", domain=attacker.host))
        box.authority_calls.clear()
        page = installed.get("/oauth/callback", code="made-up", state=state, domain=attacker.host)
        assert page.status == 403
        assert (list(box.authority_calls), attacker.heard) == ([], [])

    def test_it_is_refused_like_a_known_one(self, installed: Logbook, box: Box, portal: Portal) -> None:
        refusals = [
            [self.refusal(installed, host, f"made-up {number}") for number in range(20)]
            for host in (portal.host, "somebody.example")
        ]
        assert refusals[0] == refusals[1]
        # The first ones as not proved, all others as too many.
        assert len(set(refusals[0])) == 2

    def refusal(self, logbook: Logbook, host: str, code: str) -> tuple[int, str]:
        state = state_in(logbook.get("/oauth/start", domain=host))
        page = logbook.get("/oauth/callback", code=code, state=state)
        return page.status, page.heading
