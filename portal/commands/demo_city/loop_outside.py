"""Families that were referred from elsewhere: by the program of the health section, and by a file.

They go the way that programs and files go, so that their origin shows wherever they are read.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from portal.commands.demo_city import name_lists
from portal.commands.demo_city.loop_families import guardian_of, move
from portal.commands.demo_city.loop_scene import Receiver, Scene
from portal.consents.rules import ContactTime, ToldChannel
from portal.consents.sharing import SHARING_VERSION
from portal.families.rules import ChildDetails, GuardianDetails
from portal.kernel.clock import today
from portal.referrals.outside import take_in
from portal.referrals.rules import Item, ReferralEvent, ReferralSource, Stage, Urgency
from portal.referrals.sheet import Record, ReferralSheet, SignedRecord, Wanted

_ITEMS: Final = (Item.NAME_AND_PHONE, Item.ADDRESS, Item.CHILDREN, Item.FATIGUE)
_LEARNED: Final[Mapping[Item, str]] = {
    Item.FATIGUE: "夜に何度も起きて、昼も休めないとのこと。",
    Item.WISHES: "週に1回、半日あずけたいとのこと。",
}
_E: Final = ReferralEvent
_API, _CSV = ReferralSource.API, ReferralSource.CSV


def happen(scene: Scene) -> None:
    """Let two come from a program and three in one file, each as far as it is told."""
    every_day, by_the_hour = scene.nursery("every_day"), scene.nursery("by_the_hour")
    _sent(scene, 92, 1, every_day, _API, months=12, urgency=Urgency.SOON)
    known = _sent(scene, 93, 4, by_the_hour, _API, months=17)
    move(scene, scene.staff("by_the_hour"), known, _E.RECEIVE, scene.back(3, 10))
    _sent(scene, 94, 2, every_day, _CSV, months=14)
    reached = _sent(scene, 95, 2, every_day, _CSV, months=20)
    move(scene, scene.staff("every_day"), reached, _E.RECEIVE, scene.back(1, 9, 20))
    move(scene, scene.staff("every_day"), reached, _E.CONTACT, scene.back(1, 13, 40))
    _sent(scene, 96, 2, scene.nursery("municipal"), _CSV, months=16)


def _sent(
    scene: Scene,
    number: int,
    days: int,
    to: Receiver,
    source: ReferralSource,
    *,
    months: int,
    urgency: Urgency = Urgency.NORMAL,
) -> uuid.UUID:
    """Let one come in; return it."""
    who, when = scene.worker("liaison"), scene.back(days, 15, number % 60)
    on = today(when)
    contact_until, until = scene.holds_until(on + timedelta(days=7)), on + timedelta(days=180)
    reference = f"P-{on:%y%m}-{number}"
    ways = (ContactTime.WEEKDAY_MORNING.value, ToldChannel.PHONE.value)
    guardian = guardian_of(scene, number)
    sheet = ReferralSheet(
        Stage.AFTER_BIRTH,
        on,
        on,
        guardian,
        (_child(scene, guardian, number, on.toordinal() - months * 31),),
        (Wanted(facility_id=to.facility_id),),
        {
            Record.SHARING: SignedRecord(
                on, SHARING_VERSION, reference, tuple(item.value for item in _ITEMS), until
            ),
            Record.TOLD: SignedRecord(on, SHARING_VERSION, reference, ways, contact_until),
        },
        _LEARNED,
        urgency,
        on + timedelta(days=45),
        f"H-{number}",
    )
    with scene.moment(who, when) as session:
        taken = take_in(session, sheet, source=source, actor=who, now=when)
    return taken.referrals[0].id


def _child(scene: Scene, guardian: GuardianDetails, number: int, born: int) -> ChildDetails:
    dice = scene.dice("outside", number)
    name, kana = dice.choice(name_lists.CHILDREN)
    family, family_kana = guardian.name.split()[0], (guardian.name_kana or "").split()[0]
    from_on = today(scene.now).fromordinal(born)
    return ChildDetails(f"{family} {name}", f"{family_kana} {kana}", born_on=from_on)
