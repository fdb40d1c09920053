"""The worker reads what came of a trial, to write the mail that tells the family.

Under the same policies as everybody: it acts for the family the mail goes to. Safe while the app
runs.
"""

from __future__ import annotations

from alembic import op

revision = "0037"
down_revision = "0036"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("GRANT SELECT ON trial_outcomes TO portal_worker")


def downgrade() -> None:
    op.execute("REVOKE SELECT ON trial_outcomes FROM portal_worker")
