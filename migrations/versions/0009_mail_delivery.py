"""Mail: wakes the worker at commit, finds receivers, remembers addresses that take no mail.

Adds ``guardians.mail_failed_at`` and a function that clears out what sign-in leaves behind. Safe
while the app runs: an outbox without the trigger is still emptied every few seconds.
"""

from __future__ import annotations

from alembic import op

from migrations.row_security import definer

revision = "0009"
down_revision = "0008"

PEOPLE = ("users", "guardians")


def upgrade() -> None:
    op.execute("SET LOCAL lock_timeout = '4s'")
    _wake()
    _failed_addresses()
    _receivers()
    _clearing_out()


def _wake() -> None:
    op.execute("""
        CREATE FUNCTION wake_delivery() RETURNS trigger
        LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            PERFORM pg_notify('portal_outbox', '');
            RETURN NULL;
        END $$""")
    op.execute("""
        CREATE TRIGGER wake_delivery AFTER INSERT ON outbox_messages
        FOR EACH STATEMENT EXECUTE FUNCTION wake_delivery()""")


def _failed_addresses() -> None:
    op.execute("ALTER TABLE guardians ADD COLUMN mail_failed_at timestamptz")
    # A new address has not failed yet, whoever enters it.
    op.execute("""
        CREATE FUNCTION forget_failed_mail() RETURNS trigger
        LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
        BEGIN
            NEW.mail_failed_at := NULL;
            RETURN NEW;
        END $$""")
    for table in PEOPLE:
        op.execute(f"""
            CREATE TRIGGER forget_failed_mail BEFORE UPDATE OF mail ON {table}
            FOR EACH ROW WHEN (NEW.mail IS DISTINCT FROM OLD.mail)
            EXECUTE FUNCTION forget_failed_mail()""")
    op.execute("""
        CREATE FUNCTION note_mail(p_user uuid, p_guardian uuid, p_mail text, p_failed boolean)
        RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            UPDATE public.users SET mail_failed_at = CASE WHEN p_failed THEN now() END
             WHERE id = p_user AND mail = p_mail AND (mail_failed_at IS NULL) = p_failed;
            UPDATE public.guardians SET mail_failed_at = CASE WHEN p_failed THEN now() END
             WHERE id = p_guardian AND mail = p_mail AND (mail_failed_at IS NULL) = p_failed
        $$""")
    definer("note_mail(uuid, uuid, text, boolean)", "portal_gate", to="portal_worker")


def _receivers() -> None:
    # An account's address is the confirmed one; the guardian's own serves those without account.
    op.execute("""
        CREATE FUNCTION mail_receivers(p_family uuid, p_user uuid, p_organisation uuid)
        RETURNS TABLE (user_id uuid, guardian_id uuid, family_id uuid, role text, name text,
                       mail text, has_failed boolean)
        LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            (SELECT u.id, g.id, g.family_id, 'guardian', g.name, coalesce(u.mail, g.mail),
                    CASE WHEN u.id IS NULL THEN g.mail_failed_at ELSE u.mail_failed_at END
                        IS NOT NULL
               FROM public.guardians g LEFT JOIN public.users u ON u.id = g.user_id
              WHERE p_user IS NULL AND g.family_id = p_family AND u.disabled_at IS NULL
                AND coalesce(u.mail, g.mail) IS NOT NULL
              ORDER BY g.is_primary DESC, g.created_at, g.id)
            UNION ALL
            SELECT u.id, NULL, g.family_id, coalesce(m.role, 'guardian'), u.name, u.mail,
                   u.mail_failed_at IS NOT NULL
              FROM public.users u
              LEFT JOIN public.memberships m
                ON m.user_id = u.id AND m.organisation_id = p_organisation AND m.ended_at IS NULL
              LEFT JOIN public.guardians g ON g.user_id = u.id
             WHERE u.id = p_user AND u.disabled_at IS NULL
        $$""")
    definer("mail_receivers(uuid, uuid, uuid)", "portal_gate", to="portal_worker")


def _clearing_out() -> None:
    op.execute("GRANT DELETE ON sign_in_sessions, mail_tokens TO portal_gate")
    op.execute("""
        CREATE FUNCTION clear_out_sign_in(p_now timestamptz) RETURNS void
        LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
            DELETE FROM public.tries WHERE window_starts_at < p_now - interval '2 days';
            DELETE FROM public.sign_in_sessions
             WHERE least(expires_at, ended_at) < p_now - interval '30 days';
            DELETE FROM public.mail_tokens WHERE expires_at < p_now - interval '30 days'
        $$""")
    definer("clear_out_sign_in(timestamptz)", "portal_gate", to="portal_worker")


def downgrade() -> None:
    op.execute("DROP FUNCTION clear_out_sign_in(timestamptz)")
    op.execute("REVOKE DELETE ON sign_in_sessions, mail_tokens FROM portal_gate")
    op.execute("DROP FUNCTION mail_receivers(uuid, uuid, uuid)")
    op.execute("DROP FUNCTION note_mail(uuid, uuid, text, boolean)")
    for table in PEOPLE:
        op.execute(f"DROP TRIGGER forget_failed_mail ON {table}")
    op.execute("DROP FUNCTION forget_failed_mail()")
    op.execute("ALTER TABLE guardians DROP COLUMN mail_failed_at")
    op.execute("DROP TRIGGER wake_delivery ON outbox_messages")
    op.execute("DROP FUNCTION wake_delivery()")
