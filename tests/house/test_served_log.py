"""The log of a running Logbook: one line per request and per call, found by the id that a page shows."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from b24app import create_app
from b24app.config import Config
from devportal import Box, Portal
from tests.conftest import any_database, environment
from tests.support.logbook import Logbook, Page
from tests.support.served import Served

pytestmark = any_database


@pytest.fixture
def served(tmp_path: Path, box: Box, database_url: str) -> Iterator[Served]:
    with Served(tmp_path / "served.log") as served:
        yield served.start(environment(box, database_url))


def lines_of(page: Page, served: Served) -> list[str]:
    return [line for line in served.log.splitlines() if page.headers["X-Request-ID"] in line]


def test_the_id_on_a_page_leads_to_its_line(served: Served) -> None:
    page = served.get("/nowhere", code="a-secret-code")
    (line,) = lines_of(page, served)
    assert page.one("code").text in line
    for fact in ("verb=GET", "path=/nowhere", "status=404", "milliseconds="):
        assert fact in line
    assert "a-secret-code" not in line


def test_each_call_has_a_line_with_the_id_of_its_request(served: Served, box: Box, portal: Portal) -> None:
    frame = portal.install_frame(portal.administrator)
    address = frame.full_url.replace("http://127.0.0.1:9", served.url)
    page = served.send(type(frame)(address.partition("?")[0], frame.query, frame.fields))
    assert page.status == 200
    calls = [line for line in lines_of(page, served) if " call " in line]
    assert len(calls) == len(portal.calls) + len(box.authority_calls)
    assert sum(f"portal={portal.host}" in line for line in calls) == len(portal.calls)
    for line in calls:
        assert all(fact in line for fact in ("method=", "status=200", "code=ok", "milliseconds=")), line


def test_a_refusal_says_in_the_log_why(served: Served, portal: Portal) -> None:
    frame = portal.frame(portal.employee)
    page = served.send(type(frame)(f"{served.url}/placement", frame.query, frame.fields))
    assert page.status == 403
    assert any("not installed" in line for line in lines_of(page, served))


def test_the_line_of_a_request_names_the_portal_the_person_and_the_client(served: Served, portal: Portal) -> None:
    frame = portal.install_frame(portal.administrator)
    page = served.send(type(frame)(f"{served.url}/install", frame.query, frame.fields))
    (line,) = [line for line in lines_of(page, served) if " request " in line]
    assert f"client=127.0.0.1 portal={portal.host} person={portal.administrator.id}" in line
    (line,) = [line for line in lines_of(served.get("/"), served) if " request " in line]
    assert "portal=- person=-" in line


@pytest.fixture
def behind_proxy(settings: Config) -> Logbook:
    return Logbook(create_app(replace(settings, trusted_proxies=1)))


@pytest.mark.parametrize(
    "given", ["4f9d2c11b7e84a6bb1a0f2f2a5c3d9e1", "f47ac10b-58cc-4372-a567-0e02b2c3d479", "edge.1234_x"]
)
def test_the_id_that_a_trusted_proxy_gives_is_taken_over(behind_proxy: Logbook, given: str) -> None:
    assert answered_id(behind_proxy, given) == given


@pytest.mark.parametrize("given", ["", "short", "x" * 65, "a b c d e f g", "<script>alert</script>", "abcdefgh;x=1"])
def test_what_looks_like_no_id_is_not_taken_over(behind_proxy: Logbook, given: str) -> None:
    assert re.fullmatch(r"[0-9a-f]{12}", answered_id(behind_proxy, given))


def test_strangers_choose_no_id(logbook: Logbook) -> None:
    assert answered_id(logbook, "f47ac10b-58cc-4372-a567-0e02b2c3d479") != "f47ac10b-58cc-4372-a567-0e02b2c3d479"


def answered_id(logbook: Logbook, given: str) -> str:
    return logbook.app.test_client().get("/", headers={"X-Request-ID": given}).headers["X-Request-ID"]
