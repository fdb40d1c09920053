"""What a guided application needs: unfinished forms, photos of documents, consents each on its own.

Drafts are of one person and shown to nobody else. A photo is a sealed file on disk; its row holds
the key, so that a deleted row makes the file unreadable at once, in every copy. Consents are never
changed, only withdrawn. See docs/drafts.md, docs/uploads.md, docs/consents.md. Safe while the app
runs: all is new, one function is replaced within the transaction.
"""

from __future__ import annotations

from alembic import op

from migrations.functions import rewrite, write_back
from migrations.row_security import (
    FAMILY,
    IS_PROVIDER,
    ORGANISATION,
    USER,
    definer,
    family_is_mine,
    policy,
    protect,
)

revision = "0030"
down_revision = "0029"

#: A guardian with fewer rights, who may apply, sees what she brought herself.
_APPLIES = "{table}.family_id = (SELECT family_with('book')) AND {table}.{by} = " + USER
_ANCHOR = "DELETE FROM public.words_from_families WHERE family_id = p_family;"
_ERASING = """
            DELETE FROM public.drafts WHERE family_id = p_family OR user_id = ANY (accounts);
            DELETE FROM public.uploads WHERE family_id = p_family;
            UPDATE public.consents SET withdrawn_at = greatest(now(), given_at)
             WHERE family_id = p_family AND withdrawn_at IS NULL;"""


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _drafts()
    _uploads()
    _consents()
    rewrite("portal_gate", "erase_family(uuid, uuid)", (_ANCHOR, _ANCHOR + _ERASING))


def _drafts() -> None:
    op.execute("""
        CREATE TABLE drafts (
            id uuid CONSTRAINT pk_drafts PRIMARY KEY,
            user_id uuid NOT NULL CONSTRAINT fk_drafts_user_id REFERENCES users,
            family_id uuid CONSTRAINT fk_drafts_family_id REFERENCES families,
            form text NOT NULL CONSTRAINT ck_drafts_form CHECK (length(form) <= 300),
            version integer NOT NULL,
            content_sealed bytea NOT NULL
                CONSTRAINT ck_drafts_content CHECK (octet_length(content_sealed) <= 200000),
            saved_at timestamptz NOT NULL,
            expires_on date NOT NULL,
            told_at timestamptz,
            CONSTRAINT uq_drafts_form UNIQUE (user_id, form)
        )""")
    op.execute("CREATE INDEX ix_drafts_expires_on ON drafts (expires_on)")
    protect("drafts")
    own = f"user_id = {USER}"
    mine = f"{own} AND (family_id IS NULL OR family_id IN ({FAMILY}, ((SELECT actor())[5])::uuid))"
    policy("drafts", "SELECT", own)
    policy("drafts", "INSERT", check=mine)
    policy("drafts", "UPDATE", own, check=mine)
    policy("drafts", "DELETE", own)
    policy("drafts", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON drafts TO portal_app")
    op.execute("GRANT SELECT (id, form, expires_on, user_id) ON drafts TO portal_worker")
    op.execute(
        "GRANT SELECT (id, user_id, family_id, form, expires_on, told_at), UPDATE (told_at), DELETE"
        " ON drafts TO portal_gate"
    )
    op.execute("""
        CREATE FUNCTION end_drafts(p_now timestamptz, p_today date, p_tell_until date)
        RETURNS TABLE (draft_id uuid, user_id uuid)
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        #variable_conflict use_column
        BEGIN
            DELETE FROM public.drafts d WHERE d.expires_on < p_today;
            RETURN QUERY
            UPDATE public.drafts d SET told_at = p_now
             WHERE d.expires_on <= p_tell_until AND d.told_at IS NULL
               AND d.form NOT LIKE 'page:%'
            RETURNING d.id, d.user_id;
        END $$""")
    definer("end_drafts(timestamptz, date, date)", "portal_gate", to="portal_worker")


def _uploads() -> None:
    op.execute("""
        CREATE TABLE uploads (
            id uuid CONSTRAINT pk_uploads PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_uploads_family_id REFERENCES families,
            child_id uuid CONSTRAINT fk_uploads_child_id REFERENCES children,
            purpose text NOT NULL CONSTRAINT ck_uploads_purpose
                CHECK (purpose IN ('application_document', 'pickup_photo')),
            about text NOT NULL DEFAULT '' CONSTRAINT ck_uploads_about CHECK (length(about) <= 200),
            facility_id uuid CONSTRAINT fk_uploads_facility_id REFERENCES facilities,
            organisation_id uuid
                CONSTRAINT fk_uploads_organisation_id REFERENCES organisations,
            width integer NOT NULL,
            height integer NOT NULL,
            bytes integer NOT NULL CONSTRAINT ck_uploads_bytes CHECK (bytes > 0),
            key_sealed bytea NOT NULL,
            uploaded_by uuid NOT NULL CONSTRAINT fk_uploads_uploaded_by REFERENCES users,
            uploaded_at timestamptz NOT NULL,
            ends_at timestamptz,
            CONSTRAINT ck_uploads_for CHECK
                (purpose <> 'application_document' OR facility_id IS NOT NULL)
        )""")
    op.execute("CREATE INDEX ix_uploads_family_id ON uploads (family_id)")
    protect("uploads")
    seen = family_is_mine("uploads.family_id", child="uploads.child_id")
    # A document is its provider's only once it was sent; whoever hands the child over knows faces.
    mine = (
        f"family_id = {FAMILY} OR {IS_PROVIDER} AND {seen}"
        f" AND (purpose = 'pickup_photo' OR organisation_id = {ORGANISATION})"
    )
    own = _APPLIES.format(table="uploads", by="uploaded_by")
    by_her = f"({mine}) AND uploaded_by = {USER}"
    policy("uploads", "SELECT", mine)
    policy("uploads", "INSERT", check=by_her)
    policy("uploads", "UPDATE", mine)
    policy("uploads", "DELETE", mine)
    policy("uploads", "SELECT", own, name="by_right_select")
    policy("uploads", "INSERT", check=own, name="by_right_insert")
    policy("uploads", "UPDATE", own, name="by_right_update")
    policy("uploads", "DELETE", own, name="by_right_delete")
    policy("uploads", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT, INSERT, DELETE ON uploads TO portal_app")
    op.execute("GRANT UPDATE (organisation_id, ends_at) ON uploads TO portal_app")
    op.execute(
        "GRANT SELECT (id, family_id, child_id, purpose, organisation_id, facility_id, bytes,"
        " ends_at), DELETE ON uploads TO portal_gate"
    )
    op.execute("""
        CREATE FUNCTION family_uploads(p_family uuid) RETURNS TABLE (images bigint, bytes bigint)
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            -- Held until the transaction ends, so that two at once do not both find the last room.
            PERFORM pg_advisory_xact_lock(hashtextextended('uploads' || p_family::text, 0));
            RETURN QUERY SELECT count(*), coalesce(sum(u.bytes), 0)::bigint
                           FROM public.uploads u WHERE u.family_id = p_family;
        END $$""")
    definer("family_uploads(uuid)", "portal_gate", to="portal_app")
    # What nobody needs any more: never sent in time, or its registration is long over.
    op.execute("""
        CREATE FUNCTION end_uploads(p_now timestamptz, p_over_since date) RETURNS integer
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        DECLARE
            gone integer;
        BEGIN
            DELETE FROM public.uploads u
             WHERE u.ends_at < p_now
                OR u.purpose = 'application_document' AND u.ends_at IS NULL
                   AND NOT EXISTS (SELECT 1 FROM public.preregistrations p
                                    WHERE p.family_id = u.family_id
                                      AND p.facility_id = u.facility_id
                                      AND (u.child_id IS NULL OR p.child_id = u.child_id)
                                      AND p.state NOT IN ('declined', 'withdrawn')
                                      AND coalesce(p.accepted_until, p_over_since) >= p_over_since)
                   AND NOT EXISTS (SELECT 1 FROM public.preregistrations p
                                    WHERE p.family_id = u.family_id
                                      AND p.facility_id = u.facility_id
                                      AND coalesce(p.decided_at, p.applied_at) >= p_over_since);
            GET DIAGNOSTICS gone = ROW_COUNT;
            RETURN gone;
        END $$""")
    definer("end_uploads(timestamptz, date)", "portal_gate", to="portal_worker")
    op.execute("""
        CREATE FUNCTION stored_uploads(p_ids uuid[]) RETURNS SETOF uuid
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT id FROM public.uploads WHERE id = ANY (p_ids) $$""")
    definer("stored_uploads(uuid[])", "portal_gate", to="portal_worker")


def _consents() -> None:
    op.execute("""
        CREATE TABLE consents (
            id uuid CONSTRAINT pk_consents PRIMARY KEY,
            family_id uuid NOT NULL CONSTRAINT fk_consents_family_id REFERENCES families,
            purpose text NOT NULL CONSTRAINT ck_consents_purpose CHECK (length(purpose) <= 60),
            items text[] NOT NULL DEFAULT '{}',
            wording text NOT NULL,
            wording_version text NOT NULL,
            receiver_id uuid NOT NULL CONSTRAINT fk_consents_receiver_id REFERENCES organisations,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_consents_organisation_id REFERENCES organisations,
            guardian_id uuid CONSTRAINT fk_consents_guardian_id REFERENCES guardians,
            recorded_by uuid NOT NULL CONSTRAINT fk_consents_recorded_by REFERENCES users,
            channel text NOT NULL CONSTRAINT ck_consents_channel CHECK (channel IN
                ('web', 'phone', 'fax', 'post', 'counter')),
            source text NOT NULL CONSTRAINT ck_consents_source CHECK
                (source IN ('portal', 'paper_form', 'spoken')),
            source_on date,
            given_at timestamptz NOT NULL,
            until_on date,
            withdrawn_at timestamptz,
            withdrawn_by uuid CONSTRAINT fk_consents_withdrawn_by REFERENCES users,
            withdrawn_channel text CONSTRAINT ck_consents_withdrawn_channel CHECK
                (withdrawn_channel IN ('web', 'phone', 'fax', 'post', 'counter')),
            CONSTRAINT ck_consents_paper_has_date CHECK
                ((source = 'paper_form') = (source_on IS NOT NULL)),
            CONSTRAINT ck_consents_withdrawn_later CHECK (withdrawn_at >= given_at)
        )""")
    op.execute("""
        CREATE UNIQUE INDEX uq_consents_live ON consents (family_id, purpose, receiver_id)
         WHERE withdrawn_at IS NULL""")
    op.execute("CREATE INDEX ix_consents_receiver_id ON consents (receiver_id)")
    protect("consents")
    seen = family_is_mine("consents.family_id")
    mine = (
        f"family_id = {FAMILY} OR {IS_PROVIDER} AND {seen}"
        f" AND {ORGANISATION} IN (organisation_id, receiver_id)"
    )
    own = _APPLIES.format(table="consents", by="recorded_by")
    open_ones = f"({mine}) AND withdrawn_at IS NULL"
    policy("consents", "SELECT", mine)
    policy(
        "consents",
        "INSERT",
        check=f"({mine}) AND recorded_by = {USER} AND withdrawn_at IS NULL"
        f" AND (source = 'portal') = coalesce(family_id = {FAMILY}, false)",
    )
    # Taken back once, by her who takes it back; the rest of the row nobody may write.
    policy("consents", "UPDATE", open_ones, check=f"({mine}) AND withdrawn_by = {USER}")
    policy("consents", "SELECT", own, name="by_right_select")
    policy("consents", "INSERT", check=f"{own} AND source = 'portal'", name="by_right_insert")
    policy(
        "consents",
        "UPDATE",
        f"{own} AND withdrawn_at IS NULL",
        check=f"{own} AND withdrawn_by = {USER}",
        name="by_right_update",
    )
    policy("consents", "ALL", "true", check="true", to="portal_gate")
    op.execute("GRANT SELECT, INSERT ON consents TO portal_app")
    op.execute(
        "GRANT UPDATE (withdrawn_at, withdrawn_by, withdrawn_channel) ON consents TO portal_app"
    )
    op.execute(
        "GRANT SELECT (family_id, given_at, withdrawn_at), UPDATE (withdrawn_at) ON consents"
        " TO portal_gate"
    )


def downgrade() -> None:
    write_back("portal_gate", "erase_family(uuid, uuid)", (_ANCHOR, _ANCHOR + _ERASING))
    for signature in (
        "stored_uploads(uuid[])",
        "end_uploads(timestamptz, date)",
        "family_uploads(uuid)",
        "end_drafts(timestamptz, date, date)",
    ):
        op.execute(f"DROP FUNCTION {signature}")
    for table in ("consents", "uploads", "drafts"):
        op.execute(f"DROP TABLE {table}")
