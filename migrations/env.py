"""Alembic's entry: runs migrations as the owner, on a connection handed in or by URL."""

from __future__ import annotations

import os

from alembic import context
from sqlalchemy import Connection, create_engine

from portal.all_models import Base

config = context.config


def run(connection: Connection) -> None:
    """Run the asked-for migrations on ``connection``, each in a transaction of its own."""
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        transaction_per_migration=True,
        compare_type=True,
    )
    with context.begin_transaction():
        context.run_migrations()


given = config.attributes.get("connection")
if given is not None:
    run(given)
else:
    engine = create_engine(os.environ["DATABASE_OWNER_URL"])
    with engine.connect() as connection:
        run(connection)
