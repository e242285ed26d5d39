"""Templates of a person's own."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0022"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "own_templates",
        sa.Column("person_id", ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("portal_id", ROW_ID, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("labels", sa.Text),
        sa.Column("words", sa.Text),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], "fk_own_templates_person_id_people", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["portal_id"], ["portals.id"], "fk_own_templates_portal_id_portals", ondelete="CASCADE"
        ),
    )
    op.create_index("ix_own_templates_portal_id", "own_templates", ["portal_id"])


def downgrade() -> None:
    op.drop_table("own_templates")
