"""The first tables: portals, people, token pairs and log entries."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = ("pending", "sending", "unsure", "sent", "failed")


def upgrade() -> None:
    create_portals()
    create_people()
    create_token_pairs()
    create_log_entries()


def create_portals() -> None:
    op.create_table(
        "portals",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("member_id", sa.String(64), nullable=False),
        sa.Column("client_endpoint", sa.String(512), nullable=False),
        sa.Column("authority", sa.String(512), nullable=False),
        sa.Column("app_code", sa.String(255), nullable=False),
        sa.Column("application_token", sa.Text),
        sa.Column("icons", sa.JSON),
        sa.Column("icons_read_at", sa.DateTime),
        sa.Column("installed_at", sa.DateTime, nullable=False),
        sa.Column("suspended_at", sa.DateTime),
        sa.UniqueConstraint("member_id", name="uq_portals_member_id"),
    )


def create_people() -> None:
    op.create_table(
        "people",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("portal_id", ROW_ID, nullable=False),
        sa.Column("bitrix_id", sa.BigInteger, nullable=False),
        sa.Column("name", sa.String(255), nullable=False),
        sa.Column("time_zone", sa.String(64), nullable=False),
        sa.ForeignKeyConstraint(["portal_id"], ["portals.id"], "fk_people_portal_id_portals", ondelete="CASCADE"),
        sa.UniqueConstraint("portal_id", "bitrix_id", name="uq_people_portal_id_bitrix_id"),
    )


def create_token_pairs() -> None:
    op.create_table(
        "token_pairs",
        sa.Column("person_id", ROW_ID, primary_key=True),
        sa.Column("access_token", sa.Text),
        sa.Column("refresh_token", sa.Text),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("obtained_at", sa.DateTime, nullable=False),
        sa.Column("lease_until", sa.DateTime),
        sa.Column("refusal", sa.String(64)),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], "fk_token_pairs_person_id_people", ondelete="CASCADE"),
    )


def create_log_entries() -> None:
    op.create_table(
        "log_entries",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("portal_id", ROW_ID, nullable=False),
        sa.Column("person_id", ROW_ID, nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column("entity_type_id", sa.BigInteger, nullable=False),
        sa.Column("entity_id", sa.BigInteger, nullable=False),
        sa.Column("icon_code", sa.String(255), nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("text", sa.Text, nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="entrystate", native_enum=False, length=16), nullable=False),
        sa.Column("bitrix_id", sa.BigInteger),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("lookups", sa.Integer, nullable=False),
        sa.Column("reason", sa.String(64)),
        sa.Column("written_at", sa.DateTime, nullable=False),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.Column("attempted_at", sa.DateTime),
        sa.Column("sent_at", sa.DateTime),
        sa.ForeignKeyConstraint(["portal_id"], ["portals.id"], "fk_log_entries_portal_id_portals", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["people.id"], "fk_log_entries_person_id_people", ondelete="CASCADE"),
        sa.UniqueConstraint("person_id", "form_key", name="uq_log_entries_person_id_form_key"),
        sa.UniqueConstraint("portal_id", "bitrix_id", name="uq_log_entries_portal_id_bitrix_id"),
    )
    op.create_index("ix_log_entries_state_due_at", "log_entries", ["state", "due_at"])
    card = ["portal_id", "entity_type_id", "entity_id", "id"]
    op.create_index("ix_log_entries_portal_id_entity_type_id_entity_id_id", "log_entries", card)


def downgrade() -> None:
    for table in ("log_entries", "token_pairs", "people", "portals"):
        op.drop_table(table)
