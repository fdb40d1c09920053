"""Reminders: which families are still to be reminded of a day.

The worker sees no booking before it acts for a family; this function answers ids alone, and only
to the worker. Safe while the app runs: all is new.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import definer, policy

revision = "0011"
down_revision = "0009"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    policy("secret_addresses", "SELECT", "true", to="portal_places")
    op.execute("GRANT SELECT (booking_id, kind, expires_at) ON secret_addresses TO portal_places")
    op.execute(
        "CREATE INDEX ix_secret_addresses_booking_id ON secret_addresses (booking_id)"
        " WHERE booking_id IS NOT NULL"
    )
    op.execute("""
        CREATE FUNCTION reminders_due(p_day date, p_booked_before timestamptz,
                                      p_starting_after timestamptz, p_expires_at timestamptz)
        RETURNS TABLE (group_id uuid, family_id uuid, organisation_id uuid, booking_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT b.group_id, b.family_id, b.organisation_id,
                   (array_agg(b.id ORDER BY b.starts_at, b.id))[1]
              FROM public.bookings b
             WHERE b.day = p_day AND b.state = 'confirmed' AND b.created_at < p_booked_before
             GROUP BY b.group_id, b.family_id, b.organisation_id
            HAVING min(b.starts_at) > p_starting_after
               AND NOT EXISTS (
                   SELECT 1 FROM public.secret_addresses a
                    WHERE a.booking_id = ANY (array_agg(b.id)) AND a.kind = 'booking_word'
                      AND a.expires_at = p_expires_at)
             ORDER BY b.group_id $$""")
    op.execute("CREATE INDEX ix_bookings_day_confirmed ON bookings (day) WHERE state = 'confirmed'")
    definer(
        "reminders_due(date, timestamptz, timestamptz, timestamptz)",
        "portal_places",
        to="portal_worker",
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION reminders_due(date, timestamptz, timestamptz, timestamptz)")
    op.execute("DROP INDEX ix_bookings_day_confirmed")
    op.execute("DROP INDEX ix_secret_addresses_booking_id")
    op.execute(
        "REVOKE SELECT (booking_id, kind, expires_at) ON secret_addresses FROM portal_places"
    )
    op.execute("DROP POLICY portal_places_select ON secret_addresses")
