"""When something happened, and the prefix of the text that says so."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("log_entries", sa.Column("happened_at", sa.DateTime))
    op.add_column("log_entries", sa.Column("prefix", sa.Text))


def downgrade() -> None:
    op.drop_column("log_entries", "prefix")
    op.drop_column("log_entries", "happened_at")
