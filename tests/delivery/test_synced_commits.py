"""Which commits to SQLite wait until the disk has them, so that not even a power failure undoes them."""

import sqlite3
import threading

import pytest
from sqlalchemy import Connection, event, select

from b24app import db
from b24app.models import Portal as Row
from devportal import Portal
from tests.conftest import any_database
from tests.support.logbook import Logbook

pytestmark = any_database

WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}
FULL = 2


@pytest.fixture
def synced(installed: Logbook) -> list[bool]:
    """Whether each commit that has written something waits, but for those of the log of calls, which come any time."""
    noted: list[bool] = []

    def note(connection: Connection) -> None:
        if isinstance(threading.current_thread(), threading.Timer):
            return
        driver = connection.connection.driver_connection
        assert isinstance(driver, sqlite3.Connection)
        if driver.in_transaction:
            noted.append(driver.execute("PRAGMA synchronous").fetchone() == (FULL,))

    with installed.database() as session:
        event.listen(session.get_bind(), "commit", note)
    return noted


def test_an_entry_is_on_the_disk_before_it_is_sent_but_not_at_once_that_it_was(
    installed: Logbook, portal: Portal, synced: list[bool]
) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    synced.clear()
    assert installed.post(form, **WORDS).outcome == "posted"
    assert synced == [True, False]


def test_neither_do_drafts_wait_and_what_follows_does(installed: Logbook, portal: Portal, synced: list[bool]) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    synced.clear()
    for title in ("Called", "Called again"):
        assert installed.submit("/drafts", {**form, **WORDS, "title": title}).status == 204
    assert synced == [False, False]
    installed.post(form, **WORDS)
    assert synced == [False, False, True, False]


def test_the_worker_claims_on_the_disk(installed: Logbook, portal: Portal, synced: list[bool]) -> None:
    form = installed.send(portal.frame(portal.employee)).form
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", "crm.timeline.logmessage.add")
    assert installed.post(form, **WORDS).outcome == "queued"
    installed.pass_time(60)
    synced.clear()
    installed.work()
    assert [entry.state for entry in installed.entries()] == ["sent"]
    # That it was sent, and the log of calls, unless it was written before.
    assert synced.count(False) in {1, 2}


def test_what_was_written_before_is_neither_committed_nor_left_unsynced(
    installed: Logbook, portal: Portal, synced: list[bool]
) -> None:
    with installed.database() as session:
        row = session.scalars(select(Row)).one()
        row.app_code = "another"
        session.flush()
        db.skip_sync(session)
        session.rollback()
        assert row.app_code != "another"
        row.app_code = "another"
        session.flush()
        db.skip_sync(session)
        session.commit()
    assert synced == [True]
