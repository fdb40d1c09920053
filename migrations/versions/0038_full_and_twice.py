"""Everybody reads where registrations are full; a child registered twice is closed, and can return.

``registrations_full`` answers which of some published facilities have no registration left today,
and no number: the limit is read here, so that nobody can count by asking with many limits.
``entered_twice``: only while nothing runs for the second registration at any provider, and beside
another child of the family that goes on; a trigger holds that against a booking made at the same
moment. Safe while the app runs: a column without default, functions, a trigger, a small index.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import definer

revision = "0038"
down_revision = "0037"

FULL = "registrations_full(uuid[], date)"
RUNS = "runs_for_child(uuid)"
KINDS = "'no_longer', 'birth_undone'"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _full()
    op.execute("""
        ALTER TABLE children
            ADD COLUMN same_as uuid CONSTRAINT fk_children_same_as REFERENCES children,
            ADD CONSTRAINT ck_children_same_as
                CHECK ((same_as IS NOT NULL) = (ended_kind IS NOT DISTINCT FROM 'entered_twice')
                       AND same_as IS DISTINCT FROM id)""")
    op.execute("CREATE INDEX ix_children_same_as ON children (same_as)")
    _kinds(f"{KINDS}, 'entered_twice'")
    _twice()


def _kinds(kinds: str) -> None:
    op.execute(f"""
        ALTER TABLE children DROP CONSTRAINT ck_children_ended_kind,
            ADD CONSTRAINT ck_children_ended_kind CHECK (ended_kind IN ({kinds}))""")


def _full() -> None:
    op.execute(
        "CREATE INDEX ix_preregistrations_facility_id ON preregistrations (facility_id, state)"
    )
    op.execute("""
        CREATE FUNCTION registrations_full(p_facilities uuid[], p_on date) RETURNS SETOF uuid
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT f.id
              FROM public.facilities f
             CROSS JOIN LATERAL (
                 SELECT g.id FROM public.programmes g
                  WHERE g.facility_id = f.id AND g.published_at IS NOT NULL
                  ORDER BY g.kind <> 'temporary_care', g.created_at LIMIT 1) AS g
             CROSS JOIN LATERAL (
                 SELECT (r.document #>> '{registration,limit}')::integer AS most
                   FROM public.rulebooks r
                  WHERE r.programme_id = g.id AND r.in_force_from <= p_on
                    AND r.withdrawn_at IS NULL
                  ORDER BY r.in_force_from DESC, r.version DESC LIMIT 1) AS r
             WHERE f.id = ANY (p_facilities) AND f.published_at IS NOT NULL AND NOT f.is_hidden
               AND r.most IS NOT NULL
               -- Whoever applies now comes after those who wait, also while one place is free.
               AND (EXISTS (SELECT 1 FROM public.preregistrations p
                             WHERE p.facility_id = f.id AND p.state = 'waiting')
                    OR r.most <= (SELECT count(*) FROM public.preregistrations p
                                   WHERE p.facility_id = f.id AND p.state = 'accepted'
                                     AND p.accepted_until >= p_on))
        $$""")
    definer(FULL, "portal_gate", to="portal_app")


def _twice() -> None:
    op.execute("""
        CREATE FUNCTION runs_for_child(p_child uuid) RETURNS text[]
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
        AS $$
        BEGIN
            PERFORM public.may_change_child(p_child);
            RETURN array_remove(ARRAY[
                CASE WHEN EXISTS
                    (SELECT 1 FROM public.bookings b
                      WHERE b.child_id = p_child
                        AND (b.state = 'confirmed' OR b.state = 'attended' AND b.ends_at > now()))
                    THEN 'bookings' END,
                CASE WHEN EXISTS
                    (SELECT 1 FROM public.preregistrations p
                      WHERE p.child_id = p_child
                        AND p.state IN ('applied', 'asked_back', 'waiting', 'accepted'))
                    THEN 'applications' END,
                CASE WHEN EXISTS
                    (SELECT 1 FROM public.visits v
                       JOIN public.visit_sessions s ON s.id = v.session_id
                      WHERE p_child = ANY (v.child_ids) AND v.state = 'booked'
                        AND s.starts_at > now())
                    THEN 'visits' END], NULL);
        END $$""")
    definer(RUNS, "portal_gate", to="portal_app")
    op.execute("""
        CREATE FUNCTION twice_has_nothing() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            PERFORM 1 FROM public.children
              WHERE id = NEW.same_as AND family_id = NEW.family_id AND ended_at IS NULL
                FOR KEY SHARE;
            IF NOT FOUND THEN
                RAISE check_violation USING MESSAGE = 'no such child goes on in the family',
                                            CONSTRAINT = 'ck_children_twice_same_family';
            END IF;
            IF public.runs_for_child(NEW.id) <> '{}' THEN
                RAISE check_violation USING MESSAGE = 'something runs for the child',
                                            CONSTRAINT = 'ck_children_twice_has_nothing';
            END IF;
            RETURN NEW;
        END $$""")
    op.execute(
        "CREATE TRIGGER twice_has_nothing BEFORE UPDATE OF ended_kind ON children"
        " FOR EACH ROW WHEN (NEW.ended_kind = 'entered_twice')"
        " EXECUTE FUNCTION twice_has_nothing()"
    )
    op.execute("REVOKE ALL ON FUNCTION twice_has_nothing() FROM PUBLIC")
    op.execute("ALTER FUNCTION twice_has_nothing() OWNER TO portal_gate")


def downgrade() -> None:
    """Keep what was closed closed, as the second of a birth that was taken back."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("DROP TRIGGER twice_has_nothing ON children")
    op.execute("DROP FUNCTION twice_has_nothing()")
    op.execute(f"DROP FUNCTION {RUNS}")
    op.execute("ALTER TABLE children DROP COLUMN same_as")
    op.execute("GRANT UPDATE (ended_kind) ON children TO portal_gate")
    op.execute("SET LOCAL ROLE portal_gate")
    op.execute("UPDATE children SET ended_kind = 'birth_undone' WHERE ended_kind = 'entered_twice'")
    op.execute("RESET ROLE")
    op.execute("REVOKE UPDATE (ended_kind) ON children FROM portal_gate")
    _kinds(KINDS)
    op.execute(f"DROP FUNCTION {FULL}")
    op.execute("DROP INDEX ix_preregistrations_facility_id")
