"""Keys for machines, what they wrote, and whom to notify; people who are the application's own user."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0012"
branch_labels = None
depends_on = None

ROW_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
NONE = sa.text("0")
ENTRIES: list[sa.Column[Any]] = [
    sa.Column("source", sa.String(8), nullable=False, server_default="person"),
    sa.Column("key_id", sa.BigInteger),
    sa.Column("request_digest", sa.String(64)),
    sa.Column("deletion_due_at", sa.DateTime),
]
DELETIONS = sa.text("deletion_due_at IS NOT NULL")


def upgrade() -> None:
    for column in ENTRIES:
        op.add_column("log_entries", column._copy())
    op.create_index("ix_log_entries_key_id_form_key", "log_entries", ["key_id", "form_key"], unique=True)
    op.create_index(
        "ix_log_entries_deletions",
        "log_entries",
        ["portal_id", "deletion_due_at"],
        sqlite_where=DELETIONS,
        postgresql_where=DELETIONS,
    )
    op.add_column("people", sa.Column("is_application", sa.Boolean, nullable=False, server_default=sa.false()))
    _create_keys()
    _create_callbacks()


def downgrade() -> None:
    op.drop_table("callbacks")
    op.drop_table("api_keys")
    op.drop_column("people", "is_application")
    op.drop_index("ix_log_entries_deletions", "log_entries")
    op.drop_index("ix_log_entries_key_id_form_key", "log_entries")
    for column in ENTRIES:
        op.drop_column("log_entries", column.name)


def _create_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("id", ROW_ID, primary_key=True),
        sa.Column("portal_id", ROW_ID, nullable=False),
        sa.Column("maker_id", ROW_ID, nullable=False),
        sa.Column("is_application", sa.Boolean, nullable=False),
        sa.Column("name", sa.String(60), nullable=False),
        sa.Column("digest", sa.String(64), nullable=False),
        sa.Column("hint", sa.String(8), nullable=False),
        sa.Column("form_key", sa.String(64), nullable=False),
        sa.Column("callback_secret", sa.Text),
        sa.Column("kinds", sa.JSON, nullable=False),
        sa.Column("icons", sa.JSON, nullable=False),
        sa.Column("per_minute", sa.Integer, nullable=False),
        sa.Column("busy_until", sa.Float, nullable=False),
        sa.Column("created_at", sa.DateTime, nullable=False),
        sa.Column("expires_at", sa.DateTime),
        sa.Column("revoked_at", sa.DateTime),
        sa.Column("last_used_at", sa.DateTime),
        sa.Column("written", sa.BigInteger, nullable=False),
        sa.Column("to_delete", sa.Integer, nullable=False),
        sa.ForeignKeyConstraint(["portal_id"], ["portals.id"], "fk_api_keys_portal_id_portals", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["maker_id"], ["people.id"], "fk_api_keys_maker_id_people", ondelete="CASCADE"),
        sa.UniqueConstraint("digest", name="uq_api_keys_digest"),
        sa.UniqueConstraint("maker_id", "form_key", name="uq_api_keys_maker_id_form_key"),
    )
    op.create_index("ix_api_keys_portal_id_id", "api_keys", ["portal_id", "id"])


def _create_callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column("entry_id", ROW_ID, primary_key=True, autoincrement=False),
        sa.Column("portal_id", ROW_ID, nullable=False),
        sa.Column("key_id", ROW_ID, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("due_at", sa.DateTime, nullable=False),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["log_entries.id"], "fk_callbacks_entry_id_log_entries", ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["portal_id"], ["portals.id"], "fk_callbacks_portal_id_portals", ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["key_id"], ["api_keys.id"], "fk_callbacks_key_id_api_keys", ondelete="CASCADE"),
    )
    op.create_index("ix_callbacks_portal_id_due_at", "callbacks", ["portal_id", "due_at"])
    op.create_index("ix_callbacks_key_id", "callbacks", ["key_id"])
