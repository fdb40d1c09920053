"""What is known of the home of a wish, and of each child beside its record, as rules ask for it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.homes import queries as homes
from portal.homes.models import StoredHomeFact
from portal.homes.rules import HomeFactKind, household, with_facts
from portal.kernel.actor import Actor
from portal.kernel.age import class_age
from portal.policies.document import RulesDocument
from portal.policies.facts import NOT_ASKED, ChildFacts, Coupon, Household
from portal.policies.needs import needs_home

#: The class age at which a child goes to school.
_SCHOOL_AGE = 6
_BIRTHS = text("""
SELECT born_on FROM children
 WHERE family_id = :family AND born_on IS NOT NULL AND ended_at IS NULL
""")
_SPENT = text("""
SELECT t.fact, sum(t.count) AS tickets
  FROM bookings b CROSS JOIN jsonb_to_recordset(b.tickets) AS t (fact text, count integer)
 WHERE b.family_id = :family AND b.tickets <> '[]' AND b.id <> ALL (:moving)
 GROUP BY t.fact
""")


def at_home(
    session: Session,
    children: Sequence[ChildFacts],
    family_id: uuid.UUID,
    document: RulesDocument,
    day: date,
    *,
    provider: uuid.UUID,
    actor: Actor,
    moving: Sequence[uuid.UUID] = (),
) -> tuple[Household, Sequence[ChildFacts]]:
    """Return the home on the local day of care, and the children with what is known of each alone.

    Nothing is read where no rule asks for it. Whoever asks, the answer is the same: what staff of
    another provider wrote down counts there alone, though the family can read it. Of tickets those
    count that no booking has spent; behind the family's lock nobody can spend them meanwhile.

    Args:
        provider: The organisation that gives the care.
        moving: Bookings whose tickets count as unspent.
    """
    if not needs_home(document):
        return NOT_ASKED, children
    rows = _counting_at(provider, homes.live(session, family_id, actor=actor))
    facts = homes.facts_of(rows)
    births = session.scalars(_BIRTHS, {"family": family_id})
    preschoolers = [born for born in births if born <= day and class_age(born, day) < _SCHOOL_AGE]
    known = [with_facts(child, facts, day) for child in children]
    home = household(facts, day, preschoolers=preschoolers)
    return replace(home, coupons=_unspent(session, family_id, rows, moving)), known


def tickets_left(
    session: Session, family_id: uuid.UUID, day: date, *, provider: uuid.UUID, actor: Actor
) -> tuple[Coupon, ...]:
    """Return the tickets of a home that can be spent with a provider on a local day."""
    rows = _counting_at(provider, homes.live(session, family_id, actor=actor))
    held = _unspent(session, family_id, rows, ())
    return tuple(
        coupon
        for coupon in held
        if coupon.left
        and (coupon.valid_from is None or coupon.valid_from <= day)
        and (coupon.valid_until is None or day <= coupon.valid_until)
    )


def _counting_at(provider: uuid.UUID, rows: Sequence[StoredHomeFact]) -> list[StoredHomeFact]:
    return [row for row in rows if row.organisation_id in {None, provider}]


def _unspent(
    session: Session,
    family_id: uuid.UUID,
    rows: Sequence[StoredHomeFact],
    moving: Sequence[uuid.UUID],
) -> tuple[Coupon, ...]:
    """Tickets with what is left of them; each is known by the id of its fact."""
    held = [row for row in rows if row.kind is HomeFactKind.COUPON]
    if not held:
        return ()
    values = {"family": family_id, "moving": list(moving)}
    spent = {row.fact: int(row.tickets) for row in session.execute(_SPENT, values)}
    coupons = (
        Coupon(
            code=fact.code,
            left=max(0, (fact.number or 0) - spent.get(str(row.id), 0)),
            valid_from=fact.valid_from,
            valid_until=fact.valid_until,
            child_id=fact.child_id,
            key=str(row.id),
        )
        for row, fact in zip(held, homes.facts_of(held), strict=True)
    )
    # What ends first is spent first.
    return tuple(sorted(coupons, key=lambda coupon: coupon.valid_until or date.max))
