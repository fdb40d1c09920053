"""The rules of the facilities that a family has to do with, in force now or later."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.facilities.models import Programme
from portal.kernel.actor import Actor
from portal.policies.document import RulesDocument
from portal.preregistration.queries import of_family
from portal.preregistration.rules import LIVE
from portal.rulebooks.queries import rules_from


def own_rules(
    session: Session, on: date, *, also: uuid.UUID | None = None, actor: Actor
) -> Sequence[tuple[Programme, RulesDocument]]:
    """Return the programmes where an application of the family runs or holds, with their rules.

    A programme stands once for its rules of a local day, and once more for each that begin later:
    a day of then can be wished for now.

    Args:
        also: One more facility, where a wish was refused without any application.
    """
    facilities = {row.facility_id for row in of_family(session, actor=actor) if row.state in LIVE}
    if also is not None:
        facilities.add(also)
    programmes = session.scalars(
        select(Programme)
        .where(Programme.facility_id.in_(facilities))
        .options(joinedload(Programme.facility))
        .order_by(Programme.created_at, Programme.id)
    ).all()
    documents = rules_from(session, [each.id for each in programmes], on)
    return [(each, document) for each in programmes for document in documents.get(each.id, ())]
