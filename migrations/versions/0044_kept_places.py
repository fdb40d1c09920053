"""Places kept for referred families, and booking for them on the spot.

``pool_days.kept`` stands beside ``free``: ``capacity`` = taken + ``free`` + ``kept``. So whoever
reads or takes ``free`` never sees a kept place, and the rush asks nothing more than before. Only a
stay that names a referral under way takes from ``kept``, first. A supporting body books for a
referral it sent, where the family agreed. Safe while the app runs: columns have constant defaults,
functions are replaced within one transaction.
"""

from __future__ import annotations

from pathlib import Path

from alembic import op

from migrations.functions import rewrite, write_back
from migrations.row_security import ORGANISATION, ROLE, definer, policy

revision = "0044"
down_revision = "0043"

_SQL = Path(__file__).with_suffix("") / "functions.sql"
_IS_SUPPORT = "who[4] IN ('liaison', 'center_worker', 'office_worker')"
_BASES = "'phone', 'fax', 'post', 'counter', 'preregistration'"

#: What functions say before and after.
_TAKES = (
    (
        "closed_of boolean[];\n",
        "closed_of boolean[];\n    need_referred boolean[];  kept_of smallint[];\n",
    ),
    (
        (
            "from_cell smallint, to_cell smallint)\n      JOIN public.programmes g"
            " ON g.id = s.programme_id\n      JOIN public.facilities f"
        ),
        (
            "from_cell smallint, to_cell smallint, referral_id uuid)\n"
            "      JOIN public.programmes g ON g.id = s.programme_id\n"
            "      JOIN public.facilities f"
        ),
    ),
    (
        "     WHERE c.born_on <= s.day\n",
        (
            "     WHERE c.born_on <= s.day\n       AND (s.referral_id IS NULL OR"
            " public.referral_counts(s.referral_id, s.family_id, g.organisation_id)\n"
            "            OR EXISTS (SELECT 1 FROM public.bookings b\n"
            "                        WHERE b.id = s.replaces AND b.referral_id = s.referral_id))\n"
        ),
    ),
    (
        "AND f.published_at IS NOT NULL AND NOT f.is_hidden\n",
        (
            "AND f.published_at IS NOT NULL AND NOT f.is_hidden\n"
            f"            OR {_IS_SUPPORT}\n"
            "                AND f.published_at IS NOT NULL AND NOT f.is_hidden\n"
            "                AND public.may_book_on_the_spot("
            "s.referral_id, s.family_id, s.child_id)\n"
        ),
    ),
    (
        "AS s (replaces uuid, family_id uuid, child_id uuid)",
        "AS s (replaces uuid, family_id uuid, child_id uuid, referral_id uuid)",
    ),
    (
        "(b.family_id = who[3]::uuid OR b.organisation_id = who[2]::uuid);",
        (
            "(b.family_id = who[3]::uuid OR b.organisation_id = who[2]::uuid\n"
            f"                OR {_IS_SUPPORT} AND b.referral_id = s.referral_id);"
        ),
    ),
    (
        "array_agg(s.to_cell ORDER BY s.ord, p.position),\n",
        (
            "array_agg(s.to_cell ORDER BY s.ord, p.position),\n"
            "           array_agg(s.referral_id IS NOT NULL ORDER BY s.ord, p.position),\n"
        ),
    ),
    (
        "INTO need_pool, need_day, need_from, need_to, rightful",
        "INTO need_pool, need_day, need_from, need_to, need_referred, rightful",
    ),
    (
        (
            "from_cell smallint, to_cell smallint))\n           WITH ORDINALITY AS s"
            " (programme_id, child_id, day, from_cell, to_cell, ord)"
        ),
        (
            "from_cell smallint, to_cell smallint, referral_id uuid))\n"
            "           WITH ORDINALITY AS s"
            " (programme_id, child_id, day, from_cell, to_cell, referral_id, ord)"
        ),
    ),
    (
        "coalesce(d.free[cell + 1], 0) < 1",
        (
            "coalesce(d.free[cell + 1]\n                       + CASE WHEN n.referred"
            " THEN d.kept[cell + 1] ELSE 0 END, 0) < 1"
        ),
    ),
    (
        (
            "unnest(need_pool, need_day, need_from, need_to))\n"
            "               WITH ORDINALITY AS n (pool, day, from_cell, to_cell, ord)"
        ),
        (
            "unnest(need_pool, need_day, need_from, need_to, need_referred))\n"
            "               WITH ORDINALITY AS n (pool, day, from_cell, to_cell, referred, ord)"
        ),
    ),
    (
        "1 > ANY (d.free[n.from_cell + 1:n.to_cell])\n",
        (
            "1 > ANY (d.free[n.from_cell + 1:n.to_cell])\n"
            "               AND (NOT n.referred OR EXISTS (\n"
            "                   SELECT 1 FROM generate_series(n.from_cell + 1, n.to_cell) AS cell\n"
            "                    WHERE d.free[cell] + d.kept[cell] < 1))\n"
        ),
    ),
    (
        (
            "array_agg(d.free), array_agg(d.closed)\n      INTO pools, days, free_of, closed_of\n"
            "      FROM (SELECT r.pool_id, r.day, r.free, r.closed FROM"
        ),
        (
            "array_agg(d.free), array_agg(d.closed), array_agg(d.kept)\n"
            "      INTO pools, days, free_of, closed_of, kept_of\n"
            "      FROM (SELECT r.pool_id, r.day, r.free, r.closed, r.kept FROM"
        ),
    ),
    (
        "OR free_of[k][cell] < 1\n               OR closed_of[k][cell] THEN",
        (
            "OR closed_of[k][cell]\n               OR free_of[k][cell] < 1\n"
            "                  AND NOT (need_referred[n] AND kept_of[k][cell] > 0) THEN"
        ),
    ),
    (
        "            free_of[k][cell] := free_of[k][cell] - 1;\n",
        (
            "            IF need_referred[n] AND kept_of[k][cell] > 0 THEN\n"
            "                kept_of[k][cell] := kept_of[k][cell] - 1;\n"
            "            ELSE\n"
            "                free_of[k][cell] := free_of[k][cell] - 1;\n"
            "            END IF;\n"
        ),
    ),
    (
        "SET free = ARRAY(SELECT unnest(free_of[n:n]))\n",
        (
            "SET free = ARRAY(SELECT unnest(free_of[n:n])),\n"
            "               kept = CASE WHEN true = ANY (need_referred)\n"
            "                           THEN ARRAY(SELECT unnest(kept_of[n:n])) ELSE d.kept END\n"
        ),
    ),
    (
        "counts_toward_caps, created_by)",
        "counts_toward_caps, referral_id, created_by)",
    ),
    (
        "coalesce(s.counts_toward_caps, true), who[1]::uuid",
        "coalesce(s.counts_toward_caps, true), s.referral_id, who[1]::uuid",
    ),
    (
        "guardian_stays boolean, counts_toward_caps boolean)\n      JOIN",
        "guardian_stays boolean, counts_toward_caps boolean, referral_id uuid)\n      JOIN",
    ),
    (
        "    RETURN QUERY\n    SELECT array_agg(coalesce(s.replaces, s.id))",
        (
            "    IF old_ids IS NOT NULL THEN\n"
            "        PERFORM public.lay_kept(need_pool || gone_pool, need_day || gone_day);\n"
            "    END IF;\n"
            f"    IF {_IS_SUPPORT} THEN\n"
            "        PERFORM public.open_family_on_the_spot(ARRAY(SELECT s.referral_id\n"
            "            FROM jsonb_to_recordset(p_stays) AS s (referral_id uuid)));\n"
            "    END IF;\n"
            "    RETURN QUERY\n    SELECT array_agg(coalesce(s.replaces, s.id))"
        ),
    ),
)
_RELEASES = (
    (
        "OR organisation_id = who[2]::uuid AND who[4] IN ('director', 'staff'))",
        (
            "OR organisation_id = who[2]::uuid AND who[4] IN ('director', 'staff')\n"
            f"                    OR {_IS_SUPPORT} AND EXISTS (SELECT 1 FROM public.referrals r\n"
            "                         WHERE r.id = referral_id AND r.sender_id = who[2]::uuid))"
        ),
    ),
    (
        "    RETURN released;",
        (
            "    PERFORM public.lay_kept(array_agg(p.id), array_agg(b.day))\n"
            "       FROM public.bookings b CROSS JOIN unnest(b.pool_ids) AS p (id)\n"
            "      WHERE b.id = ANY (released);\n"
            "    PERFORM public.end_access_by_consent(array_agg(b.family_id), b.organisation_id)\n"
            "       FROM public.bookings b WHERE b.id = ANY (released)\n"
            "        AND b.referral_id IS NOT NULL GROUP BY b.organisation_id;\n"
            "    RETURN released;"
        ),
    ),
)
_FILLS = (
    (
        "(pool_id, day, facility_id, wanted, capacity, free, closed, closed_reason)",
        "(pool_id, day, facility_id, wanted, capacity, free, kept, closed, closed_reason)",
    ),
    (
        "SELECT p.id, days.day, p_facility, w.wanted, w.wanted, w.wanted, days.closed, days.reason",
        (
            "SELECT p.id, days.day, p_facility, w.wanted, w.wanted,\n"
            "           ARRAY(SELECT (u.w - least(u.w, u.t))::smallint\n"
            "                   FROM unnest(w.wanted, n.target) WITH ORDINALITY AS u (w, t, i)"
            " ORDER BY u.i),\n"
            "           ARRAY(SELECT least(u.w, u.t)\n"
            "                   FROM unnest(w.wanted, n.target) WITH ORDINALITY AS u (w, t, i)"
            " ORDER BY u.i),\n"
            "           days.closed, days.reason"
        ),
    ),
    (
        "array_fill(0::smallint, ARRAY[48])) AS wanted) AS w\n",
        (
            "array_fill(0::smallint, ARRAY[48])) AS wanted) AS w\n"
            "     CROSS JOIN LATERAL (\n"
            "           SELECT public.kept_cells(p.id, days.day, w.wanted) AS target) AS n\n"
        ),
    ),
    (
        (
            "(capacity, free) = (\n"
            "               SELECT array_agg(greatest(u.w, u.c - u.f) ORDER BY u.i),\n"
            "                      array_agg(greatest(u.w, u.c - u.f) - (u.c - u.f) ORDER BY u.i)\n"
            "                 FROM unnest(excluded.wanted, d.capacity, d.free) WITH ORDINALITY\n"
            "                      AS u (w, c, f, i));"
        ),
        (
            "(capacity, free, kept) = (\n"
            "               SELECT array_agg(u.c + u.room ORDER BY u.i),\n"
            "                      array_agg(u.room - least(u.room, u.t) ORDER BY u.i),\n"
            "                      array_agg(least(u.room, u.t) ORDER BY u.i)\n"
            "                 FROM (SELECT x.c - x.f - x.k AS c, x.t, x.i,\n"
            "                              greatest(0, x.w - (x.c - x.f - x.k)) AS room\n"
            "                         FROM unnest(excluded.wanted, d.capacity, d.free, d.kept,\n"
            "                              public.kept_cells(d.pool_id, d.day, excluded.wanted))\n"
            "                              WITH ORDINALITY AS x (w, c, f, k, t, i)) AS u);"
        ),
    ),
)
_REWRITTEN = (
    ("take_places(jsonb)", _TAKES),
    ("release_places(uuid[], text)", _RELEASES),
    ("fill_pool_days(uuid, date, date)", _FILLS),
)
_INSIDE = ("kept_cells(uuid, date, smallint[])", "lay_kept(uuid[], date[])")
_ASKED = (
    "end_access_by_consent(uuid[], uuid)",
    "referral_counts(uuid, uuid, uuid)",
    "may_book_on_the_spot(uuid, uuid, uuid)",
    "open_family_on_the_spot(uuid[])",
)

_AFTER = ("end_access_of_recalled()", "has_stays(uuid, uuid)")


def upgrade() -> None:
    """Add the columns, the functions and the policies, and let the three functions know them."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    _columns()
    op.execute(_SQL.read_text(encoding="utf-8"))
    for signature in _INSIDE:  # called by functions of the same owner alone
        definer(signature, "portal_places", to="portal_places")
    for signature in _ASKED:
        definer(signature, "portal_gate", to="portal_places")
    definer("has_stays(uuid, uuid)", "portal_places", to="portal_gate")
    definer("end_access_of_recalled()", "portal_gate", to="portal_gate")
    op.execute("ALTER TABLE family_access DROP CONSTRAINT ck_family_access_basis")
    op.execute(
        "ALTER TABLE family_access ADD CONSTRAINT ck_family_access_basis"
        f" CHECK (basis IN ({_BASES}, 'consent'))"
    )
    for signature, changes in _REWRITTEN:
        rewrite("portal_places", signature, *changes)
    _policies()


def _columns() -> None:
    op.execute("""
        ALTER TABLE pool_days ADD COLUMN kept smallint[] NOT NULL
            DEFAULT array_fill(0::smallint, ARRAY[48])
            CONSTRAINT ck_pool_days_kept CHECK (0 <= ALL (kept) AND cardinality(kept) = 48
                AND array_position(kept, NULL) IS NULL)""")
    op.execute("""
        ALTER TABLE pool_patterns ADD COLUMN kept smallint NOT NULL DEFAULT 0
            CONSTRAINT ck_pool_patterns_kept CHECK (kept BETWEEN 0 AND 200)""")
    op.execute("""
        ALTER TABLE pool_overrides ADD COLUMN kept smallint
            CONSTRAINT ck_pool_overrides_kept CHECK (kept BETWEEN 0 AND 200)""")
    op.execute("""
        ALTER TABLE facilities ADD COLUMN kept_until_days smallint NOT NULL DEFAULT 3
            CONSTRAINT ck_facilities_kept_until_days CHECK (kept_until_days BETWEEN 0 AND 60)""")
    op.execute("""
        ALTER TABLE bookings ADD COLUMN referral_id uuid
            CONSTRAINT fk_bookings_referral_id REFERENCES referrals""")
    op.execute(
        "CREATE INDEX ix_bookings_referral_id ON bookings (referral_id)"
        " WHERE referral_id IS NOT NULL"
    )


def _policies() -> None:
    sent = (
        f"bookings.referral_id IS NOT NULL AND {ROLE} IN"
        " ('liaison', 'center_worker', 'office_worker') AND EXISTS (SELECT 1 FROM referrals r"
        f" WHERE r.id = bookings.referral_id AND r.sender_id = {ORGANISATION})"
    )
    # Sorts before the others, so that it is asked last: nobody else pays for it.
    policy("bookings", "SELECT", sent, name="asked_by_sender")
    policy("bookings", "UPDATE", sent, name="asked_by_sender_update")


def downgrade() -> None:
    """Take it away; kept places are free again, and bookings forget who referred."""
    op.execute("SET LOCAL lock_timeout = '4s'")
    for name in ("asked_by_sender_update", "asked_by_sender"):
        op.execute(f"DROP POLICY {name} ON bookings")
    for signature, changes in reversed(_REWRITTEN):
        write_back("portal_places", signature, *changes)
    op.execute("DROP TRIGGER end_access_of_recalled ON referrals")
    for signature in (*_AFTER, *reversed(_ASKED), *reversed(_INSIDE)):
        op.execute(f"DROP FUNCTION {signature}")
    op.execute("ALTER TABLE family_access DROP CONSTRAINT ck_family_access_basis")
    # Rows of access by consent stay: whoever has a child of the family in care still sees it.
    op.execute(
        "ALTER TABLE family_access ADD CONSTRAINT ck_family_access_basis"
        f" CHECK (basis IN ({_BASES})) NOT VALID"
    )
    op.execute("DROP INDEX ix_bookings_referral_id")
    op.execute("ALTER TABLE bookings DROP COLUMN referral_id")
    op.execute("ALTER TABLE facilities DROP COLUMN kept_until_days")
    op.execute("ALTER TABLE pool_overrides DROP COLUMN kept")
    op.execute("ALTER TABLE pool_patterns DROP COLUMN kept")
    op.execute("ALTER TABLE pool_days NO FORCE ROW LEVEL SECURITY")
    op.execute("""
        UPDATE pool_days AS d SET free = (SELECT array_agg(u.f + u.k ORDER BY u.i)
          FROM unnest(d.free, d.kept) WITH ORDINALITY AS u (f, k, i))""")
    op.execute("ALTER TABLE pool_days FORCE ROW LEVEL SECURITY")
    op.execute("ALTER TABLE pool_days DROP COLUMN kept")
