-- The family of a guardian with fewer rights, where this one is among hers.
CREATE FUNCTION family_with(p_right text) RETURNS uuid
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN p_right = ANY (string_to_array(a.is[6], ',')) THEN a.is[5]::uuid END
      FROM (SELECT public.actor() AS is) AS a
$$;

-- The actor as one with all rights, where this one is among hers: for functions that check who asks.
CREATE FUNCTION actor_with(p_right text) RETURNS text[]
LANGUAGE sql STABLE SET search_path = pg_catalog, public, pg_temp AS $$
    SELECT CASE WHEN p_right = ANY (string_to_array(a.is[6], ','))
                THEN ARRAY[a.is[1], a.is[2], a.is[5], a.is[4]] ELSE a.is END
      FROM (SELECT public.actor() AS is) AS a
$$;
