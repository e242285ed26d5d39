"""The robot "Add a log entry": registered if automation is granted, proved at each run, and always answered."""

from typing import Any

import pytest

from b24app.bitrix24.robots import CODES
from b24app.models import EntryState, Source
from devportal import Box, Portal
from devportal.apps import robots
from devportal.model.people import Person
from devportal.model.robots import RobotRun
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.attacker import install
from tests.support.logbook import Logbook
from tests.support.machines import DEAL

pytestmark = any_database
WORDS = {"icon": "call", "title": "Called", "text": "By a robot."}
SCOPES = "crm,placement,bizproc"


@pytest.fixture
def automated(logbook: Logbook, portal: Portal) -> Logbook:
    """Logbook, installed in a portal that has granted automation."""
    portal.application.scope = SCOPES
    install(logbook, portal)
    return logbook


def run(
    logbook: Logbook,
    portal: Portal,
    person: Person | None = None,
    *,
    document: str = "DEAL_1",
    changes: dict[str, str] | None = None,
    waits: bool = False,
    **words: Any,
) -> tuple[int, RobotRun]:
    """A run of the robot, posted as the portal's queue does; the status and what the portal knows of the run."""
    client_id, properties = portal.application.client_id, {**WORDS, **words}
    found = robots.fire(
        portal.state,
        portal.events,
        client_id,
        CODES["robot"],
        document,
        properties,
        person or portal.employee,
        is_awaited=waits,
    )
    fields = {**portal.events.sent[-1].fields, **(changes or {})}
    return logbook.app.test_client().post("/robot", data=fields).status_code, found


def registered(portal: Portal) -> list[str]:
    return [robot.kind for robot in portal.state.robots]


class TestRegistering:
    """Reconciled like placements."""

    def test_installing_registers_the_robot_and_the_activity(self, automated: Logbook, portal: Portal) -> None:
        assert registered(portal) == ["robot", "activity"]
        robot = portal.state.robots[0]
        app_url = portal.application.app_url
        assert (robot.code, robot.handler) == (CODES["robot"], f"{app_url}/robot")
        assert {one.dialog for one in portal.state.robots} == {f"{app_url}/robot/settings"}
        assert robot.fields["USE_SUBSCRIPTION"] == "N"
        assert robot.fields["NAME"]["de"] == "Logbuch-Eintrag hinzufügen"
        assert "call" in robot.fields["PROPERTIES"]["icon"]["Options"]

    def test_where_automation_is_not_granted_nothing_breaks(self, installed: Logbook, portal: Portal) -> None:
        assert registered(portal) == []
        assert Admin(installed, portal).go("connection/repair").outcome == "repaired"

    def test_an_update_removes_it_and_its_event_brings_it_back(self, automated: Logbook, portal: Portal) -> None:
        portal.update_application()
        assert registered(portal) == []
        assert automated.event(portal.events.sent[-1].fields) == 200
        assert registered(portal) == ["robot", "activity"]

    def test_repairing_renews_what_is_registered(self, automated: Logbook, portal: Portal) -> None:
        portal.state.robots[0].handler = "https://elsewhere.example/robot"
        del portal.state.robots[1]
        Admin(automated, portal).go("connection/repair")
        assert registered(portal) == ["robot", "activity"]
        assert portal.state.robots[0].handler == f"{portal.application.app_url}/robot"

    def test_a_portal_that_refuses_it_is_installed_all_the_same(self, logbook: Logbook, portal: Portal) -> None:
        portal.application.scope = SCOPES
        portal.faults.refuse("ACCESS_DENIED", "bizproc.robot.add")
        install(logbook, portal)
        assert registered(portal) == ["activity"]


class TestRunning:
    """POST /robot"""

    def test_an_entry_is_written_by_the_person_that_the_robot_runs_as(self, automated: Logbook, portal: Portal) -> None:
        status, _run = run(automated, portal)
        assert (status, [row.source for row in automated.entries()]) == (200, [Source.ROBOT])
        automated.work()
        (message,) = portal.timeline(DEAL, 1)
        assert (message.title, message.text, message.author_id) == ("Called", "By a robot.", portal.employee.id)
        assert "by a robot" in Admin(automated, portal).go("deliveries", state="all").text

    @pytest.mark.parametrize(
        ("document", "card"), [("LEAD_3", (1, 3)), ("SMART_INVOICE_4", (31, 4)), ("DYNAMIC_1030_5", (1030, 5))]
    )
    def test_documents_are_cards(
        self, automated: Logbook, portal: Portal, document: str, card: tuple[int, int]
    ) -> None:
        run(automated, portal, document=document)
        assert [(row.entity_type_id, row.entity_id) for row in automated.entries()] == [card]

    def test_a_run_that_is_replayed_writes_once(self, automated: Logbook, portal: Portal) -> None:
        run(automated, portal)
        fields = portal.events.sent[-1].fields
        assert automated.app.test_client().post("/robot", data=fields).status_code == 200
        automated.work()
        assert len(portal.timeline(DEAL, 1)) == 1

    @pytest.mark.parametrize(
        ("changes", "status"),
        [
            ({"auth[application_token]": "x" * 32}, 403),
            ({"auth[application_token]": ""}, 403),
            ({"auth[access_token]": "garbage"}, 403),
            ({"auth[access_token]": ""}, 403),
            ({"auth[member_id]": "another"}, 403),
            ({"auth[member_id]": ""}, 400),
            ({"event_token": ""}, 400),
            ({"document_id[2]": "DRAGON_1"}, 400),
            ({"document_id[2]": "DEAL_0"}, 400),
            ({"document_id[2]": ""}, 400),
        ],
    )
    def test_what_is_not_proved_or_malformed_is_refused(
        self, automated: Logbook, portal: Portal, changes: dict[str, str], status: int
    ) -> None:
        assert run(automated, portal, changes=changes)[0] == status
        assert automated.entries() == []

    def test_the_address_in_a_run_is_never_called(self, automated: Logbook, portal: Portal) -> None:
        changes = {"auth[client_endpoint]": "http://127.0.0.1:9/rest/", "auth[domain]": "evil.example"}
        assert run(automated, portal, changes=changes)[0] == 200

    def test_a_run_that_comes_too_late_is_refused(self, automated: Logbook, portal: Portal) -> None:
        client_id = portal.application.client_id
        robots.fire(portal.state, portal.events, client_id, CODES["robot"], "DEAL_1", WORDS, portal.employee)
        fields = portal.events.sent[-1].fields
        portal.expire_access_tokens(None)
        assert automated.app.test_client().post("/robot", data=fields).status_code == 403

    def test_a_portal_that_has_removed_logbook_is_refused(self, automated: Logbook, portal: Portal) -> None:
        run(automated, portal)
        fields = {**portal.events.sent[-1].fields, "event_token": "another"}
        portal.uninstall()
        automated.event(portal.events.sent[-1].fields)
        assert automated.app.test_client().post("/robot", data=fields).status_code == 403

    def test_another_portals_token_is_refused(self, automated: Logbook, portal: Portal, box: Box) -> None:
        second = box.add_portal(name="Workshop")
        install(automated, second)
        token = second.frame(second.employee).fields["AUTH_ID"]
        assert run(automated, portal, changes={"auth[access_token]": token})[0] == 403


class TestAnswering:
    """bizproc.event.send, where the workflow waits."""

    def test_the_workflow_gets_the_entrys_number(self, automated: Logbook, portal: Portal) -> None:
        _status, waiting = run(automated, portal, waits=True)
        assert not waiting.is_answered
        automated.work()
        (message,) = portal.timeline(DEAL, 1)
        assert waiting.is_answered
        assert (str(waiting.return_values["entry_id"]), waiting.log_message) == (
            str(message.id),
            "The entry was written.",
        )

    @pytest.mark.parametrize("words", [{"title": ""}, {"text": "x" * 10_001}, {"icon": "nonsense"}])
    def test_words_that_cannot_be_written_are_answered_too(
        self, automated: Logbook, portal: Portal, words: dict[str, Any]
    ) -> None:
        status, waiting = run(automated, portal, waits=True, **words)
        automated.work()
        assert (status, waiting.is_answered, automated.entries()) == (200, True, [])
        assert "not written" in waiting.log_message
        assert next(iter(words)) in waiting.log_message

    def test_a_refused_entry_is_answered_with_its_reason(self, automated: Logbook, portal: Portal) -> None:
        portal.deny_edit(portal.employee, DEAL, 1)
        _status, waiting = run(automated, portal, waits=True)
        automated.work()
        assert [row.state for row in automated.entries()] == [EntryState.FAILED]
        assert "ACCESS_DENIED" in waiting.log_message

    def test_an_answer_that_is_lost_is_given_again(self, automated: Logbook, portal: Portal) -> None:
        _status, waiting = run(automated, portal, waits=True)
        portal.faults.html(method="bizproc.event.send", times=1)
        automated.work()
        assert not waiting.is_answered
        with automated.database() as session:
            session.connection().exec_driver_sql("UPDATE robot_runs SET due_at = '2020-01-01 00:00:00.000000'")
            session.commit()
        automated.work()
        assert waiting.is_answered

    def test_a_workflow_that_has_ended_is_left_alone(self, automated: Logbook, portal: Portal) -> None:
        run(automated, portal, waits=True)
        portal.state.robot_runs.clear()
        automated.work()
        portal.calls.clear()
        automated.work()
        assert list(portal.calls) == []

    def test_nobody_is_answered_who_does_not_wait(self, automated: Logbook, portal: Portal) -> None:
        _status, waiting = run(automated, portal)
        automated.work()
        assert not waiting.is_answered
