"""Events go out as Bitrix24 sends them: a form, once, to installed applications only."""

import time

import pytest

from devportal import Box, Portal
from tests.devportal.client import Caller, Listening

APP_EVENTS = ("ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL", "ONCRMTYPEADD", "ONCRMTYPEDELETE", "ONAPPTEST")
ALWAYS = {"domain", "server_endpoint", "client_endpoint", "member_id", "application_token"}


@pytest.fixture
def bound(administrator: Caller, application: Listening) -> Caller:
    """An administrator's caller, every application event bound."""
    for event in APP_EVENTS:
        administrator.result("event.bind", event=event, handler=f"{application.url}/events")
    return administrator


def auth_of(fields: dict[str, str]) -> dict[str, str]:
    return {key[5:-1]: value for key, value in fields.items() if key.startswith("auth[")}


def test_nothing_is_sent_before_the_installation_is_finished(
    portal: Portal, bound: Caller, application: Listening
) -> None:
    portal.add_type("Early")
    bound.result("event.test", any="thing")
    portal.events.settle()
    assert application.events == []
    portal.finish_install()
    assert application.events == ["ONAPPINSTALL"]


def test_the_event_of_an_installation_has_the_installers_tokens(
    portal: Portal, bound: Caller, application: Listening
) -> None:
    portal.finish_install()
    (heard,) = application.heard
    auth = auth_of(heard.fields)
    assert heard.content_type == "application/x-www-form-urlencoded"
    assert heard.fields["data[VERSION]"] == "1.0.0"
    assert heard.fields["data[INSTALLED]"] == "Y"
    assert {"event_handler_id", "ts"} <= set(heard.fields)
    assert set(auth) >= ALWAYS | {"access_token", "refresh_token", "expires", "expires_in", "scope", "status"}
    assert auth["application_token"] == portal.application_token
    assert (auth["domain"], auth["client_endpoint"]) == (portal.host, portal.client_endpoint)
    bound.frame.fields["AUTH_ID"] = auth["access_token"]
    assert bound.result("profile")["ID"] == "1"


def test_an_installation_is_finished_once(portal: Portal, bound: Caller, application: Listening) -> None:
    portal.finish_install()
    portal.finish_install()
    assert application.events == ["ONAPPINSTALL"]


def test_an_update_wipes_the_handlers_and_may_change_the_application_token(
    portal: Portal, bound: Caller, application: Listening
) -> None:
    portal.finish_install()
    before = portal.application_token
    portal.update_application()
    assert portal.application_token == before
    assert portal.event_handlers == []
    bound.result("event.bind", event="ONAPPUPDATE", handler=f"{application.url}/events")
    portal.update_application(new_token=True)
    assert application.events == ["ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUPDATE"]
    assert portal.application_token not in (before, None)
    last = application.heard[-1].fields
    assert (last["data[PREVIOUS_VERSION]"], last["data[VERSION]"]) == ("2", "3")
    assert auth_of(last)["application_token"] == portal.application_token
    assert bound.result("app.info")["VERSION"] == 3


@pytest.mark.parametrize(("clean", "told"), [(False, "0"), (True, "1")])
def test_the_event_of_an_uninstall_has_no_tokens_and_revokes_all(
    portal: Portal, bound: Caller, application: Listening, clean: bool, told: str
) -> None:
    portal.finish_install()
    bound.result("placement.bind", PLACEMENT="CRM_DEAL_DETAIL_TAB", HANDLER=f"{application.url}/placement")
    token = portal.application_token
    portal.uninstall(clean=clean)
    fields = application.heard[-1].fields
    assert (fields["event"], fields["data[CLEAN]"]) == ("ONAPPUNINSTALL", told)
    assert set(auth_of(fields)) == ALWAYS
    assert auth_of(fields)["application_token"] == token
    assert (portal.placements, portal.event_handlers, portal.application_token) == ([], [], None)
    assert bound.error("profile") == "ERROR_OAUTH"


def test_an_unfinished_installation_is_removed_in_silence(
    portal: Portal, bound: Caller, application: Listening
) -> None:
    portal.uninstall()
    assert application.events == []


def test_a_new_installation_has_a_new_application_token(portal: Portal, bound: Caller) -> None:
    portal.finish_install()
    before = portal.application_token
    portal.uninstall()
    portal.install_frame(portal.administrator)
    assert portal.application_token not in (before, None)


def test_smart_processes_and_tests_fire_events(portal: Portal, bound: Caller, application: Listening) -> None:
    portal.finish_install()
    number = portal.add_type("Repairs")
    portal.remove_type(number)
    assert bound.result("event.test", a="b") == 1
    heard = application.wait_for(4)
    assert application.events[1:] == ["ONCRMTYPEADD", "ONCRMTYPEDELETE", "ONAPPTEST"]
    assert heard[1].fields["data[FIELDS][ID]"] == "2"
    assert heard[3].fields["data[QUERY][a]"] == "b"


def test_a_handler_that_fails_is_not_asked_again(portal: Portal, bound: Caller, application: Listening) -> None:
    application.status = 500
    portal.finish_install()
    assert application.events == ["ONAPPINSTALL"]
    assert [(sent.event, sent.status) for sent in portal.events.sent] == [("ONAPPINSTALL", 500)]


def test_a_handler_that_is_not_there_harms_nobody(portal: Portal, administrator: Caller) -> None:
    administrator.result("event.bind", event="ONAPPINSTALL", handler="http://127.0.0.1:1/events")
    portal.finish_install()
    (sent,) = portal.events.sent
    assert (sent.status, sent.note) == (0, "ConnectionError")


def test_events_get_lost_and_doubled_on_demand(portal: Portal, bound: Caller, application: Listening) -> None:
    portal.finish_install()
    portal.events.faults.drops = 1
    portal.events.faults.duplicates = 1
    first, second = portal.add_type("Lost"), portal.add_type("Doubled")
    application.wait_for(3)
    portal.events.settle()
    assert application.events == ["ONAPPINSTALL", "ONCRMTYPEADD", "ONCRMTYPEADD"]
    assert application.heard[1].fields == application.heard[2].fields
    assert first != second


def test_events_come_out_of_order_on_demand(portal: Portal, bound: Caller, application: Listening) -> None:
    portal.events.faults.is_holding = True
    portal.finish_install()
    portal.uninstall()
    assert application.events == []
    portal.events.release()
    application.wait_for(2)
    assert application.events == ["ONAPPUNINSTALL", "ONAPPINSTALL"]


def test_events_come_late_on_demand(portal: Portal, bound: Caller, application: Listening) -> None:
    portal.events.faults.delay_seconds = 0.3
    began = time.monotonic()
    portal.finish_install()
    assert application.events == ["ONAPPINSTALL"]
    assert time.monotonic() - began >= 0.3


def test_events_come_without_tokens_or_with_a_wrong_application_token_on_demand(
    portal: Portal, bound: Caller, application: Listening
) -> None:
    portal.events.faults.has_no_tokens = True
    portal.events.faults.wrong_application_token = "wrong"
    portal.finish_install()
    auth = auth_of(application.heard[0].fields)
    assert "access_token" not in auth
    assert auth["application_token"] == "wrong"


def test_each_application_hears_its_own_events(box: Box, portal: Portal, bound: Caller, application: Listening) -> None:
    other = box.add_application("local.other.2", "other", app_url=application.url)
    stranger = Caller(portal, portal.administrator, app=other)
    stranger.result("event.bind", event="ONAPPINSTALL", handler=f"{application.url}/other")
    portal.finish_install(app=other)
    assert [heard.path for heard in application.heard] == ["/other"]
