-- As the migrations before made them.

DROP FUNCTION session_by_token(bytea);
CREATE FUNCTION session_by_token(p_token_hash bytea)
RETURNS TABLE (session_id uuid, user_id uuid, user_name text, mail text, locale text,
               role text, organisation_id uuid, organisation_name text, family_id uuid,
               has_second_factor boolean, has_totp boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
BEGIN
    UPDATE public.sign_in_sessions SET last_seen_at = now()
     WHERE token_hash = p_token_hash AND last_seen_at < now() - interval '5 minutes';
    RETURN QUERY
    SELECT s.id, u.id, u.name, u.mail, u.locale, s.role, m.organisation_id, o.name,
           CASE WHEN s.membership_id IS NULL THEN g.family_id END,
           s.has_second_factor, u.totp_confirmed_at IS NOT NULL
      FROM public.sign_in_sessions s
      JOIN public.users u ON u.id = s.user_id AND u.disabled_at IS NULL
      LEFT JOIN public.memberships m ON m.id = s.membership_id AND m.ended_at IS NULL
      LEFT JOIN public.organisations o ON o.id = m.organisation_id
      LEFT JOIN public.guardians g ON g.user_id = u.id
     WHERE s.token_hash = p_token_hash AND s.ended_at IS NULL AND s.expires_at > now()
       AND s.created_at >= u.password_changed_at
       AND (s.membership_id IS NULL OR m.role = s.role);
END $$;

DROP FUNCTION mail_receivers(uuid, uuid, uuid);
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
$$;

DROP FUNCTION secret_address(bytea);
CREATE FUNCTION secret_address(p_token_hash bytea)
RETURNS TABLE (id uuid, kind text, organisation_id uuid, facility_id uuid,
               family_id uuid, booking_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT a.id, a.kind, a.organisation_id, a.facility_id, a.family_id, a.booking_id
      FROM public.secret_addresses a
     WHERE a.token_hash = p_token_hash AND a.ended_at IS NULL
       AND (a.expires_at IS NULL OR a.expires_at > now()) $$;
