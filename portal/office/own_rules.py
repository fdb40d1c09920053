"""The rules in force of the provider's own programmes."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from portal.bookings.queries.lists import programmes_to_book
from portal.facilities.models import Programme
from portal.kernel.actor import Actor
from portal.policies.document import RulesDocument
from portal.rulebooks.queries import rules_of


def own_rules(
    session: Session, on: date, *, actor: Actor
) -> Sequence[tuple[Programme, RulesDocument]]:
    """Return the programmes of the actor's provider that have rules on a local day, with them."""
    programmes = programmes_to_book(session, actor=actor)
    documents = rules_of(session, [each.id for each in programmes], on)
    return [(each, documents[each.id]) for each in programmes if each.id in documents]
