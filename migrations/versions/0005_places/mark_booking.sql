-- Says what became of a booking on its day; its places stay taken. Staff of the facility alone.
-- Answers whether the booking was there, theirs, and in a state from which this is possible.
CREATE FUNCTION mark_booking(p_booking uuid, p_state text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    who text[] := public.actor();
BEGIN
    IF p_state NOT IN ('confirmed', 'attended', 'no_show', 'excused_absence') THEN
        RAISE invalid_parameter_value USING MESSAGE = 'not what becomes of a booking on its day';
    END IF;
    UPDATE public.bookings SET state = p_state, changed_at = now()
     WHERE id = p_booking AND organisation_id = who[2]::uuid
       AND who[4] IN ('director', 'staff')
       AND state IN ('confirmed', 'attended', 'no_show', 'excused_absence')
       -- An absence that gave its places back cannot be taken back here.
       AND cancelled_at IS NULL;
    RETURN FOUND;
END $$
