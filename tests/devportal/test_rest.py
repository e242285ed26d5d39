"""The portal's REST takes calls in every documented form and answers in its envelope."""

from datetime import datetime

import pytest
import requests

from devportal import Box, Portal
from tests.devportal.client import Caller

TIME_KEYS = {
    "start",
    "finish",
    "duration",
    "processing",
    "date_start",
    "date_finish",
    "operating_reset_at",
    "operating",
}


def test_a_success_carries_the_result_and_the_whole_time_block(employee: Caller) -> None:
    body = employee("profile")
    assert set(body) == {"result", "time"}
    assert set(body["time"]) == TIME_KEYS
    assert body["time"]["finish"] - body["time"]["start"] == pytest.approx(body["time"]["duration"], abs=1e-6)
    assert datetime.fromisoformat(body["time"]["date_start"]).utcoffset()


def test_a_refusal_carries_code_and_words_but_no_time(employee: Caller) -> None:
    answer = employee.post("crm.item.get", entityTypeId=2, id=999)
    assert (answer.status_code, set(answer.json())) == (400, {"error", "error_description"})


def test_the_token_goes_in_body_query_or_header(portal: Portal, employee: Caller) -> None:
    address, token = portal.client_endpoint + "profile", employee.token
    answers = [
        requests.get(address, params={"auth": token}, timeout=10),
        requests.get(address, params={"access_token": token}, timeout=10),
        requests.post(address, data={"auth": token}, timeout=10),
        requests.post(address, json={"auth": token}, timeout=10),
        requests.post(address, files={"auth": (None, token)}, timeout=10),
        requests.post(address, headers={"Authorization": f"Bearer {token}"}, timeout=10),
        requests.post(f"{address}?auth={token}", data=b"{broken", timeout=10),
    ]
    assert [answer.json()["result"]["ID"] for answer in answers] == ["7"] * 7


@pytest.mark.parametrize("form", ["json", "form", "multipart", "query"])
def test_nested_parameters_arrive_the_same_in_every_encoding(portal: Portal, employee: Caller, form: str) -> None:
    fields = {"entityTypeId": "2", "entityId": "1", "title": "Ä & <b>", "text": "b=c", "iconCode": "info"}
    flat = {"auth": employee.token, **{f"fields[{name}]": value for name, value in fields.items()}}
    address = portal.client_endpoint + "crm.timeline.logmessage.add"
    sent = {
        "json": {"json": {"auth": employee.token, "fields": fields}},
        "form": {"data": flat},
        "multipart": {"files": {name: (None, value) for name, value in flat.items()}},
        "query": {"params": flat},
    }[form]
    assert requests.post(address, timeout=10, **sent).status_code == 200  # type: ignore[arg-type]
    assert [(entry.title, entry.text) for entry in portal.timeline(2, 1)] == [("Ä & <b>", "b=c")]


@pytest.mark.parametrize(
    "spelling", ["profile.json", "profile/", "PROFILE", "Profile.JSON", "profile?bx24_request_id=1"]
)
def test_a_method_may_be_spelled_with_suffix_slash_and_capitals(employee: Caller, spelling: str) -> None:
    assert employee.result(spelling)["ID"] == "7"


def test_an_unknown_method_is_404_even_without_a_token(portal: Portal) -> None:
    answer = requests.post(portal.client_endpoint + "no.such.method", timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (404, "ERROR_METHOD_NOT_FOUND")


@pytest.mark.parametrize(
    ("token", "error"), [("", "NO_AUTH_FOUND"), ("abc", "invalid_token"), ("0123456789abcdef" * 4, "invalid_token")]
)
def test_a_call_without_a_good_token_is_401(portal: Portal, token: str, error: str) -> None:
    answer = requests.post(portal.client_endpoint + "profile", json={"auth": token}, timeout=10)
    assert (answer.status_code, answer.json()["error"]) == (401, error)


def test_another_portals_token_is_invalid_here(box: Box, employee: Caller) -> None:
    other = box.add_portal()
    answer = requests.post(other.client_endpoint + "profile", json={"auth": employee.token}, timeout=10)
    assert answer.json()["error"] == "invalid_token"


@pytest.mark.parametrize("verb", ["PUT", "DELETE", "PATCH"])
def test_a_wrong_verb_has_no_body_and_so_no_token(portal: Portal, employee: Caller, verb: str) -> None:
    answer = requests.request(verb, portal.client_endpoint + "profile", json={"auth": employee.token}, timeout=10)
    assert answer.json()["error"] == "NO_AUTH_FOUND"


def test_a_frame_may_call_across_origins_but_not_with_the_authorization_header(
    portal: Portal, employee: Caller
) -> None:
    preflight = requests.options(portal.client_endpoint + "profile", headers={"Origin": "http://a.example"}, timeout=10)
    assert preflight.ok
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "authorization" not in preflight.headers["Access-Control-Allow-Headers"]
    assert employee.post("profile").headers["Access-Control-Allow-Origin"] == "*"
    assert employee.post("nope").headers["Access-Control-Allow-Origin"] == "*"


def test_an_empty_map_is_an_empty_array(employee: Caller) -> None:
    assert employee.result("app.option.get") == []


def test_a_method_outside_the_granted_scope_is_refused(box: Box, portal: Portal, employee: Caller) -> None:
    assert employee.error("user.current") == "insufficient_scope"
    box.authority.state.applications[0].scope = "user_brief"
    other = box.add_portal()
    caller = Caller(other, other.employee)
    assert caller.result("user.current")["NAME"] == "Ben"
    assert caller.error("crm.enum.ownertype") == "insufficient_scope"


def test_every_request_is_recorded_with_person_application_and_outcome(portal: Portal, employee: Caller) -> None:
    employee("crm.item.get", entityTypeId=2, id=1)
    employee("batch", cmd={"a": "profile", "b": "app.info"})
    employee("crm.item.get", entityTypeId=2, id=999)
    first, second, third = portal.calls
    assert (first.method, first.person_id, first.status, first.error) == ("crm.item.get", 7, 200, None)
    assert first.parameters == {"entityTypeId": 2, "id": 1}
    assert first.client_id == portal.application.client_id
    assert second.commands == ["profile", "app.info"]
    assert (third.status, third.error) == (400, "NOT_FOUND")


def test_there_are_no_webhooks_so_every_code_is_wrong(portal: Portal) -> None:
    answer = requests.post(f"{portal.client_endpoint}1/abcdef/profile", timeout=10)
    assert answer.json()["error"] == "INVALID_CREDENTIALS"
