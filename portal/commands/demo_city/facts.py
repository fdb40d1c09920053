"""What the demo remembers of itself between starts."""

from __future__ import annotations

from sqlalchemy import Engine, text

_READ = text("SELECT value FROM instance_facts WHERE name = :name")
_WRITE = text("""
    INSERT INTO instance_facts VALUES (:name, :value)
    ON CONFLICT (name) DO UPDATE SET value = excluded.value""")


def read(owner: Engine, name: str) -> str | None:
    """Return what is remembered under ``name``."""
    with owner.connect() as connection:
        found = connection.execute(_READ, {"name": name}).scalar()
        return None if found is None else str(found)


def write(owner: Engine, name: str, value: str) -> None:
    """Remember ``value`` under ``name``, in place of what was there."""
    with owner.begin() as connection:
        connection.execute(_WRITE, {"name": name, "value": value})


def is_new(owner: Engine, name: str) -> bool:
    """Say whether something is done for the first time, and remember that it is."""
    if read(owner, name) is not None:
        return False
    write(owner, name, "yes")
    return True
