"""The bookings of a day at a facility, planned with the portal's own rules. Nothing is stored here.

Every planned stay has been judged by ``policies.decide`` at the moment it was booked, fits into
what is free, and leaves a child in one place a day.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal.bookings.rules import UsePurpose
from portal.commands.demo_city.places import Place
from portal.commands.demo_city.rows import ident
from portal.kernel.channel import Channel
from portal.kernel.clock import JST, at
from portal.kernel.errors import Reason
from portal.kernel.spans import Span, cell_time, span_on
from portal.policies.case import Case, ChildFacts
from portal.policies.decide import Decision, booking_window, decide
from portal.policies.gates import fine_answers
from portal.policies.reasons import BookingRefusal
from portal.policies.standing import StepKind, StepStanding
from portal.policies.units import UnitsRule

#: Whoever is accepted in the invented city has been through whatever comes before.
_ALL_DONE = StepStanding(done=frozenset(StepKind))

#: Where booking has always been open, families think ahead this far.
AHEAD = timedelta(days=42)
#: Brothers and sisters come together this often.
TOGETHER = 0.7
#: Of what staff enter for callers, so much came in too late and was taken all the same.
OVERRULED = 0.06
LATE_CODES = frozenset({BookingRefusal.CLOSED_FOR_BOOKING, BookingRefusal.NOTICE_TOO_SHORT})
BECAUSE = (
    "急な通院のため。主任と相談し、職員の体制を確かめて受け入れました。",
    "出産が早まったため。園長が認めました。",
    "きょうだいの入院の付き添いのため。",
)
#: How much sooner those ask whose weekday it is.
WORKS_TODAY = 0.6
#: How often a family looks again where places are rare.
PATIENCE = 6
#: So many bookings come with a word to the facility.
HAS_NOTE = 0.08
#: From this age on a child may bring a lunch box, or train for the toilet.
_GROWN = timedelta(days=600)
NOTES = (
    "きのうから鼻水が出ています。熱はありません。",
    "お昼寝のあと、少し早めにむかえに行きます。",
    "弁当を持たせます。",
    "トイレトレーニング中です。2時間おきに声をかけてください。",
    "お気に入りのタオルを持たせます。ねるときに使います。",
)
_PURPOSES = (
    *(UsePurpose.RESPITE,) * 5,
    *(UsePurpose.IRREGULAR_WORK,) * 3,
    *(UsePurpose.EMERGENCY,) * 2,
)
#: How often a start is wished for (half-hour cells from the opening on), and how long stays are.
_STARTS = (0, 0, 1, 1, 1, 2, 2, 3, 4, 8, 9, 10, 12, 14, 17, 19)
_LENGTHS = (4, 6, 6, 6, 7, 8, 8, 10, 12, 14, 16)


@dataclass(frozen=True, slots=True)
class KnownChild:
    """A born child that a facility has accepted, from the moment of acceptance on."""

    child_id: uuid.UUID
    born_on: date
    accepted_at: datetime
    accepted_until: date


@dataclass(frozen=True, slots=True)
class Client:
    """A family as a facility knows it."""

    family_id: uuid.UUID
    user_id: uuid.UUID | None
    channel: Channel
    works_on: frozenset[int]
    children: tuple[KnownChild, ...]
    pickup_id: uuid.UUID | None = None


@dataclass(frozen=True, slots=True)
class PlannedStay:
    """A unit of bookings at the moment it was booked."""

    key: str
    place: Place
    client: Client
    children: tuple[KnownChild, ...]
    span: Span
    booked_at: datetime
    channel: Channel
    purpose: UsePurpose
    decision: Decision
    overruled_because: str = ""
    note: str = ""
    trial_part: int | None = None
    guardian_stays: bool = False
    counts_toward_caps: bool = True

    @property
    def group_id(self) -> uuid.UUID:
        """The id of the unit."""
        return ident("group", self.key)

    @property
    def cells(self) -> range:
        """The half-hour cells taken."""
        return range(self.span.first_cell, self.span.end_cell)


def plan_day(
    place: Place,
    clients: Sequence[Client],
    day: date,
    *,
    busy: set[tuple[uuid.UUID, date]],
    seed: str,
    now: datetime,
    since: datetime | None = None,
) -> Iterator[PlannedStay]:
    """Yield the stays booked for ``day`` until ``now``, taking their places as they come.

    Args:
        busy: Which child is somewhere on which day; learns it.
        since: Nothing is booked before: that part of life has been planned at an earlier start.
    """
    hours = place.open_cells(day)
    if hours is None or not place.document.units:
        return
    window = booking_window(place.document, place.calendar(day), day)
    if window.opens_at is not None and window.opens_at >= now:
        return
    wanted = _wanted(place, day, hours, now)
    dice = random.Random(f"{seed}|{since}|{place.facility_id}|{day}")  # noqa: S311 - invented lives
    taken = _taken(place, day, hours)
    turns = PATIENCE if place.is_sought_after else 1
    for client in (client for _ in range(turns) for client in _in_turn(clients, day, dice)):
        if taken >= wanted:
            return
        stay = _try(place, client, day, hours, busy, dice, seed, now, since)
        if stay is None:
            continue
        for child in stay.children:
            place.take(place.pools_of(child.born_on, day), day, stay.cells)
            busy.add((child.child_id, day))
            taken += len(stay.cells)
        yield stay


def _wanted(place: Place, day: date, hours: tuple[int, int], now: datetime) -> float:
    """Return how many half hours of places are to be taken."""
    dice = random.Random(f"load|{place.facility_id}|{day}")  # noqa: S311 - invented lives
    low, high = place.load
    load = low + (high - low) * dice.betavariate(2.2, 2)
    if day.weekday() >= 5 and not place.is_sought_after:  # noqa: PLR2004 - fewer at week-ends
        load *= 0.75
    ahead = (day - now.astimezone(JST).date()).days
    if ahead > 0 and not place.is_sought_after:
        load *= max(0.25, 1 - ahead / 60)
    total = place.total(day)
    offered = sum(total.capacity[hours[0] : hours[1]]) if total else 0
    return load * offered


def _taken(place: Place, day: date, hours: tuple[int, int]) -> int:
    total = place.total(day)
    if total is None:
        return 0
    opens, closes = hours
    return sum(total.capacity[opens:closes]) - sum(total.free[opens:closes])


def _in_turn(clients: Sequence[Client], day: date, dice: random.Random) -> list[Client]:
    """Return the families in the order in which they ask: those with a weekday of theirs first."""
    order = [
        (dice.random() - WORKS_TODAY * (day.weekday() in client.works_on), client)
        for client in clients
    ]
    return [client for _, client in sorted(order, key=lambda pair: pair[0])]


def _try(
    place: Place,
    client: Client,
    day: date,
    hours: tuple[int, int],
    busy: set[tuple[uuid.UUID, date]],
    dice: random.Random,
    seed: str,
    now: datetime,
    since: datetime | None,
) -> PlannedStay | None:
    children = [
        child
        for child in client.children
        if child.born_on <= day
        and (child.child_id, day) not in busy
        and _may_come(place, child, day)
        and not _was_there(child, day, busy, often=3 if client.works_on else 2)
    ]
    if not children:
        return None
    if len(children) > 1 and dice.random() >= TOGETHER:
        children = [dice.choice(children)]
    works = day.weekday() in client.works_on
    cells = _free_cells(place, children, day, hours, dice, is_long=works)
    if cells is None:
        return None
    span = span_on(day, cell_time(cells.start), cell_time(cells.stop))
    channel = client.channel if client.user_id is None or dice.random() > 0.04 else Channel.PHONE  # noqa: PLR2004
    purpose = UsePurpose.IRREGULAR_WORK if works else dice.choice(_PURPOSES)
    is_overruled = channel is not Channel.WEB and dice.random() < OVERRULED
    booked_at = _moment(place, children, span, channel, dice, now, since, is_late=is_overruled)
    if booked_at is None:
        return None
    facts = tuple(
        ChildFacts(
            c.child_id,
            c.born_on,
            c.accepted_until,
            c.accepted_at.astimezone(JST).date(),
            steps=_ALL_DONE,
            family_agreed=True,
            facility_agreed=True,
            # Staff ask when they accept a child; no gate is shut for whom they accept.
            gates=fine_answers(place.document.gates, c.accepted_at.astimezone(JST).date()),
        )
        for c in children
    )
    case = Case(
        place.document,
        place.calendar(day),
        facts,
        span,
        booked_at,
        by_staff=channel is not Channel.WEB,
        overruled=LATE_CODES if is_overruled else frozenset(),
    )
    decision = decide(case, now=booked_at)
    if decision.reasons:
        return None
    return PlannedStay(
        key=f"{seed}|{place.facility_id}|{day}|{children[0].child_id}|{cells.start}|{since}",
        place=place,
        client=client,
        children=tuple(children),
        span=span,
        booked_at=booked_at,
        channel=channel,
        purpose=purpose,
        decision=decision,
        overruled_because=dice.choice(BECAUSE) if decision.overruled else "",
        note=_note(children, day, dice),
    )


def _note(children: Sequence[KnownChild], day: date, dice: random.Random) -> str:
    if dice.random() >= HAS_NOTE:
        return ""
    youngest = min((day - child.born_on).days for child in children)
    return dice.choice(NOTES if youngest > _GROWN.days else NOTES[:2])


def _was_there(
    child: KnownChild, day: date, busy: set[tuple[uuid.UUID, date]], *, often: int
) -> bool:
    """Say whether a child has been somewhere so many days of this week; that is enough."""
    days = (day - timedelta(days=back) for back in range(1, day.weekday() + 1))
    return sum((child.child_id, each) in busy for each in days) >= often


def _may_come(place: Place, child: KnownChild, day: date) -> bool:
    if not place.pools_of(child.born_on, day):
        return False
    rule = place.document.age
    reasons: list[Reason] = rule.reasons(child.child_id, child.born_on, day) if rule else []
    return not reasons


def _free_cells(
    place: Place,
    children: Sequence[KnownChild],
    day: date,
    hours: tuple[int, int],
    dice: random.Random,
    *,
    is_long: bool,
) -> range | None:
    """Return hours that the family wants and that are free; where places are rare it looks on."""
    wanted = [place.pools_of(child.born_on, day) for child in children]
    for _ in range(PATIENCE if place.is_sought_after else 1):
        cells = _cells(place.document.units or UnitsRule(), hours, dice, is_long=is_long)
        if cells is not None and place.fits(wanted, day, cells):
            return cells
    least = (place.document.units or UnitsRule()).min_minutes
    for gap in _gaps(place, day, hours):
        if len(gap) * 30 >= least and place.fits(wanted, day, gap):
            return gap
    return None


def _gaps(place: Place, day: date, hours: tuple[int, int]) -> Iterator[range]:
    """Yield the hours left over where places are rare: somebody will be glad of them."""
    total = place.total(day)
    if total is None or not place.is_sought_after:
        return
    start = None
    for cell in range(hours[0], hours[1] + 1):
        is_free = cell < hours[1] and total.free[cell] > 0
        if is_free and start is None:
            start = cell
        if not is_free and start is not None:
            yield range(start, cell)
            start = None


def _cells(
    units: UnitsRule, hours: tuple[int, int], dice: random.Random, *, is_long: bool
) -> range | None:
    opens, closes = hours
    if units.blocks:
        block = dice.choice(units.blocks)
        start, end = (
            int(limit[:2]) * 2 + int(limit[3:]) // 30 for limit in (block.starts, block.ends)
        )
        return range(start, end) if opens <= start and end <= closes else None
    step = max(1, units.grid_minutes // 30)
    starts = sorted(units.start_cells or ()) or [
        opens + offset for offset in _STARTS if (opens + offset) % step == 0
    ]
    start = dice.choice(starts)
    length = dice.choice(_LENGTHS) + (4 if is_long else 0)
    length = min(length, units.max_minutes // 30, closes - start) // step * step
    if start < opens or length < max(1, -(-units.min_minutes // 30)):
        return None
    return range(start, start + length)


def _moment(
    place: Place,
    children: Sequence[KnownChild],
    span: Span,
    channel: Channel,
    dice: random.Random,
    now: datetime,
    since: datetime | None,
    *,
    is_late: bool,
) -> datetime | None:
    """Return when the family booked: within the window, in waking hours, or staff at theirs."""
    rule = place.document.booking_window
    window = booking_window(place.document, place.calendar(span.day), span.day)
    lead = place.document.registration.lead_days if place.document.registration else 0
    known_at = max(child.accepted_at for child in children) + timedelta(minutes=40)
    earliest = max(known_at, since or known_at, window.opens_at or span.starts_at - AHEAD)
    notice = timedelta(minutes=rule.notice_minutes if rule else 0)
    latest = min(window.closes_at, span.starts_at - notice)
    if span.day < known_at.astimezone(JST).date() + timedelta(days=lead):
        return None
    if is_late:
        earliest, latest = max(earliest, latest), span.starts_at - timedelta(minutes=20)
    latest = min(latest, now) - timedelta(minutes=3)
    if latest <= earliest:
        return None
    moment = earliest + (latest - earliest) * dice.betavariate(1.1, 1.9)
    local = moment.astimezone(JST)
    first, last = (7, 23) if channel is Channel.WEB else (9, 17)
    if not first <= local.hour < last:
        awake = at(local.date(), cell_time(2 * dice.randint(first + 1, last - 2)))
        moment = awake + timedelta(seconds=dice.randint(0, 3500))
    moment = moment.replace(microsecond=0)
    return moment if earliest <= moment < latest else None
