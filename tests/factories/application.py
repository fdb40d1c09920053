"""What tests of an application need: records that are written, a nursery that asks for papers."""

from __future__ import annotations

import uuid

from portal.db.session import acting_as, transaction
from portal.families import service as families
from portal.families.rules import RecordDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.application import ApplicationRule
from portal.policies.document import load_template
from portal.rulebooks.models import Rulebook
from tests.factories.people import children_of
from tests.factories.places import Site


def write_records(guardian: Actor) -> None:
    """Confirm the record of every child of the family."""
    with acting_as(guardian), transaction() as session:
        for child in children_of(guardian):
            families.save_record(
                session, child.id, RecordDetails(allergies=""), actor=guardian, now=clock.now()
            )


def ask_for(site: Site, rule: ApplicationRule) -> None:
    """Let the facility's rules of today ask for these documents and consents."""
    document = load_template("hourly-standard").model_copy(update={"application": rule})
    with acting_as(site.owner), transaction() as session:
        session.add(
            Rulebook(
                id=uuid.uuid4(),
                programme_id=site.programme_id,
                facility_id=site.facility_id,
                organisation_id=site.organisation_id,
                version=2,
                in_force_from=clock.today(clock.now()),
                document=document.model_dump(mode="json"),
            )
        )
