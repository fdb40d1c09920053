"""Notices to families, day sheets for paper, the operator's figures, finding a family quickly.

A notice belongs to a facility; each family it went to has a receipt, which it marks as read by
itself, signed in or by the link of its mail. A day sheet is the day as PDF, sealed. The operator
gets counts alone. Staff find families by a function that scans names once, since policies asked row
by row take seconds at ten thousand families. The worker may read child records from now on, acting
for a facility: it makes the day sheets (docs/decisions/0014). Safe while the app runs: all is new.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import FAMILY, IS_PROVIDER, ORGANISATION, definer, policy, protect

revision = "0017"
down_revision = "0016"

THEIRS = f"organisation_id = {ORGANISATION} AND {IS_PROVIDER}"


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _notices()
    _receipts()
    _day_sheets()
    _operator()
    _finding()


def _notices() -> None:
    op.execute("""
        CREATE TABLE notices (
            id uuid CONSTRAINT pk_notices PRIMARY KEY,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_notices_organisation_id REFERENCES organisations,
            facility_id uuid NOT NULL CONSTRAINT fk_notices_facility_id REFERENCES facilities,
            kind text NOT NULL CONSTRAINT ck_notices_kind CHECK (kind IN
                ('closure', 'announcement', 'correction', 'reopening')),
            cause text NOT NULL CONSTRAINT ck_notices_cause CHECK (cause IN
                ('weather', 'infection', 'building', 'staff', 'other')),
            audience text NOT NULL CONSTRAINT ck_notices_audience CHECK (audience IN
                ('booked', 'registered')),
            from_day date,
            to_day date,
            from_cell smallint NOT NULL DEFAULT 0,
            to_cell smallint NOT NULL DEFAULT 48,
            closure_id uuid CONSTRAINT fk_notices_closure_id REFERENCES closures,
            cancels_bookings boolean NOT NULL DEFAULT false,
            title text NOT NULL,
            body text NOT NULL,
            corrects_id uuid CONSTRAINT fk_notices_corrects_id REFERENCES notices,
            sent_by uuid,
            sent_at timestamptz NOT NULL,
            reminded_at timestamptz,
            withdrawn_at timestamptz,
            CONSTRAINT uq_notices_of_organisation UNIQUE (id, organisation_id),
            CONSTRAINT ck_notices_days
                CHECK ((from_day IS NULL) = (to_day IS NULL) AND to_day >= from_day),
            CONSTRAINT ck_notices_cells
                CHECK (0 <= from_cell AND from_cell < to_cell AND to_cell <= 48),
            CONSTRAINT ck_notices_closure_has_days
                CHECK (kind <> 'closure' OR from_day IS NOT NULL),
            CONSTRAINT ck_notices_corrects
                CHECK ((kind IN ('correction', 'reopening')) = (corrects_id IS NOT NULL))
        )""")
    op.execute("CREATE INDEX ix_notices_organisation_id ON notices (organisation_id, sent_at)")
    protect("notices")
    policy("notices", "SELECT", THEIRS, name="own_organisation")
    policy("notices", "INSERT", check=THEIRS)
    policy("notices", "UPDATE", THEIRS)
    op.execute("GRANT SELECT, INSERT, UPDATE (reminded_at, withdrawn_at) ON notices TO portal_app")
    op.execute("GRANT SELECT ON notices TO portal_worker")


def _receipts() -> None:
    op.execute("""
        CREATE TABLE notice_receipts (
            id uuid CONSTRAINT pk_notice_receipts PRIMARY KEY,
            notice_id uuid NOT NULL,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_notice_receipts_organisation_id REFERENCES organisations,
            family_id uuid NOT NULL
                CONSTRAINT fk_notice_receipts_family_id REFERENCES families,
            token_hash bytea NOT NULL CONSTRAINT uq_notice_receipts_token_hash UNIQUE,
            group_ids uuid[] NOT NULL DEFAULT '{}',
            mails smallint NOT NULL DEFAULT 0
                CONSTRAINT ck_notice_receipts_mails CHECK (mails BETWEEN 0 AND 2),
            read_at timestamptz,
            read_by_link boolean,
            told_at timestamptz,
            told_by uuid,
            CONSTRAINT fk_notice_receipts_notice_id
                FOREIGN KEY (notice_id, organisation_id) REFERENCES notices (id, organisation_id),
            CONSTRAINT uq_notice_receipts_family UNIQUE (notice_id, family_id),
            CONSTRAINT ck_notice_receipts_read CHECK ((read_at IS NULL) = (read_by_link IS NULL))
        )""")
    op.execute("CREATE INDEX ix_notice_receipts_family_id ON notice_receipts (family_id)")
    protect("notice_receipts")
    policy("notice_receipts", "SELECT", f"family_id = {FAMILY} OR {THEIRS}")
    # That the notice is the organisation's own too is said by the foreign key.
    policy("notice_receipts", "INSERT", check=THEIRS)
    policy("notice_receipts", "UPDATE", f"family_id = {FAMILY} OR {THEIRS}")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (mails, read_at, read_by_link, told_at, told_by)"
        " ON notice_receipts TO portal_app"
    )
    op.execute("GRANT SELECT ON notice_receipts TO portal_worker")
    policy(
        "notices",
        "SELECT",
        # Whose receipts there are to find is theirs to say.
        "EXISTS (SELECT FROM notice_receipts r WHERE r.notice_id = notices.id)",
        name="received",
    )
    # That a family has read it is its own word; that somebody was told by phone is the staff's.
    op.execute("""
        CREATE FUNCTION guard_notice_receipt() RETURNS trigger
        LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            who text[] := public.actor();
        BEGIN
            IF (NEW.read_at, NEW.read_by_link) IS DISTINCT FROM (OLD.read_at, OLD.read_by_link)
               AND NEW.family_id::text IS DISTINCT FROM who[3] THEN
                RAISE insufficient_privilege
                    USING MESSAGE = 'only the family itself says that it has read';
            END IF;
            IF (NEW.told_at, NEW.told_by, NEW.mails)
                   IS DISTINCT FROM (OLD.told_at, OLD.told_by, OLD.mails)
               AND NEW.organisation_id::text IS DISTINCT FROM who[2] THEN
                RAISE insufficient_privilege
                    USING MESSAGE = 'only staff record what staff did';
            END IF;
            RETURN NEW;
        END $$""")
    op.execute("""
        CREATE TRIGGER guard_notice_receipt BEFORE UPDATE ON notice_receipts
        FOR EACH ROW EXECUTE FUNCTION guard_notice_receipt()""")
    # The link of a mail: opened before anybody is signed in, for ninety days.
    policy("notice_receipts", "SELECT", "true", to="portal_gate")
    policy("notices", "SELECT", "true", to="portal_gate")
    op.execute("GRANT SELECT ON notice_receipts, notices TO portal_gate")
    op.execute("""
        CREATE FUNCTION notice_by_token(p_token_hash bytea)
        RETURNS TABLE (receipt_id uuid, family_id uuid)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT r.id, r.family_id
              FROM public.notice_receipts r JOIN public.notices n ON n.id = r.notice_id
             WHERE r.token_hash = p_token_hash AND n.sent_at > now() - interval '90 days' $$""")
    definer("notice_by_token(bytea)", "portal_gate", to="portal_app")


def _day_sheets() -> None:
    op.execute("""
        CREATE TABLE day_sheets (
            id uuid CONSTRAINT pk_day_sheets PRIMARY KEY,
            facility_id uuid NOT NULL CONSTRAINT fk_day_sheets_facility_id REFERENCES facilities,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_day_sheets_organisation_id REFERENCES organisations,
            day date NOT NULL,
            made_at timestamptz NOT NULL,
            children smallint NOT NULL,
            pdf_sealed bytea,
            in_folder boolean NOT NULL DEFAULT false,
            CONSTRAINT uq_day_sheets_day UNIQUE (facility_id, day)
        )""")
    op.execute("""
        CREATE TABLE day_sheet_settings (
            facility_id uuid CONSTRAINT pk_day_sheet_settings PRIMARY KEY
                CONSTRAINT fk_day_sheet_settings_facility_id REFERENCES facilities,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_day_sheet_settings_organisation_id REFERENCES organisations,
            is_on boolean NOT NULL DEFAULT true,
            minute smallint NOT NULL DEFAULT 390 CONSTRAINT ck_day_sheet_settings_minute
                CHECK (minute BETWEEN 240 AND 720)
        )""")
    own = f"{THEIRS} AND EXISTS (SELECT FROM facilities f WHERE f.id = facility_id"
    for table in ("day_sheets", "day_sheet_settings"):
        protect(table)
        mine = own.replace("= facility_id", f"= {table}.facility_id")
        mine += f" AND f.organisation_id = {table}.organisation_id)"
        policy(table, "SELECT", THEIRS)
        policy(table, "INSERT", check=mine)
        policy(table, "UPDATE", THEIRS)
        op.execute(f"GRANT SELECT, INSERT, UPDATE ON {table} TO portal_app")
    policy("day_sheets", "DELETE", THEIRS)
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON day_sheets TO portal_worker")
    op.execute("GRANT SELECT ON day_sheet_settings TO portal_worker")
    op.execute("GRANT SELECT ON child_records, duty_patterns, duty_overrides TO portal_worker")


def _operator() -> None:
    policy("outbox_messages", "SELECT", "true", to="portal_gate", name="gate_counts")
    op.execute(
        "GRANT SELECT (not_before, sent_at, dropped_at, failed_at, seen_at)"
        " ON outbox_messages TO portal_gate"
    )
    op.execute("""
        CREATE FUNCTION operator_figures()
        RETURNS TABLE (mails_waiting bigint, mails_waiting_since timestamptz, mails_failed bigint,
                       mails_failed_since timestamptz, workers bigint,
                       workers_without_second_factor bigint, guardians_with_account bigint)
        LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            IF (public.actor())[4] IS DISTINCT FROM 'operator' THEN
                RAISE insufficient_privilege USING MESSAGE = 'figures for the operator alone';
            END IF;
            RETURN QUERY
            SELECT m.waiting, m.waiting_since, m.failed, m.failed_since, u.workers, u.without,
                   (SELECT count(*) FROM public.guardians g WHERE g.user_id IS NOT NULL)
              FROM (SELECT count(*) FILTER (WHERE o.failed_at IS NULL) AS waiting,
                           min(o.not_before) FILTER (WHERE o.failed_at IS NULL) AS waiting_since,
                           count(*) FILTER (WHERE o.failed_at IS NOT NULL) AS failed,
                           min(o.failed_at) AS failed_since
                      FROM public.outbox_messages o
                     WHERE o.sent_at IS NULL AND o.dropped_at IS NULL AND o.seen_at IS NULL
                       AND (o.failed_at IS NOT NULL OR o.not_before < now())) AS m,
                   (SELECT count(DISTINCT x.id) AS workers,
                           count(DISTINCT x.id) FILTER (WHERE x.totp_confirmed_at IS NULL)
                               AS without
                      FROM public.users x JOIN public.memberships h ON h.user_id = x.id
                     WHERE h.ended_at IS NULL AND x.disabled_at IS NULL) AS u;
        END $$""")
    definer("operator_figures()", "portal_gate", to="portal_app")


def _finding() -> None:
    policy("children", "SELECT", "true", to="portal_gate", name="gate_finds")
    op.execute("GRANT SELECT (family_id, search_key) ON children TO portal_gate")
    op.execute("""
        CREATE FUNCTION find_families(p_patterns text[], p_digits text, p_number text,
                                      p_variants text, p_typed text, p_most integer)
        RETURNS TABLE (family_id uuid)
        LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            who text[] := public.actor();
        BEGIN
            IF who[2] IS NULL OR who[4] IS NULL OR who[4] NOT IN ('director', 'staff') THEN
                RAISE insufficient_privilege
                    USING MESSAGE = 'only staff of a provider find families';
            END IF;
            RETURN QUERY
            WITH open AS MATERIALIZED (
                SELECT f.id, f.number, f.created_at
                  FROM public.family_access a JOIN public.families f ON f.id = a.family_id
                 WHERE a.organisation_id = who[2]::uuid AND now() >= a.from_at
                   AND (a.until_at IS NULL OR now() < a.until_at)),
            named AS (
                SELECT p.family_id FROM (
                    SELECT g.family_id, g.search_key AS key FROM public.guardians g
                    UNION ALL SELECT c.family_id, c.search_key FROM public.children c) AS p
                 WHERE cardinality(p_patterns) > 0
                   AND p.family_id IN (SELECT o.id FROM open o)
                 GROUP BY p.family_id
                HAVING CASE WHEN string_agg(p.key, '|') ~ ('[' || p_variants || ']')
                            THEN translate(string_agg(p.key, '|'), p_variants, p_typed)
                            ELSE string_agg(p.key, '|') END LIKE ALL (p_patterns)),
            called AS (
                SELECT g.family_id FROM public.guardians g
                 WHERE p_digits IS NOT NULL AND g.phone_digits LIKE '%' || p_digits)
            SELECT o.id FROM open o
             WHERE cardinality(p_patterns) = 0 AND p_digits IS NULL AND p_number IS NULL
                OR o.id IN (SELECT n.family_id FROM named n)
                OR o.id IN (SELECT c.family_id FROM called c)
                OR o.number = p_number
             ORDER BY o.created_at DESC, o.id LIMIT p_most;
        END $$""")
    definer(
        "find_families(text[], text, text, text, text, integer)", "portal_gate", to="portal_app"
    )


def downgrade() -> None:
    op.execute("DROP FUNCTION find_families(text[], text, text, text, text, integer)")
    op.execute("REVOKE SELECT (family_id, search_key) ON children FROM portal_gate")
    op.execute("DROP POLICY gate_finds ON children")
    op.execute("DROP FUNCTION operator_figures()")
    op.execute(
        "REVOKE SELECT (not_before, sent_at, dropped_at, failed_at, seen_at)"
        " ON outbox_messages FROM portal_gate"
    )
    op.execute("DROP POLICY gate_counts ON outbox_messages")
    op.execute("REVOKE SELECT ON child_records, duty_patterns, duty_overrides FROM portal_worker")
    op.execute("DROP TABLE day_sheet_settings")
    op.execute("DROP TABLE day_sheets")
    op.execute("DROP FUNCTION notice_by_token(bytea)")
    op.execute("DROP POLICY received ON notices")
    op.execute("DROP TABLE notice_receipts")
    op.execute("DROP FUNCTION guard_notice_receipt()")
    op.execute("DROP TABLE notices")
