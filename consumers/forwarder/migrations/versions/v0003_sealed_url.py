"""Addresses may hold tokens: they are sealed as secrets are, and what may be shown of them is kept beside."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import context, op

from consumers.forwarder.access import shown

revision = "0003"
down_revision = "0002"

_TABLE = sa.table(
    "subscriptions",
    sa.column("id", sa.String),
    sa.column("url", sa.Text),
    sa.column("address", sa.Text),
    sa.column("sealed_url", sa.LargeBinary),
)


def upgrade() -> None:
    """Seal every address, and drop the open ones."""
    op.add_column("subscriptions", sa.Column("address", sa.Text(), nullable=False, server_default=""))
    op.add_column("subscriptions", sa.Column("sealed_url", sa.LargeBinary(), nullable=False, server_default=""))
    connection = op.get_bind()
    for id_, url in connection.execute(sa.select(_TABLE.c.id, _TABLE.c.url)).all():
        sealed = context.config.attributes["seal"].close(url.encode())
        connection.execute(_TABLE.update().where(_TABLE.c.id == id_).values(address=shown(url), sealed_url=sealed))
    op.drop_column("subscriptions", "url")


def downgrade() -> None:
    """Open them again."""
    op.add_column("subscriptions", sa.Column("url", sa.Text(), nullable=False, server_default=""))
    connection = op.get_bind()
    for id_, sealed in connection.execute(sa.select(_TABLE.c.id, _TABLE.c.sealed_url)).all():
        url = context.config.attributes["seal"].open(bytes(sealed)).decode()
        connection.execute(_TABLE.update().where(_TABLE.c.id == id_).values(url=url))
    op.drop_column("subscriptions", "sealed_url")
    op.drop_column("subscriptions", "address")
