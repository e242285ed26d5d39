"""People's entries are sent before those of programs, however many of these wait."""

from concurrent.futures import ThreadPoolExecutor

from sqlalchemy import delete, select

from b24app.models import EntryState, LogEntry, Person, Source
from b24app.models import Portal as PortalRow
from b24app.services.delivery import batches, sender
from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook
from tests.support.machines import DEAL, machine
from tests.support.waiting import until

ADD = "crm.timeline.logmessage.add"


def fill(logbook: Logbook, count: int) -> None:
    """As many entries of a machine, waiting."""
    with logbook.database() as session:
        first = session.scalars(select(LogEntry)).one()
        copied = {column.key: getattr(first, column.key) for column in LogEntry.__table__.columns}
        rows = [copied | {"id": None, "form_key": str(number), "entity_id": 2} for number in range(count)]
        for row in rows:
            del row["id"]
        session.execute(LogEntry.__table__.insert(), rows)  # type: ignore[attr-defined]
        session.commit()


def test_a_persons_entry_overtakes_ten_thousand_of_a_machine(installed: Logbook, portal: Portal) -> None:
    machine(installed, portal).write()
    fill(installed, 10_000)
    portal.faults.refuse("OVERLOAD_LIMIT", ADD, times=1)
    form = installed.send(portal.frame(portal.employee)).form
    assert installed.post(form, icon="call", title="Person", text="Waits").outcome == "queued"
    with installed.database() as session:
        session.execute(LogEntry.__table__.update().values(due_at=LogEntry.written_at))  # type: ignore[attr-defined]
        row = session.scalars(select(Person)).first()
        assert row
        row.portal.parked_until = None
        session.commit()
        (chosen,) = (session.get_one(LogEntry, one.id) for one in batches.next_entries(session, row.portal))
        assert chosen.title == "Person"
        chosen.due_at = chosen.due_at.replace(year=2099)
        session.commit()
        later = [session.get_one(LogEntry, one.id) for one in batches.next_entries(session, row.portal)]
        assert {entry.source for entry in later} == {Source.API}


def test_people_post_at_once_while_a_machines_entries_wait(installed: Logbook, portal: Portal) -> None:
    machine(installed, portal).write()
    fill(installed, 200)
    form = installed.send(portal.frame(portal.employee)).form
    portal.calls.clear()
    assert installed.post(form, icon="call", title="Person", text="Now").outcome == "posted"
    assert [call.method for call in portal.calls] == [ADD]
    assert [message.title for message in portal.timeline(DEAL, 1)] == ["Person"]


@any_database
def test_while_ten_thousand_drain_at_the_portals_pace_people_post_at_once(installed: Logbook, portal: Portal) -> None:
    """Under the limit that a portal really has: 50 requests, then two a second for people and the worker together."""
    machine(installed, portal).write()
    fill(installed, 10_000)
    with installed.database() as session:
        portal_id = session.scalars(select(PortalRow.id)).one()
    portal.faults.limit_rate("standard")
    form = installed.send(portal.frame(portal.employee)).form
    portal.calls.clear()

    def deliver() -> None:
        with installed.database() as session:
            sender.deliver_waiting(session, installed.context.b24, portal_id)

    def batches() -> int:
        return sum(call.method == "batch" for call in list(portal.calls))

    with ThreadPoolExecutor(1) as worker:
        delivering = worker.submit(deliver)
        try:
            # A worker that hurried would have used up what people need by now.
            until(lambda: batches() >= 8)
            for number in range(44):
                page = installed.post({**form, "form_key": str(number)}, icon="call", title=f"No. {number}", text="Now")
                assert page.outcome == "posted"
            told = batches()
            until(lambda: batches() > told)
            assert not delivering.done()
        finally:
            with installed.database() as session:
                session.execute(delete(LogEntry).where(LogEntry.state == EntryState.PENDING))
                session.commit()
    delivering.result()
    assert [call.error for call in portal.calls if call.error] == []
    assert len(portal.timeline(DEAL, 1)) >= 44
