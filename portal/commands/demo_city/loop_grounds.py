"""Passing on without consent: released, waiting for a second person, decided in urgency."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from portal.commands.demo_city.loop_families import ITEMS, Met, meet
from portal.commands.demo_city.loop_scene import Scene
from portal.referrals import grounds, service
from portal.referrals.grounds import Decision
from portal.referrals.rules import Item, LegalGround, Urgency

_ITEMS: Final = (*ITEMS, Item.HEALTH)


def happen(scene: Scene) -> None:
    """Let each decision stand at another step, so that each person has one to answer."""
    _released(scene)
    _waiting(scene)
    _urgent(scene)


def _decision(scene: Scene, met: Met, ground: LegalGround, reason: str) -> Decision:
    return Decision(met.family_id, scene.body("center").organisation_id, ground, _ITEMS, reason)


def _released(scene: Scene) -> None:
    """The family could not be asked: a colleague has released it, and the referral left."""
    who, colleague = scene.worker("liaison"), scene.worker("liaison_colleague")
    when = scene.back(6, 11)
    met = meet(scene, who, 40, when, (2,))
    reason = "面談のあと連絡がつかず、同意を聞けません。育児の負担が大きく、早い支援が要ります。"
    what = _decision(scene, met, LegalGround.PUBLIC_BODY, reason)
    with scene.moment(who, scene.back(5, 10)) as session:
        row = grounds.decide(session, what, actor=who, now=scene.back(5, 10))
    released_at = scene.back(5, 13)
    with scene.moment(colleague, released_at) as session:
        row = grounds.release(session, row.id, actor=colleague, now=released_at)
    sent_at = scene.back(5, 13, 20)
    center = scene.body("center")
    with scene.moment(who, sent_at) as session:
        draft = service.draft(
            session,
            met.family_id,
            center.organisation_id,
            child_ids=met.child_ids,
            interview_id=met.interview_id,
            urgency=Urgency.SOON,
            actor=who,
            now=sent_at,
        )
        service.send(session, draft.id, actor=who, now=sent_at, ground=row)


def _waiting(scene: Scene) -> None:
    """A colleague has decided, and waits for somebody else's word."""
    colleague, when = scene.worker("liaison_colleague"), scene.back(1, 10, 30)
    met = meet(scene, colleague, 41, when, (4,))
    reason = "夜中に大きな声がすると、近所から相談がありました。本人は支援を断っています。"
    what = _decision(scene, met, LegalGround.CHILD_PROTECTION, reason)
    decided_at = when + timedelta(minutes=50)
    with scene.moment(colleague, decided_at) as session:
        grounds.decide(session, what, actor=colleague, now=decided_at)


def _urgent(scene: Scene) -> None:
    """Decided by one person after a call; a colleague has to look at it on the next working day."""
    center, when = scene.worker("center_colleague"), scene.back(0, 15)
    met = meet(scene, center, 42, when, (7,))
    what = Decision(
        met.family_id,
        scene.body("health_centre").organisation_id,
        LegalGround.LIFE_OR_BODY,
        (Item.NAME_AND_PHONE, Item.CHILDREN, Item.HEALTH),
        "母の受け答えがはっきりせず、すぐに保健師の訪問が要ると考えました。",
    )
    decided_at = when + timedelta(minutes=40)
    with scene.moment(center, decided_at) as session:
        phoned_at = decided_at - timedelta(minutes=15)
        grounds.urgent(session, what, phoned_at=phoned_at, actor=center, now=decided_at)
