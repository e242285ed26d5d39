"""The doctor: every problem has a sentence and an exit code."""

import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url, select, text
from werkzeug.serving import make_server

from b24app import app_url, create_app
from b24app.config import Config
from b24app.doctor import UNUSED, examine_room
from b24app.models import Portal as Ours
from b24app.models import TokenPair
from b24app.services.reports import heartbeats
from b24app.services.reports.health import Finding, examine_clock, examine_portals
from devportal import Box, Portal
from tests.conftest import CLIENT_ID, CLIENT_SECRET, any_database, environment
from tests.delivery.test_heartbeats import beat
from tests.delivery.test_worker import queue_one
from tests.reports.test_readiness import refusing_rows
from tests.support.logbook import Logbook
from tests.support.tls_server import tls_server

WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Where Logbook is to be found, so that its doctor finds it, too."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        yield listener


@pytest.fixture
def box(listener: socket.socket) -> Iterator[Box]:
    address = f"http://127.0.0.1:{listener.getsockname()[1]}"
    with Box(app_url=address, client_id=CLIENT_ID, client_secret=CLIENT_SECRET, title="Logbook") as box:
        yield box


@pytest.fixture
def logbook(logbook: Logbook, listener: socket.socket) -> Iterator[Logbook]:
    server = make_server("127.0.0.1", 0, logbook.app, threaded=True, fd=listener.fileno())
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield logbook
    server.shutdown()
    thread.join()


def doctor(logbook: Logbook) -> tuple[int, str]:
    result = logbook.app.test_cli_runner().invoke(args=["doctor"])
    return result.exit_code, result.output


def test_all_is_well_after_an_installation(installed: Logbook) -> None:
    code, words = doctor(installed)
    assert code == 0, words
    assert "BAD" not in words
    for word in (
        "settings",
        "database",
        "queue",
        "authorization server",
        "clock",
        "portals",
        "waiting",
        "leads to Logbook",
    ):
        assert word in words
    assert ("MB left" in words) == (installed.context.engine.dialect.name == "sqlite")


def expect(logbook: Logbook, sentence: str) -> None:
    code, words = doctor(logbook)
    assert code == 1
    assert any(line.startswith("BAD") and sentence in line for line in words.splitlines()), words


def set_revision(logbook: Logbook, revision: str) -> None:
    with logbook.database() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})
        session.commit()


@pytest.mark.parametrize(
    ("revision", "advice", "other_advice"),
    [("0001", "db upgrade", "goes on"), ("9999", "do not migrate", "db upgrade"), ("ab12", "DATABASE_URL", "upgrade")],
)
def test_tables_of_another_version_are_reported_with_advice(
    installed: Logbook, revision: str, advice: str, other_advice: str
) -> None:
    set_revision(installed, revision)
    code, words = doctor(installed)
    (line,) = [line for line in words.splitlines() if "revision" in line]
    assert (code, line[:4], revision in line, advice in line, other_advice in line) == (1, "BAD ", True, True, False)


def test_a_database_without_tables_is_reported(installed: Logbook) -> None:
    with installed.database() as session:
        session.execute(text("DROP TABLE alembic_version"))
        session.commit()
    expect(installed, "no tables: run flask --app app db upgrade")


def test_a_database_that_accepts_no_rows_is_reported(installed: Logbook) -> None:
    with refusing_rows(installed):
        expect(installed, "takes no rows")


def test_a_silent_authorization_server_is_reported(installed: Logbook, box: Box) -> None:
    box.stop()
    expect(installed, f"authorization server {box.authority_url} does not answer")


def test_an_entry_that_waits_for_long_is_reported(installed: Logbook, portal: Portal) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", "crm.timeline.logmessage.add")
    installed.post(form, **WORDS)
    with installed.database() as session:
        session.execute(text("UPDATE log_entries SET written_at = '2024-01-01 00:00:00'"))
        session.commit()
    expect(installed, "are waiting")


def announce(logbook: Logbook, portal: Portal, token: str) -> None:
    fields = {"event": "ONAPPUNINSTALL", "auth[member_id]": portal.member_id, "auth[application_token]": token}
    assert logbook.event(fields) == 200


def test_an_announced_uninstall_is_reported(installed: Logbook, portal: Portal) -> None:
    announce(installed, portal, str(portal.application_token))
    expect(installed, "may have removed Logbook")


def test_a_suspended_portal_is_reported(installed: Logbook, portal: Portal) -> None:
    token = str(portal.application_token)
    portal.uninstall()
    announce(installed, portal, token)
    expect(installed, "is suspended")


def test_a_removed_portal_and_people_without_permission_are_reported(installed: Logbook) -> None:
    with installed.database() as session:
        portal = session.scalars(select(Ours)).one()
        portal.purged_at = datetime.now(UTC)
        session.scalars(select(TokenPair)).one().refusal = "INVALID_GRANT"
        session.commit()
        said = [finding.sentence for finding in examine_portals(session)]
    assert any("has removed Logbook; what it had here is being deleted." in sentence for sentence in said)
    assert any("1 people must open Logbook again" in sentence for sentence in said)


def test_a_parked_portal_is_reported(installed: Logbook, portal: Portal) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", "crm.timeline.logmessage.add")
    installed.post(form, **WORDS)
    portal.faults.refuse("OVERLOAD_LIMIT", "batch")
    installed.work()
    expect(installed, "is left alone")


@any_database
def test_an_unusable_queue_is_reported(installed: Logbook, database_url: str) -> None:
    Path(f"{make_url(database_url).database}.queue").write_bytes(b"this is no database" * 1000)
    expect(installed, "The queue cannot be used")


@pytest.mark.parametrize(("seconds", "is_fine"), [(0, True), (50, True), (-3600, False), (86_400, False)])
def test_a_wrong_clock_is_reported(seconds: int, is_fine: bool) -> None:
    finding = examine_clock(format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True))
    assert finding.is_fine == is_fine
    assert "differs" in finding.sentence


def test_a_server_that_accepts_no_tokens_is_reported(installed: Logbook, box: Box) -> None:
    box.faults.html("oauth/token")
    expect(installed, "takes no tokens")


@any_database
def test_ignored_variables_for_proxies_and_certificates_are_reported(
    logbook: Logbook, monkeypatch: pytest.MonkeyPatch
) -> None:
    for names in UNUSED:
        for name in names:
            monkeypatch.delenv(name, raising=False)
    assert "not used" not in doctor(logbook)[1]
    for name in ("https_proxy", "SSL_CERT_FILE"):
        monkeypatch.setenv(name, "http://user:hidden@127.0.0.1:9")
    code, words = doctor(logbook)
    assert "ok  https_proxy: set, and not used; Logbook calls portals and authorization servers directly." in words
    assert "SSL_CERT_FILE" in words
    assert (code, "hidden" in words) == (0, False)


@pytest.mark.parametrize(("megabytes", "is_fine"), [(300, True), (100, False), (0, False)])
def test_a_nearly_full_disk_is_reported(megabytes: int, is_fine: bool) -> None:
    assert examine_room(megabytes * 1024**2) == Finding(is_fine, f"The disk of the database has {megabytes} MB left.")


@any_database
@pytest.mark.parametrize("name", ["B24_CLIENT_ID", "B24_CLIENT_SECRET"])
def test_wrong_credentials_are_reported_with_the_name_of_their_setting(
    box: Box, listener: socket.socket, database_url: str, name: str
) -> None:
    listener.close()  # nobody answers there, and the doctor would wait
    logbook = Logbook(create_app(Config.from_environment({**environment(box, database_url), name: "another"})))
    expect(logbook, "refuses B24_CLIENT_ID or B24_CLIENT_SECRET")
    logbook.close()


class TestWorkers:
    """What the doctor says of them."""

    def test_none_is_needed_right_after_an_installation(self, installed: Logbook) -> None:
        assert "ok  No worker is running" in doctor(installed)[1]

    def test_a_missing_worker_is_reported_once_a_portal_has_been_installed_for_a_while(
        self, installed: Logbook
    ) -> None:
        with installed.database() as session:
            session.execute(text("UPDATE portals SET installed_at = '2024-01-01 00:00:00'"))
            session.commit()
        expect(installed, "No worker is running")

    def test_a_missing_worker_is_reported_if_an_entry_waits(self, installed: Logbook, portal: Portal) -> None:
        queue_one(installed, portal)
        expect(installed, "No worker is running")

    def test_a_hanging_worker_is_reported_beside_a_working_one(self, installed: Logbook) -> None:
        beat(installed, "one", 1)
        assert "ok  Worker one:1 is alive" in doctor(installed)[1]
        beat(installed, "two", 2, 80)
        expect(installed, "Worker two:2 has been silent")

    def test_a_worker_of_another_version_is_reported(self, installed: Logbook) -> None:
        with installed.database() as session:
            heartbeats.beat(session, "one", 1, "0.9.0")
        expect(installed, "workers of version 0.9.0")


class TestPublicAddress:
    """APP_URL, asked from outside."""

    def test_nobody_there_is_said(self, free_port: int) -> None:
        (finding,) = app_url.examine(f"http://127.0.0.1:{free_port}", "")
        assert (finding.is_fine, "cannot be reached" in finding.sentence) == (False, True)

    def test_somebody_else_is_said(self, box: Box) -> None:
        (finding,) = app_url.examine(box.authority_url, "")
        assert (finding.is_fine, "is not Logbook" in finding.sentence) == (False, True)

    @pytest.mark.parametrize(("days", "is_fine"), [(2, False), (30, True)])
    def test_a_certificate_that_expires_soon_is_reported(self, tmp_path: Path, days: int, is_fine: bool) -> None:
        with tls_server(tmp_path, days) as server:
            _, certificate = app_url.examine(server.url, str(server.certificate))
        assert (certificate.is_fine, "valid until" in certificate.sentence) == (is_fine, True)

    def test_an_expired_certificate_is_reported(self, tmp_path: Path) -> None:
        with tls_server(tmp_path, -1) as server:
            (finding,) = app_url.examine(server.url, str(server.certificate))
        assert (finding.is_fine, "certificate has expired" in finding.sentence) == (False, True)
