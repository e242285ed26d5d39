"""What people write is sent before what machines have written, however much of that waits."""

from sqlalchemy import select

from b24app.models import LogEntry, Person, Source
from b24app.services.delivery import sender
from devportal import Portal
from tests.support.logbook import Logbook
from tests.support.machines import DEAL, machine

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
        chosen = sender._next_entries(session, row.portal)
        assert [entry.title for entry in chosen] == ["Person"]
        chosen[0].due_at = chosen[0].due_at.replace(year=2099)
        session.commit()
        assert {entry.source for entry in sender._next_entries(session, row.portal)} == {Source.API}


def test_people_post_at_once_while_a_machines_entries_wait(installed: Logbook, portal: Portal) -> None:
    machine(installed, portal).write()
    fill(installed, 200)
    form = installed.send(portal.frame(portal.employee)).form
    portal.calls.clear()
    assert installed.post(form, icon="call", title="Person", text="Now").outcome == "posted"
    assert [call.method for call in portal.calls] == [ADD]
    assert [message.title for message in portal.timeline(DEAL, 1)] == ["Person"]
