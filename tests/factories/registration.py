"""Rules of registration for a site of ``places``: each call is the next version of its rules."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

from portal.db.session import acting_as, transaction
from portal.families import service as families
from portal.families.rules import RecordDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.document import load_template
from portal.preregistration import service
from tests.factories.people import children_of
from tests.factories.places import Site
from tests.factories.rules import put_in_force, rules_with


def ask(
    site: Site,
    *,
    texts: dict[str, str] | None = None,
    steps: list[dict[str, str]] | None = None,
    **registration: Any,
) -> uuid.UUID:
    """Let a site ask this of a registration, from a month ago on."""
    usual = load_template("hourly-standard").texts.model_dump(mode="json")
    document = rules_with(
        registration={"required": True, **registration},
        texts={**usual, **(texts or {})},
        steps={"steps": steps} if steps else None,
    )
    return put_in_force(site, document, since=clock.today(clock.now()) - timedelta(days=31))


def apply_for(site: Site, guardian: Actor, *child_ids: uuid.UUID) -> tuple[uuid.UUID, ...]:
    """Apply for these children, for all by default, their records confirmed."""
    ids = child_ids or tuple(child.id for child in children_of(guardian))
    now = clock.now()
    with acting_as(guardian), transaction() as session:
        for child_id in ids:
            details = RecordDetails(allergies="")
            families.save_record(session, child_id, details, actor=guardian, now=now)
        return service.apply(session, site.facility_id, ids, actor=guardian, now=now)
