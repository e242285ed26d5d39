"""An index for the changes of a person, and whether a portal lists more icons than are kept."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("ix_changes_person_id", "changes", ["person_id"])
    op.add_column("portals", sa.Column("has_more_icons", sa.Boolean, nullable=False, server_default=sa.false()))


def downgrade() -> None:
    op.drop_column("portals", "has_more_icons")
    op.drop_index("ix_changes_person_id", "changes")
