-- What a director does with the members of her own organisation, and the operator with all.

CREATE FUNCTION managed_membership(p_membership uuid) RETURNS public.memberships
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
    found_row public.memberships;
BEGIN
    SELECT * INTO found_row FROM public.memberships
     WHERE id = p_membership AND ended_at IS NULL
       AND (who[4] = 'operator' OR who[4] = 'director' AND organisation_id = who[2]::uuid);
    IF NOT FOUND THEN
        RAISE insufficient_privilege USING MESSAGE = 'not a member this actor manages';
    END IF;
    -- Two directors ending each other must not both succeed.
    PERFORM 1 FROM public.memberships
     WHERE organisation_id = found_row.organisation_id AND ended_at IS NULL
     ORDER BY id FOR UPDATE;
    SELECT * INTO found_row FROM public.memberships WHERE id = p_membership AND ended_at IS NULL;
    RETURN found_row;
END $$;

CREATE FUNCTION is_last_director(p_member public.memberships) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT p_member.role = 'director' AND (public.actor())[4] <> 'operator'
       AND NOT EXISTS (SELECT 1 FROM public.memberships
                        WHERE organisation_id = p_member.organisation_id AND ended_at IS NULL
                          AND role = 'director' AND id <> p_member.id)
$$;

-- Somebody who no longer manages leaves no open invitation behind, to herself perhaps.
CREATE FUNCTION withdraw_invitations(p_member public.memberships) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
    UPDATE public.mail_tokens SET used_at = now()
     WHERE kind = 'invitation' AND used_at IS NULL AND issued_by = p_member.user_id
       AND organisation_id = p_member.organisation_id
$$;

-- False when the organisation would be left without a director.
CREATE FUNCTION end_membership(p_membership uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    member public.memberships := public.managed_membership(p_membership);
BEGIN
    IF public.is_last_director(member) THEN
        RETURN false;
    END IF;
    UPDATE public.memberships SET ended_at = now() WHERE id = member.id AND ended_at IS NULL;
    UPDATE public.sign_in_sessions SET ended_at = now()
     WHERE membership_id = member.id AND ended_at IS NULL;
    PERFORM public.withdraw_invitations(member);
    RETURN true;
END $$;

CREATE FUNCTION change_membership_role(p_membership uuid, p_role text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    member public.memberships := public.managed_membership(p_membership);
BEGIN
    IF member.role NOT IN ('director', 'staff') OR p_role NOT IN ('director', 'staff') THEN
        RAISE insufficient_privilege USING MESSAGE = 'only director and staff change places';
    END IF;
    IF p_role <> 'director' AND public.is_last_director(member) THEN
        RETURN false;
    END IF;
    UPDATE public.memberships SET role = p_role WHERE id = member.id;
    UPDATE public.sign_in_sessions SET ended_at = now()
     WHERE membership_id = member.id AND ended_at IS NULL;
    PERFORM public.withdraw_invitations(member);
    RETURN true;
END $$;

-- False for somebody who works elsewhere too: her other body's account is not this director's.
CREATE FUNCTION reset_second_factor(p_membership uuid) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    member public.memberships := public.managed_membership(p_membership);
BEGIN
    IF (public.actor())[4] <> 'operator'
       AND EXISTS (SELECT 1 FROM public.memberships
                    WHERE user_id = member.user_id AND ended_at IS NULL
                      AND organisation_id <> member.organisation_id) THEN
        RETURN false;
    END IF;
    UPDATE public.users
       SET totp_sealed = NULL, totp_next_sealed = NULL, totp_confirmed_at = NULL
     WHERE id = member.user_id;
    DELETE FROM public.recovery_codes WHERE user_id = member.user_id;
    UPDATE public.sign_in_sessions SET ended_at = now()
     WHERE user_id = member.user_id AND ended_at IS NULL;
    RETURN true;
END $$;
