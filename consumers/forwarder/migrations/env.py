"""Where Alembic begins: always on the connection, and in the transaction, that `database.migrate` hands over."""

from __future__ import annotations

from alembic import context

from consumers.forwarder.tables import METADATA

context.configure(connection=context.config.attributes["connection"], target_metadata=METADATA)
context.run_migrations()
