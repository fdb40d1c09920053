"""Ask whether a mail would reach a family, without seeing any address.

A body that contacts a family was often not told its mail address, while the portal can still send
the family a mail. Safe while the app runs: a new function.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import definer

revision = "0059"
down_revision = "0058"


def upgrade() -> None:
    """Add the function, under the policies of the mails themselves."""
    op.execute("""
        CREATE FUNCTION mail_reaches(p_family uuid) RETURNS boolean
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT EXISTS (SELECT FROM public.mail_receivers(p_family, NULL, NULL) r
                            WHERE NOT r.has_failed)
        $$""")
    definer("mail_reaches(uuid)", "portal_gate", to="portal_app")


def downgrade() -> None:
    """Take it away."""
    op.execute("DROP FUNCTION mail_reaches(uuid)")
