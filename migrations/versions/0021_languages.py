"""Languages: the worker learns in which one somebody reads her mails.

Safe while the app runs: one new function, nothing existing is touched. The language itself has
stood in ``users.locale`` from the beginning.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import definer

revision = "0021"
down_revision = "0020"


def upgrade() -> None:
    """Add the look-up."""
    op.execute("""
        CREATE FUNCTION language_of(p_user uuid) RETURNS text
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT locale FROM public.users WHERE id = p_user
        $$""")
    definer("language_of(uuid)", "portal_gate", to="portal_worker")


def downgrade() -> None:
    """Take the look-up away again."""
    op.execute("DROP FUNCTION language_of(uuid)")
