"""An outage is logged once a minute and once when it is over; a wrong statement is not an outage."""

import sqlite3
import threading
from typing import Any

import pytest
from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, OperationalError

from b24app.outages import DATABASE, QUEUE, Outages, is_outage
from devportal import Portal
from tests.support.logbook import Logbook
from tests.support.postgresql import PostgreSql


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_it_is_logged_once_a_minute_and_once_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    clock = Clock()
    outages = Outages(clock)
    for _ in range(480):
        outages.note(DATABASE, ConnectionRefusedError("refused\nby somebody"))
        clock.now += 0.125
    assert caplog.messages == ["the database cannot be used; waiting for it"]
    assert caplog.records[0].__dict__["reason"] == "refused"
    outages.note(DATABASE, ConnectionRefusedError())
    outages.note(QUEUE, ConnectionRefusedError())
    assert len(caplog.messages) == 3
    for _ in range(3):
        outages.end(DATABASE)
    assert caplog.messages[3:] == ["the database can be used again"]


def test_intermittent_outages_are_not_logged_each_time(caplog: pytest.LogCaptureFixture) -> None:
    outages = Outages(Clock())
    for _ in range(100):
        outages.note(DATABASE, ConnectionRefusedError())
        outages.end(DATABASE)
    assert len(caplog.messages) == 2


def test_a_statement_that_is_wrong_is_no_outage(logbook: Logbook) -> None:
    with logbook.database() as session, pytest.raises(DBAPIError) as caught:
        session.execute(text("SELECT nothing FROM nowhere"))
    assert not is_outage(caught.value)


@pytest.mark.parametrize("code", [sqlite3.SQLITE_BUSY, sqlite3.SQLITE_FULL, sqlite3.SQLITE_CANTOPEN])
def test_a_file_that_cannot_be_used_is_one(code: int) -> None:
    cause = sqlite3.OperationalError("the file")
    cause.sqlite_errorcode = code
    assert is_outage(OperationalError("SELECT 1", {}, cause))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_a_database_that_goes_anywhere_in_an_opening_is_one(
    installed: Logbook, portal: Portal, postgresql: PostgreSql
) -> None:
    """What was read has to be committed all the same, and that failure must not hide the first one."""
    frame, engine = portal.frame(portal.employee), installed.context.engine
    assert installed.send(frame).status == 200
    # The log of calls is written by another thread.
    left, refusals, here = 0, [], threading.get_ident()

    def end(*_statement: Any) -> None:
        nonlocal left
        left -= threading.get_ident() == here
        if left == 0 and threading.get_ident() == here:
            postgresql.end_connections(engine.url)

    event.listen(engine, "before_cursor_execute", end)
    for place in range(1, 20):
        left = place
        page = installed.send(frame)
        if left > 0:
            break
        refusals.append((page.status, page.refusal))
    event.remove(engine, "before_cursor_execute", end)
    assert refusals == [(503, "unreachable")] * (place - 1)
    assert place > 4
    assert installed.send(frame).status == 200
