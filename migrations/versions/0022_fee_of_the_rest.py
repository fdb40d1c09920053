"""When a child of a booking is cancelled, the fee of those who still come follows the rules.

The fee lines are the app's to write, as they are when a booking is placed; where, when, who and the
state stay with the functions.
"""

from __future__ import annotations

from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("GRANT UPDATE (fee_yen, fee_lines) ON bookings TO portal_app")


def downgrade() -> None:
    op.execute("REVOKE UPDATE (fee_yen, fee_lines) ON bookings FROM portal_app")
