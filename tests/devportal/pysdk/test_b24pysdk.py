"""The official Python SDK as the client, called as its own integration tests call it."""

from datetime import datetime
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from b24pysdk import BitrixApp, BitrixToken, Client
from b24pysdk.constants import B24AppStatus
from b24pysdk.credentials import OAuthEventData, OAuthPlacementData
from b24pysdk.errors import (
    BitrixAPIErrorOAuth,
    BitrixAPIInvalidArgValue,
)
from b24pysdk.errors.oauth import (
    BitrixOAuthInvalidClient,
    BitrixOAuthInvalidGrant,
    BitrixOAuthNotInstalled,
    BitrixOauthWrongClient,
)
from b24pysdk.schemas.app import AppInfoApplication

from devportal import Portal
from devportal.crm.icon_codes import SYSTEM
from tests.devportal.client import Listening
from tests.devportal.conftest import CLIENT_ID, CLIENT_SECRET
from tests.devportal.pictures import png
from tests.devportal.pysdk.conftest import DOMAIN, OAUTH

HANDLER = "https://example.com/handler/"


# Who is calling


def test_a_frames_post_is_understood_and_proved(portal: Portal, app: BitrixApp) -> None:
    frame = portal.frame(portal.employee, options={"ID": "1"})
    data = OAuthPlacementData.from_dict({**frame.query, **frame.fields})
    assert (data.domain, data.lang, data.member_id) == (DOMAIN, "en", portal.member_id)
    assert (data.placement, data.placement_options) == ("CRM_DEAL_DETAIL_TAB", {"ID": "1"})
    assert (data.status, int(data.protocol)) == (B24AppStatus("L"), 1)
    assert data.app_sid == frame.query["APP_SID"]
    assert data.validate_against_app_info(data.get_app_info(app))


def test_the_authorization_servers_app_info_is_typed(portal: Portal, token: BitrixToken) -> None:
    found = token.get_app_info().result
    assert (found.client_id, found.user_id, found.scope) == (CLIENT_ID, 1, ["crm", "placement"])
    assert found.install.client_endpoint == f"https://{DOMAIN}/rest/"
    assert (found.install.uri, found.install.domain) == (f"https://{DOMAIN}", DOMAIN)
    assert found.expires > datetime.now(found.expires.tzinfo)


def test_a_token_is_renewed(portal: Portal, token: BitrixToken) -> None:
    before = token.auth_token
    renewed = token.refresh_oauth_token()
    assert renewed.oauth_token.access_token != before
    assert renewed.member_id == portal.member_id
    assert renewed.domain == OAUTH
    assert renewed.portal_domain == DOMAIN
    assert renewed.user_id == 1
    with pytest.raises(BitrixOAuthInvalidGrant):
        token.refresh_oauth_token()


def test_an_expired_token_is_renewed_on_the_way(portal: Portal, token: BitrixToken, client: Client) -> None:
    portal.expire_access_tokens()
    before = token.auth_token
    assert client.profile().response.value.bitrix_id == 1
    assert token.auth_token != before


def test_a_code_is_exchanged(portal: Portal, app: BitrixApp, token: BitrixToken) -> None:
    address = f"http://localhost:{portal.state.port}/oauth/authorize/"
    answer = requests.get(address, params={"client_id": CLIENT_ID}, allow_redirects=False, timeout=10)
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    assert app.get_oauth_token(code).user_id == 1
    with pytest.raises(BitrixOAuthInvalidGrant):
        token.get_oauth_token(code)


def test_wrong_credentials_have_their_own_errors(portal: Portal) -> None:
    with pytest.raises(BitrixOAuthInvalidClient):
        BitrixApp(client_id=CLIENT_ID, client_secret="wrong").get_oauth_token("any")
    with pytest.raises(BitrixOauthWrongClient):
        BitrixApp(client_id="local.none.1", client_secret=CLIENT_SECRET).get_oauth_token("any")


def test_after_an_uninstall_nothing_works(portal: Portal, token: BitrixToken, client: Client) -> None:
    portal.uninstall()
    with pytest.raises(BitrixAPIErrorOAuth):
        client.profile().response  # noqa: B018
    with pytest.raises(BitrixOAuthNotInstalled):
        token.refresh_oauth_token()


def test_events_are_understood_and_proved(
    portal: Portal, app: BitrixApp, client: Client, application: Listening
) -> None:
    for name in ("ONAPPINSTALL", "ONAPPUNINSTALL"):
        assert client.event.bind(event=name, handler=f"{application.url}/events").response.result is True
    portal.finish_install()
    portal.uninstall()
    installed, removed = (OAuthEventData.from_dict(heard.fields) for heard in application.wait_for(2))
    assert installed.event == "ONAPPINSTALL"
    assert installed.auth.application_token == removed.auth.application_token
    assert installed.auth.oauth_token.refresh_token
    assert installed.data["INSTALLED"] == "Y"
    assert (removed.event, removed.is_system, removed.data["CLEAN"]) == ("ONAPPUNINSTALL", True, "0")


# Methods, as the SDK's own integration tests call them


def test_the_application_and_the_person_are_described(client: Client, employee: Client) -> None:
    info = client.app.info().response.value
    assert isinstance(info, AppInfoApplication)
    assert (info.code, info.installed, info.status, info.days) == (CLIENT_ID, False, B24AppStatus("L"), None)
    assert (info.license_family, info.payment_expired) == ("pro", False)
    profile = employee.profile().response.value
    assert (profile.bitrix_id, profile.admin, profile.name, profile.last_name) == (7, False, "Ben", "Okafor")
    assert client.user.admin().response.result is True
    assert client.user.access(access=["G2", "AU"]).response.result is True
    assert set(client.access.name(access=["G2", "AU"]).response.value) == {"G2", "AU"}


def test_time_scopes_methods_and_features_are_returned(client: Client) -> None:
    response = client.server.time().response
    assert isinstance(response.value, datetime)
    assert response.time.operating is not None
    assert {"crm", "placement", "tasks_extended", "sign.b2e"} <= set(client.scope(full=True).response.result)
    found = client.method.get(name="profile").response.value
    assert (found.is_existing, found.is_available) == (True, True)
    assert client.feature.get(code="rest_auth_connector").response.value.value is True


def test_options_are_stored(client: Client) -> None:
    for option in (client.app.option, client.user.option):
        assert option.set(options={"SDK_OPTION": "value"}).response.result is True
        assert option.get(option="SDK_OPTION").response.result == "value"


def test_an_event_handler_is_bound_listed_and_unbound(client: Client) -> None:
    assert client.event.bind(event="ONCRMLEADADD", handler=HANDLER, auth_type=1, event_type="online").response.result
    (row,) = client.event.get().as_list().response.result
    assert (row["event"], row["auth_type"], row["offline"]) == ("ONCRMLEADADD", "1", 0)
    gone = client.event.unbind(event="ONCRMLEADADD", handler=HANDLER, auth_type=1, event_type="online").response.value
    assert gone == 1
    names = client.events(scope="crm").response.result
    assert names
    assert all(name.startswith("ONCRM") for name in names)
    assert client.events(full=True).as_list().response.result


def test_a_placement_is_bound_listed_and_unbound(client: Client) -> None:
    languages = {"en": {"TITLE": "T", "DESCRIPTION": "D", "GROUP_NAME": ""}}
    options = {"errorHandlerUrl": HANDLER}
    bound = client.placement.bind(
        placement="PAGE_BACKGROUND_WORKER", handler=HANDLER, lang_all=languages, options=options, user_id=1
    )
    assert bound.response.result is True
    (row,) = client.placement.get().as_list().response.result
    assert (row["langAll"], row["options"], row["userId"]) == (languages, options, 1)
    assert all(code.startswith("TASK_") for code in client.placement.list(scope="task").response.result)
    assert "CRM_DYNAMIC_1032_DETAIL_TAB" in client.placement.list().as_list().response.result
    gone = client.placement.unbind(placement="PAGE_BACKGROUND_WORKER", handler=HANDLER, user_id=1).response.value
    assert gone == 2


def test_the_tabs_that_logbook_binds_are_accepted(client: Client) -> None:
    for code in ("LEAD", "DEAL", "CONTACT", "COMPANY", "QUOTE", "SMART_INVOICE", "ORDER", "DYNAMIC_1032"):
        bound = client.placement.bind(
            placement=f"CRM_{code}_DETAIL_TAB", handler=HANDLER, lang_all={"en": {"TITLE": "L"}}
        )
        assert bound.response.result is True
    assert len(client.placement.get().response.result) == 8


def test_cards_and_their_kinds_are_read(client: Client) -> None:
    item = client.crm.item.get(bitrix_id=1, entity_type_id=2).response.result["item"]
    assert (item["id"], item["title"]) == (1, "Bakery ovens, second branch")
    assert len(client.crm.item.list(entity_type_id=2).response.result["items"]) == 9
    assert "title" in client.crm.item.fields(entity_type_id=2).response.result["fields"]
    assert client.crm.type.list().response.result["types"][0]["entityTypeId"] == 1032
    owners = client.crm.enum.ownertype().response.result
    assert {"DEAL", "DYNAMIC_1032"} <= {owner["SYMBOL_CODE"] for owner in owners}


def test_log_messages_are_written_read_listed_and_deleted(portal: Portal, employee: Client) -> None:
    logs = employee.crm.timeline.logmessage
    fields = {"entityTypeId": 2, "entityId": 1, "title": "From the SDK", "text": "Ä", "iconCode": "call"}
    message = logs.add(fields).response.result["logMessage"]
    assert (message["authorId"], message["title"], message["text"]) == (7, "From the SDK", "Ä")
    assert logs.get(message["id"]).response.result == {"logMessage": message}
    response = logs.list(entity_type_id=2, entity_id=1, order={"id": "desc"}, start=0).response
    assert (response.result["logMessages"], response.total) == ([message], 1)
    assert logs.delete(message["id"]).response.result is True
    assert portal.timeline(2, 1) == []


def test_icons_are_added_read_listed_and_deleted(client: Client) -> None:
    icons = client.crm.timeline.icon
    icon = icons.add(code="sdk_star", file_content=png()).response.result["icon"]
    assert (icon["code"], icon["isSystem"]) == ("sdk_star", False)
    assert icons.get(code="sdk_star").response.result == {"icon": icon}
    response = icons.list().response
    assert [one["code"] for one in response.result["icons"]] == [*SYSTEM, "sdk_star"]
    assert icons.delete(code="sdk_star").response.result is True
    with pytest.raises(BitrixAPIInvalidArgValue):
        icons.add(code="sdk_star", file_content=png(60, 60)).response  # noqa: B018


def test_a_batch_is_taken_apart(client: Client) -> None:
    named = client.call_batch(
        {
            "me": client.profile(),
            "card": client.crm.item.get(bitrix_id=1, entity_type_id=2),
            "gone": client.crm.item.get(bitrix_id=999, entity_type_id=2),
        }
    ).response.result
    assert named.result["me"]["ID"] == "1"
    assert named.result["card"]["item"]["id"] == 1
    assert named.result_error["gone"]["error"] == "NOT_FOUND"
    listed = client.call_batch([client.profile(), client.server.time()]).response.result
    assert listed.result[0]["ID"] == "1"


@pytest.mark.parametrize("kind", ["items", "leads"])
def test_long_lists_are_read_to_their_end_by_pages_and_by_the_last_id(
    portal: Portal, client: Client, kind: str
) -> None:
    for number in range(120):
        portal.add_item(1, title=f"Lead {number}")
    if kind == "items":
        request, name = client.crm.item.list(entity_type_id=1, select=["id"]), "id"
    else:
        request, name = client.crm.lead.list(select=["ID"]), "ID"
    by_pages = [int(row[name]) for row in request.as_list().response.result]
    by_last_id = [int(row[name]) for row in request.as_list_fast().response.result]
    downwards = [int(row[name]) for row in request.as_list_fast(descending=True).response.result]
    assert by_pages == by_last_id == downwards[::-1] == list(range(1, 127))


def test_cards_of_one_kind_are_added_read_changed_and_deleted(client: Client) -> None:
    number = client.crm.deal.add(fields={"TITLE": "From the SDK", "OPPORTUNITY": 12.5}).response.result
    deal = client.crm.deal.get(bitrix_id=number).response.result
    assert (deal["TITLE"], deal["OPPORTUNITY"]) == ("From the SDK", "12.50")
    assert client.crm.deal.update(bitrix_id=number, fields={"STAGE_ID": "WON"}).response.result is True
    found = client.crm.deal.list(filter={"STAGE_ID": "WON", ">ID": 9}, select=["ID"]).response.result
    assert found == [{"ID": str(number)}]
    assert client.crm.deal.delete(bitrix_id=number).response.result is True
    assert "STAGE_ID" in client.crm.deal.fields().response.result
