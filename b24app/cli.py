"""The commands: ``flask --app app db ...`` and ``flask --app app worker``."""

import logging

import click
from alembic import command
from alembic.config import Config
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import Engine

from b24app.config import PROJECT
from b24app.context import Context
from b24app.doctor import examine, serve_metrics
from b24app.services import chores

log = logging.getLogger(__name__)


def init_app(app: Flask, engine: Engine, patient: Context) -> None:
    """``patient`` is the context of the worker, which may wait longer for a portal than a web request may."""
    app.cli.add_command(_database_commands(engine))
    app.cli.add_command(_worker_command(patient))
    app.cli.add_command(_doctor_command(patient))


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


def _worker_command(context: Context) -> click.Command:
    @click.command("worker", help="Deliver what waits in the outbox, and clean up.")
    @click.option("--once", is_flag=True, help="Do all that is due now, then exit.")
    def worker(once: bool) -> None:
        if once:
            chores.sweep(context.sessions, context.b24, context.config.app_url)
            return
        if context.config.metrics_address:
            serve_metrics(context.config.metrics_address, context)
        log.info("worker started")
        context.queue.run()
        log.info("worker stopped")

    return worker


def _doctor_command(context: Context) -> click.Command:
    @click.command("doctor", help="Say in sentences what is well and what is not.")
    def doctor() -> None:
        findings = list(examine(context))
        for finding in findings:
            click.echo(f"{'ok ' if finding.is_fine else 'BAD'} {finding.sentence}")
        if not all(finding.is_fine for finding in findings):
            raise SystemExit(1)

    return doctor
