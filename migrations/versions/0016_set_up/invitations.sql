-- Invitations that are still open, as those see them who may invite there; and the first director
-- of a provider that a municipality has taken in.

CREATE FUNCTION may_invite(p_organisation uuid) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT coalesce(
        (public.actor())[4] = 'operator'
        OR (public.actor())[4] = 'director' AND (public.actor())[2]::uuid = p_organisation
        OR (public.actor())[4] = 'liaison' AND EXISTS (
               SELECT 1 FROM public.organisations o
                WHERE o.id = p_organisation AND o.kind = 'provider'
                  AND o.opened_by = (public.actor())[2]::uuid), false)
$$;

-- A municipality invites the first director of a provider it took in, and nobody after her.
CREATE FUNCTION invite_first_director(p_id uuid, p_token_hash bytea, p_mail text, p_name text,
                                      p_organisation uuid, p_expires timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF NOT public.may_invite(p_organisation) OR EXISTS (
            SELECT 1 FROM public.memberships
             WHERE organisation_id = p_organisation AND ended_at IS NULL) THEN
        RAISE insufficient_privilege USING MESSAGE = 'not a provider to be opened by this actor';
    END IF;
    INSERT INTO public.mail_tokens
        (id, kind, token_hash, mail, name, organisation_id, role, issued_by, expires_at)
    VALUES (p_id, 'invitation', p_token_hash, p_mail, p_name, p_organisation, 'director',
            (public.actor())[1]::uuid, p_expires);
END $$;

-- Those not used yet, run out or not; not those of somebody who has joined meanwhile.
CREATE FUNCTION open_invitations()
RETURNS TABLE (id uuid, mail text, name text, organisation_id uuid, organisation_name text,
               role text, created_at timestamptz, expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT t.id, t.mail, t.name, t.organisation_id, o.name, t.role, t.created_at, t.expires_at
      FROM public.mail_tokens t JOIN public.organisations o ON o.id = t.organisation_id
     WHERE t.kind = 'invitation' AND t.used_at IS NULL AND public.may_invite(t.organisation_id)
       AND NOT EXISTS (SELECT 1 FROM public.memberships m
                         JOIN public.users u ON u.id = m.user_id
                        WHERE m.organisation_id = t.organisation_id AND m.ended_at IS NULL
                          AND u.mail_key = lower(t.mail))
     ORDER BY t.created_at DESC, t.id
$$;

CREATE FUNCTION withdraw_invitation(p_id uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    UPDATE public.mail_tokens SET used_at = now()
     WHERE id = p_id AND kind = 'invitation' AND used_at IS NULL
       AND public.may_invite(organisation_id);
    RETURN FOUND;
END $$;

-- The providers a municipality took in or that run a facility of its list; for the operator, all.
CREATE FUNCTION providers_overseen()
RETURNS TABLE (id uuid, name text, phone text, mail text, created_at timestamptz,
               directors bigint, facilities bigint, opened_here boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT o.id, o.name, o.phone, o.mail, o.created_at,
           (SELECT count(*) FROM public.memberships m WHERE m.organisation_id = o.id
               AND m.role = 'director' AND m.ended_at IS NULL),
           (SELECT count(*) FROM public.facilities f WHERE f.organisation_id = o.id
               AND ((public.actor())[4] = 'operator'
                    OR f.municipality_id = (public.actor())[2]::uuid)),
           public.may_invite(o.id)
      FROM public.organisations o
     WHERE o.kind = 'provider'
       AND ((public.actor())[4] = 'operator'
            OR (public.actor())[4] = 'liaison'
               AND (o.opened_by = (public.actor())[2]::uuid
                    OR EXISTS (SELECT 1 FROM public.facilities f WHERE f.organisation_id = o.id
                                  AND f.municipality_id = (public.actor())[2]::uuid)))
     ORDER BY o.name, o.id
$$;
