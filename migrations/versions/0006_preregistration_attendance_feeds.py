"""Pre-registrations with their messages, attendance, word from families, secret addresses.

Safe while the app runs: all is new.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import FAMILY, IS_PROVIDER, ORGANISATION, definer, policy, protect

revision = "0006"
down_revision = "0005"

MINE = f"family_id = {FAMILY} OR organisation_id = {ORGANISATION} AND {IS_PROVIDER}"
THEIRS = f"organisation_id = {ORGANISATION} AND {IS_PROVIDER}"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _preregistrations()
    _attendance()
    _secret_addresses()


def _preregistrations() -> None:
    op.execute("""
        CREATE TABLE preregistrations (
            id uuid CONSTRAINT pk_preregistrations PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_preregistrations_family_id REFERENCES families,
            child_id uuid NOT NULL CONSTRAINT fk_preregistrations_child_id REFERENCES children,
            facility_id uuid NOT NULL
                CONSTRAINT fk_preregistrations_facility_id REFERENCES facilities,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_preregistrations_organisation_id REFERENCES organisations,
            state text NOT NULL CONSTRAINT ck_preregistrations_state CHECK (state IN
                ('applied', 'asked_back', 'accepted', 'declined', 'withdrawn')),
            channel text NOT NULL CONSTRAINT ck_preregistrations_channel CHECK (channel IN
                ('web', 'phone', 'fax', 'post', 'counter')),
            received_at timestamptz NOT NULL,
            applied_at timestamptz NOT NULL,
            decided_at timestamptz,
            decided_by uuid,
            accepted_until date,
            created_by uuid,
            CONSTRAINT ck_preregistrations_accepted_until
                CHECK ((state = 'accepted') = (accepted_until IS NOT NULL))
        )""")
    op.execute("""
        CREATE UNIQUE INDEX uq_preregistrations_live ON preregistrations (child_id, facility_id)
         WHERE state IN ('applied', 'asked_back', 'accepted')""")
    op.execute(
        "CREATE INDEX ix_preregistrations_organisation_id"
        " ON preregistrations (organisation_id, state)"
    )
    op.execute("CREATE INDEX ix_preregistrations_family_id ON preregistrations (family_id)")
    op.execute("""
        CREATE TABLE preregistration_messages (
            id uuid CONSTRAINT pk_preregistration_messages PRIMARY KEY,
            preregistration_id uuid NOT NULL
                CONSTRAINT fk_preregistration_messages_preregistration_id
                REFERENCES preregistrations,
            family_id uuid NOT NULL,
            organisation_id uuid NOT NULL,
            is_from_family boolean NOT NULL,
            text_sealed bytea NOT NULL,
            written_by uuid,
            written_at timestamptz NOT NULL
        )""")
    op.execute(
        "CREATE INDEX ix_preregistration_messages_preregistration_id"
        " ON preregistration_messages (preregistration_id, written_at)"
    )
    protect("preregistrations")
    policy("preregistrations", "SELECT", MINE)
    policy("preregistrations", "INSERT", check=MINE)
    # Accepting is the provider's; a family only answers and withdraws.
    policy(
        "preregistrations",
        "UPDATE",
        MINE,
        check=f"({THEIRS}) OR family_id = {FAMILY} AND state IN ('applied', 'withdrawn')",
    )
    op.execute("GRANT SELECT, INSERT ON preregistrations TO portal_app")
    op.execute(
        "GRANT UPDATE (state, applied_at, decided_at, decided_by, accepted_until)"
        " ON preregistrations TO portal_app"
    )
    op.execute("GRANT SELECT ON preregistrations TO portal_worker")
    protect("preregistration_messages")
    policy("preregistration_messages", "SELECT", MINE)
    policy(
        "preregistration_messages",
        "INSERT",
        check=f"family_id = {FAMILY} AND is_from_family OR {THEIRS} AND NOT is_from_family",
    )
    op.execute("GRANT SELECT, INSERT ON preregistration_messages TO portal_app")


def _attendance() -> None:
    op.execute("""
        CREATE TABLE attendances (
            booking_id uuid CONSTRAINT pk_attendances PRIMARY KEY
                CONSTRAINT fk_attendances_booking_id REFERENCES bookings,
            facility_id uuid NOT NULL CONSTRAINT fk_attendances_facility_id REFERENCES facilities,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_attendances_organisation_id REFERENCES organisations,
            family_id uuid NOT NULL CONSTRAINT fk_attendances_family_id REFERENCES families,
            child_id uuid NOT NULL CONSTRAINT fk_attendances_child_id REFERENCES children,
            day date NOT NULL,
            arrived_at timestamptz,
            arrived_by uuid,
            departed_at timestamptz,
            departed_by uuid,
            collected_by text,
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT ck_attendances_departed_after_arrived
                CHECK (departed_at IS NULL OR arrived_at IS NOT NULL AND departed_at >= arrived_at)
        )""")
    op.execute("CREATE INDEX ix_attendances_organisation_id ON attendances (organisation_id, day)")
    op.execute("""
        CREATE TABLE words_from_families (
            id uuid CONSTRAINT pk_words_from_families PRIMARY KEY,
            booking_id uuid NOT NULL
                CONSTRAINT fk_words_from_families_booking_id REFERENCES bookings,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_words_from_families_organisation_id REFERENCES organisations,
            family_id uuid NOT NULL
                CONSTRAINT fk_words_from_families_family_id REFERENCES families,
            kind text NOT NULL CONSTRAINT ck_words_from_families_kind
                CHECK (kind IN ('late', 'absent')),
            expected_at timestamptz,
            channel text NOT NULL CONSTRAINT ck_words_from_families_channel CHECK (channel IN
                ('web', 'phone', 'fax', 'post', 'counter', 'mail_link')),
            received_at timestamptz NOT NULL,
            recorded_by uuid
        )""")
    op.execute("CREATE INDEX ix_words_from_families_booking_id ON words_from_families (booking_id)")
    protect("attendances")
    policy("attendances", "SELECT", MINE)
    policy("attendances", "INSERT", check=THEIRS)
    policy("attendances", "UPDATE", THEIRS, check=THEIRS)
    op.execute("GRANT SELECT, INSERT, UPDATE ON attendances TO portal_app")
    op.execute("GRANT SELECT ON attendances TO portal_worker")
    protect("words_from_families")
    policy("words_from_families", "SELECT", MINE)
    policy("words_from_families", "INSERT", check=MINE)
    op.execute("GRANT SELECT, INSERT ON words_from_families TO portal_app")
    op.execute("GRANT SELECT ON words_from_families TO portal_worker")


def _secret_addresses() -> None:
    op.execute("""
        CREATE TABLE secret_addresses (
            id uuid CONSTRAINT pk_secret_addresses PRIMARY KEY,
            kind text NOT NULL CONSTRAINT ck_secret_addresses_kind CHECK (kind IN
                ('facility_feed', 'family_feed', 'booking_word')),
            token_hash bytea NOT NULL CONSTRAINT uq_secret_addresses_token_hash UNIQUE,
            organisation_id uuid,
            facility_id uuid,
            family_id uuid,
            booking_id uuid,
            made_by uuid,
            made_at timestamptz NOT NULL DEFAULT now(),
            expires_at timestamptz,
            ended_at timestamptz,
            CONSTRAINT ck_secret_addresses_one_owner
                CHECK ((organisation_id IS NULL) <> (family_id IS NULL))
        )""")
    op.execute("CREATE INDEX ix_secret_addresses_family_id ON secret_addresses (family_id)")
    op.execute(
        "CREATE INDEX ix_secret_addresses_organisation_id ON secret_addresses (organisation_id)"
    )
    protect("secret_addresses")
    policy("secret_addresses", "SELECT", MINE)
    policy("secret_addresses", "INSERT", check=MINE)
    policy("secret_addresses", "UPDATE", MINE)
    policy("secret_addresses", "SELECT", "true", to="portal_gate")
    op.execute("GRANT SELECT, INSERT ON secret_addresses TO portal_app, portal_worker")
    op.execute("GRANT UPDATE (ended_at) ON secret_addresses TO portal_app")
    op.execute("GRANT SELECT ON secret_addresses TO portal_gate")
    # The token is never stored: it is HMAC(link_key, id), so the page can show the address again.
    op.execute("""
        CREATE FUNCTION secret_address(p_token_hash bytea)
        RETURNS TABLE (id uuid, kind text, organisation_id uuid, facility_id uuid,
                       family_id uuid, booking_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT a.id, a.kind, a.organisation_id, a.facility_id, a.family_id, a.booking_id
              FROM public.secret_addresses a
             WHERE a.token_hash = p_token_hash AND a.ended_at IS NULL
               AND (a.expires_at IS NULL OR a.expires_at > now()) $$""")
    definer("secret_address(bytea)", "portal_gate", to="portal_app")


def downgrade() -> None:
    op.execute("DROP FUNCTION secret_address(bytea)")
    for table in (
        "secret_addresses",
        "words_from_families",
        "attendances",
        "preregistration_messages",
        "preregistrations",
    ):
        op.execute(f"DROP TABLE {table}")
