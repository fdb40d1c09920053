"""Families that stand for one moment each on the way to the first stay; all invented."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final

from portal.commands.demo_city.applications import Taker, open_once, say
from portal.commands.demo_city.family_rows import StoredFamily, add_application
from portal.commands.demo_city.people import Adult, Household, Kid
from portal.commands.demo_city.rows import Rows, ident
from portal.commands.demo_city.standings import Terms, agree, working_day
from portal.kernel.channel import Channel
from portal.kernel.clock import JST, local_date, today
from portal.preregistration.rules import MessageKind
from portal.preregistration.rules import PreregistrationState as State

#: Numbers of these households; others begin elsewhere.
FIRST: Final = 60
HALF_WAY, OVERDUE, SIBLINGS, TWINS = "早川 ゆり", "大塚 まき", "三好 あや", "滝沢 のぞみ"
LATE_BIRTH, NEXT_MONTH, CLOSED = "安西 ともこ", "原田 ゆかり", "岸 さとみ"
WAITING, RENEWS, MAY_RENEW = "堀 みずき", "三田村 けい", "内海 さおり"
TRIAL_ONCE, TRIAL_AGAIN, DECLINED, PAPER = "川口 えみ", "平野 さち", "沢田 ゆう", "星野 トメ"
WENT_ON, TRIAL_OPEN = "水野 かな", "芦田 なお"

#: Guardian: kana, relation, and children: name, kana, days since the birth (below zero: until it).
_PEOPLE: Final[Mapping[str, tuple[str, str, tuple[tuple[str | None, str | None, int], ...]]]] = {
    HALF_WAY: ("ハヤカワ ユリ", "母", (("早川 こはく", "ハヤカワ コハク", 430),)),
    OVERDUE: ("オオツカ マキ", "母", (("大塚 ひなの", "オオツカ ヒナノ", 830),)),
    SIBLINGS: (
        "ミヨシ アヤ",
        "母",
        (("三好 めい", "ミヨシ メイ", 380), ("三好 りく", "ミヨシ リク", 1_240)),
    ),
    TWINS: ("タキザワ ノゾミ", "母", ((None, None, 20),)),
    LATE_BIRTH: ("アンザイ トモコ", "母", ((None, None, 7),)),
    NEXT_MONTH: ("ハラダ ユカリ", "母", ((None, None, -26),)),
    CLOSED: ("キシ サトミ", "母", ((None, None, -110), ("岸 みなと", "キシ ミナト", 1_050))),
    WAITING: ("ホリ ミズキ", "母", (("堀 あおば", "ホリ アオバ", 600),)),
    RENEWS: ("ミタムラ ケイ", "父", (("三田村 ゆづき", "ミタムラ ユヅキ", 760),)),
    MAY_RENEW: ("ウツミ サオリ", "母", (("内海 いろは", "ウツミ イロハ", 1_130),)),
    TRIAL_ONCE: ("カワグチ エミ", "母", (("川口 はるひ", "カワグチ ハルヒ", 560),)),
    TRIAL_AGAIN: ("ヒラノ サチ", "母", (("平野 たいち", "ヒラノ タイチ", 470),)),
    DECLINED: ("サワダ ユウ", "父", (("沢田 りん", "サワダ リン", 900),)),
    PAPER: ("ホシノ トメ", "祖母", (("星野 げんき", "ホシノ ゲンキ", 1_000),)),
    WENT_ON: ("ミズノ カナ", "母", (("水野 すず", "ミズノ スズ", 690),)),
    TRIAL_OPEN: ("アシダ ナオ", "母", (("芦田 つばさ", "アシダ ツバサ", 520),)),
}
#: Whoever looks at nothing but what is told here.
ALONE: Final = frozenset(_PEOPLE)
#: Who registered longer ago than anybody else: half a year has passed since the acceptance.
LONG_KNOWN: Final = frozenset({RENEWS, MAY_RENEW, WENT_ON})
#: Keys of families that have a door of the demo.
DOORS: Final = {
    "half_way": HALF_WAY,
    "siblings": SIBLINGS,
    "trial": TRIAL_ONCE,
    "twins": TWINS,
    "renews": MAY_RENEW,
}
#: Children of whom a birth is awaited still, though the day has passed.
_AWAITED: Final = {LATE_BIRTH}


def number_of(name: str) -> int:
    """Return the number of a household."""
    return FIRST + list(_PEOPLE).index(name)


def households(now: date) -> Iterator[Household]:
    """Yield these families, their children as old as they are on a local day."""
    for position, (name, (kana, relation, kids)) in enumerate(_PEOPLE.items()):
        number = FIRST + position
        calls = name == PAPER
        yield Household(
            number=number,
            adults=(Adult(name, kana, relation, f"000-1000-{number:04d}"),),
            kids=tuple(_kid(each, now, is_awaited=name in _AWAITED) for each in kids),
            channel=Channel.FAX if calls else Channel.WEB,
            mail=None if calls else f"family{number}@demo.example",
        )


def _kid(written: tuple[str | None, str | None, int], now: date, *, is_awaited: bool) -> Kid:
    name, kana, days = written
    day = now - timedelta(days=days)
    if is_awaited or name is None:
        return Kid(None, None, None, due_on=day)
    return Kid(name, kana, day)


@dataclass(frozen=True, slots=True)
class _Page:
    """Where a story is written down."""

    rows: Rows
    family: StoredFamily
    takers: Mapping[str, Taker]
    terms: Mapping[str, Terms]
    now: datetime
    opened: set[uuid.UUID]

    def apply(
        self,
        key: str,
        child: int,
        state: State,
        days: float,
        *,
        decided: float | None = None,
        until: date | None = None,
        **said: Any,
    ) -> uuid.UUID:
        """Add an application of one child, as many days ago."""
        taker, family = self.takers[key], self.family
        applied_at = self.ago(days)
        open_once(self.rows, family, taker, applied_at, self.opened)
        steps = said.pop("steps_done", [])
        row_id = add_application(
            self.rows,
            family,
            family.child_ids[child],
            taker.facility_id,
            taker.organisation_id,
            state.value,
            applied_at=applied_at,
            decided_at=None if decided is None else self.ago(decided),
            decided_by=None if decided is None else taker.director_id,
            until=until,
            said={
                "application_id": ident("application", family.family_id, taker.facility_id),
                **said,
            },
        )
        self.rows.of("preregistrations")[-1]["steps_done"] = steps
        return row_id

    def ago(self, days: float) -> datetime:
        """Return half past ten, so many days ago."""
        moment = (self.now - timedelta(days=days)).astimezone(JST)
        return min(moment.replace(hour=10, minute=30, second=0, microsecond=0), self.now)

    def ahead(self, days: int) -> date:
        """Return the local day that lies so many days ahead."""
        return today(self.now) + timedelta(days=days)

    def promised(self, key: str, days: float) -> date:
        """Return by when the facility said it answers what came so many days ago."""
        return working_day(local_date(self.ago(days)), self.terms[key].rule.answer_days or 5)

    def say(self, key: str, row_id: uuid.UUID, words: str, days: float, kind: MessageKind) -> None:
        """Add a word of the facility."""
        taker, at = self.takers[key], self.ago(days)
        say(self.rows, self.family, taker, row_id, words, at, is_from_family=False, kind=kind)


def _half_way(page: _Page) -> None:
    promised = page.promised("every_day", 5)
    page.apply("every_day", 0, State.APPLIED, 5, steps_done=["tour"], answer_by=promised)


def _overdue(page: _Page) -> None:
    promised = page.promised("every_day", 13)
    page.apply("every_day", 0, State.APPLIED, 13, steps_done=["tour"], answer_by=promised)


def _siblings(page: _Page) -> None:
    done = ["tour", "interview"]
    asked = page.apply("every_day", 0, State.ASKED_BACK, 6, decided=2, steps_done=done)
    page.say(
        "every_day",
        asked,
        "めいさんは、ミルクを1日に何回飲みますか。哺乳びんはどれを使いますか。",
        2,
        MessageKind.WORD,
    )
    taken = page.apply(
        "every_day",
        1,
        State.ACCEPTED,
        6,
        decided=2,
        until=page.terms["every_day"].rule.until(page.ahead(0), None),
        steps_done=done,
        has_conditions=True,
    )
    page.say(
        "every_day",
        taken,
        "はじめの3回は2時間までにします。お昼ねの様子を見てから、長くします。",
        2,
        MessageKind.CONDITIONS,
    )


def _waiting(page: _Page) -> None:
    page.apply("small", 0, State.WAITING, 1, decided=0.4)


def _renewed(page: _Page, ends_in: int, *, has_asked: bool) -> None:
    until = page.ahead(ends_in)
    done = ["interview", "trial_care"]
    days = 183 - ends_in
    page.apply("half_days", 0, State.ACCEPTED, days + 3, decided=days, until=until, steps_done=done)
    row = page.rows.of("preregistrations")[-1]
    decided_at = page.ago(days)
    there = page.terms["half_days"]
    agree(row, there, decided_at, decided_at + timedelta(hours=8), page.now)
    row["renewal_told_for"] = until
    if has_asked:
        row["renewal_asked_at"], row["renewal_asked_by"] = page.ago(2), page.family.user_id
        row["renewal_channel"] = Channel.WEB.value


def _trial(page: _Page, key: str) -> None:
    until = page.terms[key].rule.until(page.ahead(0), None)
    done = ["tour", "interview"]
    page.apply(key, 0, State.ACCEPTED, 24, decided=20, until=until, steps_done=done)


def _declined(page: _Page) -> None:
    row_id = page.apply("every_day", 0, State.DECLINED, 9, decided=5, steps_done=["tour"])
    page.say(
        "every_day",
        row_id,
        "週3日の定期のご利用は、いまはお受けできません。同じ法人の半日の園か、"
        "市の窓口（000-3000-0000）でほかの園を聞けます。",
        5,
        MessageKind.REASON,
    )


def _paper(page: _Page) -> None:
    promised = page.promised("every_day", 1)
    page.apply("every_day", 0, State.APPLIED, 1, answer_by=promised)


def _registered(page: _Page) -> None:
    until = page.terms["small"].rule.until(page.ahead(0), None)
    page.apply("small", 1, State.ACCEPTED, 80, decided=77, until=until)


def _nothing(_page: _Page) -> None:
    """Expected children apply nowhere yet."""


_TOLD: Final[Mapping[str, Callable[[_Page], None]]] = {
    HALF_WAY: _half_way,
    OVERDUE: _overdue,
    SIBLINGS: _siblings,
    CLOSED: _registered,
    WAITING: _waiting,
    RENEWS: lambda page: _renewed(page, 20, has_asked=True),
    MAY_RENEW: lambda page: _renewed(page, 35, has_asked=False),
    WENT_ON: lambda page: _renewed(page, 12, has_asked=True),
    TRIAL_ONCE: lambda page: _trial(page, "municipal"),
    TRIAL_AGAIN: lambda page: _trial(page, "every_day"),
    TRIAL_OPEN: lambda page: _trial(page, "every_day"),
    DECLINED: _declined,
    PAPER: _paper,
}


def is_story(family: StoredFamily) -> bool:
    """Say whether a family's way is told here."""
    return family.household.adults[0].name in _PEOPLE


def tell(
    rows: Rows,
    family: StoredFamily,
    takers: Mapping[str, Taker],
    terms: Mapping[str, Terms],
    now: datetime,
) -> frozenset[uuid.UUID]:
    """Write down where a family of ``_PEOPLE`` has applied; return the applications."""
    before = len(rows.of("preregistrations"))
    opened: set[uuid.UUID] = set()
    page = _Page(rows, family, takers, terms, now, opened)
    _TOLD.get(family.household.adults[0].name, _nothing)(page)
    return frozenset(row["id"] for row in rows.of("preregistrations")[before:])
