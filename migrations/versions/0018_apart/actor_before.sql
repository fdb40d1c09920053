-- As the migration before made it.

CREATE OR REPLACE FUNCTION actor() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    value text := current_setting('portal.actor', true);
    parts text[];
    keys public.actor_keys;
    message text;
BEGIN
    IF value IS NULL OR value = '' THEN
        RETURN NULL;
    END IF;
    parts := string_to_array(value, '|');
    IF array_length(parts, 1) IS DISTINCT FROM 7 THEN
        RETURN NULL;
    END IF;
    SELECT * INTO keys FROM public.actor_keys
     WHERE key_id = parts[1] AND retired_at IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    message := array_to_string(parts[1:6], '|');
    IF encode(sha256(keys.outer_pad
                     || sha256(keys.inner_pad || convert_to(message, 'UTF8'))), 'hex')
       <> parts[7]
       OR to_timestamp(parts[2]::bigint) < now() THEN
        RETURN NULL;
    END IF;
    RETURN ARRAY[nullif(parts[3], ''), nullif(parts[4], ''),
                 nullif(parts[5], ''), nullif(parts[6], '')];
END $$;
