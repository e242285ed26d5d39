"""Which entries were written together: one text on several cards."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0020"
branch_labels = None
depends_on = None

IN_SETS = sa.text("set_id IS NOT NULL")


def upgrade() -> None:
    op.add_column("log_entries", sa.Column("set_id", sa.BigInteger))
    op.create_index(
        "ix_log_entries_sets",
        "log_entries",
        ["person_id", "set_id", "id"],
        sqlite_where=IN_SETS,
        postgresql_where=IN_SETS,
    )


def downgrade() -> None:
    op.drop_index("ix_log_entries_sets", "log_entries")
    op.drop_column("log_entries", "set_id")
