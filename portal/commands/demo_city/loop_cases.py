"""Children that did not come, in every state a case passes on the way to being closed."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final

from sqlalchemy import select, text

from portal.attendance.service.taps import mark_absent
from portal.bookings.models import Booking
from portal.bookings.rules import BookingState
from portal.commands.demo_city.loop_families import Met, agree, meet, move, plan, refer
from portal.commands.demo_city.loop_places import book_on
from portal.commands.demo_city.loop_scene import Scene
from portal.contacts.rules import ContactChannel
from portal.db.session import acting_as
from portal.kernel.actor import Actor, Role
from portal.kernel.clock import at, local_date, today
from portal.noshow import raising
from portal.noshow import service as cases
from portal.noshow.models import CareCase
from portal.noshow.rules import CheckResult, NextStep
from portal.outreach.rules import About
from portal.referrals.rules import ReferralEvent, Urgency

#: The clock has looked for so many days, a little after each child should have been there.
_LOOKED: Final = timedelta(days=21)
_AFTER: Final = timedelta(minutes=31)
#: Newer cases nobody has looked at yet; of those that are not much older the family has told why.
_WAITS: Final = timedelta(hours=30)
_EXPLAINED: Final = timedelta(days=3)
#: At these hours it has reminded of what was late.
_REMINDED: Final = (9, 13, 17)
_SITE: Final = "every_day"
_HERE: Final = ContactChannel.PHONE
_AWAITED = text("""
    SELECT DISTINCT b.starts_at FROM bookings b
     WHERE b.starts_at BETWEEN :since AND :until AND b.ends_at < :until
       AND (b.state = 'no_show' OR b.state = 'confirmed' AND b.referral_id IS NOT NULL)
     ORDER BY 1""")
_OPEN = text("""
    SELECT k.id, k.organisation_id, k.facility_id, k.raised_at FROM care_cases k
     WHERE k.referral_id IS NULL AND k.state = 'suspected' AND k.raised_at < :now
     ORDER BY k.raised_at, k.number""")
_C, _N = CheckResult, NextStep


@dataclass(frozen=True, slots=True)
class Missed:
    """A stay of a referred family to which nobody came, and the case about it."""

    met: Met
    group_id: uuid.UUID
    case_id: uuid.UUID
    raised_at: datetime


def happen(scene: Scene) -> None:
    """Let the clock look, and let everybody do their part as far as it is told."""
    booked = {}
    for number, back in enumerate((1, 1, 2, 2, 3, 4, 6, 8, 10), start=50):
        found = _booked(scene, number, back)
        if found is not None:
            booked[number] = found
    _look(scene)
    _settle_others(scene)
    missed = {number: _missed(scene, *found) for number, found in booked.items()}
    for number, tell in _TOLD.items():
        if number in missed:
            tell(scene, missed[number])


def _booked(scene: Scene, number: int, back: int) -> tuple[Met, uuid.UUID] | None:
    """Refer a family and book for it in the interview, some days before the stay it will miss."""
    when = scene.back(back + 7, 13, number % 6 * 10)
    to = scene.nursery(_SITE)
    met = meet(scene, scene.worker("liaison"), number, when, (20 + number % 12,))
    bodies = [scene.body("city"), scene.body("center")]
    agree(scene, met, when + timedelta(minutes=8), [to], back=bodies, books=True)
    sent = refer(scene, met, when + timedelta(minutes=16), to)
    on = local_date(scene.back(back, 9))
    group_id = book_on(scene, met, sent, when + timedelta(minutes=25), to, on)
    scene.end_consents()
    staff = scene.staff(_SITE)
    move(scene, staff, sent, ReferralEvent.RECEIVE, scene.back(back + 6, 9, 40))
    move(scene, staff, sent, ReferralEvent.CONTACT, scene.back(back + 5, 10, number % 6 * 10))
    due = today(scene.now) + timedelta(days=number % 7 + 2)
    plan(scene, staff, sent, scene.back(back + 5, 11), due, about=About.FIRST_STAY)
    return (met, group_id) if group_id else None


def _look(scene: Scene) -> None:
    """Let the rounds of the past days find who did not come; staff say so in the evening."""
    with scene.admin.connect() as connection:
        values = {"since": scene.now - _LOOKED, "until": scene.now - _AFTER}
        starts = connection.execute(_AWAITED, values).scalars().all()
    scene.let_the_clock_run([start + _AFTER for start in starts], raising.raise_due)
    staff = scene.staff(_SITE)
    with acting_as(staff) as session:
        rows = session.execute(
            select(Booking.id, Booking.facility_id, Booking.starts_at).where(
                Booking.referral_id.is_not(None),
                Booking.ends_at < scene.now,
                Booking.state == BookingState.CONFIRMED,
            )
        ).all()
    for row in rows:
        when = at(local_date(row.starts_at), time(17, 20))
        with scene.moment(staff, when) as session:
            absent = BookingState.NO_SHOW
            mark_absent(session, row.facility_id, row.id, absent, actor=staff, now=when)


def _settle_others(scene: Scene) -> None:
    """Families without a referral: the nursery asks, and ends the case itself; the newest wait."""
    staff = {site.facility_id: site.staff_id for site in scene.city.sites}
    with scene.admin.connect() as connection:
        rows = connection.execute(_OPEN, {"now": scene.now}).all()
    for number, row in enumerate(rows):
        if row.facility_id not in staff or row.raised_at > scene.now - _WAITS:
            continue
        dice = scene.dice("others", number)
        who = Actor(Role.STAFF, staff[row.facility_id], row.organisation_id)
        if row.raised_at > scene.now - _EXPLAINED:
            _explained(scene, who, row.id, row.raised_at + timedelta(hours=3))
            continue
        when = row.raised_at + timedelta(minutes=dice.randint(15, 80))
        result = dice.choice((_C.FORGOT, _C.FORGOT, _C.ILL, _C.REACHED_WELL))
        _found(scene, who, row.id, result, when)
        later = when + timedelta(minutes=dice.randint(30, 240))
        if later < scene.now:
            with scene.moment(who, later) as session:
                cases.close(session, row.id, actor=who, now=later)


def _explained(scene: Scene, who: Actor, case_id: uuid.UUID, when: datetime) -> None:
    """The family called hours later, and said why; nobody has ended the case yet."""
    with scene.moment(who, when) as session:
        words = "朝から熱があり、電話がおそくなったとのこと。"
        cases.explain(session, case_id, actor=who, now=when, words=words)


def remind(scene: Scene) -> None:
    """Let the rounds of the past days have reminded of what is still late."""
    first = today(scene.now) - timedelta(days=10)
    moments = [
        at(first + timedelta(days=day), time(hour, 2)) for day in range(11) for hour in _REMINDED
    ]
    scene.let_the_clock_run([each for each in moments if each < scene.now], raising.remind_overdue)


def _missed(scene: Scene, met: Met, group_id: uuid.UUID) -> Missed:
    with acting_as(scene.staff(_SITE)) as session:
        of = session.scalars(select(CareCase).where(CareCase.booking_group_id == group_id)).one()
        return Missed(met, group_id, of.id, of.raised_at)


def _found(
    scene: Scene,
    who: Actor,
    case_id: uuid.UUID,
    result: CheckResult,
    when: datetime,
    *,
    channel: ContactChannel = _HERE,
    words: str | None = None,
) -> None:
    with scene.moment(who, when) as session:
        cases.record_result(
            session, case_id, result, channel=channel, actor=who, now=when, words=words
        )


def _hours(missed: Missed, hours: float) -> datetime:
    return missed.raised_at + timedelta(hours=hours)


def _report(
    scene: Scene,
    missed: Missed,
    hours: float,
    bodies: tuple[str, ...] = ("city",),
    *,
    notes: str = "",
    urgency: Urgency = Urgency.NORMAL,
) -> None:
    staff, when = scene.staff(_SITE), _hours(missed, hours)
    phoned_at = when - timedelta(minutes=12) if urgency is Urgency.URGENT else None
    with scene.moment(staff, when) as session:
        cases.report(
            session,
            missed.case_id,
            [scene.body(each).organisation_id for each in bodies],
            notes=notes,
            actor=staff,
            now=when,
            urgency=urgency,
            phoned_at=phoned_at,
        )


def taken(scene: Scene, case_id: uuid.UUID, who: str, when: datetime) -> None:
    """Let a body that was told say that it has read it."""
    receiver = scene.worker(who)
    with scene.moment(receiver, when) as session:
        cases.acknowledge(session, case_id, actor=receiver, now=when)


def name_step(
    scene: Scene,
    case_id: uuid.UUID,
    who: str,
    when: datetime,
    step: NextStep,
    on: date,
    *,
    words: str | None = None,
) -> None:
    """Let a body that was told name what comes next, and who does it by when."""
    receiver = scene.worker(who)
    by = {"liaison": "鈴木", "center_worker": "吉川"}[who]
    with scene.moment(receiver, when) as session:
        cases.name_next_step(
            session, case_id, step, by=by, on=on, actor=receiver, now=when, words=words
        )


def _closed(scene: Scene, case_id: uuid.UUID, who: str, when: datetime) -> None:
    receiver = scene.worker(who)
    with scene.moment(receiver, when) as session:
        cases.close(session, case_id, actor=receiver, now=when)


def _asked(scene: Scene, missed: Missed) -> None:
    """Tried three times, not reached, and not told on yet."""
    staff = scene.staff(_SITE)
    _found(scene, staff, missed.case_id, _C.NOT_REACHED, _hours(missed, 0.3))
    _found(scene, staff, missed.case_id, _C.NOT_REACHED, _hours(missed, 1.4))
    mail = ContactChannel.MAIL
    _found(scene, staff, missed.case_id, _C.NOT_REACHED, _hours(missed, 1.6), channel=mail)


def _told(scene: Scene, missed: Missed) -> None:
    """Told to the city, which has not answered."""
    staff = scene.staff(_SITE)
    _found(scene, staff, missed.case_id, _C.NOT_REACHED, _hours(missed, 0.4))
    _found(scene, staff, missed.case_id, _C.NOT_REACHED, _hours(missed, 1.2))
    _report(scene, missed, 1.5, notes="前の日にも電話がつながりませんでした。")


def _worried(scene: Scene, missed: Missed) -> None:
    """Reached, and worried about: told at once to the city and the center, after a call."""
    words = "泣いていて、もう疲れたと話していました。"
    _found(
        scene,
        scene.staff(_SITE),
        missed.case_id,
        _C.REACHED_WORRIED,
        _hours(missed, 0.5),
        words=words,
    )
    _report(scene, missed, 0.9, ("city", "center"), notes=words, urgency=Urgency.URGENT)
    taken(scene, missed.case_id, "liaison", _hours(missed, 1.3))


def _acknowledged(scene: Scene, missed: Missed) -> None:
    _told(scene, missed)
    taken(scene, missed.case_id, "liaison", _hours(missed, 3))


def _taken_over(scene: Scene, missed: Missed) -> None:
    _told(scene, missed)
    taken(scene, missed.case_id, "liaison", _hours(missed, 2))
    on = today(scene.now) + timedelta(days=2)
    words = "訪問の前に、ショートメールで時間を聞きます。"
    name_step(scene, missed.case_id, "liaison", _hours(missed, 2.2), _N.VISIT, on, words=words)


def _step_late(scene: Scene, missed: Missed) -> None:
    _told(scene, missed)
    taken(scene, missed.case_id, "liaison", _hours(missed, 4))
    on = local_date(missed.raised_at) + timedelta(days=2)
    name_step(scene, missed.case_id, "liaison", _hours(missed, 4.2), _N.BOOK_AGAIN, on)


def _done(scene: Scene, missed: Missed) -> None:
    _found(scene, scene.staff(_SITE), missed.case_id, _C.FORGOT, _hours(missed, 0.5))
    _report(scene, missed, 0.8)
    taken(scene, missed.case_id, "liaison", _hours(missed, 3))
    on = local_date(missed.raised_at) + timedelta(days=3)
    name_step(scene, missed.case_id, "liaison", _hours(missed, 3.1), _N.BOOK_AGAIN, on)
    _closed(scene, missed.case_id, "liaison", _hours(missed, 49))


def _supported(scene: Scene, missed: Missed) -> None:
    words = "お子さんの着替えが、いつも同じです。元気はあります。"
    staff = scene.staff(_SITE)
    _found(scene, staff, missed.case_id, _C.NOT_REACHED, _hours(missed, 0.4))
    _found(scene, staff, missed.case_id, _C.REACHED_WELL, _hours(missed, 2))
    _report(scene, missed, 2.3, ("city", "center"), notes=words)
    taken(scene, missed.case_id, "liaison", _hours(missed, 3))
    taken(scene, missed.case_id, "center_worker", _hours(missed, 4))
    on = today(scene.now) + timedelta(days=6)
    name_step(scene, missed.case_id, "center_worker", _hours(missed, 5), _N.SUPPORT_PLAN, on)


def _ended(scene: Scene, missed: Missed) -> None:
    _found(scene, scene.staff(_SITE), missed.case_id, _C.ILL, _hours(missed, 0.3))
    _report(scene, missed, 0.5)
    taken(scene, missed.case_id, "liaison", _hours(missed, 2))
    on = local_date(missed.raised_at) + timedelta(days=7)
    name_step(scene, missed.case_id, "liaison", _hours(missed, 2.1), _N.NO_MORE_NEEDED, on)
    _closed(scene, missed.case_id, "liaison", _hours(missed, 27))


#: Number of the family, and what became of its case; the first was not even asked about yet.
_TOLD: Final = {
    51: _asked,
    52: _told,
    53: _worried,
    54: _acknowledged,
    55: _taken_over,
    56: _step_late,
    57: _supported,
    58: _done,
}
