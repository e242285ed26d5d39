"""Alembic's environment: the connection comes from the command that calls, the tables from the models."""

from alembic import context

from b24app.columns import add_conditions
from b24app.machine_models import METADATA


def run() -> None:
    """The caller has begun the transaction, and commits it."""
    connection = context.config.attributes["connection"]
    context.configure(
        connection=connection,
        target_metadata=add_conditions(METADATA),
        # SQLite cannot alter a table: Alembic copies it instead.
        render_as_batch=connection.dialect.name == "sqlite",
        compare_type=True,
    )
    context.run_migrations()


run()
