"""Rules that a site works by. Each call is the next version of them."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from sqlalchemy import func, select

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.policies.document import RulesDocument, load_template
from portal.rulebooks.models import Rulebook
from tests.factories.places import Site


def rules_with(**parts: Any) -> RulesDocument:
    """Return the hourly template, these parts of it put in place of its own."""
    usual = load_template("hourly-standard").model_dump(mode="json")
    return RulesDocument.model_validate({**usual, **parts})


def put_in_force(site: Site, document: RulesDocument, *, since: date | None = None) -> uuid.UUID:
    """Let a site work by these rules, from today on if nothing else is said; return their id."""
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
                in_force_from=since or clock.today(clock.now()),
                document=document.model_dump(mode="json"),
            )
        )
    return rulebook_id
