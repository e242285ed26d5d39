"""An administrator installs Logbook, repeatedly if necessary, and everything is bound exactly once."""

from collections import Counter
from typing import Literal

import pytest

from b24app.models import Person, TokenPair
from b24app.models import Portal as PortalRow
from devportal import Box, Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook, Page

TABS = {
    *("CRM_LEAD_DETAIL_TAB", "CRM_DEAL_DETAIL_TAB", "CRM_CONTACT_DETAIL_TAB", "CRM_COMPANY_DETAIL_TAB"),
    *("CRM_QUOTE_DETAIL_TAB", "CRM_SMART_INVOICE_DETAIL_TAB", "CRM_ORDER_DETAIL_TAB"),
}
EVENTS = {"ONAPPINSTALL", "ONAPPUPDATE", "ONAPPUNINSTALL", "ONCRMTYPEADD", "ONCRMTYPEDELETE"}


def install(logbook: Logbook, portal: Portal) -> Page:
    return logbook.send(portal.install_frame(portal.administrator))


def tabs(portal: Portal) -> Counter[tuple[str, str]]:
    return Counter((placement.code, placement.handler) for placement in portal.placements)


def smart_tabs(portal: Portal) -> set[str]:
    return {placement.code for placement in portal.placements} - TABS


def test_every_kind_of_card_gets_the_tab_and_every_event_its_handler(logbook: Logbook, portal: Portal) -> None:
    added = portal.add_type("Repairs")
    page = install(logbook, portal)
    assert (page.status, page.heading) == (200, "Logbook is installed")
    bound = tabs(portal)
    assert {code for code, _ in bound} >= TABS
    assert f"CRM_DYNAMIC_{added}_DETAIL_TAB" in smart_tabs(portal)
    assert {handler for _, handler in bound} == {"http://127.0.0.1:9/placement"}
    events = {(handler.event, handler.handler) for handler in portal.event_handlers}
    assert events == {(event, "http://127.0.0.1:9/events") for event in EVENTS}
    assert "Repairs" in page.text


def test_the_tab_has_a_title_in_the_languages_of_bitrix24(logbook: Logbook, portal: Portal) -> None:
    install(logbook, portal)
    titles = {code: words["TITLE"] for code, words in portal.placements[0].languages.items()}
    assert titles.items() >= {"en": "Logbook", "de": "Logbuch", "ua": "Журнал", "la": "Bitácora"}.items()


def test_installing_asks_the_authorization_server_once_and_the_portal_twice(
    logbook: Logbook, box: Box, portal: Portal
) -> None:
    install(logbook, portal)
    assert [call.method for call in box.authority_calls] == ["app.info"]
    assert [call.method for call in portal.calls] == ["batch", "batch"]


def test_the_success_page_notifies_the_portal_by_script(logbook: Logbook, portal: Portal) -> None:
    page = install(logbook, portal)
    assert page.one("body")["data-portal-origin"] == portal.url
    assert any("/install.js" in str(script["src"]) for script in page.soup.select("script"))


def test_installing_again_repairs_and_duplicates_nothing(logbook: Logbook, portal: Portal) -> None:
    install(logbook, portal)
    whole = tabs(portal)
    del portal.state.placements[2:4]
    del portal.state.event_handlers[1]
    page = install(logbook, portal)
    assert page.status == 200
    assert tabs(portal) == whole
    assert Counter(handler.event for handler in portal.event_handlers) == Counter(EVENTS)


def test_what_an_earlier_address_had_bound_is_unbound(logbook: Logbook, portal: Portal) -> None:
    install(logbook, portal)
    portal.state.placements[0].handler = "http://127.0.0.2:9/placement"
    portal.state.event_handlers[0].handler = "http://127.0.0.2:9/events"
    install(logbook, portal)
    assert {handler for _, handler in tabs(portal)} == {"http://127.0.0.1:9/placement"}
    assert {handler.handler for handler in portal.event_handlers} == {"http://127.0.0.1:9/events"}


def test_the_tab_of_a_smart_process_that_is_gone_is_no_failure(logbook: Logbook, portal: Portal) -> None:
    added = portal.add_type("Repairs")
    install(logbook, portal)
    portal.remove_type(added)
    assert install(logbook, portal).status == 200
    assert f"CRM_DYNAMIC_{added}_DETAIL_TAB" not in smart_tabs(portal)


def test_an_employee_cannot_install(logbook: Logbook, portal: Portal) -> None:
    page = logbook.send(portal.install_frame(portal.employee))
    assert (page.status, page.refusal) == (403, "refused")
    assert "administrator" in page.text
    assert portal.placements == []
    with logbook.database() as session:
        assert session.query(PortalRow).count() == 0


def test_the_portal_the_person_and_his_pair_are_stored(logbook: Logbook, portal: Portal) -> None:
    frame = portal.install_frame(portal.administrator)
    logbook.send(frame)
    with logbook.database() as session:
        row = session.query(PortalRow).one()
        person = session.query(Person).one()
        pair = session.query(TokenPair).one()
    assert (row.member_id, row.client_endpoint) == (portal.member_id, portal.client_endpoint)
    assert row.application_token == portal.application_token
    assert person.bitrix_id == portal.administrator.id
    assert (pair.access_token, pair.refresh_token) == (frame.fields["AUTH_ID"], frame.fields["REFRESH_ID"])


def test_the_portal_names_the_permissions_if_the_authorization_server_does_not(
    logbook: Logbook, portal: Portal
) -> None:
    portal.state.dialect.token_scopes = "app"
    assert logbook.send(portal.install_frame(portal.administrator)).status == 200


@pytest.mark.parametrize("token_scopes", ["named", "app"])
@pytest.mark.parametrize("scope", ["crm", "placement", "task"])
def test_too_few_permissions_are_named(
    logbook: Logbook, portal: Portal, scope: str, token_scopes: Literal["named", "app"]
) -> None:
    portal.state.dialect.token_scopes = token_scopes
    portal.application.scope = scope
    page = install(logbook, portal)
    assert (page.status, page.refusal) == (403, "refused")
    missing = {"crm", "placement"} - {scope}
    assert f"Missing permissions: {', '.join(sorted(missing))}" in page.text


def test_portals_do_not_affect_each_other(logbook: Logbook, box: Box) -> None:
    first, second = box.portals[0], box.add_portal(kind="on-premise", name="Workshop")
    for portal in (first, second):
        assert install(logbook, portal).status == 200
        portal.finish_install()
    second_frame = second.frame(second.employee)
    assert logbook.send(second_frame).status == 200
    assert logbook.send(second_frame, member_id=first.member_id).status == 403


@any_database
def test_people_can_work_before_the_installation_has_finished_and_are_told_so(logbook: Logbook, portal: Portal) -> None:
    install(logbook, portal)
    frames = [
        portal.frame(portal.employee),
        portal.frame(portal.employee, "DEFAULT"),
        portal.frame(portal.administrator, "DEFAULT"),
    ]
    pages = [logbook.send(frame) for frame in frames]
    for early in pages:
        assert early.status == 200
        assert "The installation is not finished" in early.one("[role=note]").get_text()
    advices = [early.one("[role=note]").select("p")[-1].text for early in pages]
    assert [advice.split(" ")[0] for advice in advices] == ["An", "An", "Open"]
    opened = logbook.send(portal.frame(portal.employee))
    assert logbook.post(opened.form, icon="comment", title="Early", text="Text").outcome == "posted"
    portal.finish_install()
    for late in [logbook.send(frame) for frame in frames]:
        assert not late.soup.select("[role=note]")
