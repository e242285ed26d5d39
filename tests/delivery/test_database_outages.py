"""A database that is locked, broken or read-only: this is reported, and nothing committed is lost."""

import logging
import sqlite3
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from flask import Flask, request_finished
from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError
from sqlalchemy.pool import QueuePool

from b24app import create_app
from b24app.config import Config
from b24app.models import EntryState
from devportal import Box, Portal
from tests.conftest import any_database, environment
from tests.support.logbook import Logbook, Page
from tests.support.postgresql import PostgreSql
from tests.support.waiting import until

ADD = "crm.timeline.logmessage.add"
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}
PATIENCE_SECONDS = 60
DEAL = 2


@pytest.fixture
def settings(box: Box, database_url: str) -> Config:
    """Logbook waits for its database one second instead of ten."""
    brief = "?timeout=1" if is_sqlite(database_url) else "&options=-c%20lock_timeout%3D1000"
    return Config.from_environment(environment(box, database_url + brief))


def is_sqlite(database_url: str) -> bool:
    return make_url(database_url).get_backend_name() == "sqlite"


@contextmanager
def locked(database_url: str, table: str = "log_entries") -> Iterator[None]:
    """Somebody else writes and does not finish; reading continues."""
    other: sqlite3.Connection | psycopg.Connection
    if is_sqlite(database_url):
        other = sqlite3.connect(str(make_url(database_url).database), isolation_level=None, timeout=PATIENCE_SECONDS)
        other.execute("BEGIN IMMEDIATE")
    else:
        other = psycopg.connect(database_url.replace("+psycopg", ""))
        other.execute(f"LOCK TABLE {table} IN EXCLUSIVE MODE")
    try:
        yield
    finally:
        other.rollback()
        other.close()


def refuse_to_write(logbook: Logbook, event: str, table: str) -> None:
    """From now on the database answers every such statement with an error."""
    with logbook.database() as session:
        if session.get_bind().dialect.name == "sqlite":
            statements = [f"CREATE TRIGGER no BEFORE {event} ON {table} BEGIN SELECT RAISE(ABORT, 'no'); END"]
        else:
            body = "BEGIN RAISE EXCEPTION 'no'; END"
            statements = [
                f"CREATE FUNCTION no() RETURNS trigger LANGUAGE plpgsql AS '{body.replace(chr(39), chr(39) * 2)}'",
                f"CREATE TRIGGER no BEFORE {event} ON {table} FOR EACH ROW EXECUTE FUNCTION no()",
            ]
        for statement in statements:
            session.execute(text(statement))
        session.commit()


def write_again(logbook: Logbook, table: str) -> None:
    with logbook.database() as session:
        session.execute(
            text("DROP TRIGGER no" + ("" if is_sqlite(logbook.context.config.database_url) else f" ON {table}"))
        )
        session.commit()


def says_that_it_is_out(page: Page) -> None:
    assert (page.status, page.refusal) == (503, "unreachable")
    assert page.heading == "Logbook cannot reach its own records"
    assert "posts nothing twice" in page.text
    assert "the browser still has it" in page.text


def titles(portal: Portal) -> list[str]:
    return [message.title for message in portal.timeline(DEAL, 1)]


def work_for_minutes(logbook: Logbook) -> None:
    """Until everything that a killed or failed process has left is cleared up."""
    for seconds in (301, 80, 10, 10):
        logbook.pass_time(seconds)
        logbook.work()


class TestLocked:
    """Another process holds the database for longer than we wait."""

    def test_an_opening_says_so_and_works_afterwards(
        self, installed: Logbook, portal: Portal, database_url: str
    ) -> None:
        with locked(database_url, "people"):
            says_that_it_is_out(installed.send(portal.frame(portal.employee)))
        assert installed.send(portal.frame(portal.employee)).status == 200

    def test_a_post_says_so_and_the_same_form_posts_once_afterwards(
        self, installed: Logbook, portal: Portal, database_url: str
    ) -> None:
        form = {**installed.send(portal.frame(portal.employee)).form, **WORDS}
        with locked(database_url):
            says_that_it_is_out(installed.post(form))
        assert installed.entries() == []
        assert installed.post(form).outcome == "posted"
        assert titles(portal) == ["Called"]

    def test_what_was_sent_but_could_not_be_marked_is_found_and_not_sent_again(
        self, installed: Logbook, portal: Portal, database_url: str
    ) -> None:
        form = {**installed.send(portal.frame(portal.employee)).form, **WORDS}
        portal.faults.delay(PATIENCE_SECONDS, ADD, processed=True)
        with ThreadPoolExecutor(1) as pool:
            posting = pool.submit(installed.post, form)
            until(lambda: titles(portal))
            with locked(database_url):
                portal.faults.end()
                says_that_it_is_out(posting.result(PATIENCE_SECONDS))
        assert installed.entries()[0].state == EntryState.SENDING
        work_for_minutes(installed)
        assert installed.post(form).outcome == "posted"
        assert titles(portal) == ["Called"]

    def test_the_worker_gives_up_loudly_and_delivers_afterwards(
        self, installed: Logbook, portal: Portal, database_url: str
    ) -> None:
        form = installed.send(portal.frame(portal.employee)).form
        portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
        assert installed.post(form, **WORDS).outcome == "queued"
        with locked(database_url), pytest.raises(OperationalError):
            installed.work()
        installed.work()
        assert titles(portal) == ["Called"]


class TestRefusedAfterTheExchange:
    """The authorization server has handed out a pair, and the database does not take it."""

    @pytest.fixture
    def form(self, installed: Logbook, portal: Portal) -> dict[str, str]:
        form = {**installed.send(portal.frame(portal.employee)).form, **WORDS}
        portal.expire_access_tokens()
        return form

    @pytest.mark.parametrize("is_locked", [True, False])
    def test_it_is_logged_as_an_error_and_the_next_opening_fixes_it(
        self,
        installed: Logbook,
        box: Box,
        portal: Portal,
        form: dict[str, str],
        database_url: str,
        is_locked: bool,
        caplog: pytest.LogCaptureFixture,
    ) -> None:
        box.faults.delay(PATIENCE_SECONDS, "oauth/token", processed=True)
        box.authority_calls.clear()
        with ThreadPoolExecutor(1) as pool:
            posting = pool.submit(installed.post, form)
            until(lambda: box.authority.state.pairs[-1].user_id == portal.employee.id and not box.faults.effects)
            if is_locked:
                with locked(database_url, "token_pairs"):
                    box.faults.end()
                    page = posting.result(PATIENCE_SECONDS)
            else:
                refuse_to_write(installed, "UPDATE", "token_pairs")
                box.faults.end()
                page = posting.result(PATIENCE_SECONDS)
                write_again(installed, "token_pairs")
        assert page.status == (503 if is_locked else 500)
        loud = [record for record in caplog.records if record.levelno == logging.ERROR]
        assert "a renewed pair could not be stored" in [record.getMessage() for record in loud]
        work_for_minutes(installed)
        assert titles(portal) == []
        installed.send(portal.frame(portal.employee))
        work_for_minutes(installed)
        assert titles(portal) == ["Called"]
        assert installed.post(form).outcome == "posted"


class TestMistakes:
    """What the database refuses because of us is no outage."""

    def test_it_is_called_our_fault(self, installed: Logbook, portal: Portal) -> None:
        form = installed.send(portal.frame(portal.employee)).form
        refuse_to_write(installed, "INSERT", "log_entries")
        page = installed.post(form, **WORDS)
        assert (page.status, page.refusal) == (500, "unexpected")
        assert "our fault" in page.text


@any_database
class TestBroken:
    """A file that is no database."""

    def test_the_log_has_one_line_for_many_requests_and_one_when_it_is_over(
        self,
        installed: Logbook,
        settings: Config,
        portal: Portal,
        database_url: str,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """A database that is away would otherwise fill the disk with what is known already."""
        frame, other = portal.frame(portal.employee), Logbook(create_app(settings))
        installed.close()
        path = Path(str(make_url(database_url).database))
        whole = path.read_bytes()
        path.write_bytes(b"this is no database" * 1000)
        for _ in range(5):
            says_that_it_is_out(other.send(frame))
        path.write_bytes(whole)
        for _ in range(2):
            assert other.send(frame).status == 200
        other.close()
        unusual = [line for line in capsys.readouterr().err.splitlines() if " INFO " not in line]
        assert len(unusual) == 2
        assert "the database cannot be used; waiting for it" in unusual[0]
        assert "the database can be used again" in unusual[1]

    def test_it_is_said_to_be_out(self, installed: Logbook, portal: Portal, database_url: str) -> None:
        frame = portal.frame(portal.employee)
        installed.close()
        path = Path(str(make_url(database_url).database))
        whole = path.read_bytes()
        path.write_bytes(b"this is no database" * 1000)
        says_that_it_is_out(installed.send(frame))
        assert installed.get("/healthz").status == 503
        told = installed.app.test_cli_runner().invoke(args=["doctor"])
        assert told.exit_code == 1
        assert "BAD The database does not answer" in told.output
        with pytest.raises(DBAPIError):
            installed.work()
        installed.close()
        path.write_bytes(whole)
        assert installed.send(frame).status == 200


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_goes_when_all_is_done_takes_no_answer_along(
    installed: Logbook, portal: Portal, postgresql: PostgreSql
) -> None:
    """SQLite has no connection that somebody else could end."""
    form = {**installed.send(portal.frame(portal.employee)).form, **WORDS}

    def end_connections(_app: Flask, **_facts: object) -> None:
        postgresql.end_connections(installed.context.engine.url)

    with request_finished.connected_to(end_connections, installed.app):
        page = installed.post(form)
    assert (page.status, page.outcome) == (200, "posted")
    assert installed.send(portal.frame(portal.employee)).status == 200
    assert titles(portal) == ["Called"]
    pool = installed.context.engine.pool
    assert isinstance(pool, QueuePool)
    assert pool.checkedout() == 0
