"""Failures on an entry's way to the timeline: it is never lost and never sent twice."""

import pytest

from b24app.models import EntryState, LogEntry
from devportal import Box, Portal
from tests.conftest import any_database
from tests.devportal.client import Caller
from tests.support.logbook import Logbook, Page

ADD = "crm.timeline.logmessage.add"
LIST = "crm.timeline.logmessage.list"
DEAL = 2
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


def post(logbook: Logbook, portal: Portal, **words: str) -> Page:
    form = logbook.send(portal.frame(portal.employee)).form
    return logbook.post(form, **{**WORDS, **words})


def write_others(portal: Portal, count: int) -> None:
    """Entries of the same author on the same card, of which Logbook knows nothing."""
    author = Caller(portal, portal.employee)
    for number in range(count):
        assert "result" in author.write(f"Other {number}")


def titles(portal: Portal, card: int = 1) -> list[str]:
    return [message.title for message in portal.timeline(DEAL, card)]


def state(logbook: Logbook) -> tuple[EntryState, str | None]:
    (entry,) = logbook.entries()
    return entry.state, entry.reason


@pytest.mark.parametrize("code", ["QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT", "OVERLOAD_LIMIT"])
def test_what_was_certainly_refused_for_now_waits_and_is_sent_again(
    installed: Logbook, portal: Portal, code: str
) -> None:
    portal.faults.refuse(code, ADD)
    page = post(installed, portal)
    assert (page.status, page.outcome) == (202, "queued")
    assert state(installed) == (EntryState.PENDING, code)
    installed.pass_time(60)
    installed.work()
    assert state(installed) == (EntryState.SENT, None)
    assert titles(portal) == ["Called"]


def test_after_a_limit_the_worker_tries_without_delay_and_then_ever_more_rarely(
    installed: Logbook, portal: Portal
) -> None:
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD, times=4)
    post(installed, portal)
    waits = []
    for _ in range(3):
        installed.work()
        (entry,) = installed.entries()
        assert entry.attempted_at
        waits.append((entry.due_at - entry.attempted_at).total_seconds())
        installed.pass_time(60)
    assert 3 <= waits[0] <= 8
    assert 7 <= waits[1] <= 14
    assert 14 <= waits[2] <= 27
    installed.work()
    assert titles(portal) == ["Called"]


def test_operating_time_is_waited_for_until_the_portal_gives_it_back(installed: Logbook, portal: Portal) -> None:
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
    post(installed, portal)
    portal.faults.limit_operating(1)
    portal.faults.spend(portal.application.client_id, ADD, 2)
    installed.work()
    (entry,) = installed.entries()
    assert (entry.state, entry.reason) == (EntryState.PENDING, "OPERATION_TIME_LIMIT")
    resets_at = portal.faults.operating(portal.application.client_id, ADD).reset_at
    assert 0 < entry.due_at.timestamp() <= resets_at + 1


@pytest.mark.parametrize("effect", ["reset", "html", "garbage"])
def test_what_the_portal_did_without_saying_so_is_found_and_not_sent_again(
    installed: Logbook, portal: Portal, effect: str
) -> None:
    getattr(portal.faults, effect)(ADD, processed=True)
    page = post(installed, portal)
    assert (page.status, page.outcome) == (202, "queued")
    assert state(installed)[0] == EntryState.UNSURE
    installed.work()
    assert state(installed)[0] == EntryState.SENT
    assert titles(portal) == ["Called"]


@pytest.mark.parametrize("effect", ["reset", "html", "garbage"])
def test_what_the_portal_did_not_do_is_missed_twice_and_sent_again(
    installed: Logbook, portal: Portal, effect: str
) -> None:
    getattr(portal.faults, effect)(ADD)
    assert post(installed, portal).outcome == "queued"
    installed.work()
    assert state(installed)[0] == EntryState.UNSURE
    installed.work()
    assert titles(portal) == []
    installed.pass_time(71)
    installed.work()
    assert titles(portal) == ["Called"]
    assert state(installed)[0] == EntryState.SENT


def test_an_entry_without_a_connection_is_sent_again_without_a_lookup(
    installed: Logbook, box: Box, portal: Portal
) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    with box.unplugged(portal):
        assert installed.post(form, **WORDS).outcome == "queued"
        assert state(installed) == (EntryState.PENDING, "NO_CONNECTION")
    portal.calls.clear()
    installed.work()
    assert titles(portal) == ["Called"]
    assert [call.commands for call in portal.calls] == [[ADD]]


def test_two_equal_entries_written_on_purpose_both_survive(installed: Logbook, portal: Portal) -> None:
    portal.faults.reset(ADD, processed=True)
    post(installed, portal)
    portal.faults.reset(ADD)
    post(installed, portal)
    for _ in range(4):
        installed.work()
        installed.pass_time(100)
    assert titles(portal) == ["Called", "Called"]
    assert {entry.bitrix_id for entry in installed.entries()} == {message.id for message in portal.timeline(DEAL, 1)}


def test_an_equal_entry_of_somebody_else_is_not_taken_for_ours(installed: Logbook, portal: Portal) -> None:
    form = installed.send(portal.frame(portal.administrator)).form
    installed.post(form, **WORDS)
    portal.faults.reset(ADD)
    post(installed, portal)
    for _ in range(3):
        installed.work()
        installed.pass_time(100)
    authors = [message.author_id for message in portal.timeline(DEAL, 1)]
    assert authors == [portal.administrator.id, portal.employee.id]


@pytest.mark.parametrize(("paging", "following"), [("offset", "exact"), ("start", "exact"), ("offset", "endless")])
@pytest.mark.parametrize("listing", ["keyed", "bare"])
def test_it_is_found_behind_many_others_in_every_kind_of_list(
    installed: Logbook, portal: Portal, paging: str, following: str, listing: str
) -> None:
    dialect = portal.state.dialect
    dialect.log_paging, dialect.log_next, dialect.log_list = paging, following, listing  # type: ignore[assignment]
    form = installed.send(portal.frame(portal.employee)).form
    portal.faults.reset(ADD, processed=True)
    assert installed.post(form, **WORDS).outcome == "queued"
    write_others(portal, 23)
    installed.work()
    assert state(installed)[0] == EntryState.SENT
    assert titles(portal).count("Called") == 1


def test_a_list_that_repeats_itself_for_ever_is_not_read_for_ever(installed: Logbook, portal: Portal) -> None:
    portal.state.dialect.log_next = "endless"
    portal.state.dialect.log_paging = "offset"
    write_others(portal, 10)
    portal.faults.reset(ADD)
    post(installed, portal)
    portal.calls.clear()
    installed.work()
    assert len(portal.calls) <= 3


def test_while_the_list_cannot_be_read_nothing_is_sent_again(installed: Logbook, portal: Portal) -> None:
    portal.faults.reset(ADD, processed=True)
    post(installed, portal)
    portal.faults.html(LIST, times=3)
    for _ in range(3):
        installed.work()
        installed.pass_time(100)
    assert state(installed)[0] == EntryState.UNSURE
    installed.work()
    assert (state(installed)[0], titles(portal)) == (EntryState.SENT, ["Called"])


def test_a_refusal_for_good_is_no_business_of_the_worker(installed: Logbook, portal: Portal) -> None:
    form = installed.send(portal.frame(portal.reader, options={"ID": "2"})).form
    page = installed.post(form, **WORDS)
    assert (page.status, page.outcome) == (403, "refused")
    assert state(installed) == (EntryState.FAILED, "ACCESS_DENIED")
    portal.calls.clear()
    installed.pass_time(10_000)
    installed.work()
    assert list(portal.calls) == []


@any_database
@pytest.mark.parametrize("code", ["ACCESS_DENIED", "OWNER_NOT_FOUND", "NOT_FOUND", "100"])
def test_every_refusal_for_good_keeps_the_words_in_the_form(installed: Logbook, portal: Portal, code: str) -> None:
    portal.faults.refuse(code, ADD)
    page = post(installed, portal)
    assert (page.status, page.outcome) == (403, "refused")
    assert state(installed) == (EntryState.FAILED, code)
    assert (page.form["title"], page.form["text"]) == (WORDS["title"], WORDS["text"])
    assert "What you typed is still here" in page.one("[data-outcome]").text


def test_rows_of_a_killed_process_are_taken_up_after_a_bounded_time(installed: Logbook, portal: Portal) -> None:
    post(installed, portal)
    with installed.database() as session:
        entry = session.get_one(LogEntry, installed.entries()[0].id)
        entry.state, entry.bitrix_id = EntryState.SENDING, None  # killed between the answer and the mark
        session.commit()
    installed.work()
    assert state(installed)[0] == EntryState.SENDING
    installed.pass_time(301)
    installed.work()
    assert state(installed)[0] == EntryState.SENT
    assert titles(portal) == ["Called"]


def test_the_entries_of_a_person_whose_pair_is_dead_wait_for_his_next_opening(
    installed: Logbook, portal: Portal
) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    portal.box.faults.refuse("invalid_grant", "oauth/token")
    portal.expire_access_tokens(portal.employee)
    page = installed.post(form, **WORDS)
    assert (page.outcome, state(installed)) == ("queued", (EntryState.PENDING, "PAIR_DEAD"))
    assert "permission" in page.one("[data-outcome]").text
    installed.work()
    assert titles(portal) == []
    installed.send(portal.frame(portal.employee))
    installed.work()
    assert titles(portal) == ["Called"]


@any_database
def test_a_web_request_does_not_wait_for_a_silent_portal_for_longer_than_its_patience(
    installed: Logbook, portal: Portal
) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    portal.faults.delay(60, ADD, processed=True)
    page = installed.post(form, **WORDS)
    assert page.outcome == "queued"
    assert state(installed) == (EntryState.UNSURE, "READ_TIMEOUT")
    portal.faults.end()
    installed.work()
    assert titles(portal) == ["Called"]


def test_finding_one_of_two_lost_entries_does_not_end_the_search_for_the_other(
    installed: Logbook, portal: Portal
) -> None:
    for title in ("First", "Second"):
        portal.faults.reset(ADD, processed=True)
        post(installed, portal, title=title)
        write_others(portal, 12)
    for _ in range(3):
        installed.work()
        installed.pass_time(100)
    assert titles(portal).count("First") == titles(portal).count("Second") == 1
    assert all(entry.state == EntryState.SENT for entry in installed.entries())
