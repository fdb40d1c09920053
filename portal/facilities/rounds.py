"""A round of the worker: one thing done at every published facility, each for itself."""

from __future__ import annotations

import logging
import uuid
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.kernel.actor import ANONYMOUS, Actor, Role

_log = logging.getLogger(__name__)


def at_every_facility(what: str, work: Callable[[Session, uuid.UUID, Actor], object]) -> None:
    """Do ``work`` at each facility, acting for its provider, in a transaction of its own.

    Args:
        what: Names the round in the log.

    Raises:
        SQLAlchemyError: the first that failed, once all the others have had their turn.
    """
    with acting_as(ANONYMOUS) as session:
        facilities = session.execute(
            select(Facility.id, Facility.organisation_id)
            .where(Facility.published_at.is_not(None), Facility.organisation_id.is_not(None))
            .order_by(Facility.id)
        ).all()
        session.rollback()
    failed: list[SQLAlchemyError] = []
    for facility_id, organisation_id in facilities:
        actor = Actor(role=Role.STAFF, organisation_id=organisation_id)
        try:
            with acting_as(actor), transaction() as session:
                work(session, facility_id, actor)
        except SQLAlchemyError as error:
            _log.exception("%s failed at %s", what, facility_id)
            failed.append(error)
    if failed:
        raise failed[0]
