"""Bring a database to a revision, and hand it the key that actors are signed with."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, text

from portal.config import Secrets
from portal.db.actor import padded_keys

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's configuration for the portal's migrations on an open connection."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def migrate(owner: Engine, revision: str = "head") -> None:
    """Upgrade to ``revision``, as the role ``portal_owner``. Each migration is one transaction."""
    with owner.connect() as connection:
        command.upgrade(alembic_config(connection), revision)


def downgrade(owner: Engine, revision: str) -> None:
    """Go back to ``revision`` (``base`` for nothing)."""
    with owner.connect() as connection:
        command.downgrade(alembic_config(connection), revision)


def install_actor_key(owner: Engine, secrets: Secrets) -> None:
    """Tell the database the key of ``secrets``, if it does not know it yet. Repeatable."""
    inner, outer = padded_keys(secrets.actor_key)
    with owner.begin() as connection:
        connection.execute(text("SET LOCAL ROLE portal_keys"))
        connection.execute(
            text(
                "INSERT INTO actor_keys (key_id, inner_pad, outer_pad)"
                " VALUES (:key_id, :inner, :outer) ON CONFLICT (key_id) DO NOTHING"
            ),
            {"key_id": secrets.actor_key_id, "inner": inner, "outer": outer},
        )
