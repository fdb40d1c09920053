"""Families that stand for one moment each between an interview and the first stay."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Final, TypeVar

from portal.commands.demo_city.loop_families import Met, agree, meet, move, plan, refer
from portal.commands.demo_city.loop_places import book_in_interview
from portal.commands.demo_city.loop_scene import Receiver, Scene
from portal.commands.demo_city.rows import ident
from portal.consents.service import withdraw
from portal.contacts.rules import ContactChannel, Wishes
from portal.contacts.service import set_wishes
from portal.families import expected, invitations
from portal.families import queries as families
from portal.families.rules import GuardianDetails
from portal.kernel.actor import Actor, Role
from portal.kernel.channel import Channel, Told
from portal.kernel.clock import today
from portal.office.referrals_client import register_client
from portal.outreach import service as outreach
from portal.outreach.rules import About, CallResult
from portal.referrals import queries, service
from portal.referrals.rules import Outcome, ReferralEvent, Stage, Urgency

#: The mother who was referred and has an account: her door of the demo.
DOOR, NAME = "referred", "宮本 かおる"
_MOTHER: Final = GuardianDetails(
    NAME, "母", "ミヤモト カオル", "000-1040-0001", "miyamoto@demo.example", "郡山市見本台7-2"
)
_E = ReferralEvent
_T = TypeVar("_T")


def user_id() -> uuid.UUID:
    """Return the account of the mother who has a door."""
    return ident("worker", DOOR)


def happen(scene: Scene) -> None:
    """Let each come as far as it is told."""
    _not_sent(scene)
    _waiting(scene)
    _ended(scene)
    _with_door(scene)
    _contacted(scene)
    _pregnant(scene)


def _there(found: _T | None) -> _T:
    """Return what must be there, since it has just been made."""
    if found is None:
        raise LookupError("what was told just now is not there")
    return found


def _sent(
    scene: Scene,
    number: int,
    days: int,
    to: Receiver,
    *,
    kids: tuple[int, ...] = (11,),
    who: str = "liaison",
    urgency: Urgency = Urgency.NORMAL,
    stage: Stage = Stage.AFTER_BIRTH,
    books: bool = False,
    paper: str | None = None,
    hour: int = 10,
) -> tuple[Met, uuid.UUID]:
    when = scene.back(days, hour, 5)
    met = meet(scene, scene.worker(who), number, when, kids, stage=stage)
    own = scene.body("city" if who == "liaison" else "center")
    back = [own] if who in {"liaison", "center_worker"} else []
    agree(scene, met, when + timedelta(minutes=10), [to], back=back, books=books, paper=paper)
    sent = refer(scene, met, when + timedelta(minutes=18), to, urgency=urgency)
    scene.end_consents()
    return met, sent


def _not_sent(scene: Scene) -> None:
    """An interview of which nothing came yet; a draft; one without the tick in the guide."""
    liaison = scene.worker("liaison")
    meet(scene, liaison, 1, scene.back(0, 14), (5,))
    draft = meet(scene, liaison, 2, scene.back(0, 11), (9, 40))
    refer(scene, draft, scene.back(0, 11, 20), scene.nursery("every_day"), is_sent=False)
    meet(scene, liaison, 3, scene.back(2, 15), (-60,), stage=Stage.EIGHTH_MONTH, is_ticked=False)
    center = meet(scene, scene.worker("center_worker"), 4, scene.back(1, 13, 30), (16,))
    refer(scene, center, scene.back(1, 13, 50), scene.nursery("half_days"), is_sent=False)
    meet(scene, scene.worker("office_worker"), 5, scene.back(1, 15), (22,))


def _waiting(scene: Scene) -> None:
    """Sent and urgent, waiting too long, refused, going to and from other bodies."""
    _sent(scene, 6, 0, scene.nursery("every_day"), urgency=Urgency.URGENT, hour=15)
    _sent(scene, 7, 1, scene.nursery("every_day"), kids=(7,), hour=14)
    _sent(scene, 8, 5, scene.nursery("municipal"), paper="R-0231")
    _met, refused = _sent(scene, 9, 7, scene.nursery("small"))
    words = "0～2歳の枠がいっぱいで、年内は空く見込みがありません。"
    move(scene, scene.staff("small"), refused, _E.REFUSE, scene.back(5, 13, 20), words)
    center = scene.body("center")
    _sent(scene, 10, 0, center, kids=(4,), urgency=Urgency.SOON, hour=16)
    _met, helped = _sent(scene, 11, 12, center, kids=(6, 30))
    at_center = scene.worker("center_worker")
    move(scene, at_center, helped, _E.RECEIVE, scene.back(11, 9, 40))
    move(scene, at_center, helped, _E.CONTACT, scene.back(9, 10, 30))
    _sent(scene, 12, 3, scene.body("health_centre"), kids=(3,), who="center_worker")
    _sent(scene, 13, 2, scene.body("office"), kids=(18,), who="center_worker", hour=11)
    _met, old = _sent(scene, 14, 20, scene.nursery("by_the_hour"), kids=(17,), who="office_worker")
    move(scene, scene.staff("by_the_hour"), old, _E.RECEIVE, scene.back(19, 10))


def _ended(scene: Scene) -> None:
    """Passed on with a new consent, recalled by the sender, the consent withdrawn."""
    met, refused = _sent(scene, 15, 16, scene.nursery("small"), kids=(14,))
    move(
        scene, scene.staff("small"), refused, _E.REFUSE, scene.back(14, 11), "定員がいっぱいです。"
    )
    to, when = scene.nursery("every_day"), scene.back(13, 14)
    agree(scene, met, when - timedelta(minutes=20), [to])
    with scene.moment(met.worker, when) as session:
        service.pass_on(
            session,
            refused,
            to.organisation_id,
            facility_id=to.facility_id,
            actor=met.worker,
            now=when,
            words="ご本人が、駅に近い園を希望されました。",
        )
    scene.end_consents()
    met, mistaken = _sent(scene, 16, 9, scene.nursery("long_hours"))
    when = scene.back(9, 15, 30)
    with scene.moment(met.worker, when) as session:
        words = "送り先をまちがえました。"
        service.recall(session, mistaken, actor=met.worker, now=when, words=words)
    met, stopped = _sent(scene, 17, 6, scene.nursery("every_day"), kids=(20,))
    move(scene, scene.staff("every_day"), stopped, _E.RECEIVE, scene.back(5, 9, 30))
    _withdrawn(scene, met, stopped)
    _met, over = _sent(scene, 18, 30, scene.nursery("every_day"), kids=(12,))
    staff = scene.staff("every_day")
    move(scene, staff, over, _E.CONTACT, scene.back(28, 10))
    when = scene.back(3, 16)
    with scene.moment(staff, when) as session:
        reason = "電話でお話しし、いまは祖母の手伝いで足りているとのことでした。"
        service.close(session, over, Outcome.OTHER_HELP, reason, actor=staff, now=when)


def _withdrawn(scene: Scene, met: Met, referral_id: uuid.UUID) -> None:
    when = scene.back(1, 9, 50)
    with scene.moment(met.worker, when) as session:
        row = queries.referral(session, referral_id, actor=met.worker)
        told = Told(Channel.PHONE, when - timedelta(minutes=10))
        withdraw(session, _there(row.consent_id), actor=met.worker, now=when, told=told)


def _with_door(scene: Scene) -> None:
    """A mother who was referred, has an account of her own, and a place booked in the interview."""
    who, to, when = scene.worker("liaison"), scene.nursery("every_day"), scene.back(4, 10)
    met = meet(scene, who, 19, when, (10, 38), guardian=_MOTHER)
    backs = [scene.body("city"), scene.body("center")]
    agree(scene, met, when + timedelta(minutes=10), [to], back=backs, books=True)
    sent = refer(scene, met, when + timedelta(minutes=18), to)
    scene.end_consents()
    staff = scene.staff("every_day")
    move(scene, staff, sent, _E.CONTACT, scene.back(3, 10, 30))
    book_in_interview(scene, met, sent, scene.back(4, 10, 25), in_days=15)
    invited_at = when + timedelta(minutes=35)
    with scene.moment(who, invited_at) as session:
        invitations.invite(session, met.guardian_id, actor=who, now=scene.now)
        live = invitations.live_code(session, met.guardian_id, actor=who, now=scene.now)
        code = invitations.code_for(_there(live).id)
        children = queries.children_meant(session, met.child_ids, actor=who)
        born_on = next(each.born_on for each in children.values() if each.born_on)
    mother = Actor(Role.GUARDIAN, user_id())
    with scene.moment(mother, scene.back(4, 17, 40)) as session:
        invitations.claim(session, code, born_on, actor=mother)
    mother = Actor(Role.GUARDIAN, user_id(), family_id=met.family_id)
    with scene.moment(mother, scene.back(3, 12)) as session:
        wish = Wishes(channels=frozenset({ContactChannel.MAIL, ContactChannel.PHONE}))
        set_wishes(session, met.family_id, wish, actor=mother, now=scene.back(3, 12))


def _plan(
    scene: Scene,
    referral_id: uuid.UUID,
    days: int,
    due_in: int,
    *,
    site: str = "every_day",
    channel: ContactChannel = ContactChannel.PHONE,
    about: About = About.TOUR,
) -> uuid.UUID:
    due = today(scene.now) + timedelta(days=due_in)
    when = scene.back(days, 9, 10)
    return plan(scene, scene.staff(site), referral_id, when, due, channel=channel, about=about)


def _call(
    scene: Scene,
    plan_id: uuid.UUID,
    days: int,
    result: CallResult | None,
    *,
    site: str = "every_day",
    hour: int = 11,
    due_in: int = 0,
    words: str | None = None,
) -> None:
    """Call, and write down what came of it; ``None``: nobody has written it down yet."""
    staff, when = scene.staff(site), scene.back(days, hour, 15)
    if days == 0:
        staff = scene.director(site)
    with scene.moment(staff, when) as session:
        call = outreach.begin_call(session, plan_id, actor=staff, now=when)
    if result is None:
        return
    when += timedelta(minutes=6)
    stays = result is not CallResult.NOT_WISHED
    due = max(today(when), today(scene.now) + timedelta(days=due_in)) if stays else None
    with scene.moment(staff, when) as session:
        outreach.finish_call(
            session, call.id, result, actor=staff, now=when, next_on=due, words=words
        )


def _contacted(scene: Scene) -> None:
    """Plans of the first provider: due today, late, held back by wishes and by the limit."""
    here = scene.nursery("every_day")
    staff = scene.staff("every_day")
    _met, one = _sent(scene, 20, 8, here, kids=(13,))
    planned = _plan(scene, one, 7, 0)
    _call(scene, planned, 6, CallResult.NOT_REACHED, due_in=-1)
    _call(
        scene, planned, 3, CallResult.MESSAGE_LEFT, words="留守番電話に、園の名前だけ入れました。"
    )
    _met, one = _sent(scene, 21, 10, here, kids=(24,))
    _call(scene, _plan(scene, one, 9, 0), 8, CallResult.TALKED, words="来週の見学をすすめました。")
    _met, one = _sent(scene, 22, 9, here, kids=(8,))
    _plan(scene, one, 8, -2)
    _met, one = _sent(scene, 23, 7, here, kids=(15,))
    _call(scene, _plan(scene, one, 6, 0), 0, None, hour=16)
    met, one = _sent(scene, 24, 11, here, kids=(19,))
    _plan(scene, one, 10, 0)
    _wish(scene, met, 9, Wishes(channels=frozenset({ContactChannel.MAIL})))
    met, one = _sent(scene, 25, 6, here, kids=(16,))
    _plan(scene, one, 5, 0, about=About.PROCEDURE)
    _wish(scene, met, 4, Wishes(not_before=today(scene.now) + timedelta(days=9)))
    met, one = _sent(scene, 26, 12, here, kids=(21,))
    _call(scene, _plan(scene, one, 11, 0), 10, CallResult.NOT_WISHED)
    _met, one = _sent(scene, 27, 13, here, kids=(12,))
    planned = _plan(scene, one, 12, 3, channel=ContactChannel.MAIL, about=About.PROCEDURE)
    when = scene.back(10, 10)
    with scene.moment(staff, when) as session:
        outreach.send_mail(session, planned, actor=staff, now=when)
    move(scene, staff, one, _E.VISIT, scene.back(4, 15))
    _pressed(scene)


def _pressed(scene: Scene) -> None:
    """Two providers were asked to help one family: what one did, the other has to wait for."""
    met, first = _sent(scene, 28, 6, scene.nursery("every_day"), kids=(18,))
    other = scene.nursery("municipal")
    agree(scene, met, scene.back(6, 10, 40), [other])
    second = refer(scene, met, scene.back(6, 10, 45), other)
    scene.end_consents()
    planned = _plan(scene, second, 5, 1, site="municipal")
    _call(scene, planned, 2, CallResult.NOT_REACHED, site="municipal", hour=10, due_in=1)
    _call(scene, planned, 1, CallResult.MESSAGE_LEFT, site="municipal", hour=16, due_in=2)
    _plan(scene, first, 4, 0)


def _wish(scene: Scene, met: Met, days: int, wish: Wishes) -> None:
    when = scene.back(days, 13)
    with scene.moment(met.worker, when) as session:
        set_wishes(session, met.family_id, wish, actor=met.worker, now=when)


def _pregnant(scene: Scene) -> None:
    """An expected child that is looked for a place; twins to come; one that is awaited no more."""
    here = scene.nursery("every_day")
    _met, one = _sent(scene, 30, 5, here, kids=(-45,), stage=Stage.EIGHTH_MONTH)
    _plan(scene, one, 4, 2, about=About.TOUR)
    _sent(scene, 31, 2, here, kids=(-38, 26), stage=Stage.EIGHTH_MONTH)
    _met, one = _sent(scene, 32, 15, scene.nursery("long_hours"), kids=(-120,), stage=Stage.OTHER)
    staff, when = scene.staff("long_hours"), scene.back(13, 10)
    move(scene, staff, one, _E.CONTACT, scene.back(14, 9, 20))
    with scene.moment(staff, when) as session:
        row = queries.referral(session, one, actor=staff)
        family_id = register_client(session, row, actor=staff, now=when)
        service.link_client(session, one, family_id, actor=staff, now=when)
        (child,) = families.children(session, family_id, actor=staff)
    told_at = scene.back(5, 11)
    with scene.moment(staff, told_at) as session:
        told = Told(Channel.PHONE, told_at)
        expected.close(session, child.id, actor=staff, now=told_at, told=told)
