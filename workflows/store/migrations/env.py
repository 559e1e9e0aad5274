"""What Alembic runs: revisions on the connection that `workflows.store.schema` hands over."""

from __future__ import annotations

from alembic import context

from workflows.store.tables import Base

context.configure(connection=context.config.attributes["connection"], target_metadata=Base.metadata)
with context.begin_transaction():
    context.run_migrations()
