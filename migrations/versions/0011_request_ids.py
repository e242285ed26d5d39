"""Longer request ids, since a proxy in front may give them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _alter(32, 64)


def downgrade() -> None:
    op.execute("UPDATE rest_calls SET request_id = substr(request_id, 1, 32) WHERE length(request_id) > 32")
    _alter(64, 32)


def _alter(before: int, after: int) -> None:
    with op.batch_alter_table("rest_calls") as table:
        table.alter_column(
            "request_id", type_=sa.String(after), existing_type=sa.String(before), existing_nullable=False
        )
