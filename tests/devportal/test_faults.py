"""Every fault can be switched on for the next calls, for one method, or until switched off."""

import threading
import time
from typing import Any

import pytest
import requests

from devportal import Box, Portal
from tests.devportal.client import Caller
from tests.devportal.conftest import CLIENT_ID, CLIENT_SECRET

ADD = "crm.timeline.logmessage.add"


def renew(box: Box, caller: Caller) -> Any:
    fields = {
        "grant_type": "refresh_token",
        "client_id": CLIENT_ID,
        "client_secret": CLIENT_SECRET,
        "refresh_token": caller.frame.fields["REFRESH_ID"],
    }
    return requests.post(f"{box.authority_url}/oauth/token/", data=fields, timeout=10).json()


def test_a_reset_before_processing_leaves_nothing_behind(portal: Portal, employee: Caller) -> None:
    portal.faults.reset()
    with pytest.raises(requests.ConnectionError):
        employee.write()
    assert portal.timeline(2, 1) == []
    assert "result" in employee.write()


def test_a_reset_after_processing_has_done_the_work(portal: Portal, employee: Caller) -> None:
    portal.faults.reset(ADD, processed=True)
    assert employee.result("profile")
    with pytest.raises(requests.ConnectionError):
        employee.write("Written all the same")
    assert [entry.title for entry in portal.timeline(2, 1)] == ["Written all the same"]
    assert (portal.calls[-1].status, portal.calls[-1].note) == (0, "reset")


def test_a_batch_is_met_through_its_commands(portal: Portal, employee: Caller) -> None:
    portal.faults.reset(ADD, processed=True)
    command = f"{ADD}?fields[entityTypeId]=2&fields[entityId]=1&fields[title]=t&fields[text]=x&fields[iconCode]=info"
    with pytest.raises(requests.ConnectionError):
        employee("batch", cmd={"a": command})
    assert len(portal.timeline(2, 1)) == 1


@pytest.mark.parametrize("times", [1, None])
@pytest.mark.parametrize("processed", [False, True])
def test_a_delay_holds_the_answer_back(portal: Portal, employee: Caller, processed: bool, times: int | None) -> None:
    portal.faults.delay(0.3, ADD, times, processed=processed)
    began = time.monotonic()
    assert "result" in employee.write()
    assert time.monotonic() - began >= 0.3


def test_a_delay_after_processing_shows_the_work_before_the_answer(portal: Portal, employee: Caller) -> None:
    portal.faults.delay(30, ADD, processed=True)
    with pytest.raises(requests.ReadTimeout):
        requests.post(
            portal.client_endpoint + ADD,
            json={
                "auth": employee.token,
                "fields": {"entityTypeId": 2, "entityId": 1, "title": "t", "text": "x", "iconCode": "i"},
            },
            timeout=0.3,
        )
    while not portal.timeline(2, 1):
        time.sleep(0.01)


def test_a_delayed_call_does_not_hold_up_the_others(portal: Portal, employee: Caller) -> None:
    portal.faults.delay(30, "app.info")
    threading.Thread(target=ask_in_vain, args=(employee, "app.info"), daemon=True).start()
    assert employee.result("profile")


def test_the_next_calls_get_a_page_or_garbage(portal: Portal, employee: Caller) -> None:
    portal.faults.html(times=2)
    portal.faults.garbage()
    for _ in range(2):
        answer = employee.post("profile")
        assert (answer.status_code, answer.headers["Content-Type"]) == (500, "text/html; charset=utf-8")
    with pytest.raises(requests.JSONDecodeError):
        employee("profile")
    assert employee.result("profile")


@pytest.mark.parametrize(
    ("code", "status"),
    [
        ("QUERY_LIMIT_EXCEEDED", 503),
        ("OVERLOAD_LIMIT", 503),
        ("OPERATION_TIME_LIMIT", 429),
        ("INTERNAL_SERVER_ERROR", 500),
        ("expired_token", 401),
        ("PORTAL_DELETED", 410),
    ],
)
def test_any_refusal_can_be_ordered(portal: Portal, employee: Caller, code: str, status: int) -> None:
    portal.faults.refuse(code)
    answer = employee.post("profile")
    assert (answer.status_code, answer.json()["error"]) == (status, code)
    assert employee.result("profile")


def test_a_command_in_a_batch_can_be_refused_alone(portal: Portal, employee: Caller) -> None:
    portal.faults.refuse("OPERATION_TIME_LIMIT", "profile")
    body = employee.result("batch", cmd={"a": "profile", "b": "server.time", "c": "profile"})
    assert body["result_error"]["a"]["error"] == "OPERATION_TIME_LIMIT"
    assert set(body["result"]) == {"b", "c"}


def test_a_refusal_may_apply_to_one_card(portal: Portal, employee: Caller) -> None:
    portal.faults.refuse("ACCESS_DENIED", "crm.item.get", times=None, card="2-1")
    cmd = {f"card_{number}": f"crm.item.get?entityTypeId=2&id={number}" for number in (1, 2)}
    body = employee.result("batch", cmd=cmd)
    assert (set(body["result_error"]), set(body["result"])) == ({"card_1"}, {"card_2"})
    assert employee.error("crm.item.get", entityTypeId=2, id=1) == "ACCESS_DENIED"
    assert employee.error("crm.item.get", entityTypeId=2, id=3) is None


def test_a_fault_without_an_end_lasts_until_it_is_cleared(portal: Portal, employee: Caller) -> None:
    portal.faults.refuse("OVERLOAD_LIMIT", times=None)
    assert [employee.error("profile") for _ in range(3)] == ["OVERLOAD_LIMIT"] * 3
    portal.faults.clear()
    assert employee.error("profile") is None


def test_the_bucket_lets_fifty_through_and_then_two_a_second(box: Box, portal: Portal, employee: Caller) -> None:
    portal.faults.limit_rate("standard")
    codes = [employee.error("profile") for _ in range(60)]
    assert codes[:50] == [None] * 50
    assert codes[-1] == "QUERY_LIMIT_EXCEEDED"
    box.clock.advance(10)
    after = [employee.error("profile") for _ in range(30)]
    assert 20 <= after.count(None) <= 22


def test_an_enterprise_bucket_lets_250_through(portal: Portal, employee: Caller) -> None:
    portal.faults.limit_rate("enterprise")
    bucket = portal.faults.bucket
    assert bucket
    assert sum(bucket.takes("10.0.0.1", 1000.0) for _ in range(300)) == 250
    assert sum(bucket.takes("10.0.0.1", 1010.0) for _ in range(300)) == 50


def test_each_source_and_each_portal_has_its_own_bucket(box: Box, portal: Portal, employee: Caller) -> None:
    portal.faults.limit_rate("standard")
    other = box.add_portal()
    other.faults.limit_rate("standard")
    bucket = portal.faults.bucket
    assert bucket
    assert sum(bucket.takes("10.0.0.1", 1000.0) for _ in range(60)) == 50
    assert employee.error("profile") is None
    assert Caller(other, other.employee).error("profile") is None


def test_a_batch_is_one_drop_in_the_bucket(portal: Portal, employee: Caller) -> None:
    portal.faults.limit_rate("standard")
    for _ in range(49):
        employee("batch", cmd={f"c{number}": "server.time" for number in range(10)})
    assert employee.error("profile") is None


def test_work_adds_up_per_method_and_is_forgiven_after_ten_minutes(box: Box, portal: Portal, employee: Caller) -> None:
    portal.faults.limit_operating(480)
    portal.faults.slow(ADD, 100)
    operating = [employee.write()["time"]["operating"] for _ in range(5)]
    assert operating == [100, 200, 300, 400, 500]
    answer = employee.post(ADD, fields={})
    assert (answer.status_code, answer.json()["error"]) == (429, "OPERATION_TIME_LIMIT")
    assert employee.error("profile") is None
    box.clock.advance(601)
    assert employee.write()["time"]["operating"] == 100


def test_the_time_of_the_reset_is_returned(box: Box, portal: Portal, employee: Caller) -> None:
    portal.faults.slow(ADD, 1)
    reset_at = employee.write()["time"]["operating_reset_at"]
    assert 0 < reset_at - box.clock.now() <= 600
    assert reset_at % 60 == 0


def test_commands_of_a_batch_count_as_work_and_the_batch_does_not(portal: Portal, employee: Caller) -> None:
    portal.faults.slow("profile", 2)
    body = employee("batch", cmd={"a": "profile", "b": "profile"})
    assert body["result"]["result_time"]["b"]["operating"] == 4
    assert body["time"]["operating"] == 0


def test_a_renamed_portal_sends_everybody_to_its_new_address(box: Box, portal: Portal, employee: Caller) -> None:
    old = portal.client_endpoint
    portal.rename()
    answer = requests.post(f"{old}profile?a=1", json={"auth": employee.token}, timeout=10, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (302, f"{portal.client_endpoint}profile?a=1")
    assert not answer.text.startswith("{")
    assert portal.client_endpoint != old
    assert employee.result("profile")
    assert renew(box, employee)["client_endpoint"] == portal.client_endpoint
    assert portal.frame(portal.employee).query["DOMAIN"] == portal.host


def test_a_portal_may_be_renamed_again(portal: Portal, employee: Caller) -> None:
    first = portal.client_endpoint
    portal.rename()
    second = portal.client_endpoint
    portal.rename()
    for old in (first, second):
        answer = requests.get(old + "profile", timeout=10, allow_redirects=False)
        assert answer.headers["Location"].startswith(portal.url)


def test_a_lapsed_plan_closes_rest(portal: Portal, employee: Caller) -> None:
    portal.faults.is_plan_lapsed = True
    answer = employee.post("profile")
    assert (answer.status_code, answer.json()["error"]) == (403, "ACCESS_DENIED")
    assert "commercial plans" in answer.json()["error_description"]


def test_a_dismissed_persons_token_may_be_renewed_but_their_calls_fail(
    box: Box, portal: Portal, employee: Caller
) -> None:
    portal.dismiss(portal.employee)
    assert employee.error("crm.item.get", entityTypeId=2, id=1) == "authorization_error"
    assert employee.error("batch", cmd={"a": "profile"}) == "authorization_error"
    assert employee.result("profile") == []
    assert "access_token" in renew(box, employee)
    portal.dismiss(portal.employee, on=False)
    assert Caller(portal, portal.employee).result("profile")["ID"] == "7"


def test_access_to_the_application_can_be_withdrawn_from_one_person(
    portal: Portal, employee: Caller, reader: Caller
) -> None:
    portal.withdraw_access(portal.employee)
    answer = employee.post("profile")
    assert (answer.status_code, answer.json()["error"]) == (403, "user_access_error")
    assert reader.error("profile") is None
    portal.withdraw_access(portal.employee, on=False)
    assert employee.error("profile") is None


@pytest.mark.parametrize("code", ["invalid_grant", "invalid_client", "wrong_client", "PAYMENT_REQUIRED"])
def test_renewal_can_be_refused(box: Box, employee: Caller, code: str) -> None:
    box.authority.renewal_refusal = code
    assert renew(box, employee)["error"] == code
    box.authority.renewal_refusal = ""
    assert "access_token" in renew(box, employee)


def test_refresh_tokens_may_work_twice(box: Box, employee: Caller) -> None:
    box.authority.refresh_uses_allowed = 2
    assert ["access_token" in renew(box, employee) for _ in range(3)] == [True, True, False]


def test_the_authorization_server_has_faults_of_its_own(box: Box, employee: Caller) -> None:
    box.faults.html("oauth/token")
    with pytest.raises(requests.JSONDecodeError):
        renew(box, employee)
    box.faults.reset("app.info")
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{box.authority_url}/rest/app.info", timeout=10)
    box.faults.reset("oauth/token", processed=True)
    with pytest.raises(requests.ConnectionError):
        renew(box, employee)
    assert renew(box, employee)["error"] == "invalid_grant"


def test_clearing_removes_every_fault(box: Box, portal: Portal, employee: Caller) -> None:
    portal.faults.limit_rate("standard")
    portal.faults.is_plan_lapsed = True
    box.faults.refuse("INTERNAL_SERVER_ERROR", times=None)
    box.authority.renewal_refusal = "invalid_grant"
    portal.events.faults.drops = 3
    portal.clear_faults()
    assert employee.error("profile") is None
    assert "access_token" in renew(box, employee)
    assert (portal.faults.bucket, portal.events.faults.drops) == (None, 0)


def test_stopping_does_not_wait_for_delayed_calls(portal: Portal, employee: Caller, box: Box) -> None:
    portal.faults.delay(600)
    caller = threading.Thread(target=ask_in_vain, args=(employee, "profile"))
    caller.start()
    while portal.faults.effects:
        time.sleep(0.01)
    began = time.monotonic()
    box.stop()
    caller.join(60)
    assert time.monotonic() - began < 60


def ask_in_vain(caller: Caller, method: str) -> None:
    with pytest.raises(requests.ConnectionError):
        caller.post(method)
