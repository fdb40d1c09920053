"""What tests of an application need: records that are written, a nursery that asks for papers."""

from __future__ import annotations

from portal.db.session import acting_as, transaction
from portal.families import service as families
from portal.families.rules import RecordDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.policies.application import ApplicationRule
from tests.factories.people import children_of
from tests.factories.places import Site
from tests.factories.rules import put_in_force, rules_with


def write_records(guardian: Actor) -> None:
    """Confirm the record of every child of the family."""
    with acting_as(guardian), transaction() as session:
        for child in children_of(guardian):
            families.save_record(
                session, child.id, RecordDetails(allergies=""), actor=guardian, now=clock.now()
            )


def ask_for(site: Site, rule: ApplicationRule) -> None:
    """Let the facility's rules of today ask for these documents and consents."""
    put_in_force(site, rules_with(application=rule))
