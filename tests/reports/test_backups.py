"""Backups: complete while people write, readable only by their owner, and checked by restoring them."""

from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from pgserver._commands import POSTGRES_BIN_PATH
from sqlalchemy import text

from b24app import create_app
from b24app.config import Config
from devportal import Box, Portal
from tests.conftest import any_database, environment
from tests.support.logbook import Logbook
from tests.support.outboxes import on_timeline
from tests.support.postgresql import PostgreSql

WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


@pytest.fixture(autouse=True)
def _programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of the very server: pg_dump refuses to read a newer one."""
    monkeypatch.setenv("PATH", str(POSTGRES_BIN_PATH), prepend=":")


def invoke(logbook: Logbook, *arguments: str) -> tuple[int, str]:
    result = logbook.app.test_cli_runner().invoke(args=["db", *arguments])
    return result.exit_code, result.output


@pytest.fixture
def written(installed: Logbook, portal: Portal) -> Logbook:
    """With an entry and a draft, still in SQLite's log."""
    form = installed.send(portal.frame(portal.employee)).form
    assert installed.post(form, **WORDS).outcome == "posted"
    installed.submit("/drafts", {**installed.send(portal.frame(portal.employee)).form, **WORDS})
    return installed


def test_a_backup_is_whole_and_its_check_says_so(written: Logbook, tmp_path: Path) -> None:
    file = tmp_path / "backup"
    assert invoke(written, "backup", str(file))[0] == 0
    assert file.stat().st_mode & 0o777 == 0o600
    assert list(tmp_path.iterdir()) == [file]
    code, words = invoke(written, "check", str(file))
    assert code == 0, words
    for fact in ("log_entries 1", "drafts 1", "portals 1", "TOKEN_KEYS opens all of"):
        assert fact in words


def test_a_check_leaves_the_database_in_use_alone(written: Logbook, postgresql: PostgreSql, tmp_path: Path) -> None:
    invoke(written, "backup", str(tmp_path / "backup"))
    with written.database() as session:
        session.execute(text("DELETE FROM drafts"))
        session.commit()
    assert "drafts 1" in invoke(written, "check", str(tmp_path / "backup"))[1]
    with written.database() as session:
        assert session.scalar(text("SELECT count(*) FROM drafts")) == 0
    left = "SELECT datname FROM pg_database WHERE datname LIKE 'logbook_check_%'"
    assert postgresql.connection.execute(left).fetchall() == []


def test_a_backup_without_its_keys_is_not_well(written: Logbook, box: Box, database_url: str, tmp_path: Path) -> None:
    invoke(written, "backup", str(tmp_path / "backup"))
    keys = {"TOKEN_KEYS": Fernet.generate_key().decode()}
    lacking = Logbook(create_app(Config.from_environment({**environment(box, database_url), **keys})))
    code, words = invoke(lacking, "check", str(tmp_path / "backup"))
    assert (code, "can be opened with no key" in words) == (1, True)
    lacking.close()


@any_database
def test_an_older_backup_says_that_it_must_be_migrated(written: Logbook, tmp_path: Path) -> None:
    invoke(written, "downgrade", "0008")
    invoke(written, "backup", str(tmp_path / "backup"))
    code, words = invoke(written, "check", str(tmp_path / "backup"))
    assert (code, "revision 0008; flask --app app db upgrade" in words) == (0, True)


@any_database
def test_nothing_is_overwritten(written: Logbook, tmp_path: Path) -> None:
    (tmp_path / "backup").write_text("precious")
    code, words = invoke(written, "backup", str(tmp_path / "backup"))
    assert (code, "is there already" in words) == (1, True)
    assert (tmp_path / "backup").read_text() == "precious"


@any_database
@pytest.mark.parametrize("target", ["missing/backup", "file/backup"])
def test_a_file_that_cannot_be_written_is_a_sentence(written: Logbook, tmp_path: Path, target: str) -> None:
    (tmp_path / "file").touch()
    code, words = invoke(written, "backup", str(tmp_path / target))
    assert (code, "could not be written" in words, "Traceback" in words) == (1, True, False)


@any_database
@pytest.mark.parametrize("content", [b"", b"nothing of ours", b"SQLite format 3\0" + b"x" * 5000, b"PGDMP"])
def test_a_file_that_is_not_a_backup_is_reported(written: Logbook, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "backup").write_bytes(content)
    code, words = invoke(written, "check", str(tmp_path / "backup"))
    assert (code, "Traceback" in words, "acku" in words) == (1, False, True), words


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_truncated_archive_is_reported_and_leaves_no_database(
    written: Logbook, postgresql: PostgreSql, tmp_path: Path
) -> None:
    file = tmp_path / "backup"
    invoke(written, "backup", str(file))
    file.write_bytes(file.read_bytes()[:-2000])
    code, words = invoke(written, "check", str(file))
    assert (code, "pg_restore has failed" in words) == (1, True)
    left = "SELECT datname FROM pg_database WHERE datname LIKE 'logbook_check_%'"
    assert postgresql.connection.execute(left).fetchall() == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_missing_programs_are_named(written: Logbook, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    code, words = invoke(written, "backup", str(tmp_path / "backup"))
    assert (code, "pg_dump is not installed" in words) == (1, True)


@any_database
def test_a_restored_backup_serves(written: Logbook, box: Box, portal: Portal, tmp_path: Path) -> None:
    invoke(written, "backup", str(tmp_path / "restored.db"))
    restored = Logbook(create_app(Config.from_environment(environment(box, f"sqlite:///{tmp_path / 'restored.db'}"))))
    page = restored.send(portal.frame(portal.employee))
    assert page.status == 200
    assert restored.post(page.form, **{**WORDS, "title": "Again"}).outcome == "posted"
    assert sorted(on_timeline(portal)) == ["Again", "Called"]
    restored.close()


@any_database
def test_what_was_sent_since_the_backup_is_not_sent_again_after_a_restore(
    installed: Logbook, box: Box, portal: Portal, tmp_path: Path
) -> None:
    for title in ("Sent since", "Never sent"):
        portal.faults.refuse("QUERY_LIMIT_EXCEEDED", "crm.timeline.logmessage.add")
        form = installed.send(portal.frame(portal.employee)).form
        assert installed.post(form, **{**WORDS, "title": title}).outcome == "queued"
    assert invoke(installed, "backup", str(tmp_path / "restored.db"))[0] == 0
    installed.work()
    (never,) = [message for message in portal.timeline(2, 1) if message.title == "Never sent"]
    del portal.state.log_messages[never.id]
    restored = Logbook(create_app(Config.from_environment(environment(box, f"sqlite:///{tmp_path / 'restored.db'}"))))
    code, words = invoke(restored, "restored")
    assert (code, "2 waiting entries will be looked for" in words) == (0, True)
    for _ in range(3):
        restored.work()
        restored.pass_time(120)
    assert sorted(on_timeline(portal)) == ["Never sent", "Sent since"]
    assert [entry.state for entry in restored.entries()] == ["sent", "sent"]
    restored.close()


@any_database
def test_tokens_that_were_renewed_since_the_backup_are_dead_until_their_owner_comes_back(
    installed: Logbook, box: Box, portal: Portal, tmp_path: Path
) -> None:
    """A refresh token serves once, and the backup has the one that was used up."""
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", "crm.timeline.logmessage.add")
    form = installed.send(portal.frame(portal.employee)).form
    assert installed.post(form, **{**WORDS, "title": "Waited"}).outcome == "queued"
    assert invoke(installed, "backup", str(tmp_path / "restored.db"))[0] == 0
    portal.expire_access_tokens(portal.employee)
    assert installed.post({**form, "form_key": "another-form-key-of-theirs"}, **WORDS).outcome == "posted"
    portal.expire_access_tokens(portal.employee)
    restored = Logbook(create_app(Config.from_environment(environment(box, f"sqlite:///{tmp_path / 'restored.db'}"))))
    invoke(restored, "restored")
    restored.pass_time(120)
    restored.work()
    sentence = "1 people must open Logbook again before it can write for them"
    assert sentence in restored.app.test_cli_runner().invoke(args=["doctor"]).output
    restored.send(portal.frame(portal.employee))
    restored.pass_time(120)
    restored.work()
    assert sorted(on_timeline(portal)) == ["Called", "Waited"]
    restored.close()
