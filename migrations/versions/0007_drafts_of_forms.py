"""A draft belongs to the form in which it was typed, so a card may have several."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

OF_CARD = "uq_drafts_person_id_entity_type_id_entity_id"
OF_FORM = "uq_drafts_person_id_entity_type_id_entity_id_form_key"
CARD = ["person_id", "entity_type_id", "entity_id"]


def upgrade() -> None:
    with op.batch_alter_table("drafts") as table:
        table.add_column(sa.Column("form_key", sa.String(64), nullable=False, server_default=""))
        table.drop_constraint(OF_CARD, type_="unique")
        table.create_unique_constraint(OF_FORM, [*CARD, "form_key"])


def downgrade() -> None:
    """Of each card the latest draft stays."""
    later = "SELECT 1 FROM drafts AS later WHERE later.person_id = drafts.person_id AND later.id > drafts.id"
    card = "later.entity_type_id = drafts.entity_type_id AND later.entity_id = drafts.entity_id"
    op.execute(f"DELETE FROM drafts WHERE EXISTS ({later} AND {card})")  # noqa: S608 - nothing of it comes from outside
    with op.batch_alter_table("drafts") as table:
        table.drop_constraint(OF_FORM, type_="unique")
        table.drop_column("form_key")
        table.create_unique_constraint(OF_CARD, CARD)
