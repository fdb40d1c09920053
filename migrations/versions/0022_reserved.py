"""Nothing yet: this number keeps its place in the chain for hostile input.

Replaced by the migration of that name, or taken out of the chain when none is needed.
"""

from __future__ import annotations

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    """Change nothing."""


def downgrade() -> None:
    """Change nothing."""
