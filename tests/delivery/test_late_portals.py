"""A portal may finish a call after its answer was lost: nothing is sent again while that is possible."""

import pytest

from b24app.models import EntryState
from devportal import Portal
from tests.conftest import any_database
from tests.devportal.client import Caller
from tests.support.logbook import Logbook
from tests.support.outboxes import ADD, WORDS, on_timeline, post, states

pytestmark = any_database


def execute_late(portal: Portal) -> None:
    """What the portal does at last with the call that it had all along."""
    written = Caller(portal, portal.employee).write(WORDS["title"], text=WORDS["text"], iconCode=WORDS["icon"])
    assert "result" in written


def found_once(logbook: Logbook, portal: Portal) -> None:
    logbook.pass_time(71)
    logbook.work()
    assert (states(logbook), on_timeline(portal)) == ([(EntryState.SENT, None)], [WORDS["title"]])


@pytest.mark.parametrize("effect", ["reset", "html", "garbage"])
def test_what_is_executed_after_its_answer_was_lost_is_not_sent_again(
    installed: Logbook, portal: Portal, effect: str
) -> None:
    """A connection that was cut, or the page of a proxy that had no more patience."""
    getattr(portal.faults, effect)(ADD)
    assert post(installed, portal).outcome == "queued"
    for seconds in (0, 6, 12, 30, 15):
        installed.pass_time(seconds)
        installed.work()
        assert on_timeline(portal) == []
    execute_late(portal)
    found_once(installed, portal)


@pytest.mark.parametrize("status", [200, 499, 503, 530, 598])
def test_what_a_proxy_says_in_its_stead_is_not_the_portals_word(
    installed: Logbook, portal: Portal, status: int
) -> None:
    portal.faults.proxy(status, ADD)
    assert post(installed, portal).outcome == "queued"
    for seconds in (0, 12, 45):
        installed.pass_time(seconds)
        installed.work()
    execute_late(portal)
    found_once(installed, portal)


def test_what_the_portal_itself_answered_to_the_end_is_not_waited_for(installed: Logbook, portal: Portal) -> None:
    portal.faults.refuse("INTERNAL_SERVER_ERROR", ADD)
    assert post(installed, portal).outcome == "queued"
    for seconds in (0, 6):
        installed.pass_time(seconds)
        installed.work()
    assert (states(installed), on_timeline(portal)) == ([(EntryState.SENT, None)], [WORDS["title"]])


def test_a_dead_pair_in_between_and_its_author_coming_back_hasten_nothing(installed: Logbook, portal: Portal) -> None:
    portal.faults.reset(ADD)
    assert post(installed, portal).outcome == "queued"
    portal.expire_access_tokens()
    portal.box.faults.refuse("invalid_grant", "oauth/token")
    installed.work()
    assert states(installed) == [(EntryState.UNSURE, "PAIR_DEAD")]
    for _ in range(3):
        installed.send(portal.frame(portal.employee))
        installed.pass_time(6)
        installed.work()
    assert (states(installed), on_timeline(portal)) == ([(EntryState.UNSURE, "LOST")], [])
    execute_late(portal)
    found_once(installed, portal)
