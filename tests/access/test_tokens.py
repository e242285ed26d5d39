"""Token pairs: renewed once however many callers find them stale, never overwritten by a slower process."""

import logging
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier

import pytest
from cryptography.fernet import Fernet

from b24app import create_app
from b24app.bitrix24 import methods
from b24app.config import Config
from b24app.models import Person, TokenPair
from b24app.services.access import tokens
from devportal import Box, Portal
from tests.conftest import TOKEN_KEY, environment
from tests.support.killable_process import CHILDREN
from tests.support.logbook import Logbook
from tests.support.waiting import until

DEAL = 2
WORDS = {"icon": "comment", "title": "Called about the offer", "text": "They want it by Friday."}
PATIENCE_SECONDS = 30


@pytest.fixture
def form(installed: Logbook, box: Box, portal: Portal) -> dict[str, str]:
    """The composer's form of an employee, whose access token expires before they post."""
    form = {**installed.send(portal.frame(portal.employee)).form, **WORDS}
    portal.expire_access_tokens()
    box.authority_calls.clear()
    return form


def renewals(box: Box) -> int:
    return [call.method for call in box.authority_calls].count("oauth/token")


def pair_of(logbook: Logbook, portal: Portal) -> TokenPair:
    with logbook.database() as session:
        of_employee = session.query(TokenPair).join(Person).filter(Person.bitrix_id == portal.employee.id)
        return of_employee.one()


def ask_who(logbook: Logbook, person_id: int) -> str:
    """One call in the name of a person, with a session of its own, as a request or a task has."""
    with logbook.database() as session:
        person = session.query(Person).filter_by(bitrix_id=person_id).one()
        session.commit()
        answer = tokens.call_as(session, logbook.context.b24, person, methods.profile())
        session.commit()
        return str(answer["ID"])


def ask_in_a_process(
    settings: Mapping[str, str], person_id: int, together: Barrier, answers: "Queue[list[str]]"
) -> None:
    logbook = Logbook(create_app(Config.from_environment(settings)))
    together.wait(PATIENCE_SECONDS)
    with ThreadPoolExecutor(2) as pool:
        answers.put(list(pool.map(lambda _: ask_who(logbook, person_id), range(2))))
    logbook.close()


class TestRenewal:
    """One renewal for any number of callers."""

    def test_eight_threads_renew_once(self, installed: Logbook, box: Box, portal: Portal, form: dict[str, str]) -> None:
        box.faults.delay(0.3, "oauth/token")
        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(lambda _: ask_who(installed, portal.employee.id), range(8)))
        assert answers == [str(portal.employee.id)] * 8
        assert renewals(box) == 1
        assert pair_of(installed, portal).refresh_token == box.authority.state.pairs[-1].refresh_token

    def test_four_processes_renew_once(
        self, installed: Logbook, box: Box, portal: Portal, form: dict[str, str], database_url: str
    ) -> None:
        box.faults.delay(0.3, "oauth/token")
        together, answers = CHILDREN.Barrier(4), CHILDREN.Queue()
        given = (environment(box, database_url), portal.employee.id, together, answers)
        processes = [CHILDREN.Process(target=ask_in_a_process, args=given) for _ in range(4)]
        for process in processes:
            process.start()
        said = [answers.get(timeout=2 * PATIENCE_SECONDS) for _ in processes]
        for process in processes:
            process.join(PATIENCE_SECONDS)
        assert [process.exitcode for process in processes] == [0] * 4
        assert said == [[str(portal.employee.id)] * 2] * 4
        assert renewals(box) == 1

    def test_people_are_renewed_apart(self, installed: Logbook, box: Box, portal: Portal, form: dict[str, str]) -> None:
        for person in (portal.administrator, portal.employee):
            assert ask_who(installed, person.id) == str(person.id)
        assert renewals(box) == 2

    def test_nothing_is_renewed_before_it_has_expired(self, installed: Logbook, box: Box, portal: Portal) -> None:
        form = installed.send(portal.frame(portal.employee)).form
        for number in range(3):
            installed.post(form, **{**WORDS, "title": f"Entry {number}"})
        assert renewals(box) == 0

    @pytest.mark.parametrize("refusal", ["", "invalid_grant"])
    def test_a_pair_that_a_frame_brings_during_a_renewal_is_kept_whatever_the_answer(
        self, installed: Logbook, box: Box, portal: Portal, form: dict[str, str], refusal: str
    ) -> None:
        """Refused, it is buildkite/cli #852: the refusal of a stale refresh token cost a newer pair."""
        box.authority.renewal_refusal = refusal
        box.faults.delay(PATIENCE_SECONDS, "oauth/token", processed=True)
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(ask_who, installed, portal.employee.id)
            until(lambda: pair_of(installed, portal).lease_until is not None)
            frame = portal.frame(portal.employee)
            assert installed.send(frame).status == 200
            box.faults.end()
            assert late.result(PATIENCE_SECONDS) == str(portal.employee.id)
        pair = pair_of(installed, portal)
        assert (pair.access_token, pair.refresh_token) == (frame.fields["AUTH_ID"], frame.fields["REFRESH_ID"])
        assert installed.post(form).outcome == "posted"

    def test_a_portal_that_sends_no_refresh_token_leaves_the_old_one_serving(
        self, installed: Logbook, box: Box, portal: Portal, form: dict[str, str]
    ) -> None:
        assert installed.send(portal.frame(portal.employee), REFRESH_ID=None).status == 200
        portal.expire_access_tokens()
        assert installed.post(form).outcome == "posted"
        assert renewals(box) == 1


class TestRefusal:
    """A pair that cannot be renewed is buried; the person's next opening brings another."""

    @pytest.mark.parametrize("code", ["invalid_grant", "NOT_INSTALLED"])
    def test_it_is_asked_once_and_the_entry_waits_for_the_next_opening(
        self, installed: Logbook, box: Box, portal: Portal, form: dict[str, str], code: str
    ) -> None:
        portal.authority.renewal_refusal = code
        first = installed.post(form)
        second = installed.post(form, title="Another")
        assert [(page.status, page.outcome) for page in (first, second)] == [(202, "queued")] * 2
        assert renewals(box) == 1
        assert portal.timeline(DEAL, 1) == []

        portal.authority.renewal_refusal = ""
        installed.send(portal.frame(portal.employee))
        installed.work()
        assert [message.title for message in portal.timeline(DEAL, 1)] == [WORDS["title"], "Another"]
        assert renewals(box) == 1

    def test_nobody_elses_pair_is_borrowed(
        self, installed: Logbook, box: Box, portal: Portal, form: dict[str, str]
    ) -> None:
        portal.authority.renewal_refusal = "invalid_grant"
        installed.post(form)
        portal.authority.renewal_refusal = ""
        installed.send(portal.frame(portal.administrator))
        installed.work()
        assert portal.timeline(DEAL, 1) == []

    @pytest.mark.parametrize("trouble", ["reset", "html", "garbage"])
    def test_a_server_without_an_answer_is_asked_again_later(
        self, installed: Logbook, box: Box, portal: Portal, form: dict[str, str], trouble: str
    ) -> None:
        getattr(box.faults, trouble)("oauth/token")
        page = installed.post(form)
        assert (page.status, page.outcome) == (202, "queued")
        installed.work()
        assert [message.title for message in portal.timeline(DEAL, 1)] == [WORDS["title"]]

    @pytest.mark.parametrize("trouble", ["reset", "html", "garbage"])
    def test_an_answer_that_was_lost_is_healed_by_the_next_opening(
        self,
        installed: Logbook,
        box: Box,
        portal: Portal,
        form: dict[str, str],
        trouble: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        getattr(box.faults, trouble)("oauth/token", processed=True)
        assert installed.post(form).outcome == "queued"
        assert [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR] == [
            "the answer to a renewal was lost"
        ]
        installed.work()
        assert portal.timeline(DEAL, 1) == []
        assert renewals(box) == 2  # the second try showed that the refresh token was used up
        installed.send(portal.frame(portal.employee))
        installed.work()
        assert [message.title for message in portal.timeline(DEAL, 1)] == [WORDS["title"]]


class TestKeys:
    """TOKEN_KEYS rotate: the first seals, all open."""

    def restarted(self, box: Box, database_url: str, keys: str) -> Logbook:
        return Logbook(create_app(Config.from_environment({**environment(box, database_url), "TOKEN_KEYS": keys})))

    def test_a_new_first_key_takes_over_with_the_next_pair(
        self, installed: Logbook, box: Box, portal: Portal, form: dict[str, str], database_url: str
    ) -> None:
        new = Fernet.generate_key().decode()
        both = self.restarted(box, database_url, f"{new},{TOKEN_KEY}")
        assert both.post(form).outcome == "posted"
        both.close()
        only_new = self.restarted(box, database_url, new)
        assert only_new.post(form, title="Another").outcome == "posted"
        only_new.close()
        assert renewals(box) == 1

    def test_a_key_that_was_lost_costs_an_opening_and_no_entry(
        self, installed: Logbook, box: Box, portal: Portal, form: dict[str, str], database_url: str
    ) -> None:
        without = self.restarted(box, database_url, Fernet.generate_key().decode())
        page = without.post(form)
        assert (page.status, page.outcome) == (202, "queued")
        without.send(portal.frame(portal.employee))
        without.work()
        assert [message.title for message in portal.timeline(DEAL, 1)] == [WORDS["title"]]
        without.close()
