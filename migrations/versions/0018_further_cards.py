"""The further cards of an entry, and when the worker binds those that are left."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

WAITING = sa.text("cards_due_at IS NOT NULL")


def upgrade() -> None:
    op.add_column("log_entries", sa.Column("cards", sa.JSON))
    op.add_column("log_entries", sa.Column("cards_due_at", sa.DateTime))
    op.create_index(
        "ix_log_entries_cards_due",
        "log_entries",
        ["cards_due_at"],
        sqlite_where=WAITING,
        postgresql_where=WAITING,
    )


def downgrade() -> None:
    op.drop_index("ix_log_entries_cards_due", "log_entries")
    op.drop_column("log_entries", "cards_due_at")
    op.drop_column("log_entries", "cards")
