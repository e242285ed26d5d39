"""When something happened, and what stands in front of the text to say so."""

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
