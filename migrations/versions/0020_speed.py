"""Speed: which families are open to a provider is found by index, however many there are.

Every row that staff read of a family asks ``family_access`` first; its only index leaves out what
ends at a date, so the condition of the policies could not use it. Safe while the app runs: small
tables, and readers are not locked out.
"""

from __future__ import annotations

from alembic import op

revision = "0020"
down_revision = "0019"


def upgrade() -> None:
    """Add both ways to look access up."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute(
        "CREATE INDEX ix_family_access_family_id ON family_access (family_id, organisation_id)"
    )
    op.execute("CREATE INDEX ix_family_access_organisation_id ON family_access (organisation_id)")


def downgrade() -> None:
    """Take both away."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("DROP INDEX ix_family_access_organisation_id")
    op.execute("DROP INDEX ix_family_access_family_id")
