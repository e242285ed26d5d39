"""An index of the entries whose words are still stored, by when they were sent."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

NAME = "ix_log_entries_with_words"
HAS_WORDS = sa.text("title <> ''")


def upgrade() -> None:
    columns = ["portal_id", "sent_at"]
    op.create_index(NAME, "log_entries", columns, sqlite_where=HAS_WORDS, postgresql_where=HAS_WORDS)


def downgrade() -> None:
    op.drop_index(NAME, "log_entries")
