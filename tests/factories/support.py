"""Bodies that support families, and the families they have met. Each commits."""

from __future__ import annotations

import uuid

from sqlalchemy import text

from portal.db.session import acting_as, transaction
from portal.kernel.actor import Actor
from portal.organisations.rules import OrganisationKind
from tests.factories.people import make_organisation, make_worker


def make_center(name: str = "こども家庭センター", worker: str = "大西 かな") -> Actor:
    """Return a worker of a new family center."""
    return make_worker(
        worker, make_organisation(name, OrganisationKind.FAMILY_CENTER), "center_worker"
    )


def make_office(name: str = "みなと相談室", worker: str = "森 さき") -> Actor:
    """Return a worker of a new consultation office."""
    return make_worker(
        worker, make_organisation(name, OrganisationKind.CONSULTATION_OFFICE), "office_worker"
    )


def met(worker: Actor, name: str = "高橋 あかり") -> tuple[uuid.UUID, uuid.UUID]:
    """Enter a family that ``worker``'s body has met; return family and guardian."""
    family_id, guardian_id = uuid.uuid4(), uuid.uuid4()
    with acting_as(worker), transaction() as session:
        session.execute(
            text(
                "SELECT create_supported_family(:family, :guardian, :name, NULL, :name, '母',"
                " '090-0000-0000', '09000000000', NULL, NULL)"
            ),
            {"family": family_id, "guardian": guardian_id, "name": name},
        )
    return family_id, guardian_id
