"""Bodies that support families, and the families they have met. Each commits."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import date, timedelta

from sqlalchemy import text

from portal.consents import service as consents
from portal.consents.models import Consent
from portal.consents.rules import ConsentSource, SharingPurpose
from portal.consents.service import Given
from portal.db.session import acting_as, transaction
from portal.families import invitations
from portal.families.models import Child
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.organisations.rules import OrganisationKind
from portal.referrals import grounds
from portal.referrals.rules import Item, LegalGround
from tests.factories.people import make_account, make_organisation, make_worker


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


def wish(
    worker: Actor,
    receiver_id: uuid.UUID,
    items: Sequence[str] = ("name_and_phone", "children"),
    *,
    purpose: str = SharingPurpose.SHARING,
    until_on: date | None = None,
) -> Given:
    """Return one of the three records, as a page would hand it on."""
    assert worker.organisation_id is not None
    return Given(
        purpose=purpose,
        wording="伝えることに同意します。",
        wording_version="test",
        receiver_id=receiver_id,
        organisation_id=worker.organisation_id,
        items=tuple(items),
        until_on=until_on or clock.today(clock.now()) + timedelta(days=30),
    )


def agreed(
    worker: Actor,
    family_id: uuid.UUID,
    receiver_id: uuid.UUID,
    items: Sequence[str] = ("name_and_phone", "children"),
) -> tuple[Consent, ...]:
    """Take down sharing of ``items``, and that contact will come by phone."""
    given = (
        wish(worker, receiver_id, items),
        wish(worker, receiver_id, ("phone",), purpose=SharingPurpose.TOLD),
    )
    return signed(worker, family_id, *given)


def signed(worker: Actor, family_id: uuid.UUID, *given: Given) -> tuple[Consent, ...]:
    """Take down records that were signed on the tablet."""
    with acting_as(worker), transaction() as session:
        return consents.take_down(
            session,
            family_id,
            given,
            source=ConsentSource.TABLET,
            signed_name="高橋 あかり",
            actor=worker,
            now=clock.now(),
        )


def lets_in(worker: Actor, family_id: uuid.UUID, guardian_id: uuid.UUID) -> Actor:
    """Let the guardian of a family that was met come to an account of her own, by a code."""
    due_on = clock.today(clock.now()) + timedelta(days=60)
    with acting_as(worker), transaction() as session:
        session.add(Child(id=uuid.uuid4(), family_id=family_id, due_on=due_on, search_key=""))
    return claims(worker, family_id, guardian_id, due_on)


def claims(worker: Actor, family_id: uuid.UUID, guardian_id: uuid.UUID, day: date) -> Actor:
    """Let her come to an account by a code and the ``day`` of a child that is known already."""
    with acting_as(worker), transaction() as session:
        invitations.invite(session, guardian_id, actor=worker, now=clock.now())
        live = invitations.live_code(session, guardian_id, actor=worker, now=clock.now())
        assert live is not None
        code = invitations.code_for(live.id)
    newcomer = Actor(role=Role.GUARDIAN, user_id=make_account("高橋 あかり"))
    with acting_as(newcomer), transaction() as session:
        assert invitations.claim(session, code, day, actor=newcomer) == family_id
    return Actor(role=Role.GUARDIAN, user_id=newcomer.user_id, family_id=family_id)


def decided(
    worker: Actor,
    family_id: uuid.UUID | None,
    receiver_id: uuid.UUID | None,
    *,
    items: Sequence[Item] = (Item.NURSERY_NOTES,),
) -> uuid.UUID:
    """Decide to pass something on without consent; it waits for a second person."""
    assert family_id is not None
    assert receiver_id is not None
    what = grounds.Decision(
        family_id, receiver_id, LegalGround.CHILD_PROTECTION, items, "ようすが心配です。"
    )
    with acting_as(worker), transaction() as session:
        return grounds.decide(session, what, actor=worker, now=clock.now()).id
