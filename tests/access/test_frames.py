"""Invalid frame POSTs over HTTP: never a 500, never a page with data."""

import json
from itertools import product
from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from devportal import Box, FramePost, Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook, Page

pytestmark = any_database

ADDRESSES = ["/placement", "/", "/install", "/entries", "/events", "/settings", "/settings/connection/repair"]
REQUIRED = ["DOMAIN", "AUTH_ID", "member_id", "PLACEMENT"]
OPTIONAL = ["AUTH_EXPIRES", "REFRESH_ID", "SERVER_ENDPOINT", "APPLICATION_TOKEN", "APPLICATION_SCOPE", "status"]
QUERY_ONLY = ["PROTOCOL", "LANG", "APP_SID"]
SPOILED = ["\x00", "a\x00b", "\ud7ff\u200b", "x" * 5000, " ", "\r\nSet-Cookie: a=b", "%00", "[]", "'\"<>"]

NO_CARD = [
    *(
        "",
        "undefined",
        "[]",
        "null",
        "{}",
        "{",
        '{"ID":"1"',
        '"1"',
        "1",
        "true",
        '["1"]',
        '[{"ID":"1"}]',
        "{'ID':1}",
    ),
    *('{"ID":"0"}', '{"ID":0}', '{"ID":"-1"}', '{"ID":-1}', '{"ID":"1e9"}', '{"ID":1e9}', '{"ID":"8061abc"}'),
    *('{"ID":""}', '{"ID":null}', '{"ID":true}', '{"ID":[]}', '{"ID":["1"]}', '{"ID":{"a":1}}', '{"ID":1.0}'),
    *('{"ID":" 1"}', '{"ID":"01"}', '{"ID":"٣"}', '{"ID":"1","ENTITY_ID":"2"}', '{"id":"1"}', '{"ID":NaN}'),
    *(
        '{"ID":"' + "9" * 19 + '"}',
        '{"ID":' + "9" * 5000 + "}",
        '{"ID":"1\\u0000"}',
        "[" * 50_000,
        '{"ID":"1"}x',
    ),
]

CARDS: list[dict[str, object]] = [
    {"ID": "1"},
    {"ID": 1},
    {"ENTITY_ID": "1"},
    {"ID": "1", "ENTITY_ID": 1},
    {"ID": "1", "URI": "/crm/deal/details/1/", "extra": {"deep": [1, {"x": None}]}},
]
UNKNOWN_PLACEMENTS = [
    *(
        "DEFAULT",
        "default",
        "CRM_DEAL_LIST_TOOLBAR",
        "CRM_DEAL_DETAIL_TAB2",
        "CRM_DYNAMIC_0_DETAIL_TAB",
        "TASK_VIEW_TAB",
    ),
    *(
        "CRM_DYNAMIC_x_DETAIL_TAB",
        "CRM_DYNAMIC_-1_DETAIL_TAB",
        "crm_deal_detail_tab",
        "CRM_DEAL_DETAIL_TAB ",
        "A" * 101,
    ),
]

BODIES = [
    (b"", "application/x-www-form-urlencoded"),
    (b"\x00\xff\xfe=%&&=;=", "application/x-www-form-urlencoded"),
    (b"{}", "application/json"),
    (b'--x\r\nContent-Disposition: form-data; name="AUTH_ID"\r\n\r\n\xff\r\n', "multipart/form-data; boundary=x"),
    (b"x", "multipart/form-data"),
    (b"a=1&" * 3000, "application/x-www-form-urlencoded"),
    (b"%ED%A0%80=%ED%A0%80&session=%ED%A0%80", "application/x-www-form-urlencoded; charset=utf-16"),
]


@pytest.fixture
def frame(installed: Logbook, portal: Portal) -> FramePost:
    return portal.frame(portal.employee)


def send_bytes(logbook: Logbook, body: bytes, address: str = "/placement", **headers: str) -> Page:
    content_type = headers.get("content_type", "application/x-www-form-urlencoded")
    answer = logbook.app.test_client().post(address, data=body, content_type=content_type)
    return Page(answer.status_code, dict(answer.headers), answer.get_data(as_text=True))


def whole(frame: FramePost, **changes: str | None) -> dict[str, str]:
    """Query and body in one, as an old portal may send it."""
    fields = {**frame.query, **frame.fields, **changes}
    return {name: value for name, value in fields.items() if value is not None}


def is_malformed(page: Page, portal: Portal) -> None:
    assert (page.status, page.refusal) == (400, "malformed"), page.text
    assert page.headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert portal.host not in page.text
    assert list(portal.calls) == []


class TestFields:
    """Every field of the body and the query."""

    def test_one_that_is_needed_must_be_there(self, installed: Logbook, portal: Portal, frame: FramePost) -> None:
        for name in REQUIRED:
            for value in (None, ""):
                body = urlencode(whole(frame, **{name: value})).encode()
                is_malformed(send_bytes(installed, body), portal)

    def test_one_that_is_not_needed_may_be_absent_or_empty(self, installed: Logbook, frame: FramePost) -> None:
        for name in [*OPTIONAL, *QUERY_ONLY]:
            for value in (None, ""):
                assert send_bytes(installed, urlencode(whole(frame, **{name: value})).encode()).status == 200

    def test_one_that_is_spoiled_never_breaks_anything(self, installed: Logbook, frame: FramePost) -> None:
        for name in [*REQUIRED, *OPTIONAL, *QUERY_ONLY, "PLACEMENT_OPTIONS"]:
            for value in SPOILED:
                page = send_bytes(installed, urlencode(whole(frame, **{name: value})).encode())
                assert (name, value, page.status) in {(name, value, status) for status in (200, 400, 403)}
                assert "Set-Cookie" not in page.headers

    def test_one_that_comes_twice_with_two_values_is_nobodys(
        self, installed: Logbook, portal: Portal, frame: FramePost
    ) -> None:
        for name in [*REQUIRED, "PLACEMENT_OPTIONS"]:
            body = urlencode(whole(frame)) + f"&{name}=other"
            is_malformed(send_bytes(installed, body.encode()), portal)

    def test_the_same_value_in_query_and_body_is_no_contradiction(self, installed: Logbook, frame: FramePost) -> None:
        page = installed.send(FramePost(frame.url, {**frame.query, **frame.fields}, frame.fields))
        assert page.status == 200

    def test_one_that_is_no_utf8_is_refused(self, installed: Logbook, portal: Portal, frame: FramePost) -> None:
        for name in REQUIRED:
            body = urlencode(whole(frame, **{name: None})).encode() + f"&{name}=%FF%FE".encode()
            page = send_bytes(installed, body)
            assert page.status in {400, 403}
            assert portal.host not in page.text


class TestOptions:
    """PLACEMENT_OPTIONS, a JSON text that is not always one."""

    def test_what_names_no_card_is_malformed(self, installed: Logbook, portal: Portal, frame: FramePost) -> None:
        for text in NO_CARD:
            is_malformed(installed.send(frame, PLACEMENT_OPTIONS=text), portal)

    def test_absent_they_name_no_card(self, installed: Logbook, portal: Portal, frame: FramePost) -> None:
        is_malformed(installed.send(frame, PLACEMENT_OPTIONS=None), portal)

    def test_every_spelling_of_a_card_is_read(self, installed: Logbook, frame: FramePost) -> None:
        for options in CARDS:
            assert installed.send(frame, PLACEMENT_OPTIONS=json.dumps(options)).status == 200

    def test_a_megabyte_of_them_is_too_much(self, installed: Logbook, portal: Portal, frame: FramePost) -> None:
        page = installed.send(frame, PLACEMENT_OPTIONS=json.dumps({"ID": "1", "URI": "x" * 1_000_000}))
        assert page.status in {400, 413}
        assert list(portal.calls) == []

    def test_many_of_them_are_read(self, installed: Logbook, frame: FramePost) -> None:
        assert installed.send(frame, PLACEMENT_OPTIONS=json.dumps({"ID": "1", "URI": "x" * 100_000})).status == 200

    def test_a_card_that_does_not_exist_is_gone(self, installed: Logbook, frame: FramePost) -> None:
        page = installed.send(frame, PLACEMENT_OPTIONS=json.dumps({"ID": "999999999999999999"}))
        assert (page.status, page.refusal) == (404, "gone")


def test_an_unknown_placement_is_malformed(installed: Logbook, portal: Portal, frame: FramePost) -> None:
    for placement in UNKNOWN_PLACEMENTS:
        is_malformed(installed.send(frame, PLACEMENT=placement), portal)


def test_the_main_page_does_not_open_for_a_placement_of_a_card(
    installed: Logbook, portal: Portal, frame: FramePost
) -> None:
    body = urlencode(whole(frame)).encode()
    is_malformed(send_bytes(installed, body, "/"), portal)


def test_no_body_breaks_an_address(installed: Logbook, portal: Portal) -> None:
    for address, (body, content_type) in product(ADDRESSES, BODIES):
        page = send_bytes(installed, body, address, content_type=content_type)
        assert (content_type, page.status) in {(content_type, status) for status in (400, 401, 413)}
        if address == "/entries":
            assert page.outcome == "expired" or page.status == 413
    assert list(portal.calls) == []


HELD = settings(max_examples=60)
FIELDS = st.sampled_from([*REQUIRED, *OPTIONAL, *QUERY_ONLY, "PLACEMENT_OPTIONS", "session", "title", "text", "icon"])


@HELD
@given(st.dictionaries(FIELDS, st.binary(max_size=40)))
def test_any_content_of_a_frame_gets_an_answer(
    installed: Logbook, box: Box, frame: FramePost, changes: dict[str, bytes]
) -> None:
    kept = {name: value.encode() for name, value in whole(frame).items()}
    body = "&".join(f"{name}={quote_plus(value)}" for name, value in {**kept, **changes}.items())
    page = send_bytes(installed, body.encode())
    assert page.status in {200, 400, 403, 404}
    assert "Set-Cookie" not in page.headers


@HELD
@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(["ID", "ENTITY_ID", "x"]), inner),
        max_leaves=5,
    )
)
def test_whatever_the_options_say_they_are_answered(installed: Logbook, frame: FramePost, options: object) -> None:
    page = installed.send(frame, PLACEMENT_OPTIONS=json.dumps(options))
    assert page.status in {200, 400, 404}
