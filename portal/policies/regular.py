"""Kind G25, regular use: the same days of the week for a term, applied for as a whole."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.kernel.errors import Reason
from portal.policies.calendar import Weekday
from portal.policies.history import PastUse, UseState
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import ClockTime, Rule, limit_on, moment_on
from portal.policies.window import BookingWindow

#: The option of a wish by which it belongs to regular use.
REGULAR = "regular"


class Use(StrEnum):
    """Which of the two ways of use there are."""

    SINGLE_ONLY = "single_only"
    REGULAR_ONLY = "regular_only"
    BOTH = "both"


USE_WORDS: Mapping[Use, str] = MappingProxyType(
    {
        Use.SINGLE_ONLY: "1日ごとの予約だけ",
        Use.REGULAR_ONLY: "決まった曜日の定期利用だけ",
        Use.BOTH: "1日ごとの予約も、定期利用も",
    }
)


class Term(StrEnum):
    """How long regular use lasts before it is applied for anew."""

    MONTH = "month"
    THREE_MONTHS = "three_months"
    HALF_YEAR = "half_year"
    FISCAL_YEAR = "fiscal_year"
    DATES = "dates"


TERM_WORDS: Mapping[Term, str] = MappingProxyType(
    {
        Term.MONTH: "1か月ごと",
        Term.THREE_MONTHS: "3か月ごと（4〜6月、7〜9月、10〜12月、1〜3月）",
        Term.HALF_YEAR: "半年ごと（4〜9月、10〜3月）",
        Term.FISCAL_YEAR: "年度ごと（4月〜3月）",
        Term.DATES: "決まった期間（applicationsの期間）",
    }
)


class Chosen(StrEnum):
    """How places for a term are given when too many ask."""

    FIRST_COME = "first_come"
    LOTTERY = "lottery"
    STAFF = "staff"


CHOSEN_WORDS: Mapping[Chosen, str] = MappingProxyType(
    {
        Chosen.FIRST_COME: "申し込みの順",
        Chosen.LOTTERY: "抽選",
        Chosen.STAFF: "園が家庭のようすを見て決める",
    }
)


class EnteredBy(StrEnum):
    """Who enters the days of a term."""

    STAFF = "staff"
    FAMILY = "family"


ENTERED_WORDS: Mapping[EnteredBy, str] = MappingProxyType(
    {EnteredBy.STAFF: "園が予約を入れる", EnteredBy.FAMILY: "家庭が予約を入れる"}
)


class TermApplication(Rule):
    """When to apply for one term. Both days of use are included."""

    use_from: date = Field(description="利用の最初の日", examples=["2026-10-01"])
    use_until: date = Field(description="利用の最後の日（この日を含む）", examples=["2026-12-31"])
    opens_on: date = Field(description="申し込みが始まる日", examples=["2026-08-01"])
    opens_at: ClockTime = Field(
        default="00:00", description="申し込みが始まる時刻", examples=["09:00"]
    )
    closes_on: date = Field(description="申し込みの最後の日", examples=["2026-08-19"])
    closes_at: ClockTime = Field(
        default="24:00", description="最後の日の何時の前までか", examples=["17:00"]
    )
    drawn_on: date | None = Field(
        default=None, description="抽選や決定の日", examples=["2026-08-20"]
    )

    @model_validator(mode="after")
    def _in_order(self) -> TermApplication:
        if self.use_until < self.use_from:
            raise ValueError("days end after they begin")
        if self.window.opens_at is None or self.window.closes_at <= self.window.opens_at:
            raise ValueError("an application closes after it opens")
        if self.drawn_on is not None and self.drawn_on < self.closes_on:
            raise ValueError("a draw comes after the application closes")
        return self

    @property
    def window(self) -> BookingWindow:
        """When to apply: ``opens_at <= t < closes_at``."""
        opens_at = moment_on(self.opens_on, self.opens_at)
        return BookingWindow(opens_at, limit_on(self.closes_on, self.closes_at))


class RegularRule(Rule):
    """Regular use beside, or instead of, single days.

    A wish belongs to it by the option ``regular``. Single days of a term are cancelled like any
    booking; how many days a week are too many for all kinds of use, a cap says.
    """

    use: Use = Field(
        default=Use.BOTH,
        description="定期利用と、1日ごとの予約の、どちらができるか",
        examples=["regular_only"],
    )
    term: Term = Field(
        default=Term.THREE_MONTHS, description="定期利用の期間", examples=["half_year"]
    )
    weekdays: tuple[Weekday, ...] = Field(
        default=(),
        description="定期利用ができる曜日（mon〜sun）。書かなければ、開所日すべて",
        examples=[["mon", "tue", "wed"]],
    )
    most_weekdays: int | None = Field(
        default=None, ge=1, le=7, description="1週間に何曜日まで申し込めるか", examples=[3]
    )
    least_weekdays: int | None = Field(
        default=None, ge=1, le=7, description="1週間に何曜日から申し込めるか", examples=[1]
    )
    purposes: tuple[str, ...] = Field(
        default=(),
        description="定期利用ができる利用区分（purposesのcode）。書かなければ、すべて",
        examples=[["irregular_work"]],
    )
    applications: tuple[TermApplication, ...] = Field(
        default=(),
        max_length=40,
        description="期間ごとの申し込みの受付。書かなければ、受付の決まり（booking_window）のとおり",
        examples=[
            [
                {
                    "use_from": "2026-10-01",
                    "use_until": "2026-12-31",
                    "opens_on": "2026-08-01",
                    "closes_on": "2026-08-19",
                    "closes_at": "17:00",
                    "drawn_on": "2026-08-20",
                }
            ]
        ],
    )
    chosen: Chosen = Field(
        default=Chosen.FIRST_COME,
        description="申し込みが多いときの決め方",
        examples=["lottery"],
    )
    waitlist: bool = Field(
        default=False, description="true：選ばれなかった家庭は、順番を待てる", examples=[True]
    )
    entered_by: EnteredBy = Field(
        default=EnteredBy.STAFF, description="期間の予約をだれが入れるか", examples=["family"]
    )
    family_cancels_days: bool = Field(
        default=True,
        description="true：家庭が1日ずつ取り消せる。false：園に連絡して取り消す",
        examples=[False],
    )
    freed_for_singles: bool = Field(
        default=True,
        description="true：取り消した日の空きを、1日ごとの予約で使える",
        examples=[False],
    )
    singles_beside: bool = Field(
        default=True,
        description="true：定期利用の家庭も、ほかの日を1日ごとに予約できる",
        examples=[False],
    )

    @model_validator(mode="after")
    def _some_use_is_possible(self) -> RegularRule:
        if self.least_weekdays and self.most_weekdays and self.least_weekdays > self.most_weekdays:
            raise ValueError("the least number of weekdays is more than the greatest")
        if self.weekdays and (self.least_weekdays or 0) > len(set(self.weekdays)):
            raise ValueError("the least number of weekdays is more than the greatest")
        if self.term is Term.DATES and not self.applications:
            raise ValueError("terms by dates need their dates")
        return self

    def application_for(self, day: date) -> TermApplication | None:
        """Return the term that ``day`` lies in, the first one where several do."""
        return next((a for a in self.applications if a.use_from <= day <= a.use_until), None)

    def window(self, day: date) -> BookingWindow | None:
        """Return when regular use on ``day`` can be applied for.

        None where the rule gives no dates for it: then the booking window holds.
        """
        found = self.application_for(day)
        return found.window if found else None

    def reasons(self, day: date, purpose: str | None, options: Collection[str]) -> Iterator[Reason]:
        """Yield what the rule says against a wish for one day, regular or single."""
        if REGULAR not in options:
            if self.use is Use.REGULAR_ONLY:
                yield Reason(BookingRefusal.REGULAR_USE_ONLY)
            return
        if self.use is Use.SINGLE_ONLY or (self.purposes and purpose not in self.purposes):
            yield Reason(BookingRefusal.REGULAR_USE_NOT_OFFERED)
        if self.weekdays and tuple(Weekday)[day.weekday()] not in self.weekdays:
            weekdays = tuple(weekday.value for weekday in self.weekdays)
            yield Reason(BookingRefusal.REGULAR_WEEKDAY_NOT_OFFERED, {"weekdays": weekdays})
        if self.term is Term.DATES and self.application_for(day) is None:
            yield Reason(BookingRefusal.REGULAR_TERM_NOT_OFFERED, {"on": day})


def reasons_of_week(
    rule: RegularRule, uses: Iterable[PastUse], day: date, options: Collection[str]
) -> Iterator[Reason]:
    """Yield that a regular day would be one day of its week (Monday to Sunday) too many.

    Args:
        uses: Of this child. What it booked here as single days counts with the others: nobody can
            tell them apart afterwards.
    """
    if REGULAR not in options or rule.most_weekdays is None:
        return
    monday = day - timedelta(days=day.weekday())
    days = {
        use.day
        for use in uses
        if use.is_here
        and use.is_same_programme
        and use.state in {UseState.BOOKED, UseState.ATTENDED}
        and monday <= use.day < monday + timedelta(days=7)
    }
    if len(days | {day}) > rule.most_weekdays:
        yield Reason(BookingRefusal.TOO_MANY_WEEKDAYS, {"most": rule.most_weekdays})


def reasons_against_pattern(rule: RegularRule, weekdays: Collection[Weekday]) -> Iterator[Reason]:
    """Yield what the rule says against applying for these days of the week."""
    count = len(set(weekdays))
    if rule.most_weekdays is not None and count > rule.most_weekdays:
        yield Reason(BookingRefusal.TOO_MANY_WEEKDAYS, {"most": rule.most_weekdays})
    if rule.least_weekdays is not None and count < rule.least_weekdays:
        yield Reason(BookingRefusal.TOO_FEW_WEEKDAYS, {"least": rule.least_weekdays})
