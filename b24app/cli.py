"""The commands: ``flask --app app db ...`` and ``flask --app app worker``.

Each imports what it alone needs, since every process loads this module.
"""

from typing import TYPE_CHECKING

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import Engine

from b24app.config import PROJECT
from b24app.context import worker_context
from b24app.services import chores
from b24app.worker import Worker

if TYPE_CHECKING:
    from alembic.config import Config


def init_app(app: Flask) -> None:
    for one in (database, worker, doctor):
        app.cli.add_command(one)


def migrations(engine: Engine) -> "Config":
    """The migrations under ``migrations/``, for this engine."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(PROJECT / "migrations").replace("%", "%%"))
    config.attributes["engine"] = engine
    return config


@click.group("db", cls=AppGroup, help="Create and change the tables.")
def database() -> None:
    """The commands of the tables."""


@database.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Create or migrate the database of DATABASE_URL."""
    from alembic import command

    command.upgrade(migrations(worker_context().engine), revision)


@database.command()
@click.argument("revision", default="-1")
def downgrade(revision: str) -> None:
    """Go back one migration, or to REVISION."""
    from alembic import command

    command.downgrade(migrations(worker_context().engine), revision)


@database.command()
@click.option("--message", "-m", required=True)
def revision(message: str) -> None:
    """Write a migration from the tables as they are to the models."""
    from alembic import command

    command.revision(migrations(worker_context().engine), message, autogenerate=True)


@click.command(help="Deliver what waits in the outbox, and clean up.")
@click.option("--once", is_flag=True, help="Do all that is due now, then exit.")
@with_appcontext
def worker(once: bool) -> None:
    context = worker_context()
    work = chores.Context(context.sessions, context.b24, context.config.app_url)
    if once:
        chores.sweep(work)
        return
    if context.config.metrics_address:
        from b24app.doctor import serve_metrics

        serve_metrics(context.config.metrics_address, context)
    Worker(work, context.queue).run()


@click.command(help="Say in sentences what is well and what is not.")
@with_appcontext
def doctor() -> None:
    from b24app.doctor import examine

    findings = list(examine(worker_context()))
    for finding in findings:
        click.echo(f"{'ok ' if finding.is_fine else 'BAD'} {finding.sentence}")
    if not all(finding.is_fine for finding in findings):
        raise SystemExit(1)
