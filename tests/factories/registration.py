"""Rules of registration for a site of ``places``: each call is the next version of its rules."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from sqlalchemy import func, select

from portal.db.session import acting_as, transaction
from portal.families import service as families
from portal.families.rules import RecordDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.document import load_template
from portal.preregistration import service
from portal.rulebooks.models import Rulebook
from tests.factories.people import children_of
from tests.factories.places import Site


def ask(
    site: Site,
    *,
    texts: dict[str, str] | None = None,
    steps: list[dict[str, str]] | None = None,
    **registration: Any,
) -> uuid.UUID:
    """Let a site ask this of a registration, from a month ago on."""
    document = load_template("hourly-standard").model_dump(mode="json")
    document["registration"] = {"required": True, **registration}
    document["texts"] |= texts or {}
    document["steps"] = {"steps": steps} if steps else None
    rulebook_id = uuid.uuid4()
    with acting_as(site.owner), transaction() as session:
        newest = session.scalar(
            select(func.max(Rulebook.version)).where(Rulebook.programme_id == site.programme_id)
        )
        session.add(
            Rulebook(
                id=rulebook_id,
                programme_id=site.programme_id,
                facility_id=site.facility_id,
                organisation_id=site.organisation_id,
                version=(newest or 0) + 1,
                in_force_from=clock.today(clock.now()) - timedelta(days=31),
                document=document,
            )
        )
    return rulebook_id


def apply_for(site: Site, guardian: Actor, *child_ids: uuid.UUID) -> tuple[uuid.UUID, ...]:
    """Apply for these children, for all by default, their records confirmed."""
    ids = child_ids or tuple(child.id for child in children_of(guardian))
    now = clock.now()
    with acting_as(guardian), transaction() as session:
        for child_id in ids:
            details = RecordDetails(allergies="")
            families.save_record(session, child_id, details, actor=guardian, now=now)
        return service.apply(session, site.facility_id, ids, actor=guardian, now=now)
