"""Make, renew and end the secret address of a feed."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from portal.accounts.addresses import AddressKind, make_address
from portal.audit.service import record
from portal.calendars import queries
from portal.kernel.actor import Actor

_ONE_AT_A_TIME = text("SELECT pg_advisory_xact_lock(hashtextextended(CAST(:owner AS text), 2))")


def renew_feed(
    session: Session,
    kind: AddressKind,
    *,
    actor: Actor,
    now: datetime,
    facility_id: uuid.UUID | None = None,
) -> None:
    """Give the actor's feed a new address; one it had before opens nothing from now on.

    Raises:
        sqlalchemy.exc.NoResultFound: the facility is none of the actor's provider. Shown as a 404.
    """
    ended = _end(session, kind, actor=actor, now=now, facility_id=facility_id)
    make_address(session, actor, kind, facility_id=facility_id)
    record(session, actor, "feed.renewed" if ended else "feed.made", *ended, kind=kind.value)


def end_feed(
    session: Session,
    kind: AddressKind,
    *,
    actor: Actor,
    now: datetime,
    facility_id: uuid.UUID | None = None,
) -> None:
    """End the address of the actor's feed, if there is one.

    Raises:
        sqlalchemy.exc.NoResultFound: the facility is none of the actor's provider. Shown as a 404.
    """
    ended = _end(session, kind, actor=actor, now=now, facility_id=facility_id)
    if ended:
        record(session, actor, "feed.ended", *ended, kind=kind.value)


def _end(
    session: Session,
    kind: AddressKind,
    *,
    actor: Actor,
    now: datetime,
    facility_id: uuid.UUID | None,
) -> list[uuid.UUID]:
    if facility_id is not None:
        queries.own_facility(session, facility_id, actor=actor)
    # Two at once would otherwise each leave an address, and the page shows only one of them.
    session.execute(_ONE_AT_A_TIME, {"owner": str(facility_id or actor.family_id)})
    live = queries.live_addresses(session, kind, actor=actor, facility_id=facility_id)
    for address in live:
        address.ended_at = now
    return [address.id for address in live]
