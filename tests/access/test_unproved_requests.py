"""Unproved requests: few of them reach Bitrix24, and none holds up people of other portals."""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from itertools import islice

import pytest

from b24app import create_app
from b24app.bitrix24.bulkhead import MOST_CALLS
from b24app.config import Config
from devportal import Box, FramePost, Portal
from tests.conftest import any_database, environment
from tests.setup.test_events import forget, last
from tests.support.attacker import install, learns_nothing
from tests.support.logbook import Logbook, Page

pytestmark = any_database

FORGED = 60
CROWD = 20

Forge = Callable[[FramePost, int], FramePost]


def forged(frame: FramePost, number: int, *, domain: str = "") -> FramePost:
    """The frame of somebody outside: everything is right but the token, and perhaps the domain."""
    fields = {**frame.fields, "AUTH_ID": f"made-up-{number}"}
    fields.pop("APPLICATION_TOKEN")
    return FramePost(frame.url, {**frame.query, "DOMAIN": domain or frame.query["DOMAIN"]}, fields)


def by_insider(frame: FramePost, number: int) -> FramePost:
    return FramePost(frame.url, frame.query, {**frame.fields, "AUTH_ID": f"made-up-{number}"})


class TestForgeries:
    """One after the other, from one address."""

    def test_frames_with_a_wrong_domain_cost_few_calls(self, installed: Logbook, box: Box, portal: Portal) -> None:
        frame = portal.frame(portal.employee)
        box.authority_calls.clear()
        portal.calls.clear()
        pages = [installed.send(forged(frame, number, domain="evil.example")) for number in range(FORGED)]
        assert {page.status for page in pages} == {403}
        assert pages[-1].heading == "Too many unconfirmed requests"
        learns_nothing(pages[-1], portal)
        assert len(portal.calls) <= 10
        assert len(box.authority_calls) <= 5
        assert installed.send(portal.frame(portal.employee)).status == 200

    def test_they_leave_the_portal_its_rate_limit(self, installed: Logbook, portal: Portal) -> None:
        portal.faults.limit_rate()
        frame = portal.frame(portal.employee)
        for number in range(FORGED):
            installed.send(forged(frame, number))
            installed.send(by_insider(frame, number))
        assert len(portal.calls) <= 30

    def test_one_that_is_repeated_costs_one_call(self, installed: Logbook, portal: Portal) -> None:
        frame = by_insider(portal.frame(portal.employee), 1)
        pages = [installed.send(frame) for _ in range(FORGED)]
        assert {(page.status, page.refusal) for page in pages} == {(403, "not-proved")}
        assert len(portal.calls) == 1

    @pytest.mark.parametrize("is_known", [True, False])
    def test_installs_cost_few_calls(self, logbook: Logbook, box: Box, portal: Portal, is_known: bool) -> None:
        if is_known:
            logbook.send(portal.install_frame(portal.administrator))
            portal.finish_install()
        frame = portal.install_frame(portal.administrator)
        box.authority_calls.clear()
        for number in range(FORGED):
            page = logbook.send(forged(frame, number), member_id=portal.member_id if is_known else f"{number:032x}")
            assert page.status == 403
        assert len(box.authority_calls) <= 10

    def test_install_events_cost_few_calls(self, logbook: Logbook, box: Box, portal: Portal) -> None:
        install(logbook, portal)
        event = last(portal, "ONAPPINSTALL")
        forget(logbook, portal)
        box.authority_calls.clear()
        for number in range(FORGED):
            assert logbook.event({**event, "auth[access_token]": f"made-up-{number}"}) == 403
        assert len(box.authority_calls) <= 10

    def test_an_administrator_installs_right_after_them(self, logbook: Logbook, portal: Portal) -> None:
        frame = portal.install_frame(portal.administrator)
        for number in range(4):
            logbook.send(forged(frame, number))
        assert logbook.send(frame).status == 200

    def test_people_of_the_portal_come_in_right_after_them(self, installed: Logbook, portal: Portal) -> None:
        frame = portal.frame(portal.employee)
        for number in range(FORGED):
            installed.send(forged(frame, number))
        assert installed.send(portal.frame(portal.reader)).status == 200


class TestSources:
    """Each address has a budget of its own, where we can distinguish addresses."""

    def send(self, logbook: Logbook, frame: FramePost, **headers: str) -> int:
        environ = {"REMOTE_ADDR": headers.pop("peer", "127.0.0.1")}
        path = frame.url.removeprefix(logbook.context.config.app_url)
        client = logbook.app.test_client()
        answer = client.post(
            path, query_string=frame.query, data=frame.fields, headers=headers, environ_overrides=environ
        )
        return answer.status_code

    def test_an_address_that_forges_is_no_trouble_to_another(self, installed: Logbook, portal: Portal) -> None:
        frame = portal.frame(portal.employee)
        for number in range(FORGED):
            self.send(installed, by_insider(frame, number), peer="2001:db8::1")
        assert self.send(installed, portal.frame(portal.employee), peer="2001:db8::2") == 403
        assert self.send(installed, portal.frame(portal.employee), peer="2001:db8:0:1::2") == 200

    @pytest.mark.parametrize("proxies", [0, 1])
    def test_a_header_names_the_client_only_if_a_proxy_is_trusted(
        self, installed: Logbook, box: Box, portal: Portal, database_url: str, proxies: int
    ) -> None:
        variables = {**environment(box, database_url), "TRUSTED_PROXIES": str(proxies)}
        logbook = Logbook(create_app(Config.from_environment(variables)))
        frame = portal.frame(portal.employee)
        for number in range(FORGED):
            liar = {"X-Forwarded-For": f"198.51.100.{number}, 203.0.113.1"}
            self.send(logbook, by_insider(frame, number), **liar)
        another = {"X-Forwarded-For": "203.0.113.2"}
        assert self.send(logbook, portal.frame(portal.employee), **another) == (200 if proxies else 403)
        logbook.close()


class TestCrowds:
    """Many at once, for a portal that does not answer."""

    @pytest.fixture
    def hanging(self, installed: Logbook, second: Portal) -> Iterator[Portal]:
        yield second
        second.faults.clear()
        second.faults.end()

    @pytest.mark.parametrize("forge", [forged, by_insider])
    def test_they_hold_few_threads_and_nobody_elses(
        self, installed: Logbook, portal: Portal, hanging: Portal, forge: Forge
    ) -> None:
        frame = hanging.frame(hanging.employee)
        hang(hanging)
        with ThreadPoolExecutor(CROWD) as pool:
            answers = [pool.submit(installed.send, forge(frame, number)) for number in range(CROWD)]
            pages = first_of(answers, CROWD - MOST_CALLS)
            assert {(page.status, page.refusal) for page in pages} == {(503, "unreachable")}
            assert not all(answer.done() for answer in answers)
            assert installed.send(portal.frame(portal.employee)).status == 200
            hanging.faults.clear()
            hanging.faults.end()

    def test_what_is_posted_to_it_meanwhile_waits_for_the_worker(self, installed: Logbook, hanging: Portal) -> None:
        words = {"icon": "comment", "title": "Called", "text": "They agreed."}
        forms = [installed.send(hanging.frame(hanging.employee)).form for _ in range(CROWD // 2)]
        hang(hanging)
        with ThreadPoolExecutor(CROWD) as pool:
            answers = [pool.submit(installed.post, form, **words) for form in forms]
            assert {page.outcome for page in first_of(answers, CROWD // 2 - MOST_CALLS)} == {"queued"}
            assert not all(answer.done() for answer in answers)
            hanging.faults.clear()
            hanging.faults.end()
        installed.pass_time(3600)
        installed.work()
        assert len(hanging.timeline(2, 1)) == CROWD // 2


def hang(portal: Portal) -> None:
    portal.faults.delay(60, times=1000)


def first_of(answers: list[Future[Page]], count: int) -> list[Page]:
    """Those that come at once: a call that hangs is given up after ten seconds."""
    return [answer.result() for answer in islice(as_completed(answers, timeout=8), count)]
