"""Facilities, imported lists, programmes, rules documents, holidays, closures.

Published facilities and what a family needs to choose one are readable without sign-in;
非公開 facilities never are. Safe while the app runs: all is new.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import IS_PROVIDER, ORGANISATION, ROLE, policy, protect

revision = "0004"
down_revision = "0003"

#: Rows of a facility that anybody may see; the policy of ``facilities`` itself does the hiding.
OF_VISIBLE_FACILITY = "EXISTS (SELECT 1 FROM facilities f WHERE f.id = facility_id)"
OWN = f"organisation_id = {ORGANISATION} AND {IS_PROVIDER}"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _facilities()
    _imports()
    _programmes()
    _days()


def _facilities() -> None:
    op.execute("""
        CREATE TABLE facilities (
            id uuid CONSTRAINT pk_facilities PRIMARY KEY,
            organisation_id uuid CONSTRAINT fk_facilities_organisation_id REFERENCES organisations,
            municipality_id uuid CONSTRAINT fk_facilities_municipality_id REFERENCES organisations,
            list_key text,
            list_shape text,
            list_row jsonb NOT NULL DEFAULT '{}',
            name text NOT NULL,
            name_kana text,
            kind text,
            owner_name text,
            address text NOT NULL,
            building text,
            area text,
            latitude double precision,
            longitude double precision,
            phone text,
            fax text,
            capacity integer,
            age_from_text text,
            age_until_text text,
            opens_text text,
            closes_text text,
            has_temporary_care boolean,
            url text,
            access_note text,
            is_hidden boolean NOT NULL DEFAULT false,
            closed_on_holidays boolean NOT NULL DEFAULT true,
            published_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now(),
            updated_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT uq_facilities_list_key UNIQUE (municipality_id, list_shape, list_key),
            CONSTRAINT ck_facilities_hidden_never_published
                CHECK (NOT (is_hidden AND published_at IS NOT NULL))
        )""")
    op.execute("CREATE INDEX ix_facilities_organisation_id ON facilities (organisation_id)")
    protect("facilities")
    policy("facilities", "SELECT", "published_at IS NOT NULL AND NOT is_hidden", name="published")
    policy("facilities", "SELECT", f"organisation_id = {ORGANISATION}", name="own")
    # Whoever imports a city's list sees and changes that city's rows.
    may_import = f"municipality_id = {ORGANISATION} AND {ROLE} = 'liaison' OR {ROLE} = 'operator'"
    policy("facilities", "ALL", may_import, check=may_import, name="lists")
    policy("facilities", "UPDATE", OWN, check=OWN, name="own_update")
    op.execute("GRANT SELECT, INSERT, UPDATE ON facilities TO portal_app")
    op.execute("GRANT SELECT ON facilities TO portal_worker, portal_places, portal_gate")
    policy("facilities", "SELECT", "true", to="portal_places")
    policy("facilities", "SELECT", "true", to="portal_gate")


def _imports() -> None:
    op.execute("""
        CREATE TABLE facility_imports (
            id uuid CONSTRAINT pk_facility_imports PRIMARY KEY,
            municipality_id uuid NOT NULL
                CONSTRAINT fk_facility_imports_municipality_id REFERENCES organisations,
            file_name text NOT NULL,
            content bytea NOT NULL,
            sha256 bytea NOT NULL,
            counts jsonb NOT NULL DEFAULT '{}',
            created_by uuid,
            created_at timestamptz NOT NULL DEFAULT now(),
            applied_at timestamptz
        )""")
    protect("facility_imports")
    mine = f"municipality_id = {ORGANISATION} AND {ROLE} = 'liaison' OR {ROLE} = 'operator'"
    policy("facility_imports", "ALL", mine, check=mine)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON facility_imports TO portal_app")


def _programmes() -> None:
    op.execute("""
        CREATE TABLE programmes (
            id uuid CONSTRAINT pk_programmes PRIMARY KEY,
            facility_id uuid NOT NULL CONSTRAINT fk_programmes_facility_id REFERENCES facilities,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_programmes_organisation_id REFERENCES organisations,
            kind text NOT NULL CONSTRAINT ck_programmes_kind
                CHECK (kind IN ('temporary_care', 'spare_capacity', 'universal_access_care')),
            name text NOT NULL,
            description text NOT NULL DEFAULT '',
            belongings text NOT NULL DEFAULT '',
            published_at timestamptz,
            created_at timestamptz NOT NULL DEFAULT now()
        )""")
    op.execute("CREATE INDEX ix_programmes_facility_id ON programmes (facility_id)")
    op.execute("""
        CREATE TABLE rulebooks (
            id uuid CONSTRAINT pk_rulebooks PRIMARY KEY,
            programme_id uuid NOT NULL CONSTRAINT fk_rulebooks_programme_id REFERENCES programmes,
            facility_id uuid NOT NULL CONSTRAINT fk_rulebooks_facility_id REFERENCES facilities,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_rulebooks_organisation_id REFERENCES organisations,
            version integer NOT NULL,
            in_force_from date NOT NULL,
            document jsonb NOT NULL,
            created_by uuid,
            created_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT uq_rulebooks_version UNIQUE (programme_id, version),
            CONSTRAINT ck_rulebooks_version CHECK (version >= 1)
        )""")
    for table in ("programmes", "rulebooks"):
        protect(table)
        policy(table, "SELECT", OF_VISIBLE_FACILITY)
        policy(table, "INSERT", check=OWN)
        op.execute(f"GRANT SELECT, INSERT ON {table} TO portal_app")
        op.execute(f"GRANT SELECT ON {table} TO portal_worker")
    policy("programmes", "UPDATE", OWN, check=OWN)
    op.execute(
        "GRANT UPDATE (name, description, belongings, published_at) ON programmes TO portal_app"
    )
    policy("programmes", "SELECT", "true", to="portal_places")
    op.execute("GRANT SELECT ON programmes TO portal_places")


def _days() -> None:
    op.execute("""
        CREATE TABLE holidays (
            day date CONSTRAINT pk_holidays PRIMARY KEY,
            name text NOT NULL
        )""")
    protect("holidays")
    # The law's holidays, the same for everyone.
    policy("holidays", "SELECT", "true")
    policy("holidays", "ALL", "true", check="true", to="portal_owner")
    op.execute("GRANT SELECT ON holidays TO portal_app, portal_worker, portal_places")
    op.execute("""
        CREATE TABLE closures (
            id uuid CONSTRAINT pk_closures PRIMARY KEY,
            facility_id uuid NOT NULL CONSTRAINT fk_closures_facility_id REFERENCES facilities,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_closures_organisation_id REFERENCES organisations,
            from_day date NOT NULL,
            to_day date NOT NULL,
            from_cell smallint NOT NULL DEFAULT 0,
            to_cell smallint NOT NULL DEFAULT 48,
            reason text NOT NULL,
            created_by uuid,
            created_at timestamptz NOT NULL DEFAULT now(),
            lifted_at timestamptz,
            CONSTRAINT ck_closures_days CHECK (to_day >= from_day),
            CONSTRAINT ck_closures_cells CHECK (0 <= from_cell AND from_cell < to_cell
                                                AND to_cell <= 48)
        )""")
    op.execute("CREATE INDEX ix_closures_facility_id ON closures (facility_id, from_day)")
    protect("closures")
    policy("closures", "SELECT", OF_VISIBLE_FACILITY)
    policy("closures", "INSERT", check=OWN)
    policy("closures", "UPDATE", OWN, check=OWN)
    op.execute("GRANT SELECT, INSERT ON closures TO portal_app")
    op.execute("GRANT UPDATE (lifted_at) ON closures TO portal_app")
    op.execute("GRANT SELECT ON closures TO portal_worker, portal_places")
    policy("closures", "SELECT", "true", to="portal_places", name="places_select")


def downgrade() -> None:
    for table in (
        "closures",
        "holidays",
        "rulebooks",
        "programmes",
        "facility_imports",
        "facilities",
    ):
        op.execute(f"DROP TABLE {table}")
