"""Kind G19, registration: who is accepted before use, for how long, how many, how renewed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.kernel.age import fiscal_year, last_day_of_months
from portal.kernel.errors import Reason
from portal.policies.calendar import FacilityCalendar
from portal.policies.facts import ChildFacts
from portal.policies.reasons import BookingRefusal
from portal.policies.registering import (
    EarlyApplication,
    IssuedWith,
    RegistrationScope,
    SeasonDay,
    Suspension,
)
from portal.policies.rule import Counting, Rule, days_counted

#: The last day of a registration without an end; people read "no end", never this date.
NO_END = date(9999, 12, 31)
_SCHOOL_AGE = 6


class Validity(StrEnum):
    """Until when an acceptance holds."""

    FISCAL_YEAR = "fiscal_year"  # 31 March
    HALF_YEAR = "half_year"  # 30 September or 31 March
    SCHOOL = "school"  # 31 March before primary school
    MONTHS = "months"  # so many months from the acceptance
    NONE = "none"


VALIDITY_WORDS: Mapping[Validity, str] = MappingProxyType(
    {
        Validity.FISCAL_YEAR: "年度の終わり（3月31日）まで",
        Validity.HALF_YEAR: "半年ごと（9月30日か3月31日まで）",
        Validity.SCHOOL: "小学校に入る前の3月31日まで",
        Validity.MONTHS: "登録した日から、monthsに書いた月数のあいだ",
        Validity.NONE: "期限なし",
    }
)


class RenewalPart(StrEnum):
    """What a family confirms anew before it goes on."""

    RECORD = "record"  # the child's record
    CONTACTS = "contacts"  # guardians, phones, who picks up
    AGREEMENT = "agreement"  # the provider's own words


RENEWAL_PART_WORDS: Mapping[RenewalPart, str] = MappingProxyType(
    {
        RenewalPart.RECORD: "お子さんの体のこと（児童票）",
        RenewalPart.CONTACTS: "保護者・電話・お迎えの人",
        RenewalPart.AGREEMENT: "園の説明",
    }
)


class RenewalRule(Rule):
    """The renewal season: from so many days before the end, and what is confirmed anew in it.

    ``continuing_from`` and ``new_from``: the days of the year (``03-20``) on which the acceptance
    for the next period begins, for those who go on and for new ones; they win over
    ``days_before``.
    """

    days_before: int = Field(
        default=30, ge=1, le=120, description="期限の何日前から更新できるか", examples=[30]
    )
    confirm: tuple[RenewalPart, ...] = Field(
        default=(RenewalPart.RECORD,),
        description="更新のときに、もう一度確かめてもらうこと",
        examples=[["record", "contacts"]],
    )
    continuing_from: SeasonDay | None = Field(
        default=None,
        description="続けて使う方の、次の期間の受付が始まる日（月-日）",
        examples=["03-20"],
    )
    new_from: SeasonDay | None = Field(
        default=None,
        description="新しく登録する方の、次の期間の受付が始まる日（月-日）",
        examples=["03-25"],
    )


class RegistrationRule(Rule):
    """Whether the child must be registered, and how a registration begins, ends and goes on.

    ``lead_days=3``: registered from the 1st, first use on the 4th. ``next_period_days=12``: who is
    accepted in the last 12 days of a period is accepted until the end of the next one.
    ``limit``: so many children are registered at once; the others wait in order of receipt.
    ``agreement``: both sides say what they have read before the first use. ``answer_days``: within
    so many open days the facility answers. ``suspensions`` and ``early`` speak of applications;
    who is registered already is not touched.
    """

    required: bool = Field(
        default=True, description="利用の前に登録がいるか。falseなら、いらない", examples=[False]
    )
    lead_days: int = Field(
        default=0,
        ge=0,
        le=90,
        description="登録から最初の利用までにあける日数（3なら、1日に登録して4日から）",
        examples=[3],
    )
    lead_counting: Counting = Field(
        default=Counting.CALENDAR,
        description="lead_daysの数え方：すべての日（calendar）、開いている日（open）、平日（weekdays）",
        examples=["open"],
    )
    validity: Validity = Field(
        default=Validity.FISCAL_YEAR, description="登録をいつまで使えるか", examples=["school"]
    )
    months: int | None = Field(
        default=None, ge=1, le=60, description="validityがmonthsのときの月数", examples=[6]
    )
    next_period_days: int = Field(
        default=0,
        ge=0,
        le=92,
        description="期間の終わりのこの日数のあいだに登録した方は、次の期間の終わりまで使える",
        examples=[12],
    )
    renewal: RenewalRule | None = Field(
        default=None,
        description="更新のきまり（書かなければ、更新は受けない）",
        examples=[{"days_before": 30}],
    )
    limit: int | None = Field(
        default=None,
        ge=1,
        le=10_000,
        description="登録できる人数（同時に）。いっぱいのときは申し込みの順に待つ",
        examples=[60],
    )
    agreement: bool = Field(
        default=False,
        description="trueなら、はじめての利用の前に、家庭と園のどちらもが確かめ合う",
        examples=[True],
    )
    answer_days: int | None = Field(
        default=None,
        ge=1,
        le=60,
        description="申し込みから何日以内に返事をするか（開いている日で数える）",
        examples=[3],
    )
    accepted_by: RegistrationScope = Field(
        default=RegistrationScope.FACILITY,
        description="登録を決めるところ：園（facility）、市区町村（municipality）、両方（both）",
        examples=["municipality"],
    )
    scope: RegistrationScope = Field(
        default=RegistrationScope.FACILITY,
        description="登録が使えるところ：その園だけ（facility）、市区町村のどの園でも（municipality）、"
        "市区町村とその園の両方に登録がいる（both）",
        examples=["municipality"],
    )
    early: EarlyApplication | None = Field(
        default=None,
        description="利用できる年齢になる前の申し込み（書かなければ、いつでも申し込める）",
        examples=[{"days_before": 14}, {"from_pregnancy": True}],
    )
    first_date_needed: bool = Field(
        default=False,
        description="trueなら、はじめに使いたい日が決まっていない申し込みは受けない",
        examples=[True],
    )
    suspensions: tuple[Suspension, ...] = Field(
        default=(),
        description="新しい登録を止めているクラスと期間",
        examples=[[{"class_ages": [0], "days": {"from": "2026-10-01"}}]],
    )
    child_present: bool = Field(
        default=False, description="trueなら、登録のときにお子さんもいっしょに来る", examples=[True]
    )
    issues: tuple[IssuedWith, ...] = Field(
        default=(),
        description="登録したときに渡すもの：登録カード（card）、登録番号（number）",
        examples=[["card"]],
    )

    @model_validator(mode="after")
    def _months_where_months_count(self) -> RegistrationRule:
        if self.validity is Validity.MONTHS and self.months is None:
            raise ValueError("give the number of months")
        return self

    def until(self, on: date, born_on: date | None) -> date:
        """Return the last day of what is accepted on the local day ``on``."""
        end = self._end(on, born_on)
        if end == NO_END or self.validity is Validity.MONTHS:
            return end
        if end - on < timedelta(days=self.next_period_days):
            return self._end(end + timedelta(days=1), born_on)
        return end

    def renewed_until(self, until: date, on: date, born_on: date | None) -> date:
        """Return the last day once a registration that ends on ``until`` goes on, from ``on``."""
        if until == NO_END:
            return NO_END
        return max(until, self._end(max(on, until + timedelta(days=1)), born_on))

    def renewal_opens(self, until: date) -> date | None:
        """Return the first day of the renewal season; ``None`` where nothing is renewed."""
        if self.renewal is None or until == NO_END:
            return None
        return until - timedelta(days=self.renewal.days_before - 1)

    def reasons(
        self, child: ChildFacts, day: date, calendar: FacilityCalendar | None = None
    ) -> list[Reason]:
        """Return what the child's registration says against care on ``day``.

        Args:
            calendar: For lead times in open days or weekdays; without it all days are counted.
        """
        if not self.required:
            return self._against_agreement(child, asks=False)
        if child.registered_until is None:
            return [Reason(BookingRefusal.NOT_REGISTERED, {}, child.child_id)]
        found: list[Reason] = self._against_agreement(child, asks=self.agreement)
        begins = child.registered_from
        if begins is not None and day < begins:
            values: dict[str, object] = {"from_on": begins}
            found.append(Reason(BookingRefusal.REGISTRATION_NOT_YET_VALID, values, child.child_id))
        elif begins is not None and day < (from_on := self._first_use_from(begins, calendar)):
            values = {"lead_days": self.lead_days, "from_on": from_on}
            found.append(Reason(BookingRefusal.REGISTRATION_TOO_RECENT, values, child.child_id))
        if day > child.registered_until:
            values = {"last_on": child.registered_until}
            found.append(Reason(BookingRefusal.REGISTRATION_ENDED, values, child.child_id))
        return found

    def _first_use_from(self, begins: date, calendar: FacilityCalendar | None) -> date:
        if self.lead_counting is Counting.CALENDAR or calendar is None:
            return begins + timedelta(days=self.lead_days)
        reached, counted = begins, days_counted(self.lead_counting, calendar)
        for _day in range(self.lead_days):
            reached = counted.next_open_day(reached) or reached + timedelta(days=1)
        return reached

    def suspended(self, class_age: int, on: date) -> Suspension | None:
        """Return why no new child of a class is registered on a local day, None where it can be."""
        return next((each for each in self.suspensions if each.holds(class_age, on)), None)

    @staticmethod
    def _against_agreement(child: ChildFacts, *, asks: bool) -> list[Reason]:
        if child.registered_until is None:
            return []
        found = []
        # Conditions are the family's to agree to, whatever the rules ask.
        if (asks or child.has_conditions) and not child.family_agreed:
            found.append(Reason(BookingRefusal.FAMILY_HAS_NOT_AGREED, {}, child.child_id))
        if asks and not child.facility_agreed:
            found.append(Reason(BookingRefusal.FACILITY_HAS_NOT_AGREED, {}, child.child_id))
        return found

    def _end(self, on: date, born_on: date | None) -> date:
        year_end = date(fiscal_year(on) + 1, 3, 31)
        if self.validity is Validity.NONE:
            return NO_END
        if self.validity is Validity.MONTHS and self.months is not None:
            return last_day_of_months(on, self.months)
        if self.validity is Validity.HALF_YEAR:
            return date(on.year, 9, 30) if 4 <= on.month <= 9 else year_end  # noqa: PLR2004 - months
        if self.validity is Validity.SCHOOL and born_on is not None:
            is_of_older_year = (born_on.month, born_on.day) <= (4, 1)
            school = date(born_on.year + _SCHOOL_AGE + (not is_of_older_year), 3, 31)
            return max(school, year_end)
        return year_end
