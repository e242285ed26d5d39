"""The authorization server issues, renews and proves token pairs."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from devportal import Box, Portal
from tests.devportal.client import Caller
from tests.devportal.conftest import CLIENT_ID, CLIENT_SECRET

CLIENT = {"client_id": CLIENT_ID, "client_secret": CLIENT_SECRET}
ANSWER_KEYS = {
    "access_token",
    "refresh_token",
    "expires",
    "expires_in",
    "scope",
    "domain",
    "server_endpoint",
    "client_endpoint",
    "status",
    "member_id",
    "user_id",
}


def token(box: Box, **fields: str) -> requests.Response:
    return requests.post(f"{box.authority_url}/oauth/token/", data=fields, timeout=10)


def renew(box: Box, refresh_token: str, **changes: str) -> requests.Response:
    return token(box, **{"grant_type": "refresh_token", **CLIENT, "refresh_token": refresh_token, **changes})


def test_a_renewal_answers_everything_and_names_the_authorization_server_as_its_domain(
    box: Box, portal: Portal, employee: Caller
) -> None:
    body = renew(box, employee.frame.fields["REFRESH_ID"]).json()
    assert set(body) == ANSWER_KEYS
    assert body["domain"] == box.authority_url.removeprefix("http://")
    assert body["client_endpoint"] == portal.client_endpoint
    assert (body["user_id"], body["member_id"], body["expires_in"]) == (7, portal.member_id, 3600)


def test_a_renewal_works_by_get_too(box: Box, employee: Caller) -> None:
    query = {"grant_type": "refresh_token", **CLIENT, "refresh_token": employee.frame.fields["REFRESH_ID"]}
    assert "access_token" in requests.get(f"{box.authority_url}/oauth/token/", params=query, timeout=10).json()


def test_a_renewal_ends_neither_the_old_access_token_nor_anothers(box: Box, portal: Portal, employee: Caller) -> None:
    another = Caller(portal, portal.employee)
    fresh = renew(box, employee.frame.fields["REFRESH_ID"]).json()
    assert employee.result("profile")["ID"] == "7"
    assert another.result("profile")["ID"] == "7"
    answer = requests.post(portal.client_endpoint + "profile", json={"auth": fresh["access_token"]}, timeout=10)
    assert answer.json()["result"]["ID"] == "7"
    box.clock.advance(3600)
    assert employee.error("profile") == "expired_token"


def test_in_some_portals_a_renewal_ends_the_old_access_token(box: Box, portal: Portal, employee: Caller) -> None:
    portal.state.dialect.old_tokens = "ended"
    another = Caller(portal, portal.employee)
    renew(box, employee.frame.fields["REFRESH_ID"])
    assert employee.error("profile") == "expired_token"
    assert app_info(box, employee.token)[0]["error"] == "expired_token"
    assert another.result("profile")["ID"] == "7"


def test_a_refresh_token_works_once_even_for_many_at_a_time(box: Box, employee: Caller) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: renew(box, employee.frame.fields["REFRESH_ID"]).json(), range(8)))
    assert sum("access_token" in answer for answer in answers) == 1
    assert sum(answer.get("error") == "invalid_grant" for answer in answers) == 7


def test_a_refresh_token_dies_after_180_days(box: Box, employee: Caller) -> None:
    box.clock.advance(180 * 24 * 3600 + 1)
    assert renew(box, employee.frame.fields["REFRESH_ID"]).json()["error"] == "invalid_grant"


def test_an_access_token_expires_after_an_hour_or_on_demand(box: Box, portal: Portal, employee: Caller) -> None:
    other = Caller(portal, portal.reader)
    portal.expire_access_tokens(portal.employee)
    assert (employee.error("profile"), other.error("profile")) == ("expired_token", None)
    box.clock.advance(3601)
    assert other.post("profile").status_code == 401


@pytest.mark.parametrize(
    ("changes", "status", "error"),
    [
        ({"client_id": "local.unknown.1"}, 200, "wrong_client"),
        ({"client_secret": "wrong"}, 400, "invalid_client"),
        ({"refresh_token": "0" * 70}, 400, "invalid_grant"),
        ({"refresh_token": ""}, 400, "invalid_request"),
        ({"grant_type": "password"}, 400, "invalid_request"),
        ({"grant_type": ""}, 400, "invalid_request"),
    ],
)
def test_the_token_endpoint_refuses_in_its_own_words(
    box: Box, employee: Caller, changes: dict[str, str], status: int, error: str
) -> None:
    answer = renew(box, **{"refresh_token": employee.frame.fields["REFRESH_ID"], **changes})
    assert (answer.status_code, answer.json()["error"]) == (status, error)


def test_another_applications_refresh_token_is_no_grant(box: Box, employee: Caller) -> None:
    box.add_application("local.other.2", "other", app_url="http://127.0.0.1:9")
    answer = renew(box, employee.frame.fields["REFRESH_ID"], client_id="local.other.2", client_secret="other")
    assert answer.json()["error"] == "invalid_grant"


def code_of(portal: Portal, **query: str) -> dict[str, str]:
    """What the browser carries back from the authorize page."""
    answer = requests.get(
        f"{portal.url}/oauth/authorize/",
        params={"client_id": CLIENT_ID, **query},
        cookies={f"acting_{portal.member_id}": "7"},
        allow_redirects=False,
        timeout=10,
    )
    assert answer.status_code == 302, answer.text
    address, _, found = answer.headers["Location"].partition("?")
    assert address == f"{portal.application.app_url}/oauth/callback"
    return dict(pair.split("=", 1) for pair in found.split("&"))


def test_a_code_comes_with_state_and_portal_and_buys_one_pair(box: Box, portal: Portal, employee: Caller) -> None:
    found = code_of(portal, state="s1")
    assert set(found) == {"code", "state", "domain", "member_id", "scope", "server_domain"}
    assert (found["state"], found["member_id"]) == ("s1", portal.member_id)
    fields = {"grant_type": "authorization_code", **CLIENT, "code": found["code"]}
    assert token(box, **fields).json()["user_id"] == 7
    assert token(box, **fields).json()["error"] == "invalid_grant"


def test_a_code_is_good_for_thirty_seconds(box: Box, portal: Portal, employee: Caller) -> None:
    code = code_of(portal)["code"]
    box.clock.advance(31)
    assert token(box, grant_type="authorization_code", **CLIENT, code=code).json()["error"] == "invalid_grant"


def test_an_application_that_is_not_installed_gets_no_code_and_no_redirect(portal: Portal) -> None:
    answer = requests.get(f"{portal.url}/oauth/authorize/?client_id={CLIENT_ID}", allow_redirects=False, timeout=10)
    assert answer.status_code == 400
    assert "not installed" in answer.text


def app_info(box: Box, access_token: str) -> list[Any]:
    """The answers to all the ways of asking."""
    address = f"{box.authority_url}/rest/app.info"
    return [
        requests.get(address, params={"auth": access_token}, timeout=10).json(),
        requests.get(f"{address}/", params={"auth": access_token}, timeout=10).json(),
        requests.post(address, json={"auth": access_token}, timeout=10).json(),
        requests.post(address, data={"auth": access_token}, timeout=10).json(),
    ]


def test_app_info_proves_a_token_without_using_it_up(box: Box, portal: Portal, employee: Caller) -> None:
    for body in app_info(box, employee.token):
        result = body["result"]
        assert (result["client_id"], result["user_id"]) == (CLIENT_ID, 7)
        assert result["install"]["member_id"] == portal.member_id
        assert result["install"]["domain"] == portal.host
        assert result["install"]["uri"] == portal.url
        assert result["install"]["client_endpoint"] == portal.client_endpoint
        assert result["install"]["installed"] is False
    assert employee.result("profile")["ID"] == "7"
    portal.finish_install()
    assert app_info(box, employee.token)[0]["result"]["install"]["installed"] is True


def test_app_info_refuses_unknown_expired_and_removed(box: Box, portal: Portal, employee: Caller) -> None:
    assert app_info(box, "nonsense")[0]["error"] == "NO_AUTH_FOUND"
    assert app_info(box, "0" * 70)[0]["error"] == "invalid_client"
    portal.expire_access_tokens()
    assert app_info(box, employee.token)[0]["error"] == "expired_token"
    portal.uninstall()
    assert app_info(box, employee.token)[0]["error"] == "NOT_INSTALLED"
    assert renew(box, employee.frame.fields["REFRESH_ID"]).json()["error"] == "NOT_INSTALLED"


def test_the_portals_own_app_info_has_another_shape(portal: Portal, employee: Caller) -> None:
    found = employee.result("app.info")
    assert found["CODE"] == portal.application.code
    assert (found["INSTALLED"], found["STATUS"], found["LICENSE_FAMILY"]) == (False, "L", "pro")


def test_what_was_asked_of_the_authorization_server_is_recorded(box: Box, employee: Caller) -> None:
    renew(box, employee.frame.fields["REFRESH_ID"])
    app_info(box, employee.token)
    assert [call.method for call in box.authority_calls] == ["oauth/token"] + ["app.info"] * 4
    assert box.authority_calls[0].verb == "POST"
