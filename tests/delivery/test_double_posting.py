"""A form sent twice, by a double click, a reload or a resend, makes one entry with one outcome."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from b24app.models import EntryState
from devportal import Box, Portal
from tests.conftest import CLIENT_ID, CLIENT_SECRET, environment
from tests.support.logbook import Logbook, Page
from tests.support.served import Served
from tests.support.waiting import until

DEAL = 2
ADD = "crm.timeline.logmessage.add"
WORDS = {"icon": "comment", "title": "Called about the offer", "text": "They want it by Friday."}
PATIENCE_SECONDS = 60


def queue(installed: Logbook, portal: Portal, form: dict[str, str]) -> Page:
    """The answer to a form that the portal refuses for now."""
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
    page = installed.post(form)
    assert page.outcome == "queued"
    return page


def all_at_once(post: Callable[[int], Page], count: int) -> list[Page]:
    """The answers to that many requests that start at the same moment."""
    together = Barrier(count)

    def start(number: int) -> Page:
        together.wait(PATIENCE_SECONDS)
        return post(number)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(start, range(count)))


def adds(portal: Portal) -> int:
    return [call.method for call in portal.calls].count(ADD)


def is_one_entry(pages: list[Page], portal: Portal) -> None:
    assert [(page.status, page.outcome) for page in pages] == [(200, "posted")] * len(pages)
    (message,) = portal.timeline(DEAL, 1)
    assert {tuple(page.entry_ids) for page in pages} == {(message.id,)}
    assert adds(portal) == 1


@pytest.fixture
def form(installed: Logbook, portal: Portal) -> dict[str, str]:
    return {**installed.send(portal.frame(portal.employee)).form, **WORDS}


@pytest.fixture
def served(tmp_path: Path, database_url: str) -> Iterator[tuple[Served, Portal]]:
    """Four processes that serve one database, and a portal that has installed them."""
    with Served(tmp_path / "served.log") as served, Box(served.url, CLIENT_ID, CLIENT_SECRET) as box:
        portal = box.portals[0]
        served.start(environment(box, database_url), workers=4)
        assert served.send(portal.install_frame(portal.administrator)).status == 200
        portal.finish_install()
        yield served, portal


def test_eight_threads_send_one_form(installed: Logbook, portal: Portal, form: dict[str, str]) -> None:
    portal.faults.delay(0.5, ADD)
    is_one_entry(all_at_once(lambda _: installed.post(form), 8), portal)


def test_four_processes_send_one_form_once_and_different_forms_each(served: tuple[Served, Portal]) -> None:
    logbook, portal = served
    form = {**logbook.send(portal.frame(portal.employee)).form, **WORDS}
    portal.faults.delay(0.5, ADD)
    is_one_entry(all_at_once(lambda _: logbook.post(form), 16), portal)
    forms = [logbook.send(portal.frame(person)).form for person in (portal.administrator, portal.employee) * 4]
    titles = [f"Entry {number}" for number in range(8)]
    pages = all_at_once(lambda number: logbook.post(forms[number], **{**WORDS, "title": titles[number]}), 8)
    assert {page.outcome for page in pages} == {"posted"}
    assert sorted(message.title for message in portal.timeline(DEAL, 1)) == [WORDS["title"], *titles]


def test_an_expired_token_on_the_way_is_renewed_once(
    installed: Logbook, box: Box, portal: Portal, form: dict[str, str]
) -> None:
    portal.expire_access_tokens()
    pages = all_at_once(lambda _: installed.post(form), 8)
    assert {page.outcome for page in pages} == {"posted"}
    assert len(portal.timeline(DEAL, 1)) == 1
    assert [call.method for call in box.authority_calls].count("oauth/token") == 1


def test_a_refusal_is_the_outcome_of_all(installed: Logbook, portal: Portal, form: dict[str, str]) -> None:
    portal.deny_edit(portal.employee, DEAL, 1)
    portal.faults.delay(0.3, ADD)
    pages = all_at_once(lambda _: installed.post(form), 4)
    assert [(page.status, page.outcome) for page in pages] == [(403, "refused")] * 4
    assert {page.form["title"] for page in pages} == {WORDS["title"]}
    assert adds(portal) == 1


@pytest.mark.parametrize("trouble", ["reset", "html", "garbage"])
def test_a_lost_answer_is_the_outcome_of_all_and_the_entry_is_found_again(
    installed: Logbook, portal: Portal, form: dict[str, str], trouble: str
) -> None:
    getattr(portal.faults, trouble)(ADD, processed=True)
    pages = all_at_once(lambda _: installed.post(form), 4)
    assert [(page.status, page.outcome) for page in pages] == [(202, "queued")] * 4
    installed.work()
    assert len(portal.timeline(DEAL, 1)) == 1
    assert installed.post(form).outcome == "posted"
    assert len(portal.timeline(DEAL, 1)) == 1
    assert adds(portal) == 1


def test_the_worker_does_not_send_what_a_request_is_sending(
    installed: Logbook, portal: Portal, form: dict[str, str]
) -> None:
    portal.faults.delay(2, ADD)
    with ThreadPoolExecutor(2) as pool:
        page = pool.submit(installed.post, form)
        until(lambda: any(entry.state == EntryState.SENDING for entry in installed.entries()))
        for _ in range(3):
            installed.work()
        assert page.result(PATIENCE_SECONDS).outcome == "posted"
    assert len(portal.timeline(DEAL, 1)) == adds(portal) == 1


def test_retrying_an_entry_that_is_being_sent_shows_its_outcome(
    installed: Logbook, portal: Portal, form: dict[str, str]
) -> None:
    page = queue(installed, portal, form)
    portal.faults.delay(2, ADD, processed=True)
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(installed.work)
        until(lambda: bool(portal.timeline(DEAL, 1)))
        (entry,) = installed.entries()
        again = installed.submit("/history/retry", {**page.form, "entry": str(entry.id)})
        assert again.outcome == "posted"
        working.result(PATIENCE_SECONDS)
    assert len(portal.timeline(DEAL, 1)) == 1


def test_retrying_while_an_attempt_fails_makes_another_one(
    installed: Logbook, portal: Portal, form: dict[str, str]
) -> None:
    page = queue(installed, portal, form)
    portal.faults.delay(1, ADD)
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
    with ThreadPoolExecutor(1) as pool:
        working = pool.submit(installed.work)
        until(lambda: any(entry.state == EntryState.SENDING for entry in installed.entries()))
        (entry,) = installed.entries()
        assert installed.submit("/history/retry", {**page.form, "entry": str(entry.id)}).outcome == "posted"
        working.result(PATIENCE_SECONDS)
    assert len(portal.timeline(DEAL, 1)) == 1


def test_the_same_words_in_a_new_form_are_another_entry(
    installed: Logbook, portal: Portal, form: dict[str, str]
) -> None:
    first = installed.post(form)
    installed.post({**first.form, **WORDS})
    assert [message.title for message in portal.timeline(DEAL, 1)] == [WORDS["title"]] * 2
