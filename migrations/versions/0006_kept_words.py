"""What a portal has kept of an entry, where it is not what was sent."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("log_entries", sa.Column("kept", sa.JSON))


def downgrade() -> None:
    op.drop_column("log_entries", "kept")
