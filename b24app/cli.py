"""The commands: ``flask --app app db ...`` and ``flask --app app worker``."""

import logging
import signal
import threading
from collections.abc import Callable

import click
from alembic import command
from alembic.config import Config
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import Engine

from b24app.config import PROJECT
from b24app.services import outbox
from b24app.web.context import Context

log = logging.getLogger(__name__)

SECONDS_BETWEEN_SWEEPS = 2


def init_app(app: Flask, engine: Engine, patient: Context) -> None:
    """``patient`` is the context of the worker, which may wait longer for a portal than a web request may."""
    app.cli.add_command(_database_commands(engine))
    app.cli.add_command(_worker_command(patient))


def migrations(engine: Engine) -> Config:
    """The migrations under ``migrations/``, for this engine."""
    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations"))
    config.attributes["engine"] = engine
    return config


def _database_commands(engine: Engine) -> AppGroup:
    group = AppGroup("db", help="Create and change the tables.")

    @group.command()
    @click.argument("revision", default="head")
    def upgrade(revision: str) -> None:
        """Create or migrate the database of DATABASE_URL."""
        command.upgrade(migrations(engine), revision)

    @group.command()
    @click.argument("revision", default="-1")
    def downgrade(revision: str) -> None:
        """Go back one migration, or to REVISION."""
        command.downgrade(migrations(engine), revision)

    @group.command()
    @click.option("--message", "-m", required=True)
    def revision(message: str) -> None:
        """Write a migration from the tables as they are to the models."""
        command.revision(migrations(engine), message, autogenerate=True)

    return group


def _worker_command(patient: Context) -> click.Command:
    @click.command("worker", help="Deliver what waits in the outbox.")
    @click.option("--once", is_flag=True, help="Do all that is due now, then exit.")
    def worker(once: bool) -> None:
        if once:
            _sweep(patient)
            return
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        log.info("worker started")
        while not stopping.wait(SECONDS_BETWEEN_SWEEPS):
            _try(lambda: _sweep(patient))
        log.info("worker stopped")

    return worker


def _sweep(patient: Context) -> None:
    with patient.sessions() as session:
        outbox.deliver_due(session, patient.b24)


def _try(work: Callable[[], None]) -> None:
    """A worker outlives what goes wrong in one round: the rows are the truth, and the next round finds them."""
    try:
        work()
    except Exception:
        log.exception("a round of the worker failed")
