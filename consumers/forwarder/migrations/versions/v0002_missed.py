"""What was missed, where it is found again (taking an endpoint up makes up for exactly that), and since when a message
fails."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Add them. Of what was missed before, only its subscription's beginning is known: it is read from there."""
    op.add_column("deliveries", sa.Column("newest_at", sa.BigInteger(), nullable=True))
    op.add_column("deliveries", sa.Column("failing_since", sa.BigInteger(), nullable=True))
    op.add_column("deliveries", sa.Column("missed", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.execute(
        "UPDATE deliveries SET missed = (forwarded AND pending IS NULL AND delivered < newest),"
        " newest_at = (SELECT since FROM subscriptions WHERE subscriptions.id = deliveries.subscription_id)"
        " WHERE about NOT LIKE 'endpoint:%'"
    )
    op.execute("UPDATE deliveries SET failing_since = queued_at WHERE attempts > 0")


def downgrade() -> None:
    """Drop them."""
    op.drop_column("deliveries", "missed")
    op.drop_column("deliveries", "failing_since")
    op.drop_column("deliveries", "newest_at")
