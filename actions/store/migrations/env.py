"""Alembic's entry: migrations run on the connection that `open_store` hands over."""

from alembic import context
from sqlmodel import SQLModel

import actions.store.models  # noqa: F401 - the metadata is empty until the models are imported

context.configure(
    connection=context.config.attributes["connection"], target_metadata=SQLModel.metadata, render_as_batch=True
)
with context.begin_transaction():
    context.run_migrations()
