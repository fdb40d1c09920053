"""What the table of rights finds where families are supported: consents, referrals, cases."""

from __future__ import annotations

import uuid
from collections.abc import Mapping

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.noshow import service as cases
from portal.outreach import service as outreaching
from portal.slots.places import take_places
from tests.factories import (
    keeping,
    outreach,
    people,
    places,
    referring,
    support,
)

Values = Mapping[str, object]


def supported(worker: Actor, site: places.Site) -> Values:
    """Return a family that a supporting body has met, with what it took down and decided."""
    family_id, guardian_id = support.met(worker)
    consent, _told = support.agreed(worker, family_id, site.organisation_id)
    return {
        "family_id": family_id,
        "guardian_id": guardian_id,
        "consent_id": consent.id,
        "sharing_consent_id": consent.id,
        "ground_id": support.decided(worker, family_id, site.organisation_id),
        **_referrals(worker, site),
    }


def _referrals(worker: Actor, site: places.Site) -> Values:
    """What a body has referred to a nursery, and what came to it from another city."""
    sent = referring.referred(worker, site)
    assert worker.organisation_id is not None
    sender = people.make_liaison("また別の 市の人")
    of = referring.interviewed(sender)
    draft = referring.drafted(sender, of, worker.organisation_id)
    referring.agreed(sender, of.family_id, worker.organisation_id)
    return {
        "referral_id": sent.id,
        "interview_id": sent.interview_id,
        "received_id": referring.sent(sender, draft.id).id,
        "met_child_id": sent.child_ids[0],
        **_booked_at_once(worker, site),
    }


def _booked_at_once(worker: Actor, site: places.Site) -> Values:
    """A stay booked in the interview."""
    row = keeping.on_the_spot(worker, site, name="小林 なお")
    stay = keeping.stay_of(row, site, keeping.a_day_ahead())
    with acting_as(worker), transaction() as session:
        take_places(session, [stay])
    return {"spot_referral_id": row.id, "spot_group_id": stay.group_id}


def shared_consent(site: places.Site, guardian: Actor, worker: Actor) -> uuid.UUID:
    """Return a consent of the kind that is asked in interviews."""
    assert guardian.family_id is not None
    given = support.wish(worker, site.organisation_id, ("children",))
    (row,) = support.signed(worker, guardian.family_id, given)
    return row.id


def referred(site: places.Site, liaison: Actor) -> Values:
    """A family that a city has referred to the nursery."""
    row = referring.referred(liaison, site)
    return {
        "referral_id": row.id,
        "interview_id": row.interview_id,
        "received_id": row.id,
        "met_child_id": row.child_ids[0],
        **_booked_at_once(liaison, site),
    }


def case_told(
    site: places.Site, guardian: Actor, worker: Actor, liaison: Actor, child: uuid.UUID
) -> Values:
    """A worry that the nursery has told the city of."""
    assert guardian.family_id is not None
    assert liaison.organisation_id is not None
    given = support.wish(worker, liaison.organisation_id, ("name_and_phone", "nursery_notes"))
    support.signed(worker, guardian.family_id, given)
    now = clock.now()
    with acting_as(worker), transaction() as session:
        of = cases.raise_worry(
            session,
            guardian.family_id,
            site.facility_id,
            [child],
            "見たこと",
            is_urgent=False,
            actor=worker,
            now=now,
        )
        cases.report(
            session, of.id, [liaison.organisation_id], notes="見たこと", actor=worker, now=now
        )
    return {"case_id": of.id, "receiver_id": liaison.organisation_id}


def told_too(guardian: Actor, worker: Actor, case_id: object, body: Actor) -> None:
    """Tell one more body of the same case."""
    assert guardian.family_id is not None
    assert body.organisation_id is not None
    assert isinstance(case_id, uuid.UUID)
    given = support.wish(worker, body.organisation_id, ("name_and_phone", "nursery_notes"))
    support.signed(worker, guardian.family_id, given)
    now = clock.now()
    with acting_as(worker), transaction() as session:
        receivers = [body.organisation_id]
        cases.report(session, case_id, receivers, notes="見たこと", actor=worker, now=now)


def outreach_plan(worker: Actor) -> Values:
    """A family referred to the nursery, its plan, and a letter that was counted."""
    now = outreach.MORNING
    center = support.make_center("紹介のセンター")
    of = outreach.plan(outreach.refer(center, worker), worker, now=now)
    with acting_as(worker), transaction() as session:
        letter = outreaching.send_letter(session, of.id, actor=worker, now=now)
    unplanned = outreach.refer(center, worker)
    return {"plan_id": of.id, "contact_id": letter.id, "unplanned_id": unplanned.id}
