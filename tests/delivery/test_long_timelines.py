"""A search that did not reach back to an entry's time proves nothing: the entry is not sent again."""

from datetime import UTC, datetime, timedelta

from b24app.bitrix24.entities import Entity
from b24app.bitrix24.methods import Entry
from b24app.models import EntryState
from b24app.services.delivery.timeline import MOST_PAGES, PAGE, Reading
from devportal import Portal
from tests.conftest import any_database
from tests.devportal.client import Caller
from tests.support.logbook import Logbook
from tests.support.outboxes import on_timeline, states, unsure


@any_database
def test_a_portal_that_repeats_its_first_page_is_asked_again_later(installed: Logbook, portal: Portal) -> None:
    unsure(installed, portal, stands=True)
    for number in range(PAGE):
        assert "result" in Caller(portal, portal.employee).write(f"Other {number}")
    portal.state.dialect.log_paging = "neither"  # type: ignore[assignment]  # a parameter that nobody sends
    portal.calls.clear()
    for seconds in (0, 71, 71):
        installed.pass_time(seconds)
        installed.work()
    assert (states(installed)[0][0], on_timeline(portal).count("Called")) == (EntryState.UNSURE, 1)
    assert len(portal.calls) == 2
    portal.state.dialect.log_paging = "offset"
    installed.pass_time(3600)
    installed.work()
    assert (states(installed)[0][0], on_timeline(portal).count("Called")) == (EntryState.SENT, 1)


def test_a_timeline_is_not_read_for_ever_and_what_was_read_is_known() -> None:
    now = datetime.now(UTC)
    reading = Reading(Entity(2, 1), earliest=now - timedelta(hours=1))
    for page in range(MOST_PAGES):
        assert not reading.is_done
        moments = [now - timedelta(seconds=page * PAGE + row) for row in range(PAGE)]
        reading.take([Entry(10**6 - n, 1, at, "Other", "", "") for n, at in enumerate(moments, page * PAGE)])
    assert reading.is_done
    assert reading.reaches(now - timedelta(minutes=10))
    assert not reading.reaches(reading.earliest)


def test_a_short_page_is_the_end_and_an_older_entry_is_far_enough() -> None:
    now = datetime.now(UTC)
    for count, age in ((PAGE - 1, timedelta()), (PAGE, timedelta(hours=2))):
        reading = Reading(Entity(2, 1), earliest=now - timedelta(hours=1))
        reading.take([Entry(number, 1, now - age, "Other", "", "") for number in range(count)])
        assert reading.is_done
        assert reading.reaches(reading.earliest)
