"""The many: families referred week after week, and how far each came by now."""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Final

from portal.commands.demo_city.loop_families import agree, meet, move, plan, refer
from portal.commands.demo_city.loop_scene import Scene, working_moment
from portal.kernel.actor import Actor
from portal.kernel.clock import at, local_date, today
from portal.outreach.rules import About
from portal.referrals import service
from portal.referrals.rules import Outcome, ReferralEvent, Stage

#: Weekdays on which interviews are held, and by whom.
_HOLDS: Final = ((0, "liaison"), (2, "liaison_colleague"), (3, "liaison"))
_OTHERS: Final = (
    ("center_worker", 9),
    ("office_worker", 12),
    ("other_liaison", 17),
    ("next_center_worker", 30),
)
#: Facility, how many go there, and how many months old children are who do.
_SITES: Final = (
    ("every_day", 8, (8, 14, 20, 27)),
    ("half_days", 3, (13, 20, 28)),
    ("municipal", 3, (10, 15, 26)),
    ("by_the_hour", 4, (15, 22, 30)),
    ("small", 2, (14, 20, 25)),
    ("long_hours", 4, (9, 16, 24)),
    ("kindergarten", 1, (44,)),
)
#: Step, days until it comes at least and at most, and how many go no further than before it.
_STEPS: Final = (
    (ReferralEvent.RECEIVE, 0, 2, 0),
    (ReferralEvent.CONTACT, 1, 4, 0.03),
    (ReferralEvent.VISIT, 4, 13, 0.08),
    (ReferralEvent.REGISTER, 3, 13, 0.07),
    (ReferralEvent.USE, 5, 24, 0.1),
)
_WHY_ENDED: Final = (
    (Outcome.NOT_WISHED, "ご本人が、いまは使わないと決めました。"),
    (Outcome.OTHER_HELP, "祖母が来てくれることになりました。"),
    (Outcome.NOT_REACHED, "3回電話しましたが、つながりませんでした。手紙を送りました。"),
    (Outcome.MOVED, "市の外へ引っ越されました。"),
    (Outcome.NOT_NEEDED, "保育所に入ることが決まりました。"),
)
_ABOUT: Final = (About.TOUR, About.PROCEDURE, About.FIRST_STAY, About.REMINDER)
#: After so many days without another step somebody closes it.
_GIVES_UP: Final = timedelta(days=19)
_NUMBERS: Final = {"liaison": 100, "other": 300}


@dataclass(frozen=True, slots=True)
class _Held:
    when: datetime
    who: str
    number: int


def happen(scene: Scene, since: datetime, until: datetime) -> None:
    """Let the interviews between two moments be held, and what came of them until the latter."""
    for held in _interviews(scene, since, until):
        _way(scene, held, until)
    scene.end_consents()


def _interviews(scene: Scene, since: datetime, until: datetime) -> list[_Held]:
    found = []
    day, first = local_date(since), scene.city.started_on
    while day <= today(until):
        number = (day - first).days
        for weekday, who in _HOLDS:
            if day.weekday() == weekday:
                found.append(_Held(_at(scene, number, day), who, _NUMBERS["liaison"] + number))
        for position, (who, every) in enumerate(_OTHERS):
            if number % every == every // 2:
                moment = working_moment(_at(scene, number + position, day), scene.dice(who, number))
                found.append(_Held(moment, who, _NUMBERS["other"] + 400 * position + number))
        day += timedelta(days=1)
    return [each for each in found if since < each.when < until - timedelta(hours=2)]


def _at(scene: Scene, number: int, day: object) -> datetime:
    dice = scene.dice("held", number)
    return at(day, time(dice.choice((9, 10, 13, 14)), dice.choice((15, 30, 45))))  # type: ignore[arg-type]


def _way(scene: Scene, held: _Held, now: datetime) -> None:
    dice = scene.dice("way", held.number)
    key, _share, months = dice.choices(_SITES, [share for _key, share, _months in _SITES])[0]
    kids = [dice.choice(months), *([dice.randint(42, 58)] if dice.random() < 0.2 else [])]  # noqa: PLR2004
    if key in {"small", "municipal", "half_days", "kindergarten"}:
        kids = kids[:1]
    who, nursery = scene.worker(held.who), scene.nursery(key)
    met = meet(
        scene,
        who,
        held.number,
        held.when,
        kids,
        stage=Stage.AFTER_BIRTH if kids[0] < 20 else Stage.OTHER,  # noqa: PLR2004 - months
    )
    on_paper = dice.random() < 0.2  # noqa: PLR2004 - one in five signs a paper
    paper = f"R-{held.when:%y%m}-{held.number % 100:02d}" if on_paper else None
    agree(scene, met, held.when + timedelta(minutes=12), [nursery], paper=paper)
    sent_at = held.when + timedelta(minutes=20)
    referral_id = refer(scene, met, sent_at, nursery)
    scene.end_consents()
    _steps(scene, scene.staff(key), referral_id, sent_at, now, dice)


def _steps(
    scene: Scene,
    staff: Actor,
    referral_id: uuid.UUID,
    sent_at: datetime,
    now: datetime,
    dice: random.Random,
) -> None:
    moment = sent_at
    for event, least, most, stays in _STEPS:
        if dice.random() < stays:
            _give_up(scene, staff, referral_id, moment, now, dice)
            return
        later = working_moment(moment + timedelta(days=dice.uniform(least, most)), dice)
        reached = max(later, moment + timedelta(minutes=50))
        if reached >= now:
            if event is not ReferralEvent.RECEIVE:
                _go_on(scene, staff, referral_id, moment, dice)
            return
        moment = reached
        move(scene, staff, referral_id, event, moment)
    ended = working_moment(moment + timedelta(days=dice.uniform(7, 20)), dice)
    if ended < now and dice.random() < 0.6:  # noqa: PLR2004 - the others stay as they are
        _close(scene, staff, referral_id, Outcome.USED, "", ended)


def _give_up(
    scene: Scene,
    staff: Actor,
    referral_id: uuid.UUID,
    moment: datetime,
    now: datetime,
    dice: random.Random,
) -> None:
    ended = working_moment(moment + _GIVES_UP + timedelta(days=dice.randint(0, 5)), dice)
    if ended < now:
        outcome, words = dice.choice(_WHY_ENDED)
        _close(scene, staff, referral_id, outcome, words, ended)
    else:
        _go_on(scene, staff, referral_id, moment, dice)


def _go_on(
    scene: Scene, staff: Actor, referral_id: uuid.UUID, moment: datetime, dice: random.Random
) -> None:
    """Plan the next contact: most in some days, a few for today."""
    due = today(scene.now) + timedelta(days=dice.choice((0, 1, 2, 3, 4, 6, 8, 11)))
    when = min(moment + timedelta(minutes=15), scene.now - timedelta(minutes=5))
    plan(scene, staff, referral_id, when, due, about=dice.choice(_ABOUT))


def _close(
    scene: Scene, who: Actor, referral_id: uuid.UUID, outcome: Outcome, words: str, when: datetime
) -> None:
    with scene.moment(who, when) as session:
        service.close(session, referral_id, outcome, words, actor=who, now=when)
