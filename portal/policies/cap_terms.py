"""Kind G6, its terms: what caps count, for whom, and what becomes of more. With their words."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType

#: Two halves make a whole: days, stays and the like are counted in halves, hours in minutes.
HALVES = 2
MINUTES = 60


class CapMetric(StrEnum):
    """What a cap counts."""

    DAYS = "days"
    VISITS = "visits"
    HALF_DAYS = "half_days"
    HOURS = "hours"
    HOURS_ROUNDED_UP = "hours_rounded_up"
    CONSECUTIVE_DAYS = "consecutive_days"
    DAYS_FROM_FIRST = "days_from_first"
    CAUSES = "causes"
    UPCOMING_VISITS = "upcoming_visits"
    REGISTRATIONS = "registrations"


METRIC_WORDS: Mapping[CapMetric, str] = MappingProxyType(
    {
        CapMetric.DAYS: "利用した日の数（同じ日に2回使っても1日）",
        CapMetric.VISITS: "利用の回数",
        CapMetric.HALF_DAYS: "利用した日の数。半日は0.5日",
        CapMetric.HOURS: "利用した時間の合計",
        CapMetric.HOURS_ROUNDED_UP: "利用した時間の合計。1回ごとに1時間未満を切り上げる",
        CapMetric.CONSECUTIVE_DAYS: "続けて利用した日の数",
        CapMetric.DAYS_FROM_FIRST: "最初の利用日から最後の利用日までの暦の日数（両端の日を含む）",
        CapMetric.CAUSES: "利用のもとになった原因（出産・看護など）の数",
        CapMetric.UPCOMING_VISITS: "これから利用する予約の数",
        CapMetric.REGISTRATIONS: "事前登録をしている施設の数",
    }
)

#: Counted in minutes; everything else in halves.
HOUR_METRICS = frozenset({CapMetric.HOURS, CapMetric.HOURS_ROUNDED_UP})
#: Metrics whose sum within a period is the count, so that a row of the database can hold them.
SUMMED = frozenset({CapMetric.DAYS, CapMetric.VISITS, CapMetric.HALF_DAYS}) | HOUR_METRICS
#: Metrics that count from whenever unless told otherwise.
WITHOUT_PERIOD = frozenset(CapMetric) - SUMMED


class CapScope(StrEnum):
    """Whose stays are counted."""

    FACILITY = "facility"
    PROVIDER = "provider"
    MUNICIPALITY = "municipality"
    EVERYWHERE = "everywhere"


SCOPE_WORDS: Mapping[CapScope, str] = MappingProxyType(
    {
        CapScope.FACILITY: "この施設での利用だけ",
        CapScope.PROVIDER: "同じ法人の施設すべて",
        CapScope.MUNICIPALITY: "市区町村のなかの施設すべて",
        CapScope.EVERYWHERE: "市外も含めた施設すべて",
    }
)


class Per(StrEnum):
    """Whether each child has a count of its own."""

    CHILD = "child"
    HOUSEHOLD = "household"


PER_WORDS: Mapping[Per, str] = MappingProxyType(
    {Per.CHILD: "お子さん1人ごと", Per.HOUSEHOLD: "世帯ごと（きょうだいの分を合わせる）"}
)


class Breach(StrEnum):
    """What becomes of a stay above the cap."""

    REFUSE = "refuse"
    SURCHARGE = "surcharge"
    ASK_STAFF = "ask_staff"


BREACH_WORDS: Mapping[Breach, str] = MappingProxyType(
    {
        Breach.REFUSE: "予約できない",
        Breach.SURCHARGE: "予約できるが、こえた分は別の料金（feeのabove_cap）",
        Breach.ASK_STAFF: "職員が認めたときに利用できる（承認待ち）",
    }
)


class ClosedDays(StrEnum):
    """What a closed day between two days of use is for days in a row."""

    NOT_COUNTED = "not_counted"
    COUNTED = "counted"
    END_THE_RUN = "end_the_run"


CLOSED_WORDS: Mapping[ClosedDays, str] = MappingProxyType(
    {
        ClosedDays.NOT_COUNTED: "間の休みの日は数えない（続きは切れない）",
        ClosedDays.COUNTED: "間の休みの日も数える",
        ClosedDays.END_THE_RUN: "休みの日があれば、そこで続きが切れる",
    }
)


class TrialCounting(StrEnum):
    """Whether stays of trial care count."""

    LIKE_OTHERS = "like_others"
    ALWAYS = "always"
    NEVER = "never"


TRIAL_WORDS: Mapping[TrialCounting, str] = MappingProxyType(
    {
        TrialCounting.LIKE_OTHERS: "ふだんの利用と同じに数える",
        TrialCounting.ALWAYS: "どの利用区分のならしでも数える",
        TrialCounting.NEVER: "数えない",
    }
)


class Rounding(StrEnum):
    """What becomes of a broken number."""

    DOWN = "down"
    NEAREST = "nearest"
    UP = "up"


ROUNDING_WORDS: Mapping[Rounding, str] = MappingProxyType(
    {Rounding.DOWN: "切り捨て", Rounding.NEAREST: "四捨五入", Rounding.UP: "切り上げ"}
)
