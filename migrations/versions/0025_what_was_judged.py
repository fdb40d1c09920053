"""What was judged: a facility as it stood when its claim was answered, kept with the answer.

After a no the claim goes on with a copy, which its director changes; the city's answer was about
what it saw. Safe while the app runs: a column that may be empty, and a trigger that fills it.
"""

from __future__ import annotations

from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    """Add the column, and fill it whenever a claim is answered."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("ALTER TABLE facility_claims ADD COLUMN judged jsonb")
    op.execute("""
        CREATE FUNCTION keep_what_was_judged() RETURNS trigger
        LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            NEW.judged := (
                SELECT jsonb_build_object(
                           'name', f.name, 'address', f.address, 'building', f.building,
                           'phone', f.phone, 'kind', f.kind, 'owner_name', f.owner_name,
                           'list_key', f.list_key)
                  FROM public.facilities f WHERE f.id = OLD.facility_id);
            RETURN NEW;
        END $$""")
    op.execute("REVOKE ALL ON FUNCTION keep_what_was_judged() FROM PUBLIC")
    op.execute("""
        CREATE TRIGGER judged BEFORE UPDATE OF state ON facility_claims FOR EACH ROW
          WHEN (OLD.state = 'waiting' AND NEW.state <> 'waiting')
          EXECUTE FUNCTION keep_what_was_judged()""")


def downgrade() -> None:
    """Forget what was judged; the answers stay."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("DROP TRIGGER judged ON facility_claims")
    op.execute("DROP FUNCTION keep_what_was_judged()")
    op.execute("ALTER TABLE facility_claims DROP COLUMN judged")
