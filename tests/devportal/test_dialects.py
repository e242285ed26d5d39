"""A portal speaks either dialect where the docs and running portals differ."""

import pytest
import requests

from devportal import Box, Portal
from devportal.model.dialects import CHOICES, MEANINGS, Dialect
from tests.devportal.client import Caller


def entries(caller: Caller, **parameters: object) -> requests.Response:
    return caller.post("crm.timeline.logmessage.list", entityTypeId=2, entityId=1, **parameters)


def test_every_difference_has_two_choices_and_a_meaning() -> None:
    assert set(CHOICES) == set(MEANINGS) == set(Dialect().as_dict())
    for name, value in Dialect().as_dict().items():
        assert value == CHOICES[name][0]


def test_an_old_core_lets_administrators_alone_add_and_delete(
    portal: Portal, employee: Caller, administrator: Caller
) -> None:
    own = employee.write()["result"]["logMessage"]["id"]
    portal.state.dialect.core = "old"
    assert employee.write()["error"] == "ACCESS_DENIED"
    assert employee.error("crm.timeline.logmessage.delete", id=own) == "ACCESS_DENIED"
    assert "result" in administrator.write()
    assert administrator.result("crm.timeline.logmessage.delete", id=own) is True


def test_an_old_core_does_not_look_whether_the_card_exists(portal: Portal, administrator: Caller) -> None:
    portal.state.dialect.core = "old"
    assert "result" in administrator.write(entity=(2, 999))
    assert administrator.write(entity=(2, 0))["error"] == "OWNER_NOT_FOUND"
    assert administrator.write(entity=(999, 1))["error"] == "OWNER_NOT_FOUND"


def test_an_older_portals_frame_brings_less(portal: Portal) -> None:
    recent = portal.frame(portal.employee).fields
    portal.state.dialect.frames = "old"
    older = portal.frame(portal.employee).fields
    assert set(recent) - set(older) == {"SERVER_ENDPOINT", "APPLICATION_TOKEN", "APPLICATION_SCOPE"}


def test_an_older_portal_lists_nine_icons_less(portal: Portal, administrator: Caller) -> None:
    portal.state.dialect.icons = "old"
    codes = [icon["code"] for icon in administrator.result("crm.timeline.icon.list")["icons"]]
    assert len(codes) == 40
    assert "whatsapp" not in codes
    assert administrator.error("crm.timeline.icon.get", code="whatsapp") == "NOT_FOUND"


def test_the_authorization_server_names_the_scopes_of_a_token_or_none(portal: Portal, box: Box) -> None:
    portal.install_frame(portal.administrator)
    portal.state.dialect.token_scopes = "app"
    token = portal.frame(portal.employee).fields["AUTH_ID"]
    told = requests.post(f"{box.authority_url}/rest/app.info", json={"auth": token}, timeout=10).json()["result"]
    assert (told["scope"], told["install"]["scope"]) == ("app", "app")


def test_rows_are_a_list_or_a_map_that_begins_at_one(portal: Portal, administrator: Caller) -> None:
    administrator.write()
    portal.state.dialect.rows = "map"
    assert set(entries(administrator).json()["result"]["logMessages"]) == {"1"}
    assert administrator.result("crm.timeline.icon.list")["icons"]["1"]["code"] == "call"
    portal.state.dialect.log_list = "bare"
    assert set(entries(administrator).json()["result"]) == {"1"}


def test_a_notice_of_php_precedes_results_and_refusals(portal: Portal, employee: Caller) -> None:
    portal.state.dialect.notices = "shown"
    answers = [employee.post("profile").text, employee.post("no.such.method").text]
    assert [answer.startswith("<br />\n<b>Deprecated</b>") for answer in answers] == [True, True]
    assert ['{"result"' in answers[0], '{"error"' in answers[1]] == [True, True]


def test_the_list_is_keyed_or_bare(portal: Portal, employee: Caller) -> None:
    employee.write()
    assert set(entries(employee).json()["result"]) == {"logMessages"}
    portal.state.dialect.log_list = "bare"
    assert [one["title"] for one in entries(employee).json()["result"]] == ["A call"]


def test_pages_are_found_by_start_as_documented_or_by_offset(portal: Portal, employee: Caller) -> None:
    for number in range(11):
        employee.write(f"Entry {number}")

    def count(**parameters: int) -> int:
        return len(entries(employee, **parameters).json()["result"]["logMessages"])

    assert (count(start=10), count(offset=10), count(start=10, offset=10)) == (1, 10, 1)
    portal.state.dialect.log_paging = "offset"
    assert (count(start=10), count(offset=10), count(start=10, offset=10)) == (10, 1, 1)


def test_next_may_come_on_every_page(portal: Portal, employee: Caller) -> None:
    employee.write()
    assert "next" not in entries(employee).json()
    portal.state.dialect.log_next = "endless"
    assert entries(employee).json()["next"] == 10


def test_codes_without_a_name_are_numbers_or_strings(portal: Portal, employee: Caller) -> None:
    assert employee.error("crm.timeline.logmessage.get") == 100
    portal.state.dialect.nameless_codes = "string"
    assert employee.error("crm.timeline.logmessage.get") == "100"
    body = employee.result("batch", cmd={"a": "crm.timeline.logmessage.get"})
    assert body["result_error"]["a"]["error"] == "100"


@pytest.mark.parametrize(("statuses", "status"), [("documented", 403), ("seen", 401)])
def test_authorization_failures_answer_401_or_what_the_docs_say(
    portal: Portal, employee: Caller, statuses: str, status: int
) -> None:
    portal.state.dialect.statuses = statuses  # type: ignore[assignment]
    portal.withdraw_access(portal.employee)
    answer = employee.post("profile")
    assert (answer.status_code, answer.json()["error"]) == (status, "user_access_error")


def test_an_on_premise_portal_is_the_older_one(box: Box) -> None:
    portal = box.add_portal(kind="on-premise", name="Workshop")
    dialect = portal.state.dialect
    assert (dialect.core, dialect.frames, dialect.icons, dialect.statuses) == ("old", "old", "old", "seen")
    caller = Caller(portal, portal.administrator)
    assert caller.result("app.info")["LICENSE_FAMILY"] == "selfhosted"
    proved = requests.get(f"{box.authority_url}/rest/app.info", params={"auth": caller.token}, timeout=10).json()
    assert proved["result"]["install"]["member_type"] == "selfhosted"


def test_an_older_portal_does_not_tell_the_titles_of_placements(portal: Portal, administrator: Caller) -> None:
    languages = {"en": {"TITLE": "Logbook"}}
    administrator.result(
        "placement.bind", PLACEMENT="CRM_DEAL_DETAIL_TAB", HANDLER="http://127.0.0.1:9/x", LANG_ALL=languages
    )
    assert administrator.result("placement.get")[0]["langAll"] == {"en": {"TITLE": "Logbook"}}
    portal.state.dialect.placement_titles = "untold"
    assert set(administrator.result("placement.get")[0]) == {"placement", "userId", "handler", "options"}
    assert portal.placements[0].title_in("en", "") == "Logbook"


def test_an_older_portal_has_no_events_of_smart_processes(portal: Portal, administrator: Caller) -> None:
    bind = {"event": "ONCRMTYPEADD", "handler": "http://127.0.0.1:9/x"}
    assert "ONCRMTYPEADD" in administrator.result("events")
    portal.state.dialect.type_events = "unknown"
    assert "ONCRMTYPEADD" not in administrator.result("events") + administrator.result("events", SCOPE="crm")
    assert administrator.error("event.bind", **bind) == "ERROR_EVENT_NOT_FOUND"
    portal.state.dialect.type_events = "known"
    assert administrator.result("event.bind", **bind) is True
