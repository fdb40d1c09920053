"""One's own data: requests for correction and erasure, who saw what, and the erasing itself.

``family_log`` and ``family_mails`` tell a guardian what the audit log and the outbox hold about her
family, without opening either to the app. ``erase_family`` takes out everything that says who a
family is, and leaves the ids: the counts of past months stay exact. Safe while the app runs: a new
table, a column without default, new functions.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import FAMILY, IS_PROVIDER, ORGANISATION, definer, policy, protect

revision = "0019"
down_revision = "0018"

MINE = f"family_id = {FAMILY} OR organisation_id = {ORGANISATION} AND {IS_PROVIDER}"
ERASED = "消去済み"

#: What the erasing function may do to each table; it reads them all.
_MAY = {
    "families": "UPDATE",
    "guardians": "",
    "children": "UPDATE",
    "child_records": "DELETE",
    "pickup_persons": "DELETE",
    "bookings": "UPDATE (pickup_person_id, note_sealed, overruled)",
    "attendances": "UPDATE (collected_by)",
    "words_from_families": "DELETE",
    "preregistrations": "UPDATE (state, accepted_until)",
    "preregistration_messages": "DELETE",
    "secret_addresses": "DELETE",
    "outbox_messages": "DELETE",
    "day_sheets": "UPDATE (pdf_sealed)",
    "protections": "DELETE",
    "guardian_codes": "DELETE",
    "data_requests": "INSERT, UPDATE",
    "audit_log": "UPDATE (detail)",
}
#: Tables on which portal_gate has a policy for everything already.
_OPEN_TO_GATE = frozenset({"families", "guardians", "protections", "guardian_codes"})


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("ALTER TABLE families ADD COLUMN erased_at timestamptz")
    _requests()
    _gate()
    _log()
    _rounds()
    _erasure()
    _clearing_out()


def _requests() -> None:
    op.execute("""
        CREATE TABLE data_requests (
            id uuid CONSTRAINT pk_data_requests PRIMARY KEY,
            group_id uuid NOT NULL,
            family_id uuid NOT NULL CONSTRAINT fk_data_requests_family_id REFERENCES families,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_data_requests_organisation_id REFERENCES organisations,
            kind text NOT NULL CONSTRAINT ck_data_requests_kind
                CHECK (kind IN ('correction', 'erasure')),
            topic text NOT NULL CONSTRAINT ck_data_requests_topic CHECK (topic IN
                ('attendance', 'fee', 'booking', 'record', 'other', 'everything')),
            state text NOT NULL CONSTRAINT ck_data_requests_state
                CHECK (state IN ('open', 'done', 'declined', 'withdrawn')),
            channel text NOT NULL CONSTRAINT ck_data_requests_channel CHECK (channel IN
                ('web', 'phone', 'fax', 'post', 'counter')),
            text_sealed bytea,
            answer_sealed bytea,
            asked_by uuid,
            received_at timestamptz NOT NULL,
            due_on date NOT NULL,
            decided_at timestamptz,
            decided_by uuid,
            CONSTRAINT ck_data_requests_decided CHECK ((state = 'open') = (decided_at IS NULL)),
            CONSTRAINT ck_data_requests_everything
                CHECK ((kind = 'erasure') = (topic = 'everything'))
        )""")
    op.execute("""
        CREATE UNIQUE INDEX uq_data_requests_erasure
            ON data_requests (family_id, organisation_id)
         WHERE kind = 'erasure' AND state = 'open'""")
    op.execute("CREATE INDEX ix_data_requests_family_id ON data_requests (family_id, received_at)")
    op.execute(
        "CREATE INDEX ix_data_requests_organisation_id ON data_requests (organisation_id, state)"
    )
    protect("data_requests")
    policy("data_requests", "SELECT", MINE)
    policy("data_requests", "INSERT", check=f"({MINE}) AND state = 'open'")
    # A family takes back; the provider does or declines.
    policy(
        "data_requests",
        "UPDATE",
        f"({MINE}) AND state = 'open'",
        check=f"family_id = {FAMILY} AND state = 'withdrawn'"
        f" OR organisation_id = {ORGANISATION} AND {IS_PROVIDER}",
    )
    op.execute("GRANT SELECT, INSERT ON data_requests TO portal_app")
    op.execute(
        "GRANT UPDATE (state, answer_sealed, decided_at, decided_by) ON data_requests TO portal_app"
    )
    op.execute("GRANT SELECT ON data_requests TO portal_worker")


def _gate() -> None:
    for table, right in _MAY.items():
        if table not in _OPEN_TO_GATE:
            policy(table, "ALL", "true", check="true", to="portal_gate", name="erasing")
        op.execute(f"GRANT SELECT ON {table} TO portal_gate")
        if right:
            op.execute(f"GRANT {right} ON {table} TO portal_gate")


def _log() -> None:
    op.execute("""
        CREATE FUNCTION family_log(p_from timestamptz, p_until timestamptz)
        RETURNS TABLE (day date, last_at timestamptz, times integer, action text, who text,
                       role text, organisation_id uuid)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
        AS $$
        #variable_conflict use_column
        DECLARE
            me text[] := public.actor();
            -- A guardian with fewer rights reads what she did herself, and nothing of the others.
            hers uuid := coalesce(me[3], me[5])::uuid;
            -- Her row and the protections of it: what is done about these is hers alone to know.
            about_her uuid[] := ARRAY
                (SELECT unnest(ARRAY[g.id, p.id]) FROM public.guardians g
                   LEFT JOIN public.protections p ON p.guardian_id = g.id
                  WHERE g.family_id = hers AND g.user_id = me[1]::uuid);
        BEGIN
            IF hers IS NULL THEN
                RETURN;
            END IF;
            RETURN QUERY
            SELECT (l.at AT TIME ZONE 'Asia/Tokyo')::date, max(l.at), count(*)::integer, l.action,
                   CASE WHEN l.user_id = me[1]::uuid THEN 'me'
                        WHEN l.role = 'guardian' THEN 'guardian'
                        WHEN l.user_id IS NULL THEN 'portal'
                        ELSE 'staff' END,
                   l.role, l.organisation_id
              FROM public.audit_log l
             WHERE l.family_id = hers AND l.at >= p_from AND l.at < p_until
               AND (l.user_id = me[1]::uuid
                    OR me[3] IS NOT NULL
                       AND (l.action NOT LIKE '%protect%' OR l.subjects && about_her))
             GROUP BY 1, 4, 5, 6, 7
             ORDER BY 2 DESC;
        END $$""")
    definer("family_log(timestamptz, timestamptz)", "portal_gate", to="portal_app")
    op.execute("""
        CREATE FUNCTION family_mails(p_from timestamptz, p_until timestamptz)
        RETURNS TABLE (kind text, sent_at timestamptz, failed_at timestamptz,
                       organisation_name text)
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
        AS $$
        DECLARE
            me text[] := public.actor();
        BEGIN
            IF me[1] IS NULL OR me[4] IS DISTINCT FROM 'guardian' THEN
                RETURN;
            END IF;
            RETURN QUERY
            SELECT m.kind, m.sent_at, m.failed_at, o.name
              FROM public.outbox_messages m
              LEFT JOIN public.organisations o ON o.id = m.organisation_id
             WHERE (m.family_id = me[3]::uuid OR m.to_user_id = me[1]::uuid)
               AND coalesce(m.sent_at, m.failed_at) >= p_from
               AND coalesce(m.sent_at, m.failed_at) < p_until
             ORDER BY coalesce(m.sent_at, m.failed_at) DESC;
        END $$""")
    definer("family_mails(timestamptz, timestamptz)", "portal_gate", to="portal_app")


def _rounds() -> None:
    # One provider must not learn from another's list which families they share: these two answer
    # for a round as a whole.
    op.execute("""
        CREATE FUNCTION spread_erasure(p_family uuid, p_group uuid) RETURNS void
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            me text[] := public.actor();
        BEGIN
            INSERT INTO public.data_requests
                (id, group_id, family_id, organisation_id, kind, topic, state, channel,
                 asked_by, received_at, due_on)
            SELECT gen_random_uuid(), r.group_id, r.family_id, a.organisation_id, r.kind, r.topic,
                   'open', r.channel, r.asked_by, r.received_at, r.due_on
              FROM public.data_requests r
              JOIN public.family_access a
                ON a.family_id = r.family_id AND (a.until_at IS NULL OR now() < a.until_at)
             WHERE r.family_id = p_family AND r.group_id = p_group AND r.kind = 'erasure'
               AND r.organisation_id = me[2]::uuid AND me[4] IN ('director', 'staff')
               AND NOT EXISTS (SELECT 1 FROM public.data_requests o
                                WHERE o.group_id = p_group
                                  AND o.organisation_id = a.organisation_id)
            ON CONFLICT DO NOTHING;
        END $$""")
    definer("spread_erasure(uuid, uuid)", "portal_gate", to="portal_app")
    op.execute("""
        CREATE FUNCTION erasure_states(p_family uuid, p_group uuid) RETURNS SETOF text
        LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
        AS $$
        DECLARE
            me text[] := public.actor();
        BEGIN
            RETURN QUERY
            SELECT r.state FROM public.data_requests r
             WHERE r.family_id = p_family AND r.group_id = p_group AND r.kind = 'erasure'
               AND EXISTS (SELECT 1 FROM public.data_requests own
                            WHERE own.group_id = p_group AND own.family_id = p_family
                              AND (own.organisation_id = me[2]::uuid
                                   OR own.family_id = me[3]::uuid));
        END $$""")
    definer("erasure_states(uuid, uuid)", "portal_gate", to="portal_app")


def _erasure() -> None:
    op.execute(f"""
        CREATE FUNCTION erase_family(p_family uuid, p_group uuid) RETURNS text[]
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            me text[] := public.actor();
            accounts uuid[];
            addresses text[];
        BEGIN
            PERFORM 1 FROM public.families WHERE id = p_family AND erased_at IS NULL FOR UPDATE;
            IF NOT FOUND THEN
                RAISE insufficient_privilege USING MESSAGE = 'no such family';
            END IF;
            IF NOT (me[4] = 'guardian' AND me[3] = p_family::text)
               AND NOT (me[4] = 'director' AND EXISTS
                   (SELECT 1 FROM public.data_requests r
                     WHERE r.family_id = p_family AND r.group_id = p_group AND r.kind = 'erasure'
                       AND r.state = 'done' AND r.organisation_id = me[2]::uuid)) THEN
                RAISE insufficient_privilege USING MESSAGE = 'not hers to erase';
            END IF;
            -- Every provider that may see the family has agreed, in this very round.
            IF EXISTS (SELECT 1 FROM public.family_access a
                        WHERE a.family_id = p_family
                          AND (a.until_at IS NULL OR now() < a.until_at)
                          AND NOT EXISTS
                              (SELECT 1 FROM public.data_requests r
                                WHERE r.family_id = p_family AND r.group_id = p_group
                                  AND r.kind = 'erasure' AND r.state = 'done'
                                  AND r.organisation_id = a.organisation_id)) THEN
                RAISE insufficient_privilege USING MESSAGE = 'a provider has not agreed';
            END IF;
            IF EXISTS (SELECT 1 FROM public.bookings b
                        WHERE b.family_id = p_family AND b.state = 'confirmed') THEN
                RAISE insufficient_privilege USING MESSAGE = 'a booking is still open';
            END IF;
            SELECT coalesce(array_agg(g.user_id), '{{}}') INTO accounts FROM public.guardians g
             WHERE g.family_id = p_family AND g.user_id IS NOT NULL;
            SELECT coalesce(array_agg(DISTINCT coalesce(u.mail, g.mail)), '{{}}') INTO addresses
              FROM public.guardians g LEFT JOIN public.users u ON u.id = g.user_id
             WHERE g.family_id = p_family AND coalesce(u.mail, g.mail) IS NOT NULL;
            UPDATE public.bookings
               SET pickup_person_id = NULL, note_sealed = NULL, overruled = '{{}}'
             WHERE family_id = p_family;
            UPDATE public.attendances SET collected_by = NULL WHERE family_id = p_family;
            DELETE FROM public.preregistration_messages WHERE family_id = p_family;
            UPDATE public.preregistrations SET state = 'withdrawn', accepted_until = NULL
             WHERE family_id = p_family AND state IN ('applied', 'asked_back', 'accepted');
            DELETE FROM public.words_from_families WHERE family_id = p_family;
            DELETE FROM public.pickup_persons WHERE family_id = p_family;
            DELETE FROM public.child_records WHERE family_id = p_family;
            -- The class year stays: the bookings' class age says as much, and ages stay sensible.
            UPDATE public.children
               SET name = CASE WHEN born_on IS NULL THEN NULL ELSE '{ERASED}' END,
                   name_kana = NULL, search_key = '',
                   born_on = make_date(extract(year FROM born_on - interval '3 months 1 day')::int,
                                       4, 2),
                   due_on = make_date(extract(year FROM due_on)::int, 1, 1)
             WHERE family_id = p_family;
            UPDATE public.guardians
               SET user_id = NULL, name = '{ERASED}', name_kana = NULL, search_key = '',
                   relation = '', phone = NULL, phone_digits = NULL, mail = NULL, address = NULL
             WHERE family_id = p_family;
            DELETE FROM public.protections WHERE family_id = p_family;
            DELETE FROM public.guardian_codes WHERE family_id = p_family;
            UPDATE public.day_sheets d SET pdf_sealed = NULL
             WHERE EXISTS (SELECT 1 FROM public.bookings b
                            WHERE b.family_id = p_family AND b.facility_id = d.facility_id
                              AND b.day = d.day);
            DELETE FROM public.secret_addresses s
             WHERE s.family_id = p_family
                OR s.booking_id IN (SELECT b.id FROM public.bookings b
                                     WHERE b.family_id = p_family);
            DELETE FROM public.outbox_messages WHERE family_id = p_family;
            -- Free text that staff gave as a reason may name people; codes and ids stay.
            UPDATE public.audit_log SET detail = detail - 'reason'
             WHERE family_id = p_family AND detail ? 'reason';
            UPDATE public.data_requests
               SET text_sealed = NULL, answer_sealed = NULL WHERE family_id = p_family;
            UPDATE public.families
               SET erased_at = now(), number = 'erased-' || id::text WHERE id = p_family;
            -- Whoever also works for a body keeps her account; it no longer belongs to a family.
            SELECT coalesce(array_agg(u.id), '{{}}') INTO accounts FROM public.users u
             WHERE u.id = ANY (accounts) AND NOT EXISTS
                   (SELECT 1 FROM public.memberships m
                     WHERE m.user_id = u.id AND m.ended_at IS NULL);
            DELETE FROM public.outbox_messages WHERE to_user_id = ANY (accounts);
            DELETE FROM public.mail_tokens t
             WHERE t.user_id = ANY (accounts)
                OR t.mail IN (SELECT u.mail FROM public.users u WHERE u.id = ANY (accounts));
            DELETE FROM public.recovery_codes WHERE user_id = ANY (accounts);
            UPDATE public.sign_in_sessions SET ended_at = now()
             WHERE user_id = ANY (accounts) AND ended_at IS NULL;
            UPDATE public.users
               SET name = '{ERASED}', mail = 'erased-' || id::text || '@invalid',
                   mail_key = 'erased-' || id::text || '@invalid', password_hash = '',
                   totp_sealed = NULL, totp_confirmed_at = NULL, disabled_at = now()
             WHERE id = ANY (accounts);
            RETURN addresses;
        END $$""")
    definer("erase_family(uuid, uuid)", "portal_gate", to="portal_app")


def _clearing_out() -> None:
    op.execute("GRANT DELETE ON outbox_messages TO portal_worker")


def downgrade() -> None:
    op.execute("REVOKE DELETE ON outbox_messages FROM portal_worker")
    op.execute("DROP FUNCTION erase_family(uuid, uuid)")
    op.execute("DROP FUNCTION erasure_states(uuid, uuid)")
    op.execute("DROP FUNCTION spread_erasure(uuid, uuid)")
    op.execute("DROP FUNCTION family_mails(timestamptz, timestamptz)")
    op.execute("DROP FUNCTION family_log(timestamptz, timestamptz)")
    for table, right in _MAY.items():
        if table == "data_requests":
            continue
        if table not in _OPEN_TO_GATE:
            op.execute(f"DROP POLICY erasing ON {table}")
        if right:
            op.execute(f"REVOKE {right} ON {table} FROM portal_gate")
        if table not in {*_OPEN_TO_GATE, "secret_addresses", "notice_receipts"}:
            op.execute(f"REVOKE SELECT ON {table} FROM portal_gate")
    op.execute("DROP TABLE data_requests")
    op.execute("ALTER TABLE families DROP COLUMN erased_at")
