"""The queue only wakes the worker: if it fails, people who post do not notice, and everything is delivered."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import make_url, text

from b24app.config import Config
from b24app.services import chores
from b24app.tasks import Queue
from b24app.worker import Worker
from devportal import Portal
from tests.conftest import any_database
from tests.delivery.test_database_outages import locked, titles
from tests.house.test_config import WHOLE
from tests.support.logbook import Logbook
from tests.support.waiting import until

ADD = "crm.timeline.logmessage.add"
WORDS = {"icon": "comment", "title": "Called", "text": "They agreed."}
OTHERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"


def queue_one(logbook: Logbook, portal: Portal) -> None:
    form = logbook.send(portal.frame(portal.employee)).form
    portal.faults.refuse("QUERY_LIMIT_EXCEEDED", ADD)
    assert logbook.post(form, **WORDS).outcome == "queued"


def file_of_queue(database_url: str) -> Path:
    return Path(f"{make_url(database_url).database}.queue")


def others(logbook: Logbook) -> int:
    with logbook.database() as session:
        return int(session.scalar(text(OTHERS)) or 0)


def test_it_is_opened_once_however_many_threads_wake_it(installed: Logbook, database_url: str) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(installed.context.queue.wake, range(8)))
    if make_url(database_url).get_backend_name() == "postgresql":
        # Only the queue's connection counts, not those that wait in the pool.
        installed.context.engine.dispose()
        until(lambda: others(installed) == 1)
    assert installed.context.queue.problem() == ""


@any_database
def test_one_that_breaks_while_it_is_used_is_no_trouble_for_who_posts_and_is_mended(
    installed: Logbook, portal: Portal, database_url: str
) -> None:
    queue = installed.context.queue
    assert queue.problem() == ""
    file_of_queue(database_url).write_bytes(b"this is no database" * 1000)
    queue_one(installed, portal)
    assert queue.problem() != ""
    queue.renew()
    assert file_of_queue(database_url).with_suffix(".broken").exists()
    assert queue.problem() == ""
    installed.work()
    assert titles(portal) == ["Called"]


@any_database
def test_one_that_is_only_busy_is_not_put_aside_and_the_sweep_delivers_by_itself(
    installed: Logbook, portal: Portal, database_url: str
) -> None:
    queue_one(installed, portal)
    context = installed.context
    worker = Worker(chores.Context(context.sessions, context.b24, context.config.app_url), context.queue)
    with locked(f"sqlite:///{file_of_queue(database_url)}"), pytest.raises(sqlite3.OperationalError):
        context.queue.renew()
    with worker.dispatcher.running():
        assert worker.sweep(chores.DELIVER)
        until(lambda: titles(portal))
    assert titles(portal) == ["Called"]
    assert not file_of_queue(database_url).with_suffix(".broken").exists()


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_it_is_found_at_whatever_address_the_database_is_found(database_url: str) -> None:
    url = make_url(database_url).set(password="a b%20c").update_query_dict({"options": "-c lock_timeout=5s"})
    address = url.render_as_string(hide_password=False)
    queue = Queue(Config.from_environment({**WHOLE, "DATABASE_URL": address}).database_url)
    assert queue.problem() == ""
    queue.close()
