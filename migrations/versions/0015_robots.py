"""Runs of robots whose workflows wait for an answer."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "robot_runs",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("portal_id", ROW_ID, nullable=False),
        sa.Column("person_id", ROW_ID, nullable=False),
        sa.Column("entry_id", ROW_ID),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column("event_token", sa.Text),
        sa.Column("problem", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", sa.DateTime),
        sa.ForeignKeyConstraint(["portal_id"], ["portals.id"], "fk_robot_runs_portal_id_portals", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], "fk_robot_runs_person_id_people", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["log_entries.id"], "fk_robot_runs_entry_id_log_entries", ondelete="CASCADE"
        ),
        sa.UniqueConstraint("person_id", "form_key", name="uq_robot_runs_person_id_form_key"),
    )
    op.create_index("ix_robot_runs_portal_id_due_at", "robot_runs", ["portal_id", "due_at"])
    op.create_index("ix_robot_runs_entry_id", "robot_runs", ["entry_id"])


def downgrade() -> None:
    op.drop_table("robot_runs")
