"""What delivering needs to remember of a portal, and the log of calls."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def added() -> list[sa.Column[object]]:
    return [
        sa.Column("is_enterprise", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("last_event_ts", sa.BigInteger),
        sa.Column("check_due_at", sa.DateTime),
        sa.Column("checks_failed", sa.Integer, nullable=False, server_default="0"),
        sa.Column("parked_until", sa.DateTime),
        sa.Column("notice", sa.String(64)),
        sa.Column("leased_until", sa.DateTime),
        sa.Column("leased_by", sa.String(64)),
    ]


def upgrade() -> None:
    for column in added():
        op.add_column("portals", column)
    op.create_index("ix_log_entries_portal_id_state_id", "log_entries", ["portal_id", "state", "id"])
    op.create_table(
        "rest_calls",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("portal_id", ROW_ID, nullable=False),
        sa.Column("called_at", sa.DateTime, nullable=False),
        sa.Column("request_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.BigInteger),
        sa.Column("method", sa.String(64), nullable=False),
        sa.Column("code", sa.String(64), nullable=False),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        sa.Column("parameters", sa.Text, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
        sa.ForeignKeyConstraint(["portal_id"], ["portals.id"], "fk_rest_calls_portal_id_portals", ondelete="CASCADE"),
    )
    op.create_index("ix_rest_calls_portal_id_id", "rest_calls", ["portal_id", "id"])
    op.create_index("ix_rest_calls_called_at", "rest_calls", ["called_at"])


def downgrade() -> None:
    op.drop_table("rest_calls")
    op.drop_index("ix_log_entries_portal_id_state_id", "log_entries")
    for column in added():
        op.drop_column("portals", column.name)
