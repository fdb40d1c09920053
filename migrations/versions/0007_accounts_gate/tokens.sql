-- Links that came by mail. Looking at one changes nothing; using one is a single statement, so that
-- it works once. Whether an account exists is never told to who asks, only to the mail's receiver.

CREATE FUNCTION mail_token(p_token_hash bytea, p_kind text)
RETURNS TABLE (id uuid, user_id uuid, mail text, name text, organisation_name text, role text,
               by_another boolean, has_account boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT t.id, t.user_id, t.mail, t.name, o.name, t.role,
           t.issued_by IS NOT NULL AND t.issued_by IS DISTINCT FROM t.user_id,
           EXISTS (SELECT 1 FROM public.users u WHERE u.mail_key = lower(t.mail))
      FROM public.mail_tokens t LEFT JOIN public.organisations o ON o.id = t.organisation_id
     WHERE t.token_hash = p_token_hash AND t.kind = p_kind AND t.used_at IS NULL
       AND t.expires_at > now()
$$;

CREATE FUNCTION mail_token_for_mail(p_id uuid)
RETURNS TABLE (kind text, name text, organisation_name text, expires_at timestamptz,
               by_another boolean, has_account boolean, is_open boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT t.kind, t.name, o.name, t.expires_at,
           t.issued_by IS NOT NULL AND t.issued_by IS DISTINCT FROM t.user_id,
           EXISTS (SELECT 1 FROM public.users u WHERE u.mail_key = lower(t.mail)),
           t.used_at IS NULL AND t.expires_at > now()
      FROM public.mail_tokens t LEFT JOIN public.organisations o ON o.id = t.organisation_id
     WHERE t.id = p_id
$$;

-- Sign-up and lost password: one statement, the same for known and unknown addresses.
CREATE FUNCTION issue_open_token(p_id uuid, p_kind text, p_token_hash bytea, p_mail text,
                                 p_expires timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF p_kind NOT IN ('sign_up', 'password_reset') THEN
        RAISE insufficient_privilege USING MESSAGE = 'this link is not for everybody';
    END IF;
    INSERT INTO public.mail_tokens (id, kind, token_hash, user_id, mail, expires_at)
    VALUES (p_id, p_kind, p_token_hash,
            (SELECT u.id FROM public.users u WHERE u.mail_key = lower(p_mail)), p_mail, p_expires);
END $$;

CREATE FUNCTION issue_invitation(p_id uuid, p_token_hash bytea, p_mail text, p_name text,
                                 p_organisation uuid, p_role text, p_expires timestamptz)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
BEGIN
    IF (who[4] = 'operator'
        OR who[4] = 'director' AND who[2]::uuid = p_organisation
           AND p_role IN ('director', 'staff')) IS NOT TRUE THEN
        RAISE insufficient_privilege USING MESSAGE = 'may not invite into this organisation';
    END IF;
    INSERT INTO public.mail_tokens
        (id, kind, token_hash, mail, name, organisation_id, role, issued_by, expires_at)
    VALUES (p_id, 'invitation', p_token_hash, p_mail, p_name, p_organisation, p_role,
            who[1]::uuid, p_expires);
END $$;

CREATE FUNCTION issue_mail_change(p_id uuid, p_token_hash bytea, p_mail text,
                                  p_expires timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
BEGIN
    IF who[1] IS NULL THEN
        RAISE insufficient_privilege USING MESSAGE = 'sign in first';
    END IF;
    INSERT INTO public.mail_tokens (id, kind, token_hash, user_id, mail, issued_by, expires_at)
    VALUES (p_id, 'mail_change', p_token_hash, who[1]::uuid, p_mail, who[1]::uuid, p_expires);
END $$;

-- The guardian of a family that is open to the actor's provider. One who also works somewhere is
-- left to the operator: a provider must not reach another body's account.
CREATE FUNCTION guardian_account(p_guardian uuid)
RETURNS TABLE (user_id uuid, guardian_name text, mail text, family_id uuid)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT u.id, g.name, u.mail, g.family_id
      FROM public.guardians g JOIN public.users u ON u.id = g.user_id
     WHERE g.id = p_guardian AND (public.actor())[4] IN ('director', 'staff')
       AND EXISTS (SELECT 1 FROM public.family_access a
                    WHERE a.family_id = g.family_id
                      AND a.organisation_id = (public.actor())[2]::uuid AND now() >= a.from_at
                      AND (a.until_at IS NULL OR now() < a.until_at))
       AND NOT EXISTS (SELECT 1 FROM public.memberships m
                        WHERE m.user_id = u.id AND m.ended_at IS NULL)
$$;

CREATE FUNCTION issue_guardian_mail_change(p_id uuid, p_token_hash bytea, p_guardian uuid,
                                           p_mail text, p_expires timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    whose uuid;
BEGIN
    SELECT user_id INTO whose FROM public.guardian_account(p_guardian);
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'this family is not open to the provider';
    END IF;
    INSERT INTO public.mail_tokens (id, kind, token_hash, user_id, mail, issued_by, expires_at)
    VALUES (p_id, 'mail_change', p_token_hash, whose, p_mail, (public.actor())[1]::uuid,
            p_expires);
END $$;

CREATE FUNCTION take_mail_token(p_token_hash bytea, p_kind text) RETURNS public.mail_tokens
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.mail_tokens SET used_at = now()
     WHERE token_hash = p_token_hash AND kind = p_kind AND used_at IS NULL AND expires_at > now()
    RETURNING *
$$;

CREATE FUNCTION use_sign_up(p_token_hash bytea, p_user uuid, p_name text, p_password_hash text)
RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    token public.mail_tokens := public.take_mail_token(p_token_hash, 'sign_up');
BEGIN
    IF token.id IS NULL THEN
        RETURN false;
    END IF;
    INSERT INTO public.users (id, mail, mail_key, name, password_hash)
    VALUES (p_user, token.mail, lower(token.mail), p_name, p_password_hash)
    ON CONFLICT (mail_key) DO NOTHING;
    RETURN FOUND;
END $$;

-- Answers whose membership it became. An existing account keeps its name and its password.
CREATE FUNCTION use_invitation(p_token_hash bytea, p_user uuid, p_name text,
                               p_password_hash text, p_membership uuid)
RETURNS TABLE (user_id uuid, role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    token public.mail_tokens := public.take_mail_token(p_token_hash, 'invitation');
    whose uuid;
BEGIN
    IF token.id IS NULL THEN
        RETURN;
    END IF;
    SELECT id INTO whose FROM public.users WHERE mail_key = lower(token.mail);
    IF whose IS NULL THEN
        whose := p_user;
        INSERT INTO public.users (id, mail, mail_key, name, password_hash)
        VALUES (whose, token.mail, lower(token.mail), p_name, p_password_hash);
    END IF;
    UPDATE public.memberships SET ended_at = now()
     WHERE user_id = whose AND organisation_id = token.organisation_id AND ended_at IS NULL;
    INSERT INTO public.memberships (id, user_id, organisation_id, role)
    VALUES (p_membership, whose, token.organisation_id, token.role);
    RETURN QUERY SELECT whose, token.role;
END $$;

CREATE FUNCTION set_password(p_user uuid, p_password_hash text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.users SET password_hash = p_password_hash, password_changed_at = now()
     WHERE id = p_user;
    UPDATE public.sign_in_sessions SET ended_at = now()
     WHERE user_id = p_user AND ended_at IS NULL;
    UPDATE public.mail_tokens SET used_at = now()
     WHERE user_id = p_user AND kind = 'password_reset' AND used_at IS NULL;
END $$;

-- This browser goes on under a new token; every other session ends.
CREATE FUNCTION change_own_password(p_password_hash text, p_old_hash bytea, p_id uuid,
                                    p_token_hash bytea, p_expires timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    own public.sign_in_sessions;
BEGIN
    SELECT * INTO STRICT own FROM public.sign_in_sessions
     WHERE token_hash = p_old_hash AND ended_at IS NULL
       AND user_id = (public.actor())[1]::uuid;
    PERFORM public.set_password(own.user_id, p_password_hash);
    INSERT INTO public.sign_in_sessions
        (id, token_hash, user_id, membership_id, role, has_second_factor, expires_at)
    VALUES (p_id, p_token_hash, own.user_id, own.membership_id, own.role, own.has_second_factor,
            p_expires);
END $$;

-- The same password under new parameters; no session ends.
CREATE FUNCTION rehash_password(p_user uuid, p_old text, p_new text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.users SET password_hash = p_new WHERE id = p_user AND password_hash = p_old
$$;

CREATE FUNCTION use_password_reset(p_token_hash bytea, p_password_hash text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    token public.mail_tokens := public.take_mail_token(p_token_hash, 'password_reset');
BEGIN
    IF token.user_id IS NULL THEN
        RETURN NULL;
    END IF;
    PERFORM public.set_password(token.user_id, p_password_hash);
    RETURN token.user_id;
END $$;

-- A new address confirmed by its link. One that staff issued also sets a new password, and no
-- session of before goes on.
CREATE FUNCTION use_mail_change(p_token_hash bytea, p_password_hash text)
RETURNS TABLE (user_id uuid, old_mail text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
#variable_conflict use_column
DECLARE
    token public.mail_tokens := public.take_mail_token(p_token_hash, 'mail_change');
    before text;
BEGIN
    IF token.id IS NULL
       OR EXISTS (SELECT 1 FROM public.users WHERE mail_key = lower(token.mail)) THEN
        RETURN;
    END IF;
    IF token.issued_by <> token.user_id THEN
        IF p_password_hash IS NULL THEN
            RAISE insufficient_privilege USING MESSAGE = 'this link asks for a new password';
        END IF;
        PERFORM public.set_password(token.user_id, p_password_hash);
    END IF;
    SELECT mail INTO before FROM public.users WHERE id = token.user_id;
    UPDATE public.users SET mail = token.mail, mail_key = lower(token.mail), mail_failed_at = NULL
     WHERE id = token.user_id;
    RETURN QUERY SELECT token.user_id, before;
END $$;
