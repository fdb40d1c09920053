-- The signed actor with a seventh field: what a guardian with fewer rights may do, joined by commas,
-- empty for everyone else. Her family then stands in the fifth place instead of the third, so that
-- whatever asks for a family alone, today's policies and tomorrow's, shows her nothing. The eighth
-- field is the HMAC; six fields and the HMAC are still taken from a process of the release before.
CREATE OR REPLACE FUNCTION actor() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp
AS $$
DECLARE
    value text := current_setting('portal.actor', true);
    parts text[];
    fields integer;
    keys public.actor_keys;
    message text;
    rights text;
BEGIN
    IF value IS NULL OR value = '' THEN
        RETURN NULL;
    END IF;
    parts := string_to_array(value, '|');
    fields := array_length(parts, 1);
    IF fields IS NULL OR fields NOT IN (7, 8) THEN
        RETURN NULL;
    END IF;
    SELECT * INTO keys FROM public.actor_keys
     WHERE key_id = parts[1] AND retired_at IS NULL;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    message := array_to_string(parts[1:fields - 1], '|');
    IF encode(sha256(keys.outer_pad
                     || sha256(keys.inner_pad || convert_to(message, 'UTF8'))), 'hex')
       <> parts[fields]
       OR to_timestamp(parts[2]::bigint) < now() THEN
        RETURN NULL;
    END IF;
    IF fields = 8 THEN
        rights := nullif(parts[7], '');
    END IF;
    IF rights IS NULL THEN
        RETURN ARRAY[nullif(parts[3], ''), nullif(parts[4], ''),
                     nullif(parts[5], ''), nullif(parts[6], '')];
    END IF;
    RETURN ARRAY[nullif(parts[3], ''), nullif(parts[4], ''), NULL, nullif(parts[6], ''),
                 nullif(parts[5], ''), rights];
END $$;
