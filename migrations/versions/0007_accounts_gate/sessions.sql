-- A second factor given, renewed or lost; sessions of one's own. A session is named by its token's
-- hash, because before the second factor there is no actor yet.

CREATE FUNCTION second_factor_of_session(p_token_hash bytea)
RETURNS TABLE (user_id uuid, totp_sealed bytea, totp_next_sealed bytea,
               totp_confirmed_at timestamptz, has_second_factor boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT u.id, u.totp_sealed, u.totp_next_sealed, u.totp_confirmed_at, s.has_second_factor
      FROM public.sign_in_sessions s
      JOIN public.users u ON u.id = s.user_id AND u.disabled_at IS NULL
     WHERE s.token_hash = p_token_hash AND s.ended_at IS NULL AND s.expires_at > now()
$$;

-- A new token for a session whose standing has changed: an old token never gains a right.
CREATE FUNCTION renew_session(p_old_hash bytea, p_id uuid, p_token_hash bytea,
                              p_second_factor boolean, p_expires timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    old public.sign_in_sessions;
BEGIN
    UPDATE public.sign_in_sessions SET ended_at = now()
     WHERE token_hash = p_old_hash AND ended_at IS NULL AND expires_at > now()
    RETURNING * INTO STRICT old;
    INSERT INTO public.sign_in_sessions
        (id, token_hash, user_id, membership_id, role, has_second_factor, expires_at)
    VALUES (p_id, p_token_hash, old.user_id, old.membership_id, old.role, p_second_factor,
            p_expires);
END $$;

CREATE FUNCTION switch_session(p_old_hash bytea, p_membership uuid, p_id uuid, p_token_hash bytea,
                               p_expires timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    old public.sign_in_sessions;
    new_role text := 'guardian';
BEGIN
    UPDATE public.sign_in_sessions SET ended_at = now()
     WHERE token_hash = p_old_hash AND ended_at IS NULL AND expires_at > now()
    RETURNING * INTO STRICT old;
    IF p_membership IS NOT NULL THEN
        SELECT role INTO STRICT new_role FROM public.memberships
         WHERE id = p_membership AND user_id = old.user_id AND ended_at IS NULL;
    END IF;
    INSERT INTO public.sign_in_sessions
        (id, token_hash, user_id, membership_id, role, has_second_factor, expires_at)
    VALUES (p_id, p_token_hash, old.user_id, p_membership, new_role, old.has_second_factor,
            p_expires);
    RETURN new_role;
END $$;

-- A secret that waits for its first right code. Replacing one needs the factor it replaces.
CREATE FUNCTION offer_totp(p_token_hash bytea, p_sealed bytea) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.users u SET totp_next_sealed = p_sealed
      FROM public.sign_in_sessions s
     WHERE s.token_hash = p_token_hash AND s.ended_at IS NULL AND s.expires_at > now()
       AND u.id = s.user_id AND (u.totp_confirmed_at IS NULL OR s.has_second_factor);
    RETURN FOUND;
END $$;

CREATE FUNCTION confirm_totp(p_token_hash bytea, p_step bigint, p_code_ids uuid[],
                             p_code_hashes bytea[], p_id uuid, p_new_hash bytea,
                             p_expires timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    whose uuid;
BEGIN
    UPDATE public.users u
       SET totp_sealed = u.totp_next_sealed, totp_next_sealed = NULL, totp_confirmed_at = now(),
           totp_last_step = p_step
      FROM public.sign_in_sessions s
     WHERE s.token_hash = p_token_hash AND s.ended_at IS NULL AND s.expires_at > now()
       AND u.id = s.user_id AND u.totp_next_sealed IS NOT NULL
       AND (u.totp_confirmed_at IS NULL OR s.has_second_factor)
    RETURNING u.id INTO whose;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    DELETE FROM public.recovery_codes WHERE user_id = whose;
    INSERT INTO public.recovery_codes (id, user_id, code_hash)
    SELECT code.id, whose, code.hash FROM unnest(p_code_ids, p_code_hashes) AS code (id, hash);
    UPDATE public.sign_in_sessions SET ended_at = now()
     WHERE user_id = whose AND ended_at IS NULL AND token_hash <> p_token_hash;
    PERFORM public.renew_session(p_token_hash, p_id, p_new_hash, true, p_expires);
    RETURN true;
END $$;

-- Each step of the clock opens once: the comparison and the move are one statement.
CREATE FUNCTION pass_totp(p_token_hash bytea, p_step bigint, p_id uuid, p_new_hash bytea,
                          p_expires timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.users u SET totp_last_step = p_step
      FROM public.sign_in_sessions s
     WHERE s.token_hash = p_token_hash AND s.ended_at IS NULL AND s.expires_at > now()
       AND u.id = s.user_id AND u.totp_confirmed_at IS NOT NULL AND u.totp_last_step < p_step;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM public.renew_session(p_token_hash, p_id, p_new_hash, true, p_expires);
    RETURN true;
END $$;

-- Answers how many codes are left, or nothing when this one does not open.
CREATE FUNCTION pass_recovery_code(p_token_hash bytea, p_code_hash bytea, p_id uuid,
                                   p_new_hash bytea, p_expires timestamptz) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    whose uuid;
BEGIN
    UPDATE public.recovery_codes c SET used_at = now()
      FROM public.sign_in_sessions s
     WHERE s.token_hash = p_token_hash AND s.ended_at IS NULL AND s.expires_at > now()
       AND c.user_id = s.user_id AND c.code_hash = p_code_hash AND c.used_at IS NULL
    RETURNING c.user_id INTO whose;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM public.renew_session(p_token_hash, p_id, p_new_hash, true, p_expires);
    RETURN (SELECT count(*) FROM public.recovery_codes
             WHERE user_id = whose AND used_at IS NULL);
END $$;

CREATE FUNCTION sessions_of_actor()
RETURNS TABLE (session_id uuid, role text, organisation_name text, created_at timestamptz,
               last_seen_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT s.id, s.role, o.name, s.created_at, s.last_seen_at
      FROM public.sign_in_sessions s
      LEFT JOIN public.memberships m ON m.id = s.membership_id
      LEFT JOIN public.organisations o ON o.id = m.organisation_id
     WHERE s.user_id = (public.actor())[1]::uuid AND s.ended_at IS NULL AND s.expires_at > now()
     ORDER BY s.last_seen_at DESC
$$;

CREATE FUNCTION end_other_sessions(p_keep uuid) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    ended integer;
BEGIN
    UPDATE public.sign_in_sessions SET ended_at = now()
     WHERE user_id = (public.actor())[1]::uuid AND ended_at IS NULL AND id <> p_keep;
    GET DIAGNOSTICS ended = ROW_COUNT;
    RETURN ended;
END $$;

CREATE FUNCTION is_guardian_account(p_user uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT EXISTS (SELECT 1 FROM public.guardians WHERE user_id = p_user)
$$;
