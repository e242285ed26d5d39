"""A portal whose address only returns a page, such as a deleted one, is not asked forever."""

from b24app.models import Portal as PortalRow
from b24app.services.delivery import sender
from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.logbook import Logbook
from tests.support.outboxes import on_timeline, states, waiting

pytestmark = any_database
HOUR_SECONDS = 3600


def row_of(logbook: Logbook) -> PortalRow:
    with logbook.database() as session:
        return session.query(PortalRow).one()


def test_it_is_left_alone_for_longer_and_longer_and_then_for_good(installed: Logbook, portal: Portal) -> None:
    waiting(installed, portal)
    portal.faults.proxy(404, times=None)
    rounds = 0
    while row_of(installed).silences < sender.GONE_AFTER_SILENCES:
        rounds += 1
        assert rounds <= 2 * sender.GONE_AFTER_SILENCES
        installed.pass_time(HOUR_SECONDS)
        installed.work()
    portal.calls.clear()
    installed.pass_time(HOUR_SECONDS)
    installed.work()
    assert list(portal.calls) == []
    ((state, reason),) = states(installed)
    assert (state, reason) == ("failed", "GIVEN_UP_UNSURE")


def test_its_administrators_read_what_happened_once_it_answers_again(installed: Logbook, portal: Portal) -> None:
    waiting(installed, portal)
    portal.faults.proxy(403)
    installed.work()
    portal.clear_faults()
    assert "only a page answered that refused Logbook" in Admin(installed, portal).page.text
    installed.pass_time(HOUR_SECONDS)
    installed.work()
    installed.pass_time(HOUR_SECONDS)
    installed.work()
    installed.work()
    assert on_timeline(portal) == ["Called"]


def test_one_that_the_authorization_server_calls_deleted_is_purged(installed: Logbook, portal: Portal) -> None:
    waiting(installed, portal)
    portal.faults.proxy(410, times=None)
    portal.uninstall()
    for _ in range(8):
        installed.pass_time(HOUR_SECONDS)
        installed.work()
    with installed.database() as session:
        assert session.query(PortalRow).count() == 0
