"""Copying to another database: every row is there and equal, and people can continue to work."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from b24app import create_app
from b24app.config import Config
from b24app.services.reports import heartbeats
from devportal import Box, Portal
from tests.conftest import any_database, environment
from tests.support.administrator import Admin
from tests.support.logbook import Logbook
from tests.support.outboxes import on_timeline
from tests.support.postgresql import PostgreSql

pytestmark = any_database

ADD = "crm.timeline.logmessage.add"
WORDS = {"icon": "comment", "title": "Zażółć 📞", "text": "They agreed.\nAnd “more”."}
NAME = "logbook_copied"


@pytest.fixture
def address(postgresql: PostgreSql) -> Iterator[str]:
    yield postgresql.copy("template0", NAME)
    postgresql.drop(NAME)


@pytest.fixture
def filled(installed: Logbook, portal: Portal) -> Logbook:
    """A sent entry, one that waits, a draft, settings and their changes, and a secret that no key opens."""
    Admin(installed, portal).go("writers/save", who="everybody", version="0")
    form = installed.send(portal.frame(portal.employee)).form
    assert installed.post(form, **WORDS).outcome == "posted"
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
    assert installed.post(installed.send(portal.frame(portal.employee)).form, **WORDS).outcome == "queued"
    installed.submit("/drafts", {**installed.send(portal.frame(portal.employee)).form, **WORDS})
    with installed.database() as session:
        session.execute(text("UPDATE portals SET application_token = 'b1.gAAAAwhat-no-key-opens'"))
        session.commit()
    return installed


def copy(logbook: Logbook, address: str) -> tuple[int, str]:
    result = logbook.app.test_cli_runner().invoke(args=["db", "copy", "--to", address])
    return result.exit_code, result.output


def rows(logbook: Logbook) -> int:
    with logbook.database() as session:
        return int(session.scalar(text("SELECT count(*) FROM log_entries")) or 0)


def test_people_and_the_worker_go_on_where_they_were(filled: Logbook, portal: Portal, box: Box, address: str) -> None:
    code, words = copy(filled, address)
    assert code == 0, words
    for fact in ("log_entries: 2 rows", "drafts: 1 rows", "people: 2 rows", "Every row is there"):
        assert fact in words
    moved = Logbook(create_app(Config.from_environment(environment(box, address))))
    moved.pass_time(3600)
    moved.work()
    assert on_timeline(portal) == [WORDS["title"]] * 2
    page = moved.send(portal.frame(portal.employee))
    assert [entry.state for entry in moved.entries()] == ["sent", "sent"]
    assert moved.post(page.form, **{**WORDS, "title": "The next"}).outcome == "posted"
    assert moved.entries()[-1].id == 3, "numbers go on"
    with filled.database() as old, moved.database() as new:
        for sealed in ("SELECT application_token FROM portals", "SELECT section, version FROM settings"):
            assert old.execute(text(sealed)).all() == new.execute(text(sealed)).all()
    moved.close()


def test_a_target_with_rows_is_refused_and_left_alone(filled: Logbook, address: str, box: Box) -> None:
    assert copy(filled, address)[0] == 0
    code, words = copy(filled, address)
    assert (code, "not empty" in words) == (1, True)
    there = Logbook(create_app(Config.from_environment(environment(box, address))))
    assert rows(there) == rows(filled) == 2
    there.close()


def test_a_running_worker_is_refused(filled: Logbook, address: str) -> None:
    with filled.database() as session:
        heartbeats.beat(session, "elsewhere", 1, "1.0.0")
    code, words = copy(filled, address)
    assert (code, "A worker is running (elsewhere:1)" in words) == (1, True)


def test_rows_that_the_target_refuses_are_named_and_nothing_is_copied(filled: Logbook, address: str, box: Box) -> None:
    with filled.database() as session:
        session.execute(text("UPDATE log_entries SET icon_code = :long"), {"long": "x" * 300})  # longer than its column
        session.commit()
    code, words = copy(filled, address)
    assert (code, "log_entries, in the 2 rows from 1 on" in words) == (1, True), words
    there = Logbook(create_app(Config.from_environment(environment(box, address))))
    with there.database() as session:
        assert session.scalar(text("SELECT count(*) FROM portals")) == 0
    there.close()


@pytest.mark.parametrize("target", ["mysql://localhost/x", "not an address", "sqlite:////dev/null/x/logbook.db"])
def test_a_target_that_is_none_is_a_sentence(filled: Logbook, target: str) -> None:
    code, words = copy(filled, target)
    assert (code, "Traceback" in words, "--to" in words) == (2, False, True), words


def test_the_database_itself_is_no_target(filled: Logbook) -> None:
    code, words = copy(filled, filled.context.config.database_url)
    assert (code, "That is the database of DATABASE_URL itself." in words) == (1, True), words


def test_tables_of_another_version_are_not_copied(filled: Logbook, address: str) -> None:
    with filled.database() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        session.commit()
    code, words = copy(filled, address)
    assert (code, "flask --app app db upgrade first" in words) == (1, True), words


def test_it_goes_both_ways(filled: Logbook, address: str, box: Box, tmp_path: Path) -> None:
    assert copy(filled, address)[0] == 0
    there = Logbook(create_app(Config.from_environment(environment(box, address))))
    code, words = copy(there, f"sqlite:///{tmp_path / 'back.db'}")
    assert (code, "Every row is there" in words) == (0, True), words
    there.close()
