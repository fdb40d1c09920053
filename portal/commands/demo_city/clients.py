"""The families that each facility knows, as planning needs them."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from datetime import date

from sqlalchemy import Connection, text

from portal.commands.demo_city.planning import Client, KnownChild
from portal.commands.demo_city.rows import is_derived
from portal.kernel.channel import Channel

_ACCEPTED = text("""
    SELECT p.facility_id, p.family_id, f.basis, g.user_id, k.id AS pickup_id,
           array_agg(c.id ORDER BY c.born_on, c.id) AS children,
           array_agg(c.born_on ORDER BY c.born_on, c.id) AS born,
           array_agg(greatest(least(p.decided_at, p.received_at + interval '4 days'),
                              p.family_agreed_at) ORDER BY c.born_on, c.id) AS accepted_at,
           min(p.accepted_until) AS accepted_until
      FROM preregistrations p
      JOIN children c ON c.id = p.child_id AND c.born_on IS NOT NULL
      JOIN families f ON f.id = p.family_id
      JOIN guardians g ON g.family_id = f.id AND g.is_primary
      LEFT JOIN LATERAL (SELECT id FROM pickup_persons
                          WHERE family_id = f.id AND removed_at IS NULL
                          ORDER BY id LIMIT 1) AS k ON true
     WHERE p.facility_id = ANY (:facilities) AND p.state = 'accepted'
       AND p.accepted_until >= :today
       -- Where both sides agree first, nobody comes before the family has.
       AND (p.family_agreed_at IS NOT NULL
            OR p.facility_agreed_at IS NULL AND NOT p.has_conditions)
       -- Whoever is in the midst of trial care comes for nothing else.
       AND ('trial_care' = ANY (p.steps_done) OR NOT EXISTS (
               SELECT FROM rulebooks r WHERE r.facility_id = p.facility_id AND jsonb_path_exists(
                   r.document, '$.steps.steps[*].kind ? (@ == "trial_care")')))
     GROUP BY p.facility_id, p.family_id, f.basis, g.user_id, k.id
     ORDER BY p.facility_id, p.family_id""")
_BUSY = text("""
    SELECT child_id, day FROM bookings
     WHERE day BETWEEN :first AND :last AND state IN ('confirmed', 'attended')""")
#: So many families need care for work, on the same weekdays each week.
_WORK = 0.3


def load_clients(
    connection: Connection,
    facility_ids: list[uuid.UUID],
    today: date,
    featured: frozenset[uuid.UUID],
) -> Mapping[uuid.UUID, list[Client]]:
    """Return the demo's own families by facility. ``featured`` ones come every week."""
    clients: dict[uuid.UUID, list[Client]] = {facility_id: [] for facility_id in facility_ids}
    values = {"facilities": facility_ids, "today": today}
    for row in connection.execute(_ACCEPTED, values):
        if not is_derived(row.family_id):
            continue
        children = zip(row.children, row.born, row.accepted_at, strict=True)
        clients[row.facility_id].append(
            Client(
                family_id=row.family_id,
                user_id=row.user_id,
                channel=Channel.WEB if row.basis == "self" else Channel(row.basis),
                works_on=_works_on(row.family_id, is_featured=row.family_id in featured),
                children=tuple(KnownChild(*child, row.accepted_until) for child in children),
                pickup_id=row.pickup_id,
            )
        )
    return clients


def busy_children(connection: Connection, first: date, last: date) -> set[tuple[uuid.UUID, date]]:
    """Return which child is somewhere on which day."""
    rows = connection.execute(_BUSY, {"first": first, "last": last})
    return {(row.child_id, row.day) for row in rows}


def _works_on(family_id: uuid.UUID, *, is_featured: bool) -> frozenset[int]:
    dice = random.Random(f"works|{family_id}")  # noqa: S311 - invented lives
    if not is_featured and dice.random() >= _WORK:
        return frozenset()
    return frozenset(dice.sample(range(5), 1 if is_featured else dice.choice((1, 1, 2))))
