"""The command that checks the Market's rules: it names each broken rule, and exits with 1.

That all of them are kept over real TLS is shown behind nginx, in tests/deploy/test_site.py.
"""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlalchemy import select, update

from b24app import moderation
from b24app.models import Portal as Ours
from b24app.models import RestCall
from devportal import Box
from tests.conftest import any_database, environment
from tests.support.logbook import Logbook
from tests.support.served import Served

pytestmark = any_database


def broken(logbook: Logbook) -> list[str]:
    return [finding.sentence for finding in moderation.examine(logbook.context) if not finding.is_fine]


@pytest.fixture
def served(tmp_path: Path, box: Box, database_url: str, installed: Logbook) -> Iterator[Served]:
    with Served(tmp_path / "served.log") as served:
        yield served.start(environment(box, database_url))


def test_an_installation_for_trying_breaks_only_what_it_must(served: Served, installed: Logbook) -> None:
    installed.context = replace(installed.context, config=replace(installed.context.config, app_url=served.url))
    assert broken(installed) == [
        f"The address is {served.url}, which has to be https.",
        "Portals without TLS are allowed (B24_ALLOW_INSECURE).",
        "The licensor and contact on the legal pages: nobody, no contact.",
    ]
    _tells_what_the_rows_show(installed)


def _tells_what_the_rows_show(logbook: Logbook) -> None:
    before = len(broken(logbook))
    with logbook.database() as session:
        call = session.scalars(select(RestCall).limit(1)).one()
        facts = {name: getattr(call, name) for name in ("portal_id", "called_at", "request_id", "status")}
        more = {"milliseconds": 1, "parameters": "", "answer": ""}
        session.add(RestCall(**facts, **more, method="user.get", code="QUERY_LIMIT_EXCEEDED"))
        session.execute(update(Ours).values(purged_at=datetime.now(UTC) - timedelta(hours=2)))
        session.commit()
    found = broken(logbook)[before:]
    assert found[0].startswith("These methods belong to no scope of ours: user.get; the scopes are crm, placement")
    assert "1 of " in found[1]
    assert found[2:] == ["1 portals that have uninstalled Logbook still have rows here."]


def test_the_command_prints_evidence_lists_what_a_person_must_see_and_ends_with_1(installed: Logbook) -> None:
    """Nobody listens at the address of the tests."""
    result = installed.app.test_cli_runner().invoke(args=["moderate"])
    assert result.exit_code == 1
    lines = result.output.splitlines()
    assert any(line.startswith("BAD  HEAD http://127.0.0.1:9/install: ") for line in lines)
    assert "ok   0 of" in result.output
    assert sum(line.startswith("look ") for line in lines) == len(moderation.LOOK_YOURSELF)
    assert all(line[:5] in {"ok   ", "BAD  ", "look "} for line in lines if " INFO " not in line)


@pytest.fixture
def careless_proxy() -> Iterator[str]:
    """The address of something in front that answers with headers of its own."""

    class Handler(BaseHTTPRequestHandler):
        def do_HEAD(self) -> None:
            self.send_response(200)
            self.send_header("X-Frame-Options", "DENY")
            self.send_header("Set-Cookie", "visitor=1")
            self.end_headers()

        def log_message(self, *_line: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_what_would_keep_a_portal_from_showing_a_page_is_named(installed: Logbook, careless_proxy: str) -> None:
    installed.context = replace(installed.context, config=replace(installed.context.config, app_url=careless_proxy))
    page = f"{careless_proxy}/placement"
    assert {
        f"{page} sends X-Frame-Options: DENY.",
        f"{page} sends Set-Cookie: visitor=1.",
        f"{page} does not say who may frame it.",
        f"{page} does not keep foreign scripts out.",
    } <= set(broken(installed))
