"""What staff noticed of care at home, and told the family center."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Final

from portal.commands.demo_city.loop_cases import name_step, taken
from portal.commands.demo_city.loop_families import Met, agree, meet, move, refer
from portal.commands.demo_city.loop_places import book_in_interview
from portal.commands.demo_city.loop_scene import Scene
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.noshow import service as cases
from portal.noshow.rules import NextStep
from portal.referrals import grounds
from portal.referrals.rules import Item, LegalGround, ReferralEvent, Urgency

_SITE: Final = "every_day"


def happen(scene: Scene) -> None:
    """Let each worry be told: the urgent one by phone first, one on a ground of law."""
    _bruise(scene)
    _absent(scene)
    _without_consent(scene)


def _bruise(scene: Scene) -> None:
    staff = scene.staff(_SITE)
    met = _known(scene, 60, 9)
    words = "右のほおに、手のひらくらいのあざがありました。本人は転んだと話しています。"
    case_id = _worry(scene, staff, met, scene.back(1, 15, 40), words, is_urgent=True)
    when = scene.back(1, 16, 5)
    with scene.moment(staff, when) as session:
        cases.report(
            session,
            case_id,
            [scene.body("center").organisation_id],
            notes=words,
            actor=staff,
            now=when,
            urgency=Urgency.URGENT,
            phoned_at=when - timedelta(minutes=10),
        )


def _absent(scene: Scene) -> None:
    staff = scene.staff(_SITE)
    met = _known(scene, 61, 12)
    words = "迎えのとき、お母さんがぼんやりしていて、呼んでも返事がありません。2回続きました。"
    case_id = _worry(scene, staff, met, scene.back(3, 16, 40), words, is_urgent=False)
    when = scene.back(2, 9, 30)
    with scene.moment(staff, when) as session:
        to = [scene.body("center").organisation_id]
        cases.report(session, case_id, to, notes=words, actor=staff, now=when)
    taken(scene, case_id, "center_worker", scene.back(2, 11))
    on = today(scene.now) + timedelta(days=1)
    name_step(scene, case_id, "center_worker", scene.back(2, 11, 10), NextStep.PHONE, on)


def _without_consent(scene: Scene) -> None:
    staff, director = scene.staff(_SITE), scene.director(_SITE)
    met = _known(scene, 62, 11, back=False)
    words = "持ってくる着替えがぬれたままの日が続いています。"
    case_id = _worry(scene, staff, met, scene.back(2, 13, 20), words, is_urgent=False)
    decided_at = scene.back(2, 13, 40)
    center = scene.body("center").organisation_id
    what = grounds.Decision(
        met.family_id,
        center,
        LegalGround.HEALTHY_UPBRINGING,
        (Item.NAME_AND_PHONE, Item.CHILDREN, Item.NURSERY_NOTES),
        "同意をお願いしましたが、返事がありません。同じことが続くため、知らせます。",
    )
    with scene.moment(staff, decided_at) as session:
        decision = grounds.decide(session, what, actor=staff, now=decided_at)
    with scene.moment(director, scene.back(2, 14, 30)) as session:
        grounds.release(session, decision.id, actor=director, now=scene.back(2, 14, 30))
    when = scene.back(2, 14, 45)
    with scene.moment(director, when) as session:
        cases.report(session, case_id, [center], notes=words, actor=director, now=when)


def _known(scene: Scene, number: int, days: int, *, back: bool = True) -> Met:
    """Return a family that the nursery knows, since a place was booked for it on the spot."""
    when, to = scene.back(days, 11, 5), scene.nursery(_SITE)
    met = meet(scene, scene.worker("liaison"), number, when, (25 + number % 5,))
    bodies = [scene.body("center")] if back else []
    agree(scene, met, when + timedelta(minutes=9), [to], back=bodies, books=True)
    sent = refer(scene, met, when + timedelta(minutes=15), to)
    book_in_interview(scene, met, sent, when + timedelta(minutes=20), in_days=days * 2 + 12)
    scene.end_consents()
    staff = scene.staff(_SITE)
    move(scene, staff, sent, ReferralEvent.CONTACT, scene.back(days - 1, 10, 10))
    move(scene, staff, sent, ReferralEvent.REGISTER, scene.back(days - 3, 15, 30))
    return met


def _worry(
    scene: Scene, staff: Actor, met: Met, when: datetime, words: str, *, is_urgent: bool
) -> uuid.UUID:
    facility = scene.city.site(_SITE).facility_id
    with scene.moment(staff, when) as session:
        return cases.raise_worry(
            session,
            met.family_id,
            facility,
            met.child_ids,
            words,
            is_urgent=is_urgent,
            actor=staff,
            now=when,
        ).id
