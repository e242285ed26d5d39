"""Alembic's environment: the engine comes from the command that calls, the tables from the models."""

from alembic import context

from b24app import machine_models as machine_models
from b24app.models import Base


def run() -> None:
    engine = context.config.attributes["engine"]
    with engine.begin() as connection:
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            # SQLite cannot alter a table: Alembic copies it instead.
            render_as_batch=engine.dialect.name == "sqlite",
            compare_type=True,
        )
        context.run_migrations()


run()
