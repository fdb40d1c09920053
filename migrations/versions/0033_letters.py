"""Letters on paper for families that no mail reaches.

Staff are shown which mails reached nobody, as they were shown those that failed. A letter is kept
sealed from its first printing on, with when and how it was passed on; it goes when its family is
erased, by a trigger of its own, so that the erasing need not know of it. Safe while the app runs.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import (
    IS_PROVIDER,
    ORGANISATION,
    definer,
    family_is_mine,
    policy,
    protect,
)

revision = "0033"
down_revision = "0032"

THEIRS = f"organisation_id = {ORGANISATION} AND {IS_PROVIDER}"


def upgrade() -> None:
    """Add the letters, who they go to, and the sight of mails that reached nobody."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    _unmailed()
    _letters()
    _receivers()
    _erasing()


def _unmailed() -> None:
    op.execute("""
        CREATE INDEX ix_outbox_messages_nobody ON outbox_messages (organisation_id)
         WHERE last_error = 'nobody'""")
    policy(
        "outbox_messages",
        "SELECT",
        f"last_error = 'nobody' AND dropped_at IS NOT NULL AND {THEIRS}",
        name="own_unmailed",
    )


def _letters() -> None:
    op.execute("""
        CREATE TABLE letters (
            id uuid CONSTRAINT pk_letters PRIMARY KEY,
            number bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT uq_letters_number UNIQUE,
            message_id uuid NOT NULL,
            organisation_id uuid NOT NULL
                CONSTRAINT fk_letters_organisation_id REFERENCES organisations,
            family_id uuid NOT NULL CONSTRAINT fk_letters_family_id REFERENCES families,
            guardian_id uuid NOT NULL CONSTRAINT fk_letters_guardian_id REFERENCES guardians,
            facility_id uuid CONSTRAINT fk_letters_facility_id REFERENCES facilities,
            kind text NOT NULL,
            text_sealed bytea NOT NULL,
            made_at timestamptz NOT NULL,
            made_by uuid,
            way text CONSTRAINT ck_letters_way
                CHECK (way IN ('handed', 'posted', 'faxed', 'told', 'not_needed')),
            passed_on date,
            closed_at timestamptz,
            closed_by uuid,
            CONSTRAINT uq_letters_message_id UNIQUE (message_id, guardian_id),
            CONSTRAINT ck_letters_closed CHECK ((way IS NULL) = (closed_at IS NULL)
                AND (way IS NULL) = (passed_on IS NULL))
        )""")
    op.execute("CREATE INDEX ix_letters_organisation_id ON letters (organisation_id, closed_at)")
    op.execute("CREATE INDEX ix_letters_family_id ON letters (family_id)")
    protect("letters")
    policy("letters", "SELECT", THEIRS)
    open_to_them = f"{THEIRS} AND {family_is_mine('letters.family_id')}"
    policy(
        "letters",
        "INSERT",
        check=f"{open_to_them} AND EXISTS (SELECT FROM guardians g"
        " WHERE g.id = letters.guardian_id AND g.family_id = letters.family_id)",
    )
    policy("letters", "UPDATE", THEIRS)
    policy("letters", "SELECT", "true", to="portal_worker")
    policy("letters", "DELETE", "closed_at IS NOT NULL", to="portal_worker")
    op.execute(
        "GRANT SELECT, INSERT, UPDATE (way, passed_on, closed_at, closed_by)"
        " ON letters TO portal_app"
    )
    op.execute("GRANT SELECT (id, closed_at), DELETE ON letters TO portal_worker")


def _receivers() -> None:
    # Who may read the family's mails, whether one reaches her or not: for staff to whom it is open.
    op.execute("""
        CREATE FUNCTION letter_receivers(p_family uuid)
        RETURNS TABLE (guardian_id uuid, user_id uuid, name text, address text, withheld text[])
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            SELECT g.id, g.user_id, g.name, g.address, w.withheld
              FROM public.guardians g
             CROSS JOIN LATERAL (SELECT public.withheld_from(g.id) AS withheld) AS w
             WHERE g.family_id = p_family AND public.family_open_to_staff(p_family)
               AND NOT w.withheld && ARRAY['mails', 'bookings']
             ORDER BY g.is_primary DESC, g.created_at, g.id
        $$""")
    definer("letter_receivers(uuid)", "portal_gate", to="portal_app")


def _erasing() -> None:
    policy("letters", "ALL", "true", to="portal_gate", name="erasing")
    op.execute("GRANT SELECT (family_id), DELETE ON letters TO portal_gate")
    op.execute("""
        CREATE FUNCTION erase_letters() RETURNS trigger
        LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
        BEGIN
            DELETE FROM public.letters WHERE family_id = NEW.id;
            RETURN NULL;
        END $$""")
    op.execute("""
        CREATE TRIGGER erase_letters AFTER UPDATE OF erased_at ON families
        FOR EACH ROW WHEN (NEW.erased_at IS NOT NULL) EXECUTE FUNCTION erase_letters()""")
    op.execute("REVOKE ALL ON FUNCTION erase_letters() FROM PUBLIC")
    op.execute("ALTER FUNCTION erase_letters() OWNER TO portal_gate")


def downgrade() -> None:
    """Take them away; the mails stay as they are."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    op.execute("DROP TRIGGER erase_letters ON families")
    op.execute("DROP FUNCTION erase_letters()")
    op.execute("DROP FUNCTION letter_receivers(uuid)")
    op.execute("DROP TABLE letters")
    op.execute("DROP POLICY own_unmailed ON outbox_messages")
    op.execute("DROP INDEX ix_outbox_messages_nobody")
