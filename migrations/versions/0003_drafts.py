"""Drafts, and entries that their authors have taken away again."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "drafts",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("portal_id", ROW_ID, nullable=False),
        sa.Column("person_id", ROW_ID, nullable=False),
        sa.Column("entity_type_id", sa.BigInteger, nullable=False),
        sa.Column("entity_id", sa.BigInteger, nullable=False),
        sa.Column("words", sa.Text),
        sa.Column("saved_at", sa.DateTime, nullable=False),
        sa.ForeignKeyConstraint(["portal_id"], ["portals.id"], "fk_drafts_portal_id_portals", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], "fk_drafts_person_id_people", ondelete="CASCADE"),
        sa.UniqueConstraint(
            "person_id", "entity_type_id", "entity_id", name="uq_drafts_person_id_entity_type_id_entity_id"
        ),
    )
    op.create_index("ix_drafts_portal_id", "drafts", ["portal_id"])
    op.create_index("ix_drafts_saved_at", "drafts", ["saved_at"])
    op.add_column("log_entries", sa.Column("deleted_at", sa.DateTime))


def downgrade() -> None:
    op.drop_column("log_entries", "deleted_at")
    op.drop_table("drafts")
