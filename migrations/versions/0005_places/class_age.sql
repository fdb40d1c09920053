-- The class age (年度年齢) of a child on a day: the age reached on 1 April of the fiscal year, a
-- child born on 1 April belonging with the older year. The same as portal.kernel.age.class_age.
-- Source: Act on Calculation of Ages (年齢計算ニ関スル法律), items 1-2.
CREATE FUNCTION class_age(p_born date, p_on date) RETURNS integer
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog AS $$
    SELECT greatest(0,
        extract(year FROM p_on - interval '3 months')::integer
        - extract(year FROM p_born - interval '3 months 1 day')::integer - 1)
$$
