"""What a family chose beside a stay, and which of its tickets the stay spends.

``options``: codes of the rules (``own_lunch``, ``nappies:3``). ``tickets``: how many of which
tickets of the home (``home_facts``) the booking holds; what is given back is taken off it.
Safe while the app runs: new columns with constant defaults, and a function that is replaced within
one transaction; a stay that names neither is booked as before.
"""

from __future__ import annotations

from alembic import op

from migrations.functions import rewrite, write_back

revision = "0058"
down_revision = "0057"

#: What ``take_places`` says before and after.
_TAKES = (
    (
        "fee_lines = s.fee_lines, cancel_until = s.cancel_until,",
        (
            "fee_lines = s.fee_lines, options = coalesce(s.options, '{}'),"
            " tickets = coalesce(s.tickets, '[]'), cancel_until = s.cancel_until,"
        ),
    ),
    (
        "guardian_stays boolean, counts_toward_caps boolean),\n           public.programmes g",
        (
            "guardian_stays boolean, counts_toward_caps boolean, options text[], tickets jsonb),"
            "\n           public.programmes g"
        ),
    ),
    ("use_type, use_reason, created_by)", "use_type, use_reason, options, tickets, created_by)"),
    (
        "s.use_type, s.use_reason, who[1]::uuid",
        (
            "s.use_type, s.use_reason, coalesce(s.options, '{}'), coalesce(s.tickets, '[]'),"
            " who[1]::uuid"
        ),
    ),
    (
        "use_type text, use_reason text)\n      JOIN",
        "use_type text, use_reason text, options text[], tickets jsonb)\n      JOIN",
    ),
)


def upgrade() -> None:
    """Add the columns, and let ``take_places`` write them."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("""
        ALTER TABLE bookings
            ADD COLUMN options text[] NOT NULL DEFAULT '{}',
            ADD COLUMN tickets jsonb NOT NULL DEFAULT '[]'
                CONSTRAINT ck_bookings_tickets CHECK (jsonb_typeof(tickets) = 'array')""")
    op.execute("GRANT UPDATE (tickets) ON bookings TO portal_app")
    # A mail that tells what cancelling costs now is written by the rules that hold for the family.
    op.execute("GRANT SELECT ON home_facts TO portal_worker")
    rewrite("portal_places", "take_places(jsonb)", *_TAKES)


def downgrade() -> None:
    """Take it away; nobody knows any more what was chosen, and every ticket is unspent."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    write_back("portal_places", "take_places(jsonb)", *_TAKES)
    op.execute("REVOKE SELECT ON home_facts FROM portal_worker")
    op.execute("ALTER TABLE bookings DROP COLUMN options, DROP COLUMN tickets")
