"""Set-up of a facility from nothing: claims, opening hours, drafts of rules, open invitations.

A provider chooses its facility itself; the municipality confirms it, and until then nothing can be
published. A version of rules that has not begun can be withdrawn. Safe while the app runs: new
tables and functions, two columns that may be empty; a facility without a claim stays as it is.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.row_security import IS_PROVIDER, ORGANISATION, ROLE, definer, policy, protect

revision = "0016"
down_revision = "0014"

SQL = Path(__file__).with_name("0016_set_up")
OWN = f"organisation_id = {ORGANISATION} AND {IS_PROVIDER}"
INSIDE = ("move_prepared(uuid, uuid)", "may_invite(uuid)")
FOR_THE_APP = (
    "listed_facilities(text[], integer)",
    "claim_listed_facility(uuid, uuid, uuid)",
    "enter_facility(uuid, uuid, uuid, text, text, text, text, text)",
    "ask_claim_again(uuid)",
    "decide_claim(uuid, boolean, text, uuid)",
    "claim_deciders(uuid)",
    "invite_first_director(uuid, bytea, text, text, uuid, timestamptz)",
    "open_invitations()",
    "withdraw_invitation(uuid)",
    "providers_overseen()",
)
#: What moves when a provider's choice of facility changes.
MOVED = (
    "programmes",
    "rulebooks",
    "rulebook_drafts",
    "facility_hours",
    "pools",
    "pool_patterns",
    "pool_overrides",
    "pool_days",
    "duty_patterns",
    "duty_overrides",
    "closures",
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _claims()
    _hours()
    _drafts()
    _withdrawing()
    _providers()
    _gate()
    cursor = op.get_bind().connection.cursor()
    for name in ("claims", "invitations"):
        cursor.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
    for signature in INSIDE:
        op.execute(f"REVOKE ALL ON FUNCTION {signature} FROM PUBLIC")
        op.execute(f"ALTER FUNCTION {signature} OWNER TO portal_gate")
    for signature in FOR_THE_APP:
        definer(signature, "portal_gate", to="portal_app")


def _claims() -> None:
    op.execute("""
        CREATE TABLE facility_claims (
            id uuid CONSTRAINT pk_facility_claims PRIMARY KEY,
            facility_id uuid NOT NULL
                CONSTRAINT fk_facility_claims_facility_id REFERENCES facilities
                CONSTRAINT uq_facility_claims_facility_id UNIQUE,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_facility_claims_organisation_id REFERENCES organisations,
            municipality_id uuid
                CONSTRAINT fk_facility_claims_municipality_id REFERENCES organisations,
            state text NOT NULL CONSTRAINT ck_facility_claims_state
                CHECK (state IN ('waiting', 'confirmed', 'refused')),
            answer text,
            asked_by uuid,
            asked_at timestamptz NOT NULL,
            decided_by uuid,
            decided_at timestamptz
        )""")
    protect("facility_claims")
    policy(
        "facility_claims",
        "SELECT",
        f"{OWN} OR municipality_id = {ORGANISATION} AND {ROLE} = 'liaison' OR {ROLE} = 'operator'",
    )
    policy("facility_claims", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT ON facility_claims TO portal_app, portal_worker")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON facility_claims TO portal_gate")
    # Above all other policies: whoever writes, nothing goes out before it is confirmed.
    op.execute("""
        CREATE POLICY published_once_confirmed ON facilities AS RESTRICTIVE FOR UPDATE
          TO portal_app USING (true) WITH CHECK (published_at IS NULL OR NOT EXISTS (
            SELECT 1 FROM facility_claims c
             WHERE c.facility_id = facilities.id AND c.state <> 'confirmed'))""")


def _hours() -> None:
    op.execute("""
        CREATE TABLE facility_hours (
            facility_id uuid NOT NULL
                CONSTRAINT fk_facility_hours_facility_id REFERENCES facilities,
            weekday smallint NOT NULL CONSTRAINT ck_facility_hours_weekday
                CHECK (weekday BETWEEN 0 AND 6),
            organisation_id uuid NOT NULL
                CONSTRAINT fk_facility_hours_organisation_id REFERENCES organisations,
            from_cell smallint NOT NULL,
            to_cell smallint NOT NULL,
            break_from smallint,
            break_to smallint,
            CONSTRAINT pk_facility_hours PRIMARY KEY (facility_id, weekday),
            CONSTRAINT ck_facility_hours_cells
                CHECK (0 <= from_cell AND from_cell < to_cell AND to_cell <= 48),
            CONSTRAINT ck_facility_hours_break
                CHECK (break_from IS NULL AND break_to IS NULL
                       OR from_cell < break_from AND break_from < break_to AND break_to < to_cell)
        )""")
    protect("facility_hours")
    policy("facility_hours", "ALL", OWN, check=OWN)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON facility_hours TO portal_app")


def _drafts() -> None:
    op.execute("""
        CREATE TABLE rulebook_drafts (
            programme_id uuid CONSTRAINT pk_rulebook_drafts PRIMARY KEY
                CONSTRAINT fk_rulebook_drafts_programme_id REFERENCES programmes,
            facility_id uuid NOT NULL
                CONSTRAINT fk_rulebook_drafts_facility_id REFERENCES facilities,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_rulebook_drafts_organisation_id REFERENCES organisations,
            fields jsonb NOT NULL,
            document jsonb,
            saved_by uuid,
            saved_at timestamptz NOT NULL
        )""")
    protect("rulebook_drafts")
    policy("rulebook_drafts", "ALL", OWN, check=OWN)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON rulebook_drafts TO portal_app")


def _withdrawing() -> None:
    op.execute("ALTER TABLE rulebooks ADD COLUMN withdrawn_at timestamptz")
    # Rules that have begun stay: people have booked by them. Days are Japan's.
    not_begun = f"{OWN} AND in_force_from > (now() AT TIME ZONE 'Asia/Tokyo')::date"
    policy("rulebooks", "UPDATE", not_begun, check=not_begun, name="not_begun")
    op.execute("GRANT UPDATE (withdrawn_at) ON rulebooks TO portal_app")


def _providers() -> None:
    op.execute("""
        ALTER TABLE organisations ADD COLUMN opened_by uuid
            CONSTRAINT fk_organisations_opened_by REFERENCES organisations""")
    policy(
        "organisations",
        "INSERT",
        check=f"{ROLE} = 'liaison' AND kind = 'provider' AND opened_by = {ORGANISATION}",
        name="liaison_insert",
    )


def _gate() -> None:
    for table in MOVED:
        policy(table, "ALL", "true", check="true", to="portal_gate", name="gate_moves")
        op.execute(f"GRANT SELECT, UPDATE (facility_id) ON {table} TO portal_gate")
    policy("facilities", "ALL", "true", check="true", to="portal_gate", name="gate_claims")
    op.execute("GRANT INSERT, UPDATE, DELETE ON facilities TO portal_gate")
    policy("bookings", "SELECT", "true", to="portal_gate", name="gate_counts")
    op.execute("GRANT SELECT (id, facility_id) ON bookings TO portal_gate")


def downgrade() -> None:
    for signature in (*FOR_THE_APP, *INSIDE):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("REVOKE SELECT (id, facility_id) ON bookings FROM portal_gate")
    op.execute("DROP POLICY gate_counts ON bookings")
    op.execute("REVOKE INSERT, UPDATE, DELETE ON facilities FROM portal_gate")
    op.execute("DROP POLICY gate_claims ON facilities")
    for table in MOVED:
        op.execute(f"REVOKE SELECT, UPDATE (facility_id) ON {table} FROM portal_gate")
        op.execute(f"DROP POLICY gate_moves ON {table}")
    op.execute("DROP POLICY liaison_insert ON organisations")
    op.execute("ALTER TABLE organisations DROP COLUMN opened_by")
    op.execute("REVOKE UPDATE (withdrawn_at) ON rulebooks FROM portal_app")
    op.execute("DROP POLICY not_begun ON rulebooks")
    op.execute("ALTER TABLE rulebooks DROP COLUMN withdrawn_at")
    op.execute("DROP POLICY published_once_confirmed ON facilities")
    for table in ("rulebook_drafts", "facility_hours", "facility_claims"):
        op.execute(f"DROP TABLE {table}")
