"""Which entries are pinned to the top of their card's timeline."""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("log_entries", sa.Column("pinned_at", sa.DateTime))


def downgrade() -> None:
    op.drop_column("log_entries", "pinned_at")
