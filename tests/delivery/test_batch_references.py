"""Text that looks like a reference of a batch arrives unchanged."""

import pytest

from devportal import Portal
from tests.conftest import any_database
from tests.support.administrator import Admin
from tests.support.cards import save, tabs
from tests.support.logbook import Logbook
from tests.support.outboxes import ADD, WORDS, on_timeline, post, waiting

pytestmark = any_database

REFERENCES = [
    "$result[total]",
    "see $result[entry_1][logMessage][title]",
    "$total[entry_1]",
    "$time[entry_1][start]",
    "$error[entry_1]",
    "$next[entry_1] $",
    "$result_error[x]",
]


@pytest.mark.parametrize("field", ["title", "text"])
@pytest.mark.parametrize("words", REFERENCES)
def test_such_words_of_a_waiting_entry_arrive_as_they_are(
    installed: Logbook, portal: Portal, field: str, words: str
) -> None:
    for given in (WORDS, {**WORDS, field: words}, {**WORDS, "title": "After"}):
        waiting(installed, portal, **given)
    portal.calls.clear()
    installed.work()
    kept = [(message.title, message.text) for message in portal.timeline(2, 1)]
    wanted = {"title": "Called", "text": "They agreed."} | {field: words}
    assert kept == [("Called", "They agreed."), (wanted["title"], wanted["text"]), ("After", "They agreed.")]
    assert [call.method for call in portal.calls if ADD in [call.method, *call.commands]] == ["batch", ADD, "batch"]


def test_a_dollar_sign_alone_costs_no_call_of_its_own(installed: Logbook, portal: Portal) -> None:
    waiting(installed, portal, title="100 $ [net]")
    portal.calls.clear()
    installed.work()
    assert (on_timeline(portal), [call.method for call in portal.calls]) == (["100 $ [net]"], ["batch"])


def test_one_that_is_refused_alone_keeps_none_of_the_others_waiting(installed: Logbook, portal: Portal) -> None:
    waiting(installed, portal, title="$result[a]")
    waiting(installed, portal, title="After")
    portal.faults.refuse("ACCESS_DENIED", ADD)
    installed.work()
    assert on_timeline(portal) == ["After"]


def test_the_tab_keeps_such_a_title(installed: Logbook, portal: Portal) -> None:
    assert save(Admin(installed, portal), title_en="$result[bound] log").outcome == "saved"
    assert tabs(portal) == ["General", "$result[bound] log"]


def test_posting_one_at_once_changes_nothing_in_it(installed: Logbook, portal: Portal) -> None:
    assert post(installed, portal, title="$result[a]").outcome == "posted"
    assert on_timeline(portal) == ["$result[a]"]
