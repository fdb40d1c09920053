"""What is known of the home of a wish, and of each child beside its record, as rules ask for it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.homes import queries as homes
from portal.homes.rules import household, with_facts
from portal.kernel.actor import Actor
from portal.kernel.age import class_age
from portal.policies.document import RulesDocument
from portal.policies.facts import NOT_ASKED, ChildFacts, Household
from portal.policies.needs import needs_home

#: The class age at which a child goes to school.
_SCHOOL_AGE = 6
_BIRTHS = text("""
SELECT born_on FROM children
 WHERE family_id = :family AND born_on IS NOT NULL AND ended_at IS NULL
""")


def at_home(
    session: Session,
    children: Sequence[ChildFacts],
    family_id: uuid.UUID,
    document: RulesDocument,
    day: date,
    *,
    actor: Actor,
) -> tuple[Household, Sequence[ChildFacts]]:
    """Return the home on the local day of care, and the children with what is known of each alone.

    Nothing is read where no rule asks for it.
    """
    if not needs_home(document):
        return NOT_ASKED, children
    facts = homes.facts_of(homes.live(session, family_id, actor=actor))
    births = session.scalars(_BIRTHS, {"family": family_id})
    preschoolers = [born for born in births if born <= day and class_age(born, day) < _SCHOOL_AGE]
    known = [with_facts(child, facts, day) for child in children]
    return household(facts, day, preschoolers=preschoolers), known
