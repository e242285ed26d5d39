"""Kill -9 at every boundary: a saved entry always arrives exactly once.

The boundaries, and how an entry is found behind each:

| killed                                | its row            | the timeline | afterwards                           |
| ------------------------------------- | ------------------ | ------------ | ------------------------------------ |
| before it is written down (web)       | none               | empty        | the same form, sent again, writes it |
| before it is claimed (worker)         | pending            | empty        | sent by the worker                   |
| after the claim, before the send      | sending            | empty        | missed twice, then sent              |
| after the send, before the mark       | sending            | it is there  | found                                |
| after the mark                        | sent               | it is there  | nothing                              |
| after the exchange, before its commit | sending, pair dead | empty        | sent after the next opening          |

Each process (tests/support/killable_process.py) runs as often as it has moments, with a token that has expired, and is
killed at the next moment each time. A web server writes and claims an entry with one commit.
"""

import pytest

from b24app.models import EntryState, TokenPair
from devportal import Box, Portal
from tests.access.test_tokens import pair_of
from tests.conftest import environment
from tests.support import killable_process
from tests.support.logbook import Logbook

ADD = "crm.timeline.logmessage.add"
WORDS = {"icon": "comment", "text": "They agreed."}
MOST_MOMENTS = 100

BEFORE_ALL = "not written down"
WAITING = "not claimed"
CLAIMED = "claimed, not sent"
SENT = "sent, not marked"
MARKED = "marked"
EXCHANGED = "exchanged, not stored"


def titles(portal: Portal) -> list[str]:
    return [message.title for message in portal.timeline(2, 1)]


def found_behind(logbook: Logbook, box: Box, portal: Portal, title: str) -> str:
    """At which boundary the process that had this entry was killed."""
    row = next((entry for entry in logbook.entries() if entry.title == title), None)
    if row is None:
        return BEFORE_ALL
    if row.state == EntryState.SENDING and not is_kept(pair_of(logbook, portal), box):
        return EXCHANGED
    there = title in titles(portal)
    known = {(EntryState.PENDING, False): WAITING, (EntryState.SENT, True): MARKED}
    return known.get((row.state, there)) or {False: CLAIMED, True: SENT}[there]


def is_kept(pair: TokenPair, box: Box) -> bool:
    """Whether our pair is one that can still be used."""
    theirs = box.authority.pair(str(pair.access_token))
    return theirs is not None and not theirs.is_renewed


def clear_up(logbook: Logbook) -> None:
    """What the worker does within 90 seconds."""
    for seconds in (75, 14):
        logbook.pass_time(seconds)
        logbook.work()


def arrived_once(logbook: Logbook, portal: Portal, title: str) -> None:
    assert titles(portal).count(title) == 1, title
    (entry,) = [entry for entry in logbook.entries() if entry.title == title]
    assert entry.state == EntryState.SENT


@pytest.fixture
def form(installed: Logbook, portal: Portal) -> dict[str, str]:
    """An employee's; with another title it is another entry."""
    return {**installed.send(portal.frame(portal.employee)).form, **WORDS}


@pytest.mark.timeout(300)
def test_the_web_server(installed: Logbook, box: Box, portal: Portal, database_url: str, form: dict[str, str]) -> None:
    boundaries: dict[str, str] = {}
    for moment in range(1, MOST_MOMENTS):
        title = f"Entry {moment}"
        portal.expire_access_tokens()
        outcome = killable_process.post(environment(box, database_url), {**form, "title": title}, moment=moment)
        if outcome:
            break
        boundaries[title] = found_behind(installed, box, portal, title)
        # The next one need not wait until the lease of a renewal that was killed is over.
        installed.send(portal.frame(portal.employee))
    assert outcome == "posted"
    assert set(boundaries.values()) == {BEFORE_ALL, CLAIMED, EXCHANGED, SENT, MARKED}
    clear_up(installed)
    for title, boundary in boundaries.items():
        assert titles(portal).count(title) == (boundary != BEFORE_ALL), boundary
        assert installed.post(form, title=title).outcome == "posted", "nobody was answered, so they try again"
        arrived_once(installed, portal, title)


@pytest.mark.timeout(300)
def test_the_worker(installed: Logbook, box: Box, portal: Portal, database_url: str, form: dict[str, str]) -> None:
    boundaries = set()
    for moment in range(1, MOST_MOMENTS):
        title = f"Entry {moment}"
        portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
        assert installed.post(form, title=title).outcome == "queued"
        portal.expire_access_tokens()
        has_ended = killable_process.work(environment(box, database_url), moment=moment)
        boundary = found_behind(installed, box, portal, title)
        if boundary == EXCHANGED:
            installed.send(portal.frame(portal.employee))
        if has_ended:
            break
        boundaries.add(boundary)
        clear_up(installed)
        arrived_once(installed, portal, title)
    assert boundary == MARKED
    assert boundaries == {WAITING, CLAIMED, EXCHANGED, SENT, MARKED}
