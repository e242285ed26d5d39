"""Answers and events from public reports: each is read correctly."""

import json
from collections.abc import Callable

import pytest

from b24app.bitrix24 import methods
from b24app.bitrix24.calls import Answers
from b24app.bitrix24.client import _read_result
from b24app.bitrix24.payloads import read_event
from b24app.errors import AnswerLost, CallFailed, Moved, Refused
from tests.bitrix24.test_token_answers import renewed

PAGE = "<html><head><title>503</title></head><body><h1>The time limit is exceeded</h1></body></html>"
LIMITED = {"error": "OPERATION_TIME_LIMIT", "error_description": "Method is blocked due to operation time limit."}
BUSY = {"error": "QUERY_LIMIT_EXCEEDED", "error_description": "Too many requests"}
EXPIRED = {"error": "expired_token", "error_description": "The access token provided has expired."}
NOT_FOUND = {"error": "", "error_description": "Not found"}
SOFT = {"error": "BITRIX_REST_V3_EXCEPTION_VALIDATION_X", "error_description": "no"}

REPORTS: dict[str, tuple[int, object, type[CallFailed], Callable[[CallFailed], bool]]] = {
    "fast_bitrix24 #216: the limit of operating time as a page": (200, PAGE, AnswerLost, lambda _: True),
    "fast_bitrix24 #189: 429 of a server in front, as a page": (429, PAGE, AnswerLost, lambda _: True),
    "fast_bitrix24 #187: 429 of the portal": (429, LIMITED, Refused, lambda one: one.is_passing),  # type: ignore[attr-defined]
    "fast_bitrix24 #26: 500 after a heavy batch": (500, PAGE, AnswerLost, lambda _: True),
    "b24-rest-docs #193: 503 with its documented words": (503, BUSY, Refused, lambda one: one.is_passing),  # type: ignore[attr-defined]
    "b24jssdk #182: 401 that asks for a renewal": (401, EXPIRED, Refused, lambda one: one.is_stale_token),  # type: ignore[attr-defined]
    "b24jssdk #145: a refusal of a whole batch under 200": (200, SOFT, Refused, lambda one: "VALIDATION" in one.code),
    "b24phpsdk #127: a card that is not there, without a code": (
        400,
        NOT_FOUND,
        Refused,
        lambda one: one.code == "UNKNOWN",
    ),
    "bitrix24-php-sdk #49: 301 after a portal was renamed": (301, "<a>Moved</a>", Moved, lambda _: True),
    "bitrix24-php-sdk #250: 302 after a portal was renamed": (302, "", Moved, lambda _: True),
    "bitrix24-php-sdk #250: 308 with an answer in it": (308, {"result": True}, Moved, lambda _: True),
}


@pytest.mark.parametrize("report", REPORTS)
def test_an_answer_that_is_none_or_a_refusal(report: str) -> None:
    status, said, kind, is_read = REPORTS[report]
    body = said if isinstance(said, str) else json.dumps(said)
    with pytest.raises(CallFailed) as caught:
        _read_result(status, body.encode())
    assert type(caught.value) is kind
    assert is_read(caught.value)


def test_empty_parts_of_a_batch_are_lists() -> None:
    """fast_bitrix24 #173"""
    said = {"result": {"a": []}, "result_error": [], "result_total": {"a": 0}, "result_next": [], "result_time": {}}
    assert Answers(said)["a"] == []


def test_one_command_that_fails_hides_no_other() -> None:
    """2BAD/bitrix #50, bx24-wrapper-js #4"""
    answers = Answers({"result": {"a": {"id": 1}}, "result_error": {"b": {"error": "NOT_FOUND"}}})
    assert answers["a"] == {"id": 1}
    with pytest.raises(Refused):
        answers["b"]


@pytest.mark.parametrize("total", [0, 50, "50", None, 10**9])
def test_a_total_that_is_wrong(total: object) -> None:
    """b24phpsdk #144: it is never asked"""
    said = {
        "result": {"logMessages": [{"id": number} for number in range(60)]},
        "total": total,
        "next": 50,
        "time": None,
    }
    assert len(methods.read_entries(_read_result(200, json.dumps(said).encode()))) == 60


def test_a_timeline_of_others_entries_alone_is_empty_and_keyed() -> None:
    """b24-rest-docs #21: the list has only what the method itself has added"""
    assert methods.read_entries({"logMessages": []}) == []
    assert methods.read_entries([]) == []


@pytest.mark.parametrize(
    "times", [None, {}, [], {"a": {}}, {"a": {"operating": 0}}, {"a": {"operating_reset_at": None}}]
)
def test_a_portal_without_counters_of_operating_time(times: object) -> None:
    """b24jssdk #459, b24phpsdk #343: `time` is null"""
    assert Answers({"result": {"a": 1}, "result_time": times}).resets_at("a") is None


@pytest.mark.parametrize("user_id", [None, "", 0, "7", 7])
def test_a_token_whose_user_is_not_named(user_id: object) -> None:
    """dev.1c-bitrix.ru, forum 48, topic 81871: `user_id` is missing from an answer of the authorization server"""
    assert renewed(user_id=user_id).user_id == {None: None, "": None, 0: None, "7": 7, 7: 7}[user_id]  # type: ignore[index]


def test_a_token_in_the_shape_that_openintegrations_shows() -> None:
    """openintegrations.dev, Refresh token: scope `app`, `expires` beside `expires_in`, a domain of its own"""
    said = {"expires": 1728413297, "expires_in": 3600, "scope": "app", "domain": "oauth.bitrix.info", "status": "L"}
    endpoint = "https://b24-ar17wx.bitrix24.by/rest/"
    assert renewed(client_endpoint=endpoint, user_id=1, **said).client_endpoint == endpoint


def test_the_events_of_an_application_as_a_portal_sends_them() -> None:
    """bitrix24-php-sdk #296: every value is text"""
    auth = {"member_id": "9a1f68a4", "application_token": "c7d7b", "server_endpoint": "https://oauth.bitrix.info/rest/"}
    fields = {"event": ["ONAPPUNINSTALL"], "data[CLEAN]": ["1"], "data[LANGUAGE_ID]": ["ru"], "ts": ["1655823904"]}
    event = read_event(fields | {f"auth[{name}]": [text] for name, text in auth.items()})
    assert (event.name, event.sent_at, event.application_token) == ("ONAPPUNINSTALL", 1655823904, "c7d7b")
