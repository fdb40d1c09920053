"""Pools, their days, bookings; the functions that alone take and give back places.

A pool is anything limited: places of a room, of an age band. A day of a pool is one row with 48
half-hour cells. ``take_places`` reads without lock whether all fits, then locks the rows in one
order and takes; a CHECK stands behind it. The app role writes neither ``pool_days`` nor where and
when a booking lies. Safe while the app runs: all is new.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.row_security import (
    FAMILY,
    IS_PROVIDER,
    ORGANISATION,
    definer,
    policy,
    protect,
)

revision = "0005"
down_revision = "0004"

OF_VISIBLE_FACILITY = "EXISTS (SELECT 1 FROM facilities f WHERE f.id = facility_id)"
OWN = f"organisation_id = {ORGANISATION} AND {IS_PROVIDER}"
SQL = Path(__file__).with_name("0005_places")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("CREATE EXTENSION IF NOT EXISTS btree_gist")
    _pools()
    _duty()
    _pool_days()
    _bookings()
    op.execute((SQL / "class_age.sql").read_text(encoding="utf-8"))
    for name, signature in (
        ("take_places", "take_places(jsonb)"),
        ("release_places", "release_places(uuid[], text)"),
        ("mark_booking", "mark_booking(uuid, text)"),
        ("fill_pool_days", "fill_pool_days(uuid, date, date)"),
    ):
        op.execute((SQL / f"{name}.sql").read_text(encoding="utf-8"))
        definer(signature, "portal_places")


def _pools() -> None:
    op.execute("""
        CREATE TABLE pools (
            id uuid CONSTRAINT pk_pools PRIMARY KEY,
            facility_id uuid NOT NULL CONSTRAINT fk_pools_facility_id REFERENCES facilities,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_pools_organisation_id REFERENCES organisations,
            kind text NOT NULL CONSTRAINT ck_pools_kind CHECK (kind IN ('total', 'age_band')),
            label text NOT NULL,
            youngest_class smallint NOT NULL DEFAULT 0,
            oldest_class smallint NOT NULL DEFAULT 5,
            position smallint NOT NULL DEFAULT 0,
            retired_at timestamptz,
            CONSTRAINT ck_pools_classes CHECK (0 <= youngest_class
                AND youngest_class <= oldest_class AND oldest_class <= 5)
        )""")
    op.execute("CREATE INDEX ix_pools_facility_id ON pools (facility_id)")
    op.execute("""
        CREATE TABLE pool_patterns (
            pool_id uuid NOT NULL CONSTRAINT fk_pool_patterns_pool_id REFERENCES pools,
            weekday smallint NOT NULL,
            in_force_from date NOT NULL,
            facility_id uuid NOT NULL
                CONSTRAINT fk_pool_patterns_facility_id REFERENCES facilities,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_pool_patterns_organisation_id REFERENCES organisations,
            capacity smallint[] NOT NULL,
            CONSTRAINT pk_pool_patterns PRIMARY KEY (pool_id, weekday, in_force_from),
            CONSTRAINT ck_pool_patterns_weekday CHECK (weekday BETWEEN 0 AND 6),
            CONSTRAINT ck_pool_patterns_capacity CHECK (0 <= ALL (capacity)
                AND cardinality(capacity) = 48 AND array_position(capacity, NULL) IS NULL)
        )""")
    op.execute("""
        CREATE TABLE pool_overrides (
            pool_id uuid NOT NULL CONSTRAINT fk_pool_overrides_pool_id REFERENCES pools,
            day date NOT NULL,
            facility_id uuid NOT NULL
                CONSTRAINT fk_pool_overrides_facility_id REFERENCES facilities,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_pool_overrides_organisation_id REFERENCES organisations,
            capacity smallint[] NOT NULL,
            reason text NOT NULL DEFAULT '',
            set_by uuid,
            set_at timestamptz NOT NULL DEFAULT now(),
            CONSTRAINT pk_pool_overrides PRIMARY KEY (pool_id, day),
            CONSTRAINT ck_pool_overrides_capacity CHECK (0 <= ALL (capacity)
                AND cardinality(capacity) = 48 AND array_position(capacity, NULL) IS NULL)
        )""")
    for table in ("pools", "pool_patterns", "pool_overrides"):
        protect(table)
        policy(table, "SELECT", OF_VISIBLE_FACILITY)
        policy(table, "INSERT", check=OWN)
        policy(table, "UPDATE", OWN, check=OWN)
        policy(table, "DELETE", OWN)
        policy(table, "SELECT", "true", to="portal_places", name="places_select")
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO portal_app")
        op.execute(f"GRANT SELECT ON {table} TO portal_worker, portal_places")
    op.execute("GRANT DELETE ON pool_patterns, pool_overrides TO portal_app")


def _duty() -> None:
    op.execute("""
        CREATE TABLE duty_patterns (
            facility_id uuid NOT NULL
                CONSTRAINT fk_duty_patterns_facility_id REFERENCES facilities,
            weekday smallint NOT NULL,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_duty_patterns_organisation_id REFERENCES organisations,
            on_duty smallint[] NOT NULL,
            CONSTRAINT pk_duty_patterns PRIMARY KEY (facility_id, weekday),
            CONSTRAINT ck_duty_patterns_weekday CHECK (weekday BETWEEN 0 AND 6),
            CONSTRAINT ck_duty_patterns_on_duty CHECK (0 <= ALL (on_duty)
                AND cardinality(on_duty) = 48 AND array_position(on_duty, NULL) IS NULL)
        )""")
    op.execute("""
        CREATE TABLE duty_overrides (
            facility_id uuid NOT NULL
                CONSTRAINT fk_duty_overrides_facility_id REFERENCES facilities,
            day date NOT NULL,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_duty_overrides_organisation_id REFERENCES organisations,
            on_duty smallint[] NOT NULL,
            CONSTRAINT pk_duty_overrides PRIMARY KEY (facility_id, day),
            CONSTRAINT ck_duty_overrides_on_duty CHECK (0 <= ALL (on_duty)
                AND cardinality(on_duty) = 48 AND array_position(on_duty, NULL) IS NULL)
        )""")
    for table in ("duty_patterns", "duty_overrides"):
        protect(table)
        # How many are on duty is the provider's own business, not the public's.
        policy(table, "ALL", OWN, check=OWN)
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON {table} TO portal_app")


def _pool_days() -> None:
    op.execute("""
        CREATE TABLE pool_days (
            pool_id uuid NOT NULL CONSTRAINT fk_pool_days_pool_id REFERENCES pools,
            day date NOT NULL,
            facility_id uuid NOT NULL CONSTRAINT fk_pool_days_facility_id REFERENCES facilities,
            wanted smallint[] NOT NULL,
            capacity smallint[] NOT NULL,
            free smallint[] NOT NULL,
            closed boolean[] NOT NULL,
            closed_reason text,
            CONSTRAINT pk_pool_days PRIMARY KEY (pool_id, day),
            CONSTRAINT ck_pool_days_free CHECK (0 <= ALL (free) AND cardinality(free) = 48
                AND array_position(free, NULL) IS NULL),
            CONSTRAINT ck_pool_days_capacity CHECK (cardinality(capacity) = 48
                AND array_position(capacity, NULL) IS NULL AND cardinality(wanted) = 48
                AND cardinality(closed) = 48)
        ) WITH (fillfactor = 70)""")
    op.execute("CREATE INDEX ix_pool_days_facility_id ON pool_days (facility_id, day)")
    protect("pool_days")
    policy("pool_days", "SELECT", OF_VISIBLE_FACILITY)
    policy("pool_days", "ALL", "true", check="true", to="portal_places")
    op.execute("GRANT SELECT ON pool_days TO portal_app, portal_worker")
    op.execute("GRANT SELECT, INSERT, UPDATE ON pool_days TO portal_places")


def _bookings() -> None:
    op.execute("""
        CREATE TABLE bookings (
            id uuid CONSTRAINT pk_bookings PRIMARY KEY,
            group_id uuid NOT NULL,
            facility_id uuid NOT NULL CONSTRAINT fk_bookings_facility_id REFERENCES facilities,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_bookings_organisation_id REFERENCES organisations,
            programme_id uuid NOT NULL CONSTRAINT fk_bookings_programme_id REFERENCES programmes,
            family_id uuid NOT NULL CONSTRAINT fk_bookings_family_id REFERENCES families,
            child_id uuid NOT NULL CONSTRAINT fk_bookings_child_id REFERENCES children,
            state text NOT NULL CONSTRAINT ck_bookings_state CHECK (state IN
                ('confirmed', 'cancelled', 'attended', 'no_show', 'excused_absence')),
            purpose text NOT NULL CONSTRAINT ck_bookings_purpose CHECK (purpose IN
                ('irregular_work', 'emergency', 'respite')),
            day date NOT NULL,
            starts_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL,
            from_cell smallint NOT NULL,
            to_cell smallint NOT NULL,
            pool_ids uuid[] NOT NULL,
            rulebook_id uuid NOT NULL CONSTRAINT fk_bookings_rulebook_id REFERENCES rulebooks,
            class_age smallint NOT NULL CONSTRAINT ck_bookings_class_age
                CHECK (class_age BETWEEN 0 AND 5),
            fee_yen integer NOT NULL CONSTRAINT ck_bookings_fee_yen CHECK (fee_yen >= 0),
            fee_lines jsonb NOT NULL DEFAULT '[]',
            cancel_until timestamptz,
            channel text NOT NULL CONSTRAINT ck_bookings_channel CHECK (channel IN
                ('web', 'phone', 'fax', 'post', 'counter')),
            received_at timestamptz NOT NULL,
            pickup_person_id uuid
                CONSTRAINT fk_bookings_pickup_person_id REFERENCES pickup_persons,
            note_sealed bytea,
            overruled jsonb NOT NULL DEFAULT '{}',
            sequence integer NOT NULL DEFAULT 0,
            created_by uuid,
            created_at timestamptz NOT NULL DEFAULT now(),
            changed_at timestamptz NOT NULL DEFAULT now(),
            cancelled_at timestamptz,
            cancelled_by uuid,
            cancel_reason text,
            cancel_fee_yen integer,
            CONSTRAINT ck_bookings_ends_after_start CHECK (ends_at > starts_at),
            CONSTRAINT ck_bookings_cells CHECK (0 <= from_cell AND from_cell < to_cell
                                                AND to_cell <= 48),
            CONSTRAINT ex_bookings_one_place_at_a_time EXCLUDE USING gist
                (child_id WITH =, tstzrange(starts_at, ends_at) WITH &&)
                WHERE (state IN ('confirmed', 'attended'))
        )""")
    op.execute("CREATE INDEX ix_bookings_facility_day ON bookings (facility_id, day)")
    op.execute("CREATE INDEX ix_bookings_organisation_id ON bookings (organisation_id, day)")
    op.execute("CREATE INDEX ix_bookings_family_id ON bookings (family_id, day)")
    op.execute("CREATE INDEX ix_bookings_group_id ON bookings (group_id)")
    protect("bookings")
    mine = f"family_id = {FAMILY} OR organisation_id = {ORGANISATION} AND {IS_PROVIDER}"
    policy("bookings", "SELECT", mine)
    policy("bookings", "UPDATE", mine)
    policy("bookings", "ALL", "true", check="true", to="portal_places")
    op.execute("GRANT SELECT ON bookings TO portal_app, portal_worker")
    # Where, when, who and the state belong to the functions; the rest is the app's.
    op.execute(
        "GRANT UPDATE (note_sealed, pickup_person_id, cancelled_at, cancelled_by, cancel_reason,"
        " cancel_fee_yen, purpose) ON bookings TO portal_app"
    )
    op.execute("GRANT SELECT, INSERT, UPDATE ON bookings TO portal_places")


def downgrade() -> None:
    for signature in (
        "take_places(jsonb)",
        "release_places(uuid[], text)",
        "mark_booking(uuid, text)",
        "fill_pool_days(uuid, date, date)",
    ):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP FUNCTION class_age(date, date)")
    for table in (
        "bookings",
        "pool_days",
        "duty_overrides",
        "duty_patterns",
        "pool_overrides",
        "pool_patterns",
        "pools",
    ):
        op.execute(f"DROP TABLE {table}")
