"""Parsing what portals send: everything that they send is accepted, everything else is refused."""

import json
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24app.bitrix24.entities import Entity, tab_of, type_id_of
from b24app.bitrix24.payloads import EventCall, FrameCall, read_event, read_frame
from b24app.errors import Malformed

QUERY = {"DOMAIN": ["portal.bitrix24.com"], "PROTOCOL": ["1"], "LANG": ["de"], "APP_SID": ["0" * 32]}
BODY = {
    "AUTH_ID": ["a" * 40],
    "AUTH_EXPIRES": ["3600"],
    "REFRESH_ID": ["r" * 40],
    "SERVER_ENDPOINT": ["https://oauth.bitrix.info/rest/"],
    "APPLICATION_TOKEN": ["t" * 32],
    "APPLICATION_SCOPE": ["crm,placement"],
    "member_id": ["a223c6b3710f85df22e9377d6c4f7553"],
    "status": ["L"],
    "PLACEMENT": ["CRM_DEAL_DETAIL_TAB"],
    "PLACEMENT_OPTIONS": ['{"ID":"8061"}'],
}
NO_NUMBERS: list[object] = [0, -1, "0", "-1", "1e9", 1e9, "8061abc", "", " 1", None, True, [], {}]
EVENT = {
    "event": ["ONAPPUNINSTALL"],
    "data[LANGUAGE_ID]": ["de"],
    "data[CLEAN]": ["1"],
    "ts": ["1766047124"],
    "auth[member_id]": ["a223c6b3710f85df22e9377d6c4f7553"],
    "auth[application_token]": ["t" * 32],
}


def frame(**changes: str | list[str] | None) -> FrameCall:
    fields = {name: [value] if isinstance(value, str) else value for name, value in changes.items()}
    body = {name: values for name, values in {**BODY, **fields}.items() if values is not None}
    query = {name: values for name, values in QUERY.items() if name not in changes}
    return read_frame(query, body)


def event(**changes: str | None) -> EventCall:
    fields = {**EVENT, **{name: [value] if value is not None else [] for name, value in changes.items()}}
    return read_event(fields)


def test_a_frame_of_a_new_portal_is_read_whole() -> None:
    call = frame()
    assert call.domain == "portal.bitrix24.com"
    assert call.entity == Entity(2, 8061)
    assert call.access_token == "a" * 40
    assert call.refresh_token == "r" * 40
    assert call.application_token == "t" * 32
    assert call.server_endpoint == "https://oauth.bitrix.info/rest/"
    assert call.language == "de"


def test_a_frame_of_an_old_portal_needs_only_four_fields() -> None:
    needed = {"AUTH_ID", "member_id", "PLACEMENT", "PLACEMENT_OPTIONS"}
    left_out: dict[str, str | list[str] | None] = {name: None for name in BODY if name not in needed}
    call = frame(**left_out, LANG=[])
    assert (call.refresh_token, call.application_token, call.server_endpoint, call.language) == (None, None, None, "en")


@pytest.mark.parametrize("field", ["DOMAIN", "AUTH_ID", "member_id", "PLACEMENT", "PLACEMENT_OPTIONS"])
@pytest.mark.parametrize("value", [None, "", "\x00", "\ufffd"])
def test_a_frame_without_a_needed_field_is_refused(field: str, value: str | None) -> None:
    with pytest.raises(Malformed) as caught:
        frame(**{field: [] if value is None else [value]})
    assert caught.value.field == field


@pytest.mark.parametrize("field", ["AUTH_ID", "member_id", "PLACEMENT", "PLACEMENT_OPTIONS", "REFRESH_ID"])
def test_a_field_with_two_values_is_nobodys(field: str) -> None:
    with pytest.raises(Malformed):
        frame(**{field: [BODY[field][0], "other"]})


def test_a_field_that_says_the_same_twice_is_taken() -> None:
    assert frame(member_id=[BODY["member_id"][0]] * 2).member_id == BODY["member_id"][0]


@pytest.mark.parametrize("options", ["", "undefined", "[]", "null", '["a"]', '[["a"], null]'])
def test_a_main_page_may_come_without_options(options: str) -> None:
    assert frame(PLACEMENT="DEFAULT", PLACEMENT_OPTIONS=options).entity is None


@pytest.mark.parametrize(
    "options",
    ["", "undefined", "[]", '{"ID":', '["8061"]', "8061", '"8061"', "{}", '{"ID":"1","ENTITY_ID":"2"}', "[" * 100_000]
    + [json.dumps({"ID": value}) for value in NO_NUMBERS]
    + [json.dumps({"ID": "9" * 30}), json.dumps({"ID": "١"}), '{"ID":' + "9" * 5000 + "}", '{"ID":NaN}'],
)
def test_a_card_without_a_positive_number_is_refused(options: str) -> None:
    with pytest.raises(Malformed) as caught:
        frame(PLACEMENT_OPTIONS=options)
    assert caught.value.field == "PLACEMENT_OPTIONS"


@pytest.mark.parametrize(
    "options",
    ["{&quot;ID&quot;:&quot;15&quot;}", "{&#34;ID&#34;:15}", json.dumps('{"ID":"15"}'), '"{&quot;ID&quot;:15}"'],
)
def test_options_that_were_escaped_or_written_twice_are_read(options: str) -> None:
    assert frame(PLACEMENT_OPTIONS=options).entity == Entity(2, 15)


@pytest.mark.parametrize("key", ["ID", "ENTITY_ID", "entityId"])
@pytest.mark.parametrize("value", ["15", 15])
def test_the_number_of_a_card_is_found_under_each_of_its_names(key: str, value: object) -> None:
    assert frame(PLACEMENT_OPTIONS=json.dumps({key: value, "URI": "/crm/"})).entity == Entity(2, 15)


@pytest.mark.parametrize(
    ("placement", "type_id"),
    [
        ("CRM_LEAD_DETAIL_TAB", 1),
        ("CRM_DEAL_DETAIL_ACTIVITY", 2),
        ("CRM_CONTACT_DETAIL_TOOLBAR", 3),
        ("CRM_COMPANY_LIST_MENU", 4),
        ("CRM_QUOTE_DETAIL_TAB", 7),
        ("CRM_ORDER_DETAIL_TAB", 14),
        ("CRM_SMART_INVOICE_DETAIL_TAB", 31),
        ("CRM_DYNAMIC_183_DETAIL_TAB", 183),
    ],
)
def test_the_kind_of_a_card_is_read_off_the_placement(placement: str, type_id: int) -> None:
    assert frame(PLACEMENT=placement).entity == Entity(type_id, 8061)


@pytest.mark.parametrize(
    "placement",
    [
        "LEFT_MENU",
        "CRM_DEAL_LIST_TOOLBAR",
        "CRM_SMART_131_DETAIL_TAB",
        "CRM_DYNAMIC_0_DETAIL_TAB",
        "crm_deal_detail_tab",
    ],
)
def test_an_unknown_placement_is_refused(placement: str) -> None:
    with pytest.raises(Malformed) as caught:
        frame(PLACEMENT=placement)
    assert caught.value.field == "PLACEMENT"


@pytest.mark.parametrize(
    ("domain", "host"),
    [
        ("Portal.Bitrix24.COM", "portal.bitrix24.com"),
        ("portal.bitrix24.com.", "portal.bitrix24.com"),
        ("localhost:8010", "localhost:8010"),
        ("10.0.0.5", "10.0.0.5"),
        ("bücher.example", "xn--bcher-kva.example"),
        ("crm_test.company.local", "crm_test.company.local"),
        ("_crm.company_2_:8443", "_crm.company_2_:8443"),
    ],
)
def test_a_domain_is_read_as_a_plain_host(domain: str, host: str) -> None:
    assert frame(DOMAIN=domain).domain == host


@pytest.mark.parametrize(
    "domain",
    [
        *[
            "u@portal.example",
            "portal.example/rest",
            "portal.example?x",
            "portal.example:99999999",
            "portal.example:99999",
            "portal.example:0",
            "portal.example;script-src",
            "*.portal.example",
            "'self'",
            "a b",
            "-a",
            "a..b",
        ],
        *["\u202e", "a" * 300, "portal.example:", "https://portal.example", "portal.example#x", "[::1]", "a\nb", "."],
    ],
)
def test_a_domain_with_anything_else_in_it_is_refused(domain: str) -> None:
    with pytest.raises(Malformed) as caught:
        frame(DOMAIN=domain)
    assert caught.value.field == "DOMAIN"


@pytest.mark.parametrize(
    ("protocol", "domain", "origin"),
    [
        ("1", "Portal.Company.example", "https://portal.company.example"),
        ("1", "portal.company.example:443", "https://portal.company.example"),
        ("1", "10.0.0.5:8443", "https://10.0.0.5:8443"),
        ("0", "crm_test:80", "http://crm_test"),
        ("0", "localhost:443", "http://localhost:443"),
        ("", "portal.company.example", "https://portal.company.example"),
        ("https", "portal.company.example", "https://portal.company.example"),
    ],
)
def test_the_origin_of_the_page_around_is_written_as_browsers_write_it(protocol: str, domain: str, origin: str) -> None:
    assert frame(PROTOCOL=protocol, DOMAIN=domain).origin(usual_scheme="https") == origin


def test_what_cannot_be_read_of_a_mere_hint_is_forgotten() -> None:
    call = frame(SERVER_ENDPOINT="javascript:alert(1)", LANG="../../etc")
    assert (call.server_endpoint, call.language) == (None, "en")


def test_a_frame_does_not_show_its_secrets() -> None:
    shown = repr(frame())
    assert not any(BODY[name][0] in shown for name in ("AUTH_ID", "REFRESH_ID", "APPLICATION_TOKEN"))


def test_an_event_is_read_whole() -> None:
    taken = event()
    assert (taken.name, taken.sent_at, taken.application_token) == ("ONAPPUNINSTALL", 1766047124, "t" * 32)


@pytest.mark.parametrize(
    "changes",
    [
        *[{"event": None}, {"event": "ON CRM"}, {"event": "\x00"}, {"ts": "now"}],
        *[{"auth[member_id]": None}, {"auth[member_id]": "../x"}, {"auth[access_token]": "a b"}],
    ],
)
def test_an_event_that_lacks_or_garbles_something_is_refused(changes: dict[str, str | None]) -> None:
    with pytest.raises(Malformed):
        event(**changes)


TEXT = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]))
FIELDS = st.dictionaries(st.sampled_from([*QUERY, *BODY]), st.lists(TEXT, max_size=3))
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.integers() | TEXT, lambda x: st.lists(x) | st.dictionaries(TEXT, x)
)


@given(FIELDS, FIELDS)
def test_no_frame_whatever_breaks_the_reader(query: dict[str, list[str]], body: dict[str, list[str]]) -> None:
    with suppress(Malformed):
        read_frame({**QUERY, **query}, {**BODY, **body})


@given(JSON)
def test_no_options_whatever_break_the_reader(options: object) -> None:
    try:
        call = frame(PLACEMENT_OPTIONS=json.dumps(options))
    except Malformed:
        return
    assert call.entity
    assert call.entity.id > 0


@given(
    st.dictionaries(st.sampled_from([*EVENT, "auth[access_token]", "auth[refresh_token]"]), st.lists(TEXT, max_size=3))
)
def test_no_event_whatever_breaks_the_reader(body: dict[str, list[str]]) -> None:
    with suppress(Malformed):
        read_event({**EVENT, **body})


@given(st.integers(min_value=128, max_value=99_999))
def test_every_kind_of_card_finds_back_from_its_tab(type_id: int) -> None:
    assert type_id_of(tab_of(type_id)) == type_id
