"""Nothing yet: this number keeps its place in the chain for languages.

Replaced by the migration of that name, or taken out of the chain when none is needed.
"""

from __future__ import annotations

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Change nothing."""


def downgrade() -> None:
    """Change nothing."""
