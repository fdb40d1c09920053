"""Pre-registrations: every one begins as applied; nobody accepts herself.

A family could insert a row already accepted, which the portal's own pages never do. A restrictive
policy stands above the others. Safe while the app runs: no present row changes.
"""

from __future__ import annotations

from alembic import op

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("""
        CREATE POLICY begins_as_applied ON preregistrations AS RESTRICTIVE FOR INSERT TO PUBLIC
          WITH CHECK (state = 'applied')""")


def downgrade() -> None:
    op.execute("DROP POLICY begins_as_applied ON preregistrations")
