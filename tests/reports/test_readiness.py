"""GET /readyz: whether a process can do its work, part by part, without details for strangers."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from sqlalchemy import event, make_url, text

from b24app import create_app
from b24app.bitrix24.reachability import ASKED_AGAIN_SECONDS, LATELY_SECONDS, Reachability
from b24app.config import Config
from devportal import Box, Portal
from tests.conftest import any_database, environment
from tests.delivery.test_database_outages import says_that_it_is_out
from tests.support.logbook import Logbook

WELL = {"status": "ok", "database": "ok", "queue": "ok", "authorization_server": "ok"}


def ready(logbook: Logbook) -> tuple[int, dict[str, str]]:
    page = logbook.get("/readyz")
    return page.status, json.loads(page.text)


def expect(logbook: Logbook, part: str, sentence: str) -> None:
    assert ready(logbook) == (503, {**WELL, "status": "not ready", part: sentence})


@contextmanager
def refusing_rows(logbook: Logbook) -> Iterator[None]:
    """The database is a read-only copy, or a file that may not be written, until the end."""
    engine = logbook.context.engine
    is_sqlite = engine.dialect.name == "sqlite"

    def refuse(connection: object, *_record: object) -> None:
        statement = "PRAGMA query_only = {}" if is_sqlite else "SET default_transaction_read_only = {}"
        connection.cursor().execute(statement.format("on"))  # type: ignore[attr-defined]
        connection.commit()  # type: ignore[attr-defined]

    engine.dispose()
    event.listen(engine, "connect", refuse)
    try:
        yield
    finally:
        event.remove(engine, "connect", refuse)
        engine.dispose()


def test_all_is_well_after_an_upgrade_and_nothing_is_left_of_the_row_that_was_tried(logbook: Logbook) -> None:
    assert ready(logbook) == (200, WELL)
    with logbook.database() as session:
        assert session.scalar(text("SELECT count(*) FROM workers")) == 0


@pytest.mark.parametrize(("revision", "sentence"), [("0001", "an older version"), ("ab12", "another program")])
def test_tables_of_another_version_are_not_ready(logbook: Logbook, revision: str, sentence: str) -> None:
    with logbook.database() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
        session.commit()
    expect(logbook, "database", f"has the tables of {sentence}")
    assert logbook.get("/healthz").status == 200, "alive all the same"


def test_tables_of_a_newer_version_are_served_while_an_upgrade_rolls(logbook: Logbook) -> None:
    with logbook.database() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        session.commit()
    assert ready(logbook) == (200, WELL)


def test_missing_tables_are_not_ready(logbook: Logbook) -> None:
    with logbook.database() as session:
        session.execute(text("DROP TABLE alembic_version"))
        session.commit()
    expect(logbook, "database", "has no tables")


def test_a_database_that_takes_no_rows_is_not_ready_though_alive(logbook: Logbook) -> None:
    with refusing_rows(logbook):
        expect(logbook, "database", "takes no rows")
        assert logbook.get("/healthz").status == 200


@any_database
def test_a_file_that_may_only_be_read_is_not_ready(box: Box, logbook: Logbook, database_url: str) -> None:
    reading = f"sqlite:///file:{make_url(database_url).database}?mode=ro&uri=true"
    logbook.get("/healthz")
    reader = Logbook(create_app(Config.from_environment(environment(box, reading))))
    assert ready(reader)[1]["database"] == "takes no rows"
    reader.close()


def test_a_database_that_is_away_is_not_ready(box: Box) -> None:
    gone = Logbook(create_app(Config.from_environment(environment(box, "postgresql://x@127.0.0.1:9/x"))))
    status, parts = ready(gone)
    assert (status, parts["database"], parts["queue"]) == (503, "does not answer", "cannot be used")
    gone.close()


@any_database
def test_a_broken_queue_is_not_ready(logbook: Logbook, database_url: str) -> None:
    Path(f"{make_url(database_url).database}.queue").write_bytes(b"this is no database" * 1000)
    expect(logbook, "queue", "cannot be used")


@any_database
def test_an_authorization_server_that_was_never_reached_is_not_ready(logbook: Logbook, box: Box) -> None:
    box.stop()
    expect(logbook, "authorization_server", "was not reached lately")


class TestReach:
    """Asked at most once a minute; short outages of Bitrix24 make nobody unready."""

    @pytest.fixture
    def moments(self) -> list[float]:
        return [1000.0]

    @pytest.fixture
    def reachability(self, settings: Config, moments: list[float]) -> Reachability:
        app = create_app(settings)
        return Reachability(app.extensions["logbook"].b24.authorities, lambda: moments[0])

    @any_database
    def test_an_outage_counts_after_a_quarter_of_an_hour_and_ends_within_a_minute(
        self, reachability: Reachability, moments: list[float], box: Box
    ) -> None:
        assert reachability.is_lately()
        box.stop()
        moments[0] += LATELY_SECONDS - 1
        assert reachability.is_lately()
        moments[0] += 2
        assert not reachability.is_lately()

    @any_database
    def test_it_is_asked_again_only_after_a_minute(self, box: Box, database_url: str, free_port: int) -> None:
        moments = [1000.0]
        address = {"B24_OAUTH_URL": f"http://127.0.0.1:{free_port}"}
        app = create_app(Config.from_environment({**environment(box, database_url), **address}))
        reachability = Reachability(app.extensions["logbook"].b24.authorities, lambda: moments[0])
        assert not reachability.is_lately()
        with HTTPServer(("127.0.0.1", free_port), BaseHTTPRequestHandler) as server:
            threading.Thread(target=server.handle_request, daemon=True).start()
            moments[0] += ASKED_AGAIN_SECONDS - 1
            assert not reachability.is_lately()
            moments[0] += 2
            assert reachability.is_lately()


def test_people_are_told_of_a_database_that_takes_no_rows_as_of_any_outage(installed: Logbook, portal: Portal) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    with refusing_rows(installed):
        says_that_it_is_out(installed.post(form, icon="comment", title="Called", text="They agreed."))
    assert installed.post(form, icon="comment", title="Called", text="They agreed.").outcome == "posted"
