"""Event handlers: binding and unbinding them."""

import pytest

from tests.devportal.client import Caller

HANDLER = "http://127.0.0.1:8000/events"


def bind(caller: Caller, event: str = "ONAPPINSTALL", handler: str = HANDLER, **more: object) -> object:
    return caller("event.bind", event=event, handler=handler, **more).get("error")


def test_a_bound_handler_is_listed_in_capitals(administrator: Caller) -> None:
    assert bind(administrator, "OnAppInstall") is None
    assert administrator.result("event.get") == [
        {"event": "ONAPPINSTALL", "handler": HANDLER, "auth_type": "0", "offline": 0}
    ]


@pytest.mark.parametrize(
    ("event", "handler", "error"),
    [
        ("ONNOTHING", HANDLER, "ERROR_EVENT_NOT_FOUND"),
        ("", HANDLER, "ERROR_ARGUMENT"),
        ("ONAPPINSTALL", "", "ERROR_ARGUMENT"),
        ("ONAPPINSTALL", "ftp://a.example/", "ERROR_UNSUPPORTED_PROTOCOL"),
        ("ONAPPINSTALL", "http://localhost/", "ERROR_WRONG_HANDLER_URL"),
    ],
)
def test_a_wrong_event_or_handler_is_refused(administrator: Caller, event: str, handler: str, error: str) -> None:
    assert bind(administrator, event, handler) == error


def test_the_same_handler_cannot_be_bound_twice(administrator: Caller) -> None:
    assert bind(administrator) is None
    body = administrator("event.bind", event="ONAPPINSTALL", handler=HANDLER)
    assert body["error"] == "ERROR_CORE"
    assert "Unable to set event handler" in body["error_description"]
    assert bind(administrator, "ONAPPUNINSTALL") is None


def test_an_employee_binds_and_sees_for_himself_only(administrator: Caller, employee: Caller) -> None:
    bind(administrator)
    assert bind(employee) is None
    assert [row["auth_type"] for row in employee.result("event.get")] == ["7"]
    assert [row["auth_type"] for row in administrator.result("event.get")] == ["0", "7"]
    answer = employee.post("event.bind", event="ONAPPTEST", handler=HANDLER, auth_type=1)
    assert (answer.status_code, answer.json()["error"]) == (403, "ACCESS_DENIED")
    assert employee.result("event.unbind", event="ONAPPINSTALL", handler=HANDLER) == {"count": 1}
    assert [row["auth_type"] for row in administrator.result("event.get")] == ["0"]


def test_offline_events_are_not_offered(administrator: Caller) -> None:
    assert bind(administrator, "ONCRMDEALADD", event_type="offline") == "ACCESS_DENIED"


def test_unbinding_counts_once_and_takes_everything_when_nothing_is_named(administrator: Caller) -> None:
    for event in ("ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL"):
        bind(administrator, event)
    assert administrator.result("event.unbind", event="ONAPPUPDATE", handler=HANDLER) == {"count": 1}
    assert administrator.result("event.unbind", event="ONAPPINSTALL", handler=HANDLER, auth_type=7) == {"count": 0}
    assert administrator.error("event.unbind", event="ONAPPINSTALL") == "ERROR_ARGUMENT"
    assert administrator.result("event.unbind") == {"count": 2}
    assert administrator.result("event.get") == []


def test_the_names_of_events_depend_on_the_scope(employee: Caller) -> None:
    assert {"ONAPPINSTALL", "ONCRMTYPEADD"} <= set(employee.result("events"))
    assert "ONAPPINSTALL" not in employee.result("events", SCOPE="crm")
