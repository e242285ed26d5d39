"""Which entry another one corrects."""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("log_entries", sa.Column("corrects_id", sa.BigInteger))


def downgrade() -> None:
    op.drop_column("log_entries", "corrects_id")
