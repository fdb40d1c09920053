"""Nothing yet: this number keeps its place in the chain for facility set-up.

Replaced by the migration of that name, or taken out of the chain when none is needed.
"""

from __future__ import annotations

revision = "0016"
down_revision = "0015"


def upgrade() -> None:
    """Change nothing."""


def downgrade() -> None:
    """Change nothing."""
