"""Machines with different clocks never hold a lease twice, since the database's clock counts."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select, text

from b24app import db
from b24app.config import Config
from b24app.models import Person
from b24app.models import Portal as PortalRow
from b24app.services.access import tokens, uninstall
from b24app.services.setup import smart_processes
from devportal import Box, Portal
from tests.conftest import environment
from tests.support.logbook import Logbook

SECONDS = 90
PROJECT = Path(__file__).parent.parent.parent

# A process on a machine whose clock is 95 seconds ahead, or behind.
ELSEWHERE = """
import datetime, sys, time
apart = float(sys.argv[1])
class Apart(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return super().now(tz) + datetime.timedelta(seconds=apart)
datetime.datetime = Apart
true_time = time.time
time.time = lambda: true_time() + apart

from sqlalchemy import select
from app import app
from b24app.models import Person
from b24app.services.access import tokens, uninstall
from b24app.services.setup import smart_processes
assert abs(datetime.datetime.now(datetime.UTC).timestamp() - true_time()) > 90
with app.extensions["logbook"].sessions() as session:
    person = session.scalars(select(Person)).one()
    version = tokens.read(session, person)[0]
    if sys.argv[2] == "take":
        assert tokens._take_lease(session, person, version, 90)
        person.portal.check_due_at = uninstall.db.now(session)
        smart_processes.note(session, person.portal)
        session.commit()
        assert smart_processes._claim(session, person.portal_id)
    print(tokens._take_lease(session, person, version, 90), smart_processes.due(session), uninstall.due(session))
"""


def elsewhere(settings: Config, box: Box, apart: int, what: str) -> str:
    environ = {**os.environ, **environment(box, settings.database_url)}
    command = [sys.executable, "-c", ELSEWHERE, str(apart), what]
    return subprocess.run(command, cwd=PROJECT, env=environ, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("apart", [95, -95])
def test_a_lease_that_is_held_here_is_held_there(
    installed: Logbook, settings: Config, box: Box, portal: Portal, apart: int
) -> None:
    with installed.database() as session:
        person = session.scalars(select(Person)).one()
        assert tokens._take_lease(session, person, tokens.read(session, person)[0], SECONDS)
        smart_processes.note(session, person.portal)
        session.commit()
        assert smart_processes._claim(session, person.portal_id)
    assert elsewhere(settings, box, apart, "look") == "False [] []"


@pytest.mark.parametrize("apart", [95, -95])
def test_a_lease_that_is_held_there_is_held_here(
    installed: Logbook, settings: Config, box: Box, portal: Portal, apart: int
) -> None:
    """And what is due there is due here."""
    portal_id = 1
    assert elsewhere(settings, box, apart, "take") == f"False [] [{portal_id}]"
    with installed.database() as session:
        person = session.scalars(select(Person)).one()
        assert not tokens._take_lease(session, person, tokens.read(session, person)[0], SECONDS)
        assert smart_processes.due(session) == []
        assert uninstall.due(session) == [portal_id]


def test_the_databases_time_can_be_compared_with_what_it_stores(installed: Logbook) -> None:
    """To less than a second, also within one transaction, whatever the database's time zone."""
    with installed.database() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("SET TIME ZONE 'Asia/Kathmandu'"))
        before = db.now(session)
        row = session.scalars(select(PortalRow)).one()
        row.check_due_at = before
        session.flush()
        over = select(PortalRow.id).where(PortalRow.check_due_at <= db.database_time())
        assert session.scalar(over) == row.id
        assert session.scalar(over.where(PortalRow.check_due_at > db.database_time(-30))) == row.id
        assert session.scalar(over.where(PortalRow.check_due_at <= db.database_time(-30))) is None
        assert 0 <= (db.now(session) - before).total_seconds() < 30
