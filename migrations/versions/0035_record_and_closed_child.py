"""A closed child takes no place and is named to no visit; a record says when it was asked about.

A stay needs a child that is born and was not closed: a trigger holds that against a birth that is
taken back at the same moment, as ``child_goes_on`` does for applications. ``asked_on``: one mail a
year asks whether what is known of a child's body still holds; whichever facility asks first, the
others keep quiet. Safe while the app runs: a column without default, a trigger.
"""

from __future__ import annotations

from alembic import op

from migrations.functions import rewrite, write_back

revision = "0035"
down_revision = "0034"

#: Who comes to a visit, as staff read it: of a child that was closed nothing, of past days neither.
VISITORS = (
    "c.family_id = v.family_id",
    "c.family_id = v.family_id AND c.ended_at IS NULL",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("ALTER TABLE child_records ADD COLUMN asked_on date")
    op.execute("GRANT UPDATE (asked_on) ON child_records TO portal_worker")
    op.execute("""
        CREATE FUNCTION child_can_stay() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            PERFORM 1 FROM public.children
              WHERE id = NEW.child_id AND ended_at IS NULL AND born_on IS NOT NULL FOR KEY SHARE;
            IF NOT FOUND THEN
                RAISE check_violation USING MESSAGE = 'the child was closed, or is not born',
                                            CONSTRAINT = 'ck_bookings_child_can_stay';
            END IF;
            RETURN NEW;
        END $$""")
    op.execute(
        "CREATE TRIGGER child_can_stay BEFORE INSERT ON bookings"
        " FOR EACH ROW EXECUTE FUNCTION child_can_stay()"
    )
    op.execute("REVOKE ALL ON FUNCTION child_can_stay() FROM PUBLIC")
    op.execute("ALTER FUNCTION child_can_stay() OWNER TO portal_gate")
    rewrite("portal_gate", "visiting_children(uuid[])", VISITORS)


def downgrade() -> None:
    write_back("portal_gate", "visiting_children(uuid[])", VISITORS)
    op.execute("DROP TRIGGER child_can_stay ON bookings")
    op.execute("DROP FUNCTION child_can_stay()")
    op.execute("REVOKE UPDATE (asked_on) ON child_records FROM portal_worker")
    op.execute("ALTER TABLE child_records DROP COLUMN asked_on")
