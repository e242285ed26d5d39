"""Administrators' settings with their audit list, and the ways in which they look through entries and calls."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INDEXES = {
    "log_entries": [["portal_id", "id"], ["portal_id", "person_id", "id"], ["portal_id", "written_at"]],
    "rest_calls": [["portal_id", "method", "id"], ["portal_id", "person_id", "id"]],
}
# Few rows, for which nobody should look through all of them.
PARTIAL_INDEXES = {
    "ix_log_entries_deleted": ("log_entries", "deleted_at IS NOT NULL"),
    "ix_rest_calls_failed": ("rest_calls", "code <> 'ok'"),
}


def upgrade() -> None:
    op.create_table(
        "settings",
        sa.Column("portal_id", ROW_ID, nullable=False),
        sa.Column("section", sa.String(32), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("choices", sa.JSON, nullable=False),
        sa.PrimaryKeyConstraint("portal_id", "section", name="pk_settings"),
        sa.ForeignKeyConstraint(["portal_id"], ["portals.id"], "fk_settings_portal_id_portals", ondelete="CASCADE"),
    )
    op.create_table(
        "changes",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("portal_id", ROW_ID, nullable=False),
        sa.Column("person_id", ROW_ID, nullable=False),
        sa.Column("changed_at", sa.DateTime, nullable=False),
        sa.Column("section", sa.String(32), nullable=False),
        sa.Column("before", sa.JSON),
        sa.Column("after", sa.JSON, nullable=False),
        sa.ForeignKeyConstraint(["portal_id"], ["portals.id"], "fk_changes_portal_id_portals", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], "fk_changes_person_id_people", ondelete="CASCADE"),
    )
    op.create_index("ix_changes_portal_id_id", "changes", ["portal_id", "id"])
    op.add_column("portals", sa.Column("places_due_at", sa.DateTime))
    op.add_column("people", sa.Column("is_administrator", sa.Boolean, nullable=False, server_default=sa.false()))
    for table, several in INDEXES.items():
        for columns in several:
            op.create_index(f"ix_{table}_{'_'.join(columns)}", table, columns)
    for name, (table, where) in PARTIAL_INDEXES.items():
        which = sa.text(where)
        op.create_index(name, table, ["portal_id", "id"], sqlite_where=which, postgresql_where=which)


def downgrade() -> None:
    for name, (table, _) in PARTIAL_INDEXES.items():
        op.drop_index(name, table)
    for table, several in INDEXES.items():
        for columns in several:
            op.drop_index(f"ix_{table}_{'_'.join(columns)}", table)
    op.drop_column("people", "is_administrator")
    op.drop_column("portals", "places_due_at")
    op.drop_table("changes")
    op.drop_table("settings")
