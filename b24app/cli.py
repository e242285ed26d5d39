"""The commands, such as ``flask --app app db ...`` and ``flask --app app worker``.

Each command imports what only it needs, such as Alembic, since web servers and workers load this module, too.
"""

import os
import signal
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import click
from flask import Flask
from flask.cli import AppGroup, with_appcontext
from sqlalchemy import Engine
from sqlalchemy.exc import DBAPIError

from b24app import heartbeat, process_metrics
from b24app.config import database_address
from b24app.context import Context, worker_context
from b24app.crypto import Vault
from b24app.db import connect
from b24app.outages import cause_of
from b24app.services import chores
from b24app.services.delivery import claims
from b24app.services.reports.health import Finding
from b24app.worker import Worker


def init_app(app: Flask) -> None:
    for one in commands():
        app.cli.add_command(one)


def commands() -> tuple[click.Command, ...]:
    """The names of our own commands, none of which answers requests."""
    return database, keys, worker, metrics_alone, doctor, moderate


def is_command(words: Sequence[str]) -> bool:
    """Whether these arguments of Flask's command line start one of our commands."""
    return os.environ.get("FLASK_RUN_FROM_CLI") == "true" and any(one.name in words for one in commands())


@click.group("db", cls=AppGroup, help="Create and change the tables.")
def database() -> None:
    """Commands for the database."""


@database.command()
@click.argument("revision", default="head")
def upgrade(revision: str) -> None:
    """Create or migrate the tables of DATABASE_URL, and say what was done.

    Safe to run again, and on several machines at once: one migrates, the others wait for it.
    """
    from b24app import migrating

    with in_sentences():
        click.echo(migrating.upgrade(worker_context().engine, revision))


@database.command()
@click.argument("revision", default="-1")
def downgrade(revision: str) -> None:
    """Go back one migration, or to REVISION."""
    from b24app import migrating

    with in_sentences():
        click.echo(migrating.downgrade(worker_context().engine, revision))


@database.command()
@click.option("--message", "-m", required=True)
def revision(message: str) -> None:
    """Write a migration from the current tables to the models."""
    from alembic import command

    from b24app import migrating

    with migrating.alone(worker_context().engine) as connection:
        command.revision(migrating.settings(connection), message, autogenerate=True)


@database.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def backup(file: Path) -> None:
    """Write all tables to a new FILE, while everything runs.

    SQLite is copied as a whole, its write-ahead log included; PostgreSQL is written by pg_dump, in its custom format.
    Keep TOKEN_KEYS as well, in another place: without them the tokens and drafts in a backup are lost.
    """
    from b24app import backups

    with in_sentences():
        click.echo(backups.back_up(worker_context().engine, file))


@database.command()
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def check(file: Path) -> None:
    """Check a backup by restoring it to a separate database; exit with 1 if it is not usable.

    Prints its revision, counts its rows, and tries TOKEN_KEYS on every secret. An archive of pg_dump is restored to a
    database of its own on the server of DATABASE_URL, whose user must be allowed to create one; it is dropped
    afterwards.
    """
    from b24app import backups

    config = worker_context().config
    with in_sentences():
        tell(backups.check(config.database_url, config.token_keys, file))


@database.command()
def restored() -> None:
    """Run this after restoring a backup, before the worker starts, so that nothing is sent twice.

    Entries that wait in a backup may have been sent since it was made. The worker looks for them on their timelines
    before it sends them.
    """
    with in_sentences(), worker_context().sessions() as session:
        count = claims.doubt_all(session)
    click.echo(f"{count} waiting entries will be looked for on their timelines before they are sent.")


@database.command("copy")
@click.option("--to", "address", required=True, help="The SQLAlchemy address of an empty database.")
def copy_database(address: str) -> None:
    """Copy everything to another database, such as from SQLite to PostgreSQL, and compare every row.

    Stop the web servers and the workers first; nobody can write here meanwhile. The tables are created there. Either
    everything is copied or nothing. Afterwards set DATABASE_URL to the new address; TOKEN_KEYS stay the same.
    """
    from b24app import database_copy

    config = worker_context().config
    with in_sentences(), closing_engine(address, config.token_keys) as target:
        for sentence in database_copy.copy(worker_context().engine, target):
            click.echo(sentence)


@contextmanager
def closing_engine(address: str, token_keys: tuple[str, ...]) -> Iterator[Engine]:
    try:
        engine = connect(database_address(address), Vault(token_keys))
    except (ValueError, OSError) as problem:
        raise click.BadParameter(str(problem), param_hint="--to") from None
    try:
        yield engine
    finally:
        engine.dispose()


@click.group("keys", cls=AppGroup, help="The keys that seal tokens and drafts in the database.")
def keys() -> None:
    """Commands for TOKEN_KEYS."""


@keys.command()
def rotate() -> None:
    """Encrypt everything again with the first key of TOKEN_KEYS, so that the others can be removed.

    First put the new key behind the others on every machine and restart; then put it in front and restart; then run
    this. Web servers and workers can keep running. It can be interrupted and run again. Exits with 1 if a process
    still uses an older key.
    """
    from b24app.services.reports import encryption_keys

    context = worker_context()
    with in_sentences(), context.sessions() as session:
        tell([encryption_keys.rotate(session, Vault(context.config.token_keys))])


@click.command(help="Deliver what waits in the outbox, and clean up. Several workers may run, on several machines.")
@click.option("--once", is_flag=True, help="Do all that is due now, then exit.")
@click.option("--check", is_flag=True, help="Say whether the workers of this machine are alive; exit with 1 if not.")
@with_appcontext
def worker(once: bool, check: bool) -> None:
    context = worker_context()
    if check:
        with in_sentences(), context.sessions() as session:
            tell(heartbeat.examine_here(session))
        return
    work = chores.Context(context.sessions, context.b24, context.config.app_url)
    if once:
        chores.sweep(work)
        return
    process_metrics.begin()
    if context.config.metrics_address:
        serve_metrics(context)
    Worker(work, context.queue).run()


def serve_metrics(context: Context) -> bool:
    """Serve metrics; returns whether that worked, since the address may be taken."""
    # Imported only if needed, and after the counters' folder is known.
    from b24app import metrics

    return metrics.serve(context)


@click.command("metrics", help="Answer Prometheus at METRICS_ADDRESS: for a machine with web servers and no worker.")
@with_appcontext
def metrics_alone() -> None:
    context = worker_context()
    if not context.config.metrics_address:
        raise click.ClickException("METRICS_ADDRESS is not set.")
    ending = {signal.SIGTERM, signal.SIGINT}
    signal.pthread_sigmask(signal.SIG_BLOCK, ending)
    if not serve_metrics(context):
        raise SystemExit(1)
    signal.sigwait(ending)


@click.command(help="Say in sentences what is well and what is not; exit with 1 if anything is not.")
@with_appcontext
def doctor() -> None:
    from b24app.doctor import examine

    with in_sentences():
        tell(examine(worker_context()))


@click.command(help="Check the rules of Bitrix24's Market; exit with 1 if one is broken.")
@with_appcontext
def moderate() -> None:
    from b24app.moderation import LOOK_YOURSELF, examine

    is_well = print_findings(examine(worker_context()), width=4)
    for sentence in LOOK_YOURSELF:
        click.echo(f"look {sentence}")
    if not is_well:
        raise SystemExit(1)


def tell(findings: Iterable[Finding]) -> None:
    """Print each finding as soon as it is known; exit with code 1 if anything is wrong."""
    if not print_findings(findings):
        raise SystemExit(1)


def print_findings(findings: Iterable[Finding], width: int = 3) -> bool:
    """Print each finding as soon as it is known, after ``ok`` or ``BAD``; returns whether all is well."""
    is_well = True
    for finding in findings:
        click.echo(f"{'ok' if finding.is_fine else 'BAD':<{width}} {finding.sentence}")
        is_well &= finding.is_fine
    return is_well


@contextmanager
def in_sentences() -> Iterator[None]:
    """Print a sentence instead of a traceback for errors of the database."""
    try:
        yield
    except DBAPIError as failure:
        code, reason = cause_of(failure)
        raise click.ClickException(f"The database cannot be used: {code}: {reason}") from None
