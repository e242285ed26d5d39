"""What proves the end of an installation: whose pair was redeemed, in which installation; and portals that hang."""

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ONE, NONE = sa.text("1"), sa.text("0")
PORTALS: list[sa.Column[Any]] = [
    sa.Column("announced_at", sa.DateTime),
    sa.Column("is_token_forged", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("checks_alive", sa.Integer, nullable=False, server_default=NONE),
    sa.Column("installation", sa.Integer, nullable=False, server_default=ONE),
    sa.Column("purged_at", sa.DateTime),
    sa.Column("silences", sa.Integer, nullable=False, server_default=NONE),
]
TOKEN_PAIRS: list[sa.Column[Any]] = [
    sa.Column("is_redeemed", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("installation", sa.Integer, nullable=False, server_default=ONE),
]


def upgrade() -> None:
    for table, columns in {"portals": PORTALS, "token_pairs": TOKEN_PAIRS}.items():
        for column in columns:
            op.add_column(table, column._copy())
    # An uninstall that was announced before goes on being checked, and the portal is served meanwhile.
    op.execute("UPDATE portals SET announced_at = suspended_at, suspended_at = NULL, checks_failed = 0")


def downgrade() -> None:
    op.execute("DELETE FROM portals WHERE purged_at IS NOT NULL")
    op.execute("UPDATE portals SET suspended_at = announced_at WHERE suspended_at IS NULL")
    for table, columns in {"portals": PORTALS, "token_pairs": TOKEN_PAIRS}.items():
        for column in columns:
            op.drop_column(table, column.name)
