"""Authorization in a browser tab: only for installed portals, only with our state, only with that portal's answer."""

import hashlib
import json
import time
from base64 import b64decode, urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.fernet import Fernet

from b24app.models import Person, TokenPair, UsedState
from devportal import Box, Portal
from tests.conftest import CLIENT_ID, CLIENT_SECRET, SECRET_KEY, any_database
from tests.support.attacker import Attacker, install, learns_nothing
from tests.support.logbook import Logbook, Page

pytestmark = any_database


def start(logbook: Logbook, portal: Portal) -> dict[str, str]:
    """Where /oauth/start sends a person, as fields of that address."""
    page = logbook.get("/oauth/start", domain=portal.host)
    assert page.status == 302, page.text
    address = urlsplit(page.headers["Location"])
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{portal.url}/oauth/authorize/"
    return {name: values[0] for name, values in parse_qs(address.query).items()}


def agree(portal: Portal, fields: dict[str, str]) -> dict[str, str]:
    """The portal's redirect for its administrator, as fields of the callback."""
    answer = requests.get(f"{portal.url}/oauth/authorize/", params=fields, allow_redirects=False, timeout=10)
    assert answer.headers["Location"].startswith("http://127.0.0.1:9/oauth/callback?")
    return {name: values[0] for name, values in parse_qs(urlsplit(answer.headers["Location"]).query).items()}


def exchanges(box: Box) -> int:
    return [call.method for call in box.authority_calls].count("oauth/token")


def is_refused(page: Page, portal: Portal) -> None:
    assert (page.status, page.refusal) == (403, "not-proved")
    learns_nothing(page, portal)


def test_a_person_is_sent_to_his_portal_with_our_id_and_a_state(installed: Logbook, portal: Portal) -> None:
    fields = start(installed, portal)
    assert fields["client_id"] == CLIENT_ID
    assert set(fields) == {"client_id", "state"}
    assert portal.member_id not in installed.get("/oauth/start", domain=portal.host).text
    assert CLIENT_SECRET not in str(fields)


def test_the_code_becomes_the_pair_of_the_person_who_agreed(installed: Logbook, box: Box, portal: Portal) -> None:
    page = installed.get("/oauth/callback", **agree(portal, start(installed, portal)))
    assert page.status == 200
    assert portal.host in page.text
    with installed.database() as session:
        person = session.query(Person).one()
        pair = session.query(TokenPair).one()
    newest = box.authority.state.pairs[-1]
    assert person.bitrix_id == portal.administrator.id == newest.user_id
    assert (pair.access_token, pair.refresh_token) == (newest.access_token, newest.refresh_token)
    assert exchanges(box) == 1


def test_the_page_may_be_framed_by_anyone_and_sets_no_cookie(installed: Logbook, portal: Portal) -> None:
    page = installed.get("/oauth/callback", **agree(portal, start(installed, portal)))
    assert not {"Set-Cookie", "X-Frame-Options"} & set(page.headers)
    assert portal.administrator.last_name not in page.text


def test_a_state_that_is_not_ours_costs_no_question(installed: Logbook, box: Box, portal: Portal) -> None:
    fields = agree(portal, start(installed, portal))
    forged = Fernet(Fernet.generate_key()).encrypt(b'["%b", "x"]' % portal.member_id.encode()).decode()
    box.authority_calls.clear()
    for state in ("", "x", fields["state"][:-2], fields["state"] + "x", forged, "\x00"):
        is_refused(installed.get("/oauth/callback", **{**fields, "state": state}), portal)
    fields.pop("state")
    is_refused(installed.get("/oauth/callback", **fields), portal)
    assert list(box.authority_calls) == []


def test_a_state_is_good_for_ten_minutes(installed: Logbook, portal: Portal) -> None:
    key = urlsafe_b64encode(hashlib.sha256(f"logbook.state {SECRET_KEY}".encode()).digest())

    def aged(seconds: int) -> str:
        content = json.dumps([portal.member_id, str(seconds)]).encode()
        return Fernet(key).encrypt_at_time(content, int(time.time()) - seconds).decode()

    fields = agree(portal, start(installed, portal))
    is_refused(installed.get("/oauth/callback", **{**fields, "state": aged(601)}), portal)
    assert installed.get("/oauth/callback", **{**fields, "state": aged(590)}).status == 200


def test_a_state_serves_once_whatever_comes_of_it(installed: Logbook, box: Box, portal: Portal) -> None:
    fields = agree(portal, start(installed, portal))
    assert installed.get("/oauth/callback", **fields).status == 200
    for state in (fields["state"], fields["state"] + "=", "!" + fields["state"]):
        code = agree(portal, start(installed, portal))["code"]
        is_refused(installed.get("/oauth/callback", code=code, state=state), portal)
    refused = start(installed, portal)["state"]
    is_refused(installed.get("/oauth/callback", code="x", state=refused), portal)
    is_refused(installed.get("/oauth/callback", code=fields["code"], state=refused), portal)
    assert exchanges(box) == 2


def test_one_state_that_comes_back_many_times_at_once_serves_once(installed: Logbook, box: Box, portal: Portal) -> None:
    fields = agree(portal, start(installed, portal))
    with ThreadPoolExecutor(8) as pool:
        pages = list(
            pool.map(lambda number: installed.get("/oauth/callback", **{**fields, "n": str(number)}), range(8))
        )
    assert [page.status for page in pages].count(200) == exchanges(box) == 1


def test_a_state_does_not_reveal_its_portal(installed: Logbook, portal: Portal) -> None:
    state = start(installed, portal)["state"]
    content = b64decode(state + "===", altchars=b"-_")
    assert portal.member_id.encode() not in content + state.encode()
    with installed.database() as session:
        assert session.query(UsedState).count() == 0


def test_states_are_forgotten_after_an_hour(installed: Logbook, portal: Portal) -> None:
    installed.get("/oauth/callback", **agree(portal, start(installed, portal)))
    with installed.database() as session:
        session.query(UsedState).one().used_at -= timedelta(hours=2)
        session.commit()
    installed.get("/oauth/callback", **agree(portal, start(installed, portal)))
    with installed.database() as session:
        assert session.query(UsedState).count() == 1


def test_made_up_codes_cost_few_calls_with_our_secret(installed: Logbook, box: Box, portal: Portal) -> None:
    for number in range(40):
        state = start(installed, portal)["state"]
        is_refused(installed.get("/oauth/callback", code=f"made-up-{number}", state=state), portal)
    assert exchanges(box) <= 10


def test_a_code_that_is_refused_leaves_the_pair_as_it_is(installed: Logbook, box: Box, portal: Portal) -> None:
    fields = agree(portal, start(installed, portal))
    used = installed.get("/oauth/callback", **fields)
    assert used.status == 200
    with installed.database() as session:
        before = session.query(TokenPair).one().access_token
    for code in (fields["code"], "x", "", "\x00", "x" * 5000):
        state = start(installed, portal)["state"]
        is_refused(installed.get("/oauth/callback", **{**fields, "code": code, "state": state}), portal)
    with installed.database() as session:
        assert session.query(TokenPair).one().access_token == before


def test_a_code_that_is_too_old_is_refused(installed: Logbook, box: Box, portal: Portal) -> None:
    fields = agree(portal, start(installed, portal))
    box.clock.advance(31)
    is_refused(installed.get("/oauth/callback", **fields), portal)


def test_a_code_of_another_portal_is_refused_and_its_pair_is_not_stored(
    installed: Logbook, box: Box, portal: Portal
) -> None:
    second = box.add_portal(name="Elsewhere")
    install(installed, second)
    fields = agree(second, start(installed, second))
    ours = start(installed, portal)["state"]
    with installed.database() as session:
        before = {pair.access_token for pair in session.query(TokenPair)}
    is_refused(installed.get("/oauth/callback", **{**fields, "state": ours}), portal)
    with installed.database() as session:
        assert {pair.access_token for pair in session.query(TokenPair)} == before


def test_what_the_redirect_says_of_servers_and_portals_is_not_believed(
    installed: Logbook, portal: Portal, attacker: Attacker
) -> None:
    fields = agree(portal, start(installed, portal))
    lies = {"domain": attacker.host, "server_domain": attacker.host, "member_id": "0" * 32, "scope": ""}
    assert installed.get("/oauth/callback", **{**fields, **lies}).status in {200, 403}
    assert attacker.heard == []


def test_a_portal_that_has_removed_logbook_is_not_served(installed: Logbook, box: Box, portal: Portal) -> None:
    fields = agree(portal, start(installed, portal))
    portal.uninstall()
    installed.event(dict(portal.events.sent[-1].fields))
    box.authority_calls.clear()
    is_refused(installed.get("/oauth/callback", **fields), portal)
    assert exchanges(box) == 0


@pytest.mark.parametrize("trouble", ["reset", "html", "garbage"])
def test_an_authorization_server_without_an_answer_is_reported(
    installed: Logbook, box: Box, portal: Portal, trouble: str
) -> None:
    fields = agree(portal, start(installed, portal))
    getattr(box.faults, trouble)("oauth/token")
    page = installed.get("/oauth/callback", **fields)
    assert (page.status, page.refusal) == (503, "unreachable")
