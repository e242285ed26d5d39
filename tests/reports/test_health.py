"""The doctor: well is well, and what is wrong has a sentence and an exit code."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from b24app import create_app
from b24app.config import Config
from b24app.services.reports.health import examine_clock
from devportal import Box, Portal
from tests.conftest import any_database, environment
from tests.support.logbook import Logbook

WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}


def doctor(logbook: Logbook) -> tuple[int, str]:
    result = logbook.app.test_cli_runner().invoke(args=["doctor"])
    return result.exit_code, result.output


def test_all_is_well_after_an_installation(installed: Logbook) -> None:
    code, words = doctor(installed)
    assert code == 0, words
    assert "BAD" not in words
    for word in ("settings", "database", "queue", "authorization server", "clock", "portals", "waiting"):
        assert word in words


def expect(logbook: Logbook, sentence: str) -> None:
    code, words = doctor(logbook)
    assert code == 1
    assert any(line.startswith("BAD") and sentence in line for line in words.splitlines()), words


def test_tables_of_another_version_are_said(installed: Logbook) -> None:
    with installed.database() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        session.commit()
    expect(installed, "db upgrade")


def test_a_silent_authorization_server_is_said(installed: Logbook, box: Box) -> None:
    box.stop()
    expect(installed, "authorization server does not answer")


def test_an_entry_that_waits_for_long_is_said(installed: Logbook, portal: Portal) -> None:
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


def test_an_announced_uninstall_is_said(installed: Logbook, portal: Portal) -> None:
    announce(installed, portal, str(portal.application_token))
    expect(installed, "may have removed Logbook")


def test_a_suspended_portal_is_said(installed: Logbook, portal: Portal) -> None:
    token = str(portal.application_token)
    portal.uninstall()
    announce(installed, portal, token)
    expect(installed, "is suspended")


def test_a_parked_portal_is_said(installed: Logbook, portal: Portal) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", "crm.timeline.logmessage.add")
    installed.post(form, **WORDS)
    portal.faults.refuse("OVERLOAD_LIMIT", "batch")
    installed.work()
    expect(installed, "is left alone")


@any_database
def test_a_queue_that_cannot_be_used_is_said(installed: Logbook, database_url: str) -> None:
    Path(f"{make_url(database_url).database}.queue").write_bytes(b"this is no database" * 1000)
    expect(installed, "The queue cannot be used")


@pytest.mark.parametrize(("seconds", "is_fine"), [(0, True), (50, True), (-3600, False), (86_400, False)])
def test_a_clock_that_is_wrong_is_said(seconds: int, is_fine: bool) -> None:
    finding = examine_clock(format_datetime(datetime.now(UTC) + timedelta(seconds=seconds), usegmt=True))
    assert finding.is_fine == is_fine
    assert "differs" in finding.sentence


@any_database
@pytest.mark.parametrize("name", ["B24_CLIENT_ID", "B24_CLIENT_SECRET"])
def test_wrong_credentials_are_said_by_the_name_of_their_setting(box: Box, database_url: str, name: str) -> None:
    logbook = Logbook(create_app(Config.from_environment({**environment(box, database_url), name: "another"})))
    expect(logbook, "refuses B24_CLIENT_ID or B24_CLIENT_SECRET")
    logbook.close()
