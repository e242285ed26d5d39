"""The states of authorizations that have been used, so that each is used once."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "used_states",
        sa.Column("nonce", sa.String(32), primary_key=True),
        sa.Column("portal_id", ROW_ID, nullable=False),
        sa.Column("used_at", sa.DateTime, nullable=False),
        sa.ForeignKeyConstraint(["portal_id"], ["portals.id"], "fk_used_states_portal_id_portals", ondelete="CASCADE"),
    )
    op.create_index("ix_used_states_portal_id_used_at", "used_states", ["portal_id", "used_at"])


def downgrade() -> None:
    op.drop_table("used_states")
