"""Families met in interviews: who they are, what they said, what they agreed to."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from portal.commands.demo_city import name_lists
from portal.commands.demo_city.loop_scene import Receiver, Scene
from portal.consents import sharing
from portal.consents.models import Consent
from portal.consents.rules import ConsentSource, ContactTime, SharingPurpose, ToldChannel
from portal.consents.service import Given, take_down
from portal.consents.sharing import Bodies
from portal.consents.wordings import Asked
from portal.contacts.rules import ContactChannel
from portal.families import queries as families
from portal.families.rules import ChildDetails, GuardianDetails
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.outreach import service as outreach
from portal.outreach.rules import About, Until
from portal.referrals import service
from portal.referrals.labels import item_label
from portal.referrals.rules import Item, ReferralEvent, Stage, Urgency

#: Numbers of these families begin here; the last four figures of their telephones are theirs.
_FIRST: Final = 4000
ITEMS: Final = (
    *(Item.NAME_AND_PHONE, Item.ADDRESS, Item.CHILDREN, Item.FATIGUE, Item.LONELINESS),
    *(Item.WISHES, Item.SUPPORT_NEEDS),
)
#: What nurseries may tell the body that sent her.
BACK: Final = (Item.NAME_AND_PHONE, Item.CHILDREN, Item.NO_SHOW, Item.NURSERY_NOTES)
_TOWNS: Final = ("架空町", "見本台", "みほん一丁目", "例示南", "つくりだし", "仮名ケ丘")
_LEARNED: Final[Mapping[Item, tuple[str, ...]]] = {
    Item.FATIGUE: (
        "夜に3回は起きるとのこと。日中も横になれないそうです。",
        "上の子の送り迎えもあり、休む時間がないとのこと。",
        "眠れてはいるが、疲れが取れないとのこと。",
    ),
    Item.LONELINESS: (
        "夫は帰りが遅く、平日はほとんど一人で見ているとのこと。",
        "引っ越してきたばかりで、近くに頼れる人がいないとのこと。",
        "実家は遠く、話す相手がほしいとのこと。",
    ),
    Item.WISHES: (
        "週に1回、午前中だけでも一人になりたいとのこと。",
        "まず園を見てから決めたいとのこと。",
        "通院の間だけあずけたいとのこと。",
    ),
    Item.HEALTH: ("産後の健診で、しばらく様子を見ることになりました。",),
    Item.SUPPORT_NEEDS: ("申込みの書類を、いっしょに書くと安心されます。",),
}


@dataclass(frozen=True, slots=True)
class Met:
    """A family as the body that met it knows it."""

    family_id: uuid.UUID
    guardian_id: uuid.UUID
    child_ids: tuple[uuid.UUID, ...]
    interview_id: uuid.UUID
    name: str
    worker: Actor


def guardian_of(scene: Scene, number: int, *, place: str = "郡山市") -> GuardianDetails:
    """Return who was met, from dice."""
    dice = scene.dice("who", number)
    family, given = dice.choice(name_lists.FAMILY_NAMES), dice.choice(name_lists.MOTHERS)
    return GuardianDetails(
        f"{family[0]} {given[0]}",
        "母",
        f"{family[1]} {given[1]}",
        f"000-1040-{_FIRST + number:04d}",
        f"met{number}@demo.example",
        f"{place}{dice.choice(_TOWNS)}{number + 1}-{dice.randint(1, 20)}",
    )


def meet(
    scene: Scene,
    who: Actor,
    number: int,
    when: datetime,
    kids: Sequence[int],
    *,
    stage: Stage = Stage.AFTER_BIRTH,
    is_ticked: bool = True,
    guardian: GuardianDetails | None = None,
) -> Met:
    """Meet a family and hold the interview with it.

    Args:
        kids: Months since the birth; below zero: days until the birth that is awaited.
    """
    dice = scene.dice("interview", number)
    guardian = guardian or guardian_of(scene, number)
    on = today(when)
    children = [_child(scene, guardian, number, position, age, on) for position, age in _each(kids)]
    learned = {
        item: dice.choice(words)
        for item, words in _LEARNED.items()
        if item is Item.FATIGUE or dice.random() < 0.6  # noqa: PLR2004 - most say most
    }
    with scene.moment(who, when) as session:
        made = service.meet_family(session, guardian, children, actor=who, now=when)
        held = service.enter_interview(
            session,
            made.family_id,
            stage=stage,
            held_on=on,
            guide_ticked_on=on if is_ticked else None,
            items=learned,
            actor=who,
            now=when,
        )
        (first,) = families.guardians(session, made.family_id, actor=who)
    return Met(made.family_id, first.id, made.child_ids, held.id, guardian.name, who)


def _each(kids: Sequence[int]) -> Sequence[tuple[int, int]]:
    return list(enumerate(kids))


def _child(
    scene: Scene, guardian: GuardianDetails, number: int, position: int, age: int, on: date
) -> ChildDetails:
    if age < 0:
        return ChildDetails(None, due_on=on - timedelta(days=age))
    dice = scene.dice("child", number, position)
    family, kana = guardian.name.split()[0], (guardian.name_kana or "").split()[0]
    names = dice.sample(name_lists.CHILDREN, 4)[position]
    return ChildDetails(
        f"{family} {names[0]}",
        f"{kana} {names[1]}",
        born_on=on - timedelta(days=round(age * 30.44) + dice.randint(0, 20)),
    )


def agree(
    scene: Scene,
    met: Met,
    when: datetime,
    towards: Sequence[Receiver],
    *,
    back: Sequence[Receiver] = (),
    books: bool = False,
    paper: str | None = None,
    items: Sequence[Item] = ITEMS,
    within: int = 7,
) -> tuple[Consent, ...]:
    """Take down what the family agrees to: on the tablet, or on the paper called ``paper``.

    Args:
        back: To whom nurseries may tell what they notice.
        books: Whether a place may be booked here and now.
        within: Days until contact has come.
    """
    who, on = met.worker, today(when)
    asks = scene.name_of(who.organisation_id)
    told_until = on + timedelta(days=within)
    given: list[tuple[Given, date]] = []
    for each in towards:
        bodies = Bodies(asks, each.name)
        until = on + timedelta(days=365)
        said = sharing.ask_sharing(bodies, [item_label(item) for item in items], until, on)
        given.append((_given(scene, who, said, each, [i.value for i in items], until), until))
        times = [ContactTime.WEEKDAY_MORNING.value]
        ways = [ToldChannel.PHONE.value]
        said = sharing.ask_told(bodies, times, ways, told_until, on)
        given.append((_given(scene, who, said, each, [*ways, *times], told_until), told_until))
        if books:
            said = sharing.ask_booking(bodies, on, on)
            given.append((_given(scene, who, said, each, [], on), on))
    for each in back:
        until = on + timedelta(days=365)
        bodies = Bodies(asks, each.name)
        said = sharing.ask_report(bodies, [item_label(item) for item in BACK], until, on)
        given.append((_given(scene, who, said, each, [i.value for i in BACK], until), until))
    with scene.moment(who, when) as session:
        rows = take_down(
            session,
            met.family_id,
            [each for each, _until in given],
            source=ConsentSource.PAPER_FORM if paper else ConsentSource.TABLET,
            source_on=on if paper else None,
            paper_reference=paper,
            guardian_id=met.guardian_id,
            signed_name=None if paper else met.name,
            actor=who,
            now=when,
        )
    for row, (_words, until) in zip(rows, given, strict=True):
        is_to_book = row.purpose == SharingPurpose.BOOKING
        scene.ends(row.id, until, is_used_later=is_to_book)
    return rows


def _given(
    scene: Scene,
    who: Actor,
    said: Asked,
    to: Receiver,
    items: Sequence[str],
    until: date,
) -> Given:
    return Given(
        SharingPurpose(said.purpose).value,
        said.wording,
        said.version,
        to.organisation_id,
        _body(who),
        tuple(items),
        scene.holds_until(until),
    )


def _body(who: Actor) -> uuid.UUID:
    if who.organisation_id is None:
        raise PermissionError("consents are taken down by somebody who works for a body")
    return who.organisation_id


def refer(
    scene: Scene,
    met: Met,
    when: datetime,
    to: Receiver,
    *,
    urgency: Urgency = Urgency.NORMAL,
    aims_in: int | None = 45,
    is_sent: bool = True,
) -> uuid.UUID:
    """Write a referral and send it, or leave it as a draft; return it."""
    who = met.worker
    with scene.moment(who, when) as session:
        row = service.draft(
            session,
            met.family_id,
            to.organisation_id,
            child_ids=met.child_ids,
            interview_id=met.interview_id,
            facility_id=to.facility_id,
            urgency=urgency,
            target_on=today(when) + timedelta(days=aims_in) if aims_in else None,
            actor=who,
            now=when,
        )
        if is_sent:
            service.send(session, row.id, actor=who, now=when)
    return row.id


def plan(
    scene: Scene,
    who: Actor,
    referral_id: uuid.UUID,
    when: datetime,
    due: date,
    *,
    channel: ContactChannel = ContactChannel.PHONE,
    about: About = About.TOUR,
) -> uuid.UUID:
    """Let staff plan when to contact the family next, until it comes; return the plan."""
    with scene.moment(who, when) as session:
        return outreach.begin(
            session,
            referral_id,
            next_on=max(due, today(when)),
            channel=channel,
            about=about,
            until=Until.USED,
            by_user=who.user_id,
            actor=who,
            now=when,
        ).id


def move(
    scene: Scene,
    who: Actor,
    referral_id: uuid.UUID,
    event: ReferralEvent,
    when: datetime,
    words: str | None = None,
) -> None:
    """Let somebody say that something happened."""
    with scene.moment(who, when) as session:
        service.move(session, referral_id, event, actor=who, now=when, words=words)
