"""A thousand waiting entries are sent in batches, in order, at the portal's pace and below its limit."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import insert, select

from b24app.bitrix24.pacing import Pace
from b24app.models import EntryState, LogEntry, Person
from b24app.models import Portal as PortalRow
from b24app.services import chores
from b24app.services.delivery import leases, sender
from devportal import Box, Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook
from tests.support.waiting import until


class Watch:
    """Time that passes only when somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def watch() -> Watch:
    return Watch()


def wait_for(logbook: Logbook, portal: Portal, *people: int, count: int, cards: int = 3) -> None:
    """Entries of these people, in turn, that nobody has tried to send yet."""
    now = datetime.now(UTC)
    with logbook.database() as session:
        ids = {person.bitrix_id: (person.id, person.portal_id) for person in session.scalars(select(Person))}
        rows = [
            {
                "person_id": ids[people[number % len(people)]][0],
                "portal_id": ids[people[0]][1],
                "form_key": f"key-{number}",
                "entity_type_id": 2,
                "entity_id": 1 + number % cards,
                "icon_code": "comment",
                "title": f"Entry {number:04}",
                "text": "x",
                "state": EntryState.PENDING,
                "attempts": 0,
                "lookups": 0,
                "written_at": now,
                "due_at": now,
            }
            for number in range(count)
        ]
        session.execute(insert(LogEntry), rows)
        session.commit()


def deliver_all(logbook: Logbook, watch: Watch, rate: float = 2) -> None:
    with logbook.database() as session:
        portal_id = session.scalars(select(PortalRow.id)).one()
        sender.deliver_waiting(session, logbook.context.b24, portal_id, Pace(rate, watch, watch.sleep))


def test_a_thousand_entries_take_ten_seconds_and_twenty_requests(
    installed: Logbook, portal: Portal, watch: Watch
) -> None:
    wait_for(installed, portal, portal.administrator.id, count=1000)
    portal.calls.clear()
    deliver_all(installed, watch)
    assert sum(len(portal.timeline(2, card)) for card in (1, 2, 3)) == 1000
    assert len(portal.calls) == 20
    assert watch.now == pytest.approx(9.5)


def test_entries_appear_on_each_card_in_the_order_of_writing(installed: Logbook, portal: Portal, watch: Watch) -> None:
    installed.send(portal.frame(portal.employee))
    wait_for(installed, portal, portal.administrator.id, portal.employee.id, count=60)
    deliver_all(installed, watch)
    for card in (1, 2, 3):
        titles = [message.title for message in portal.timeline(2, card)]
        assert len(titles) == 20
        assert titles == sorted(titles)


def test_each_entry_goes_out_under_the_name_of_its_author(installed: Logbook, portal: Portal, watch: Watch) -> None:
    installed.send(portal.frame(portal.employee))
    wait_for(installed, portal, portal.administrator.id, portal.employee.id, count=20)
    deliver_all(installed, watch)
    for message in [message for card in (1, 2, 3) for message in portal.timeline(2, card)]:
        is_even = int(message.title.split()[1]) % 2 == 0
        assert message.author_id == (portal.administrator.id if is_even else portal.employee.id)


def test_each_entry_of_a_batch_is_judged_alone(installed: Logbook, portal: Portal, watch: Watch) -> None:
    installed.send(portal.frame(portal.employee))
    portal.deny_edit(portal.employee, 2, 2)
    portal.faults.refuse("INTERNAL_SERVER_ERROR", "crm.timeline.logmessage.add")
    wait_for(installed, portal, portal.employee.id, count=9)
    with installed.database() as session:
        portal_id = session.scalars(select(PortalRow.id)).one()
    chores.do(chores.Context(installed.context.sessions, installed.context.b24, ""), chores.DELIVER, portal_id)
    states = [entry.state for entry in installed.entries()]
    assert states.count(EntryState.FAILED) == 3
    assert states.count(EntryState.SENT) + states.count(EntryState.UNSURE) == 6
    assert states.count(EntryState.SENT) >= 5


def test_the_worker_never_causes_a_limit(installed: Logbook, portal: Portal) -> None:
    portal.faults.limit_rate("standard")
    wait_for(installed, portal, portal.administrator.id, count=300)
    portal.calls.clear()
    installed.work()
    assert {call.error for call in portal.calls} == {None}
    assert all(entry.state == EntryState.SENT for entry in installed.entries())


@any_database
def test_people_are_served_at_once_while_the_worker_drains(installed: Logbook, portal: Portal) -> None:
    portal.faults.limit_rate("standard")
    wait_for(installed, portal, portal.administrator.id, count=300)
    form = installed.send(portal.frame(portal.employee)).form
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(installed.work)
        until(lambda: bool(portal.timeline(2, 1)))
        pages = [installed.post(form, icon="comment", title=f"Person {number}", text="x") for number in range(20)]
        working.result(60)
    assert {page.outcome for page in pages} == {"posted"}
    assert all(entry.state == EntryState.SENT for entry in installed.entries())


def test_enterprise_portals_are_asked_faster(installed: Logbook, portal: Portal) -> None:
    installed.send(portal.frame(portal.employee))
    with installed.database() as session:
        assert session.scalars(select(PortalRow)).one().is_enterprise is False
    portal.faults.limit_rate("enterprise")
    installed.send(portal.frame(portal.employee))
    with installed.database() as session:
        assert session.scalars(select(PortalRow)).one().is_enterprise is True


def test_a_pace_lets_requests_through_evenly_and_saves_nothing_up() -> None:
    watch = Watch()
    pace = Pace(2, watch, watch.sleep)
    moments = []
    for pause in (0, 0, 0, 10, 0):
        watch.now += pause
        pace.wait()
        moments.append(watch.now)
    assert moments == [0, 0.5, 1, 11, 11.5]


@pytest.mark.parametrize("code", ["OVERLOAD_LIMIT", "ACCESS_DENIED"])
def test_a_portal_that_blocks_us_is_paused_and_its_administrator_notified(
    installed: Logbook, portal: Portal, code: str
) -> None:
    wait_for(installed, portal, portal.administrator.id, count=3)
    portal.faults.refuse(code, "batch")
    installed.work()
    portal.calls.clear()
    installed.pass_time(600)
    installed.work()
    assert list(portal.calls) == []
    page = installed.send(portal.frame(portal.administrator, placement="DEFAULT"))
    assert "What waits is sent" in page.text
    installed.pass_time(3600)
    installed.work()
    assert all(entry.state == EntryState.SENT for entry in installed.entries())


def test_one_portal_in_trouble_does_not_hold_up_another(installed: Logbook, box: Box, portal: Portal) -> None:
    other = box.add_portal(name="Other")
    installed.send(other.install_frame(other.administrator))
    other.finish_install()
    for place in (portal, other):
        place.faults.refuse("QUERY_LIMIT_EXCEEDED", "crm.timeline.logmessage.add")
        form = installed.send(place.frame(place.employee)).form
        installed.post(form, icon="comment", title="Called", text="x")
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", times=None)
    installed.work()
    assert [message.title for message in other.timeline(2, 1)] == ["Called"]


def test_only_one_worker_drains_a_portal_at_a_time(installed: Logbook, portal: Portal, watch: Watch) -> None:
    wait_for(installed, portal, portal.administrator.id, count=3)
    with installed.database() as session:
        row = session.scalars(select(PortalRow)).one()
        assert leases.take(session, row.id, "another worker", is_new=True)
        portal.calls.clear()
        assert sender.deliver_waiting(session, installed.context.b24, row.id, Pace(2, watch, watch.sleep)) is False
    assert list(portal.calls) == []
    installed.pass_time(leases.LEASE_SECONDS + 1)
    installed.work()
    assert all(entry.state == EntryState.SENT for entry in installed.entries())
