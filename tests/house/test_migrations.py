"""Migrations: up, down and up again, on both databases, without losing a row, and the last one equals the models."""

import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, create_engine, inspect, text

from b24app import migrating
from b24app.columns import add_conditions
from b24app.config import PROJECT, Config
from b24app.models import Base
from b24app.revisions import MIGRATIONS, known
from devportal import Box
from tests.conftest import environment
from tests.support.logbook import Logbook
from tests.support.waiting import until

NOW = datetime(2026, 1, 31, 12, tzinfo=UTC).replace(tzinfo=None)
FIRST_TABLES = ["portals", "people", "token_pairs", "log_entries"]
# What the first revision stores; later ones may only add to it.
ROWS = {
    "portals": {
        "id": 1,
        "member_id": "a" * 32,
        "client_endpoint": "https://portal.example/rest/",
        "authority": "https://oauth.bitrix.info",
        "app_code": "local.1",
        "installed_at": NOW,
    },
    "people": {"id": 1, "portal_id": 1, "bitrix_id": 7, "name": "Ben Okafor", "time_zone": "Europe/London"},
    "token_pairs": {"person_id": 1, "version": 1, "obtained_at": NOW, "access_token": "sealed"},
    "log_entries": {
        "id": 1,
        "portal_id": 1,
        "person_id": 1,
        "form_key": "k",
        "entity_type_id": 2,
        "entity_id": 1,
        "icon_code": "comment",
        "title": "Title",
        "text": "Text",
        "state": "pending",
        "attempts": 0,
        "lookups": 0,
        "written_at": NOW,
        "due_at": NOW,
    },
}


@pytest.fixture
def settings(box: Box, database_url: str) -> Config:
    """Whoever waits for a lock says so after a second."""
    return Config.from_environment(
        environment(box, f"{database_url}?timeout=1" if "sqlite" in database_url else database_url)
    )


@pytest.fixture
def engine(logbook: Logbook) -> Engine:
    bound = logbook.context.sessions.kw["bind"]
    assert isinstance(bound, Engine)
    return bound


def migrate(logbook: Logbook, *arguments: str) -> None:
    result = logbook.app.test_cli_runner().invoke(args=["db", *arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output


def tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def revisions() -> list[str]:
    """All of them, the first one first."""
    walk = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    return [revision.revision for revision in walk][::-1]


def fill(engine: Engine) -> None:
    with engine.begin() as connection:
        for table, row in ROWS.items():
            names = ", ".join(row)
            values = ", ".join(f":{name}" for name in row)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)  # noqa: S608


def counts(engine: Engine) -> dict[str, int]:
    with engine.connect() as connection:
        return {
            table: connection.scalar(text(f"SELECT count(*) FROM {table}")) or 0  # noqa: S608
            for table in FIRST_TABLES
        }


def test_the_last_one_equals_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_indexes_of_few_rows_have_the_conditions_of_the_models(engine: Engine) -> None:
    name = engine.dialect.name
    found = {
        index["name"]: str(index["dialect_options"][f"{name}_where"])
        for table in Base.metadata.sorted_tables
        for index in inspect(engine).get_indexes(table.name)
        if f"{name}_where" in index.get("dialect_options", {})
    }
    stated = {
        index.name: str(index.dialect_options[name]["where"])
        for table in add_conditions(Base.metadata).sorted_tables
        for index in table.indexes
        if index.dialect_options[name]["where"] is not None
    }
    assert {key: plain(condition) for key, condition in found.items()} == stated


def plain(condition: str) -> str:
    """A condition without PostgreSQL's brackets and casts."""
    return re.sub(r"^\(|\)$|::\w+( varying)?|\((\w+)\)(?=::)", r"\2", condition)


def test_all_the_way_down_and_up_again(logbook: Logbook, engine: Engine) -> None:
    whole = tables(engine)
    assert whole == {table.name for table in Base.metadata.sorted_tables}
    migrate(logbook, "downgrade", "base")
    assert tables(engine) == set()
    migrate(logbook, "upgrade")
    assert tables(engine) == whole


def test_each_single_step_down_and_up_keeps_every_row(logbook: Logbook, engine: Engine) -> None:
    first, *later = revisions()
    migrate(logbook, "downgrade", first)
    fill(engine)
    kept = dict.fromkeys(FIRST_TABLES, 1)
    for revision in later:
        migrate(logbook, "upgrade", revision)
        assert (revision, counts(engine)) == (revision, kept)
    for revision in later:
        migrate(logbook, "downgrade")
        assert (revision, counts(engine)) == (revision, kept)
    migrate(logbook, "upgrade")
    assert counts(engine) == kept


def test_migrating_what_is_migrated_changes_nothing(logbook: Logbook, engine: Engine) -> None:
    migrate(logbook, "upgrade")
    migrate(logbook, "upgrade")
    assert tables(engine) == {table.name for table in Base.metadata.sorted_tables}


def test_foreign_keys_hold_after_every_step(logbook: Logbook, engine: Engine) -> None:
    first, *_ = revisions()
    migrate(logbook, "downgrade", first)
    fill(engine)
    migrate(logbook, "upgrade")
    with engine.begin() as connection:
        connection.execute(text("DELETE FROM portals"))
    assert set(counts(engine).values()) == {0}


def test_a_project_in_a_folder_with_a_percent_sign_is_migrated(tmp_path: Path, box: Box) -> None:
    folder = tmp_path / "100%(done)s"
    folder.symlink_to(PROJECT)
    url = f"sqlite:///{tmp_path / 'fresh.db'}"
    environ = {**os.environ, **environment(box, url), "PYTHONPATH": str(folder)}
    command = [sys.executable, "-m", "flask", "--app", "app", "db", "upgrade"]
    done = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr.count("Traceback")) == (0, 0), done.stderr
    assert "drafts" in tables(create_engine(url))


def upgrade(logbook: Logbook, *arguments: str) -> tuple[int, str]:
    result = logbook.app.test_cli_runner().invoke(args=["db", "upgrade", *arguments])
    return result.exit_code, result.output


def test_an_upgrade_says_what_it_did(logbook: Logbook) -> None:
    migrate(logbook, "downgrade", "0008")
    _, words = upgrade(logbook)
    assert f"were those of revision 0008, and are now those of {revisions()[-1]}" in words
    assert "  0009 An index for the changes of a person" in words
    assert upgrade(logbook) == (
        0,
        f"The tables are those of revision {revisions()[-1]} already; nothing was changed.\n",
    )


def test_the_numbers_in_the_names_of_the_files_are_the_revisions() -> None:
    assert revisions() == list(known())


@pytest.mark.parametrize("revision", ["9999", "ab12"])
def test_tables_of_a_version_that_is_not_known_are_left_alone(logbook: Logbook, engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :r"), {"r": revision})
    code, words = upgrade(logbook)
    assert (code, revision in words, "Nothing was changed" in words) == (1, True, True)


def test_a_second_upgrade_waits_for_the_first(
    logbook: Logbook, engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    migrate(logbook, "downgrade", "0008")
    with ThreadPoolExecutor(1) as pool:
        with migrating.alone(engine) as connection:
            second = pool.submit(upgrade, logbook)
            until(lambda: "waiting for it" in caplog.text)
            command.upgrade(migrating.settings(connection), "head")
        code, words = second.result(60)
    assert (code, "nothing was changed" in words) == (0, True)


def test_a_failing_upgrade_leaves_nothing_behind(logbook: Logbook, engine: Engine) -> None:
    migrate(logbook, "downgrade", "0008")
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE workers (id INTEGER)"))  # in the way of a later step
    code, words = upgrade(logbook)
    assert (code, "workers" in words, "Traceback" in words) == (1, True, False)
    assert "ix_changes_person_id" not in {index["name"] for index in inspect(engine).get_indexes("changes")}
