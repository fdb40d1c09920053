"""The rules of the provider's own programmes, in force now or later."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy.orm import Session

from portal.bookings.queries.lists import programmes_to_book
from portal.facilities.models import Programme
from portal.kernel.actor import Actor
from portal.policies.document import RulesDocument
from portal.rulebooks.queries import rules_from


def own_rules(
    session: Session, on: date, *, actor: Actor
) -> Sequence[tuple[Programme, RulesDocument]]:
    """Return the programmes of the actor's provider that have rules on a local day, with them.

    A programme stands once for those, and once more for each that begin later: a day of then can
    be wished for now.
    """
    programmes = programmes_to_book(session, actor=actor)
    documents = rules_from(session, [each.id for each in programmes], on)
    return [(each, document) for each in programmes for document in documents.get(each.id, ())]
