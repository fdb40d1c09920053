"""Steps before the first stay: how far a child is, stays of trial care, and what came of them.

Safe while the app runs: new columns with defaults, new tables, and ``take_places`` reads two more
fields of a stay that older callers do not send. What staff noted of a trial stands in a table that
families never see.
"""

from __future__ import annotations

from alembic import op

from migrations.functions import rewrite, write_back
from migrations.row_security import FAMILY, IS_PROVIDER, ORGANISATION, policy, protect

revision = "0027"
down_revision = "0026"

KINDS = (
    "ARRAY['tour', 'interview', 'trial_care', 'support_centre', 'consultation', 'prenatal']::text[]"
)
THEIRS = f"organisation_id = {ORGANISATION} AND {IS_PROVIDER}"
COLUMNS = ("steps_done", "steps_ordered", "steps_waived")

#: What ``take_places`` says before and after.
TAKES = (
    (
        "overruled,\n         created_by)",
        "overruled,\n         trial_part, guardian_stays, counts_toward_caps, created_by)",
    ),
    (
        "coalesce(s.overruled, '{}'), who[1]::uuid",
        (
            "coalesce(s.overruled, '{}'), s.trial_part, coalesce(s.guardian_stays, false),"
            " coalesce(s.counts_toward_caps, true), who[1]::uuid"
        ),
    ),
    (
        "pickup_person_id uuid, overruled jsonb)",
        (
            "pickup_person_id uuid, overruled jsonb, trial_part smallint, guardian_stays boolean,"
            " counts_toward_caps boolean)"
        ),
    ),
    (
        "overruled = coalesce(s.overruled, '{}'),",
        (
            "overruled = coalesce(s.overruled, '{}'), guardian_stays = coalesce(s.guardian_stays,"
            " false), counts_toward_caps = coalesce(s.counts_toward_caps, true),"
        ),
    ),
    (
        "overruled jsonb),\n           public.programmes g",
        (
            "overruled jsonb, guardian_stays boolean, counts_toward_caps boolean),"
            "\n           public.programmes g"
        ),
    ),
)
_MESSAGES = "DELETE FROM public.preregistration_messages WHERE family_id = p_family;"
ERASES = (
    (
        _MESSAGES,
        (
            f"{_MESSAGES}\n            DELETE FROM public.trial_notes WHERE family_id = p_family;"
            "\n            DELETE FROM public.trial_outcomes WHERE family_id = p_family;"
        ),
    ),
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _standing()
    _bookings()
    _outcomes()
    rewrite("portal_places", "take_places(jsonb)", *TAKES)
    rewrite("portal_gate", "erase_family(uuid, uuid)", *ERASES)


def _standing() -> None:
    for column in COLUMNS:
        op.execute(f"""
            ALTER TABLE preregistrations ADD COLUMN {column} text[] NOT NULL DEFAULT '{{}}'
                CONSTRAINT ck_preregistrations_{column} CHECK ({column} <@ {KINDS})""")
    op.execute(f"GRANT UPDATE ({', '.join(COLUMNS)}) ON preregistrations TO portal_app")
    # Row-level security lets a family change her own row; how far she is, only the provider says.
    op.execute("""
        CREATE FUNCTION keep_steps() RETURNS trigger LANGUAGE plpgsql
        SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            IF (public.actor())[4] IS DISTINCT FROM 'director'
               AND (public.actor())[4] IS DISTINCT FROM 'staff' THEN
                RAISE insufficient_privilege USING MESSAGE = 'steps are the provider''s to record';
            END IF;
            RETURN NEW;
        END $$""")
    op.execute("REVOKE ALL ON FUNCTION keep_steps() FROM PUBLIC")
    changed = " OR ".join(f"OLD.{c} IS DISTINCT FROM NEW.{c}" for c in COLUMNS)
    filled = " OR ".join(f"NEW.{c} <> '{{}}'" for c in COLUMNS)
    for event, when in (("UPDATE", changed), ("INSERT", filled)):
        op.execute(
            f"CREATE TRIGGER keep_steps_{event.lower()} BEFORE {event} ON preregistrations"
            f" FOR EACH ROW WHEN ({when}) EXECUTE FUNCTION keep_steps()"
        )


def _bookings() -> None:
    op.execute("""
        ALTER TABLE bookings
            ADD COLUMN trial_part smallint
                CONSTRAINT ck_bookings_trial_part CHECK (trial_part BETWEEN 1 AND 10),
            ADD COLUMN guardian_stays boolean NOT NULL DEFAULT false,
            ADD COLUMN counts_toward_caps boolean NOT NULL DEFAULT true""")
    # One trial at a time: what comes of it decides what is booked next.
    op.execute("""
        CREATE UNIQUE INDEX uq_bookings_one_trial_ahead ON bookings (child_id, facility_id)
         WHERE trial_part IS NOT NULL AND state = 'confirmed'""")
    op.execute("""
        CREATE INDEX ix_bookings_trials ON bookings (child_id, facility_id)
         WHERE trial_part IS NOT NULL""")


def _outcomes() -> None:
    op.execute("""
        CREATE TABLE trial_outcomes (
            booking_id uuid CONSTRAINT pk_trial_outcomes PRIMARY KEY
                CONSTRAINT fk_trial_outcomes_booking_id REFERENCES bookings,
            preregistration_id uuid NOT NULL
                CONSTRAINT fk_trial_outcomes_preregistration_id REFERENCES preregistrations,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_trial_outcomes_organisation_id REFERENCES organisations,
            family_id uuid NOT NULL CONSTRAINT fk_trial_outcomes_family_id REFERENCES families,
            child_id uuid NOT NULL CONSTRAINT fk_trial_outcomes_child_id REFERENCES children,
            part smallint NOT NULL CONSTRAINT ck_trial_outcomes_part CHECK (part BETWEEN 1 AND 10),
            outcome text NOT NULL CONSTRAINT ck_trial_outcomes_outcome
                CHECK (outcome IN ('next', 'repeat', 'not_yet')),
            decided_by uuid,
            decided_at timestamptz NOT NULL
        )""")
    op.execute(
        "CREATE INDEX ix_trial_outcomes_preregistration_id"
        " ON trial_outcomes (preregistration_id, decided_at)"
    )
    op.execute("CREATE INDEX ix_trial_outcomes_family_id ON trial_outcomes (family_id)")
    op.execute("""
        CREATE TABLE trial_notes (
            booking_id uuid CONSTRAINT pk_trial_notes PRIMARY KEY
                CONSTRAINT fk_trial_notes_booking_id REFERENCES trial_outcomes,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_trial_notes_organisation_id REFERENCES organisations,
            family_id uuid NOT NULL CONSTRAINT fk_trial_notes_family_id REFERENCES families,
            note_sealed bytea NOT NULL,
            written_by uuid,
            written_at timestamptz NOT NULL
        )""")
    op.execute("CREATE INDEX ix_trial_notes_family_id ON trial_notes (family_id)")
    of_this_stay = (
        "EXISTS (SELECT 1 FROM bookings b WHERE b.id = trial_outcomes.booking_id"
        " AND b.organisation_id = trial_outcomes.organisation_id"
        " AND b.family_id = trial_outcomes.family_id AND b.child_id = trial_outcomes.child_id"
        " AND b.trial_part = trial_outcomes.part AND b.state = 'attended')"
    )
    protect("trial_outcomes")
    policy("trial_outcomes", "SELECT", f"family_id = {FAMILY} OR {THEIRS}")
    policy(
        "trial_outcomes",
        "SELECT",
        "trial_outcomes.family_id = (SELECT family_with('bookings'))",
        name="by_right_select",
    )
    policy("trial_outcomes", "INSERT", check=f"{THEIRS} AND {of_this_stay}")
    policy("trial_outcomes", "UPDATE", THEIRS, check=f"{THEIRS} AND {of_this_stay}")
    protect("trial_notes")
    policy("trial_notes", "SELECT", THEIRS)
    policy("trial_notes", "INSERT", check=THEIRS)
    policy("trial_notes", "UPDATE", THEIRS, check=THEIRS)
    op.execute("GRANT SELECT, INSERT ON trial_outcomes, trial_notes TO portal_app")
    op.execute("GRANT UPDATE (outcome, decided_by, decided_at) ON trial_outcomes TO portal_app")
    op.execute("GRANT UPDATE (note_sealed, written_by, written_at) ON trial_notes TO portal_app")
    for table in ("trial_outcomes", "trial_notes"):
        policy(table, "ALL", "true", check="true", to="portal_gate")
        op.execute(f"GRANT SELECT, DELETE ON {table} TO portal_gate")


def downgrade() -> None:
    write_back("portal_gate", "erase_family(uuid, uuid)", *ERASES)
    write_back("portal_places", "take_places(jsonb)", *TAKES)
    op.execute("DROP TABLE trial_notes")
    op.execute("DROP TABLE trial_outcomes")
    op.execute("DROP INDEX ix_bookings_trials")
    op.execute("DROP INDEX uq_bookings_one_trial_ahead")
    op.execute(
        "ALTER TABLE bookings DROP COLUMN trial_part, DROP COLUMN guardian_stays,"
        " DROP COLUMN counts_toward_caps"
    )
    for event in ("insert", "update"):
        op.execute(f"DROP TRIGGER keep_steps_{event} ON preregistrations")
    op.execute("DROP FUNCTION keep_steps()")
    for column in COLUMNS:
        op.execute(f"ALTER TABLE preregistrations DROP COLUMN {column}")
