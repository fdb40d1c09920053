"""What a family did before it applied counts: a tour comes before the application, mostly.

A new application begins with the steps that its child's visits to the facility have brought it
already. Safe while the app runs; applications that exist stay as they are.
"""

from __future__ import annotations

from alembic import op

revision = "0034"
down_revision = "0033"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    # Named to come after keep_steps_insert, which refuses what the application itself brings.
    op.execute("""
        CREATE FUNCTION know_earlier_visits() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            NEW.steps_done := ARRAY(
                SELECT done FROM unnest(NEW.steps_done) AS done
                 UNION
                SELECT s.kind
                  FROM public.visits v JOIN public.visit_sessions s ON s.id = v.session_id
                 WHERE v.family_id = NEW.family_id AND v.facility_id = NEW.facility_id
                   AND v.state = 'attended' AND v.outcome = 'next'
                   AND (v.child_ids = '{}' OR NEW.child_id = ANY (v.child_ids)));
            RETURN NEW;
        END $$""")
    op.execute("""
        CREATE TRIGGER know_earlier_visits BEFORE INSERT ON preregistrations
        FOR EACH ROW EXECUTE FUNCTION know_earlier_visits()""")
    op.execute("REVOKE ALL ON FUNCTION know_earlier_visits() FROM PUBLIC")
    op.execute("ALTER FUNCTION know_earlier_visits() OWNER TO portal_places")


def downgrade() -> None:
    op.execute("DROP TRIGGER know_earlier_visits ON preregistrations")
    op.execute("DROP FUNCTION know_earlier_visits()")
