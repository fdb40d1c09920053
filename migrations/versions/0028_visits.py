"""Dated sessions for getting to know each other, and the visits that families book to them.

A session that is shown is readable by everybody; the link of one held online is not, it is handed
out by a function. A visit is its family's and the provider's. The seat is counted in the session's
own row by a trigger, so that its lock and its constraint have the last word (no two families get
the last seat, none gets one of a cancelled session). Who comes is told to the provider by a
function: a tour does not open the family's whole record. Safe while the app runs: all is new.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import (
    FAMILY,
    IS_PROVIDER,
    ORGANISATION,
    definer,
    family_is_mine,
    policy,
    protect,
)

revision = "0028"
down_revision = "0027"

THEIRS = f"organisation_id = {ORGANISATION} AND {IS_PROVIDER}"
OWN_FACILITY = (
    f"{THEIRS} AND EXISTS (SELECT 1 FROM facilities f WHERE f.id = visit_sessions.facility_id"
    " AND f.organisation_id = visit_sessions.organisation_id)"
)
OWN_CHILDREN = (
    "visits.child_ids <@ ARRAY(SELECT c.id FROM children c WHERE c.family_id = visits.family_id)"
)
#: What a family may write of itself: a wish that came over the web, nothing decided yet.
AS_BOOKED = "visits.channel = 'web' AND visits.state = 'booked' AND visits.outcome IS NULL"

#: Everything of a session but its link, which only those who booked get.
SHOWN = (
    "id, organisation_id, facility_id, series_id, kind, day, starts_at, ends_at, seats, taken,"
    " place, place_words, children_come, takes_unregistered, takes_expecting, is_public, bring,"
    " words, book_by, cancel_by, cancelled_at, cancelled_by, cancel_words, created_by, created_at,"
    " changed_at, sequence"
)
CHANGED = (
    "series_id, day, starts_at, ends_at, seats, place, place_words, online_url, children_come,"
    " takes_unregistered, takes_expecting, is_public, bring, words, book_by, cancel_by,"
    " cancelled_at, cancelled_by, cancel_words, changed_at, sequence"
)


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _sessions()
    _visits()
    _session_policies()
    _visit_policies()
    _seats()
    _guard()
    _who_comes()
    _link()
    _forgetting()


def _sessions() -> None:
    op.execute("""
        CREATE TABLE visit_sessions (
            id uuid CONSTRAINT pk_visit_sessions PRIMARY KEY,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_visit_sessions_organisation_id REFERENCES organisations,
            facility_id uuid NOT NULL
                CONSTRAINT fk_visit_sessions_facility_id REFERENCES facilities,
            series_id uuid,
            kind text NOT NULL CONSTRAINT ck_visit_sessions_kind CHECK (kind IN
                ('tour', 'interview', 'support_centre', 'consultation', 'prenatal')),
            day date NOT NULL,
            starts_at timestamptz NOT NULL,
            ends_at timestamptz NOT NULL,
            seats smallint NOT NULL
                CONSTRAINT ck_visit_sessions_seats CHECK (seats BETWEEN 1 AND 30),
            taken smallint NOT NULL DEFAULT 0,
            place text NOT NULL CONSTRAINT ck_visit_sessions_place
                CHECK (place IN ('facility', 'elsewhere', 'online')),
            place_words text,
            online_url text,
            children_come text NOT NULL CONSTRAINT ck_visit_sessions_children_come
                CHECK (children_come IN ('together', 'either', 'adults')),
            takes_unregistered boolean NOT NULL,
            takes_expecting boolean NOT NULL,
            is_public boolean NOT NULL,
            bring text NOT NULL DEFAULT '',
            words text NOT NULL DEFAULT '',
            book_by text NOT NULL,
            cancel_by text NOT NULL,
            cancelled_at timestamptz,
            cancelled_by uuid,
            cancel_words text,
            created_by uuid,
            created_at timestamptz NOT NULL,
            changed_at timestamptz NOT NULL,
            sequence smallint NOT NULL DEFAULT 0,
            CONSTRAINT uq_visit_sessions_of_facility UNIQUE (id, organisation_id, facility_id),
            CONSTRAINT ck_visit_sessions_taken CHECK (taken BETWEEN 0 AND seats),
            CONSTRAINT ck_visit_sessions_times
                CHECK (starts_at < ends_at AND ends_at <= starts_at + interval '8 hours'),
            CONSTRAINT ck_visit_sessions_tour_is_open
                CHECK (kind <> 'tour' OR takes_unregistered AND takes_expecting),
            CONSTRAINT ck_visit_sessions_link CHECK (online_url IS NULL OR place = 'online'),
            CONSTRAINT ck_visit_sessions_elsewhere
                CHECK (place <> 'elsewhere' OR place_words IS NOT NULL)
        )""")
    op.execute("CREATE INDEX ix_visit_sessions_facility_id ON visit_sessions (facility_id, day)")
    op.execute("CREATE INDEX ix_visit_sessions_series_id ON visit_sessions (series_id, starts_at)")
    protect("visit_sessions")


def _visits() -> None:
    op.execute("""
        CREATE TABLE visits (
            id uuid CONSTRAINT pk_visits PRIMARY KEY,
            session_id uuid NOT NULL,
            organisation_id uuid NOT NULL,
            facility_id uuid NOT NULL,
            family_id uuid NOT NULL CONSTRAINT fk_visits_family_id REFERENCES families,
            state text NOT NULL CONSTRAINT ck_visits_state
                CHECK (state IN ('booked', 'attended', 'missed', 'cancelled')),
            child_ids uuid[] NOT NULL DEFAULT '{}',
            adults smallint NOT NULL CONSTRAINT ck_visits_adults CHECK (adults BETWEEN 1 AND 4),
            note_sealed bytea,
            channel text NOT NULL CONSTRAINT ck_visits_channel
                CHECK (channel IN ('web', 'phone', 'fax', 'post', 'counter')),
            received_at timestamptz NOT NULL,
            booked_at timestamptz NOT NULL,
            booked_by uuid,
            changed_at timestamptz NOT NULL,
            sequence smallint NOT NULL DEFAULT 0,
            cancelled_at timestamptz,
            cancelled_by_family boolean,
            moved_to uuid CONSTRAINT fk_visits_moved_to REFERENCES visits,
            outcome text CONSTRAINT ck_visits_outcome
                CHECK (outcome IN ('next', 'repeat', 'not_yet')),
            outcome_note_sealed bytea,
            decided_by uuid,
            decided_at timestamptz,
            news text CONSTRAINT ck_visits_news CHECK (news IN ('changed', 'cancelled')),
            news_at timestamptz,
            told_at timestamptz,
            told_by uuid,
            CONSTRAINT fk_visits_session_id FOREIGN KEY (session_id, organisation_id, facility_id)
                REFERENCES visit_sessions (id, organisation_id, facility_id),
            CONSTRAINT ck_visits_cancelled CHECK ((state = 'cancelled') = (cancelled_at IS NOT NULL)
                AND (cancelled_at IS NULL) = (cancelled_by_family IS NULL)),
            CONSTRAINT ck_visits_outcome_of_attended CHECK (outcome IS NULL OR state = 'attended'),
            CONSTRAINT ck_visits_told CHECK (told_at IS NULL OR news_at IS NOT NULL)
        )""")
    op.execute("""
        CREATE UNIQUE INDEX uq_visits_live ON visits (session_id, family_id)
         WHERE state <> 'cancelled'""")
    op.execute("CREATE INDEX ix_visits_family_id ON visits (family_id)")
    op.execute(
        "CREATE INDEX ix_visits_to_tell ON visits (organisation_id, news_at)"
        " WHERE news_at IS NOT NULL AND told_at IS NULL"
    )
    protect("visits")


def _session_policies() -> None:
    policy(
        "visit_sessions",
        "SELECT",
        "is_public AND EXISTS (SELECT 1 FROM facilities f WHERE f.id = visit_sessions.facility_id"
        " AND f.published_at IS NOT NULL)",
        name="shown",
    )
    policy("visit_sessions", "SELECT", THEIRS, name="own_organisation")
    # Whose visits there are to find is the family's own.
    policy(
        "visit_sessions",
        "SELECT",
        "EXISTS (SELECT 1 FROM visits v WHERE v.session_id = visit_sessions.id)",
        name="booked",
    )
    policy("visit_sessions", "INSERT", check=OWN_FACILITY)
    policy("visit_sessions", "UPDATE", THEIRS, check=OWN_FACILITY)
    op.execute(f"GRANT SELECT ({SHOWN}) ON visit_sessions TO portal_app, portal_worker")
    made = ", ".join(sorted({*SHOWN.split(", "), "online_url"} - {"taken"}))
    op.execute(f"GRANT INSERT ({made}), UPDATE ({CHANGED}) ON visit_sessions TO portal_app")
    policy("visit_sessions", "ALL", "true", check="true", to="portal_places")
    op.execute("GRANT SELECT, UPDATE (taken) ON visit_sessions TO portal_places")


def _visit_policies() -> None:
    policy("visits", "SELECT", f"family_id = {FAMILY} OR {THEIRS}")
    policy(
        "visits",
        "SELECT",
        "visits.family_id = (SELECT family_with('bookings'))",
        name="by_right_select",
    )
    policy(
        "visits",
        "INSERT",
        check=f"(visits.family_id = {FAMILY} AND {AS_BOOKED} OR {THEIRS}"
        f" AND {family_is_mine('visits.family_id')}) AND {OWN_CHILDREN}",
    )
    policy(
        "visits",
        "INSERT",
        check=f"visits.family_id = (SELECT family_with('book')) AND {AS_BOOKED} AND {OWN_CHILDREN}",
        name="by_right_insert",
    )
    policy("visits", "UPDATE", f"family_id = {FAMILY} OR {THEIRS}")
    policy(
        "visits",
        "UPDATE",
        "visits.family_id = (SELECT family_with('book'))",
        name="by_right_update",
    )
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (state, child_ids, adults, note_sealed, changed_at, sequence,"
        " cancelled_at, cancelled_by_family, moved_to, outcome, outcome_note_sealed, decided_by,"
        " decided_at, news, news_at, told_at, told_by) ON visits TO portal_app"
    )
    op.execute("GRANT SELECT ON visits TO portal_worker, portal_places, portal_gate")
    policy("visits", "SELECT", "true", to="portal_places")


def _seats() -> None:
    op.execute("""
        CREATE FUNCTION take_visit_seat() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            had boolean := TG_OP = 'UPDATE' AND OLD.state <> 'cancelled';
            has boolean := NEW.state <> 'cancelled';
        BEGIN
            IF has AND NOT had THEN
                UPDATE public.visit_sessions SET taken = taken + 1
                 WHERE id = NEW.session_id AND cancelled_at IS NULL;
                IF NOT FOUND THEN
                    RAISE check_violation USING MESSAGE = 'the session does not take place',
                                                CONSTRAINT = 'visit_session_stands';
                END IF;
            ELSIF had AND NOT has THEN
                UPDATE public.visit_sessions SET taken = taken - 1 WHERE id = NEW.session_id;
            END IF;
            RETURN NULL;
        END $$""")
    op.execute("""
        CREATE TRIGGER take_visit_seat AFTER INSERT OR UPDATE OF state ON visits
        FOR EACH ROW EXECUTE FUNCTION take_visit_seat()""")
    op.execute("REVOKE ALL ON FUNCTION take_visit_seat() FROM PUBLIC")
    op.execute("ALTER FUNCTION take_visit_seat() OWNER TO portal_places")


def _guard() -> None:
    # That she comes, and what came of it, is the staff's word; that she does not, hers too.
    op.execute("""
        CREATE FUNCTION guard_visit() RETURNS trigger
        LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            who text[] := public.actor();
        BEGIN
            IF current_user NOT IN ('portal_app', 'portal_worker')
               OR NEW.organisation_id::text IS NOT DISTINCT FROM who[2] THEN
                RETURN NEW;
            END IF;
            IF (NEW.outcome, NEW.outcome_note_sealed, NEW.decided_by, NEW.decided_at, NEW.news,
                NEW.news_at, NEW.told_at, NEW.told_by)
                   IS DISTINCT FROM
               (OLD.outcome, OLD.outcome_note_sealed, OLD.decided_by, OLD.decided_at, OLD.news,
                OLD.news_at, OLD.told_at, OLD.told_by)
               OR NEW.state <> OLD.state
                  AND NOT (OLD.state = 'booked' AND NEW.state = 'cancelled'
                           AND NEW.cancelled_by_family) THEN
                RAISE insufficient_privilege USING MESSAGE = 'only staff record what staff did';
            END IF;
            RETURN NEW;
        END $$""")
    op.execute("""
        CREATE TRIGGER guard_visit BEFORE UPDATE ON visits
        FOR EACH ROW EXECUTE FUNCTION guard_visit()""")


def _who_comes() -> None:
    op.execute("""
        CREATE FUNCTION visitors_of(p_visits uuid[])
        RETURNS TABLE (visit_id uuid, guardian text, phone text, has_mail boolean,
                       family_number text, is_open boolean)
        LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            who text[] := public.actor();
        BEGIN
            IF who[4] IS NULL OR who[4] NOT IN ('director', 'staff') THEN
                RETURN;
            END IF;
            RETURN QUERY
            SELECT v.id, g.name, g.phone, g.has_mail, f.number,
                   EXISTS (SELECT 1 FROM public.family_access a
                            WHERE a.family_id = v.family_id AND a.organisation_id = who[2]::uuid
                              AND now() >= a.from_at AND (a.until_at IS NULL OR now() < a.until_at))
              FROM public.visits v
              JOIN public.families f ON f.id = v.family_id
              LEFT JOIN LATERAL
                   (SELECT x.name, x.phone,
                           EXISTS (SELECT 1 FROM public.guardians m
                                    WHERE m.family_id = v.family_id
                                      AND (m.mail IS NOT NULL OR m.user_id IS NOT NULL)
                                      AND NOT public.withheld_from(m.id)
                                          && ARRAY['mails', 'bookings']) AS has_mail
                      FROM public.guardians x WHERE x.family_id = v.family_id
                     ORDER BY x.user_id IS NOT DISTINCT FROM v.booked_by
                                  AND v.booked_by IS NOT NULL DESC,
                              x.is_primary DESC, x.created_at, x.id LIMIT 1) AS g ON true
             WHERE v.id = ANY (p_visits) AND v.organisation_id = who[2]::uuid;
        END $$""")
    definer("visitors_of(uuid[])", "portal_gate", to="portal_app")
    op.execute("""
        CREATE FUNCTION visiting_children(p_visits uuid[])
        RETURNS TABLE (visit_id uuid, child_id uuid, name text, born_on date, due_on date)
        LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            who text[] := public.actor();
        BEGIN
            IF who[4] IS NULL OR who[4] NOT IN ('director', 'staff') THEN
                RETURN;
            END IF;
            RETURN QUERY
            SELECT v.id, c.id, c.name, c.born_on, c.due_on
              FROM public.visits v
              JOIN public.children c ON c.id = ANY (v.child_ids) AND c.family_id = v.family_id
             WHERE v.id = ANY (p_visits) AND v.organisation_id = who[2]::uuid
             ORDER BY v.id, c.born_on NULLS LAST, c.id;
        END $$""")
    definer("visiting_children(uuid[])", "portal_gate", to="portal_app")
    policy("visits", "ALL", "true", check="true", to="portal_gate")


def _link() -> None:
    op.execute("""
        CREATE FUNCTION visit_link(p_session uuid) RETURNS text
        LANGUAGE plpgsql STABLE SECURITY DEFINER
        SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            who text[] := public.actor_with('bookings');
        BEGIN
            RETURN (SELECT s.online_url FROM public.visit_sessions s
                     WHERE s.id = p_session
                       AND (s.organisation_id = who[2]::uuid AND who[4] IN ('director', 'staff')
                            OR s.cancelled_at IS NULL
                               AND EXISTS (SELECT 1 FROM public.visits v
                                            WHERE v.session_id = s.id AND v.state <> 'cancelled'
                                              AND v.family_id = who[3]::uuid)));
        END $$""")
    definer("visit_link(uuid)", "portal_places")


def _forgetting() -> None:
    op.execute(
        "GRANT UPDATE (state, child_ids, note_sealed, outcome_note_sealed, cancelled_at,"
        " cancelled_by_family) ON visits TO portal_gate"
    )
    op.execute("""
        CREATE FUNCTION forget_visits() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            UPDATE public.visits
               SET child_ids = '{}', note_sealed = NULL, outcome_note_sealed = NULL,
                   state = CASE WHEN state = 'booked' THEN 'cancelled' ELSE state END,
                   cancelled_at = CASE WHEN state = 'booked' THEN now() ELSE cancelled_at END,
                   cancelled_by_family =
                       CASE WHEN state = 'booked' THEN true ELSE cancelled_by_family END
             WHERE family_id = NEW.id;
            RETURN NULL;
        END $$""")
    op.execute("""
        CREATE TRIGGER forget_visits AFTER UPDATE OF erased_at ON families
        FOR EACH ROW WHEN (OLD.erased_at IS NULL AND NEW.erased_at IS NOT NULL)
        EXECUTE FUNCTION forget_visits()""")
    op.execute("REVOKE ALL ON FUNCTION forget_visits() FROM PUBLIC")
    op.execute("ALTER FUNCTION forget_visits() OWNER TO portal_gate")


def downgrade() -> None:
    op.execute("DROP TRIGGER forget_visits ON families")
    for signature in (
        "visit_link(uuid)",
        "visiting_children(uuid[])",
        "visitors_of(uuid[])",
    ):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("DROP POLICY booked ON visit_sessions")
    op.execute("DROP TABLE visits")
    op.execute("DROP TABLE visit_sessions")
    for function in ("forget_visits", "take_visit_seat", "guard_visit"):
        op.execute(f"DROP FUNCTION {function}()")
