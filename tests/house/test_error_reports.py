"""Reports to Sentry: what failed and where, without any texts or secrets."""

from collections.abc import Iterator
from pathlib import Path
from queue import Queue
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from b24app.error_reports import scrubbed
from devportal import Box
from tests.conftest import CLIENT_ID, CLIENT_SECRET, SECRET_KEY, TOKEN_KEY, any_database, environment
from tests.support.collector import collecting
from tests.support.served import Served

TOKEN = "f3a81c6600705f4e0039d1a20000000700000a1b2c3d4e5f"
WORDS = {"icon": "comment", "title": "A title of somebody", "text": "A text of somebody"}
PATIENCE_SECONDS = 60


@pytest.fixture
def received() -> Iterator[tuple[str, Queue[tuple[str, bytes]]]]:
    """The DSN of a server in place of Sentry, and what it is sent."""
    with collecting() as (host, reports):
        yield f"http://key@{host}/1", reports


@any_database
def test_an_unexpected_error_is_reported_without_anybodys_words(
    received: tuple[str, Queue[tuple[str, bytes]]], database_url: str, tmp_path: Path
) -> None:
    dsn, reports = received
    with Served(tmp_path / "log") as served, Box(served.url, CLIENT_ID, CLIENT_SECRET) as box:
        portal = box.portals[0]
        served.start({**environment(box, database_url), "SENTRY_DSN": dsn})
        served.send(portal.install_frame(portal.administrator))
        portal.finish_install()
        form = served.send(portal.frame(portal.employee)).form
        engine = create_engine(database_url)
        with engine.begin() as connection:
            connection.execute(
                text("CREATE TRIGGER no BEFORE INSERT ON log_entries BEGIN SELECT RAISE(ABORT, 'no'); END")
            )
        engine.dispose()
        page = served.post(form, **WORDS)
        assert page.status == 500
        report = reports.get(timeout=PATIENCE_SECONDS)[1].decode()
    assert '"IntegrityError"' in report
    assert page.headers["X-Request-ID"] in report
    secrets = [SECRET_KEY, TOKEN_KEY, CLIENT_SECRET, *WORDS.values(), form["session"], form["form_key"]]
    secrets += [token for pair in box.authority.state.pairs for token in (pair.access_token, pair.refresh_token)]
    assert [secret for secret in secrets if len(secret) > 8 and secret in report] == []


def test_what_is_not_listed_is_left_out_and_the_rest_is_masked() -> None:
    frame: dict[str, Any] = {"filename": "a.py", "lineno": 3, "vars": {"token": TOKEN}, "context_line": TOKEN}
    report = {
        "level": "error",
        "exception": {"values": [{"type": "ValueError", "value": f"auth={TOKEN}", "stacktrace": {"frames": [frame]}}]},
        "logentry": {"message": f"failed for https://x/?auth={TOKEN}", "params": [TOKEN]},
        "request": {"method": "POST", "url": f"https://x/?{TOKEN}", "headers": {"X": TOKEN}, "data": TOKEN},
        "extra": {"code": TOKEN},
        "breadcrumbs": {"values": [{"message": TOKEN}]},
        "user": {"ip_address": "192.0.2.1"},
        "server_name": "web1",
        "contexts": {"trace": {"x": TOKEN}},
    }
    told = scrubbed(report, {})
    assert TOKEN not in str(told)
    assert told["exception"]["values"][0]["stacktrace"]["frames"] == [{"filename": "a.py", "lineno": 3}]
    assert set(told) == {"level", "exception", "message", "tags", "request"}
    assert told["request"] == {"method": "POST"}
