"""The log of a running Logbook: one line per request and per call, found by the id that a page shows."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from devportal import Box, Portal
from tests.conftest import any_database, environment
from tests.support.logbook import Page
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
        assert all(fact in line for fact in ("method=", "status=200", "code=ok", "milliseconds="))


def test_a_refusal_says_in_the_log_why(served: Served, portal: Portal) -> None:
    frame = portal.frame(portal.employee)
    page = served.send(type(frame)(f"{served.url}/placement", frame.query, frame.fields))
    assert page.status == 403
    assert any("not installed" in line for line in lines_of(page, served))
