"""The worker's chores: failures of one portal or one chore do not hold up others."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from b24app.config import Config
from b24app.models import Person, TokenPair
from b24app.models import Portal as PortalRow
from devportal import Box, Portal
from tests.access.test_rest_log import calls_of
from tests.conftest import any_database
from tests.delivery.test_queue import file_of_queue
from tests.delivery.test_worker import worker
from tests.setup.test_events import row_of
from tests.support.logbook import Logbook
from tests.support.outboxes import on_timeline, waiting
from tests.support.query_plans import heard
from tests.support.waiting import until


def is_to_be_followed(logbook: Logbook, portal: Portal) -> None:
    with logbook.database() as session:
        session.query(PortalRow).filter_by(member_id=portal.member_id).one().places_due_at = datetime.now(UTC)
        session.commit()


def spoil(logbook: Logbook, portal: Portal) -> None:
    """A row that cannot be read any more, as a broken disk or a hand in the database leaves it."""
    with logbook.database() as session:
        session.execute(text("UPDATE portals SET icons = '{' WHERE member_id = :id"), {"id": portal.member_id})
        session.commit()


@any_database
def test_a_portal_that_cannot_be_worked_for_is_named_in_the_log_and_the_others_are_served(
    installed: Logbook, portal: Portal, second: Portal, caplog: pytest.LogCaptureFixture
) -> None:
    waiting(installed, portal)
    is_to_be_followed(installed, portal)
    waiting(installed, second)
    is_to_be_followed(installed, second)
    spoil(installed, portal)
    with pytest.raises(ValueError, match="Expecting"):
        installed.work()
    assert (on_timeline(portal), on_timeline(second)) == ([], ["Called"])
    assert row_of(installed, second).places_due_at is None
    named = [record.__dict__["portal"] for record in caplog.records if record.getMessage() == "a chore has failed"]
    assert named == [portal.host] * 2


@any_database
def test_a_chore_that_fails_keeps_none_of_the_others_from_being_done(installed: Logbook, portal: Portal) -> None:
    waiting(installed, portal)
    is_to_be_followed(installed, portal)
    with installed.database() as session:
        session.execute(text("DROP TABLE drafts"))
        session.commit()
    with pytest.raises(Exception, match="drafts"):
        installed.work()
    assert on_timeline(portal) == ["Called"]
    assert row_of(installed, portal).places_due_at is None


@any_database
def test_what_fails_is_logged_where_the_database_cannot_tell_whose_it_is_either(
    installed: Logbook, caplog: pytest.LogCaptureFixture
) -> None:
    with installed.database() as session:
        session.execute(text("ALTER TABLE portals RENAME TO elsewhere"))
        session.commit()
    with pytest.raises(Exception, match="portals"):
        installed.work()
    assert "a chore has failed" in caplog.messages


@any_database
def test_a_portal_that_is_slow_to_be_followed_does_not_hold_the_sweep(
    installed: Logbook, settings: Config, box: Box, portal: Portal, second: Portal, database_url: str
) -> None:
    is_to_be_followed(installed, portal)
    portal.faults.delay(600, "placement.get")
    waiting(installed, second)
    installed.close()
    file_of_queue(database_url).unlink()  # its wake-up is lost: only the sweep finds it
    with worker(settings, box):
        until(lambda: on_timeline(second) == ["Called"])
        assert row_of(installed, portal).places_due_at is not None
        portal.faults.end()
        until(lambda: row_of(installed, portal).places_due_at is None)


@any_database
def test_a_renewal_for_one_portal_is_written_down_there_and_nowhere_else(
    installed: Logbook, portal: Portal, second: Portal
) -> None:
    ours = row_of(installed, portal)
    with installed.database() as session:
        pair = session.query(TokenPair).join(Person).filter_by(portal_id=ours.id).one()
        pair.obtained_at = datetime.now(UTC) - timedelta(days=171)
        session.commit()
    is_to_be_followed(installed, second)
    before, others = len(calls_of(installed, portal)), len(calls_of(installed, second))
    installed.work()
    assert [call.method for call in calls_of(installed, portal)[before:]] == ["oauth/renew"]
    assert [call.method for call in calls_of(installed, second)[others:]] == ["batch"]


@any_database
def test_calls_about_a_portal_that_may_be_gone_are_not_logged_for_another_portal(
    installed: Logbook, portal: Portal, second: Portal
) -> None:
    with installed.database() as session:
        session.query(PortalRow).filter_by(member_id=portal.member_id).one().check_due_at = datetime.now(UTC)
        session.commit()
    portal.expire_access_tokens()
    is_to_be_followed(installed, second)
    before = len(calls_of(installed, second))
    installed.work()
    assert row_of(installed, portal).check_due_at is None, "it was asked, and lives"
    assert [call.method for call in calls_of(installed, second)[before:]] == ["batch"]


def test_a_round_with_nothing_due_takes_few_statements_and_changes_nothing_but_old_drafts(installed: Logbook) -> None:
    """A change locks SQLite for everybody, and a round comes every few seconds."""
    with heard(installed.context.engine) as statements:
        installed.work()
    changes = [statement for statement, _values in statements if not statement.startswith("SELECT")]
    assert [change.partition(" WHERE")[0] for change in changes] == ["DELETE FROM drafts"]
    assert len(statements) <= 18
