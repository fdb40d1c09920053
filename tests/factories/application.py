"""What tests of an application need: records that are written, a nursery that asks for papers."""

from __future__ import annotations

from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.families import service as families
from portal.families.rules import RecordDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.application import ApplicationRule
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
    """Let the facility's rules ask for these documents and consents."""
    with acting_as(site.owner), transaction() as session:
        session.execute(
            text(
                "UPDATE rulebooks SET document = document || CAST(:asked AS jsonb) WHERE id = :id"
            ),
            {"asked": f'{{"application": {rule.model_dump_json()}}}', "id": site.rulebook_id},
        )
