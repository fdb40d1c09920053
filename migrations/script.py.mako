"""${message}.

What it adds; whether it is safe while the app runs; what it needs.
"""

from __future__ import annotations

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")


def downgrade() -> None:
    """Take back what ``upgrade`` added."""
