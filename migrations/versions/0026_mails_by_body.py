"""Whose mails did not arrive: how many of each body, for the operator, who calls it.

Counts alone; to whom and about what stays with the body. Safe while the app runs: a new function,
and one more column for the role that counts.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import definer

revision = "0026"
down_revision = "0025"

FUNCTION = "operator_mails_failed()"


def upgrade() -> None:
    """Add the function."""
    op.execute("GRANT SELECT (organisation_id) ON outbox_messages TO portal_gate")
    op.execute("""
        CREATE FUNCTION operator_mails_failed()
        RETURNS TABLE (organisation_id uuid, mails bigint, since timestamptz)
        LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            IF (public.actor())[4] IS DISTINCT FROM 'operator' THEN
                RAISE insufficient_privilege USING MESSAGE = 'figures for the operator alone';
            END IF;
            RETURN QUERY
            SELECT o.organisation_id, count(*), min(o.failed_at)
              FROM public.outbox_messages o
             WHERE o.failed_at IS NOT NULL AND o.sent_at IS NULL AND o.dropped_at IS NULL
               AND o.seen_at IS NULL
             GROUP BY 1;
        END $$""")
    definer(FUNCTION, "portal_gate", to="portal_app")


def downgrade() -> None:
    """Take it away."""
    op.execute(f"DROP FUNCTION {FUNCTION}")
    op.execute("REVOKE SELECT (organisation_id) ON outbox_messages FROM portal_gate")
