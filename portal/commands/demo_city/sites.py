"""The demo's facilities: whose they are, how they take children, what is special about each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from portal.commands.demo_city import site_terms
from portal.commands.demo_city.site_rows import SiteShape

_BABIES, _TODDLERS, _OLDER = "0歳児クラス", "1・2歳児クラス", "3歳以上クラス"
_TWO_MONTHS: Final = {"booking_window": {"opens": {"kind": "rolling", "months": 2, "at": "09:00"}}}
#: Days until the next opening of the facility that is full as soon as it opens.
OPENS_IN = timedelta(days=4)


@dataclass(frozen=True, slots=True)
class SiteOf:
    """A facility of the list that takes part. ``popularity``: how many families come from it."""

    key: str
    provider: str
    shape: SiteShape
    popularity: int = 3
    rests_on_holidays: bool = True
    is_published: bool = True
    access_note: str = "バス停から歩いて5分です。駐車場は3台分あります。"
    #: Shut from and until (days from the start), and why; known before anybody booked.
    shut: tuple[tuple[int, int, str], ...] = field(default=())


def sites(today: date, families: int = 400) -> tuple[SiteOf, ...]:
    """Return the facilities of a city that starts on ``today`` with so many families."""
    year_end = (_until(today, 12, 29), _until(today, 12, 29) + 5, "年末年始のお休み")
    # Whoever is open on Sundays and holidays too shuts for the very turn of the year alone.
    new_year = (_until(today, 12, 31), _until(today, 12, 31) + 3, "年末年始のお休み")
    return (
        SiteOf(
            "every_day",
            "あさひ会",
            SiteShape(
                "hourly-standard",
                18,
                ((_BABIES, 0, 0, 4), (_TODDLERS, 1, 2, 8), (_OLDER, 3, 5, 10)),
                weekday=(14, 40),
                saturday=(14, 40),
                sunday=(16, 36),
                on_duty=5,
                load=(0.45, 0.9),
                rules={**_TWO_MONTHS, **site_terms.KNOWING_EACH_OTHER},
            ),
            popularity=8,
            rests_on_holidays=False,
            access_note="駅の東口から歩いて3分、ビルの2階です。日曜と祝日も開いています。",
            shut=(new_year,),
        ),
        SiteOf(
            "half_days",
            "あさひ会",
            SiteShape(
                "half-day",
                8,
                ((_BABIES, 0, 0, 2), (_TODDLERS, 1, 2, 5), (_OLDER, 3, 5, 5)),
                saturday=(17, 25),
                rules={
                    "booking_window": {
                        "opens": {"kind": "monthly", "day": 1, "months_before": 2, "at": "10:00"}
                    },
                    **site_terms.HALF_A_YEAR,
                    **site_terms.ASKS_HOMES,
                },
            ),
            shut=(year_end,),
        ),
        SiteOf(
            "municipal",
            "みどり学園",
            SiteShape(
                "municipal-strict",
                6,
                ((_BABIES, 0, 0, 2), ("1歳児クラス", 1, 1, 3), ("2歳児クラス", 2, 2, 4)),
                load=(0.55, 0.95),
            ),
            shut=(year_end,),
        ),
        SiteOf(
            "by_the_hour",
            "みどり学園",
            SiteShape(
                "hourly-standard",
                10,
                ((_TODDLERS, 0, 2, 6), (_OLDER, 3, 5, 7)),
                weekday=(15, 38),
                load=(0.35, 0.8),
                rules=_TWO_MONTHS,
            ),
            shut=(year_end,),
        ),
        SiteOf(
            "opening_day",
            "つばさ会",
            SiteShape(
                "hourly-standard",
                6,
                ((_BABIES, 0, 0, 2), (_TODDLERS, 1, 2, 4), (_OLDER, 3, 5, 4)),
                weekday=(18, 34),
                saturday=(18, 24),
                load=(1.0, 1.0),
                rules={
                    "booking_window": {"opens": _opens_soon(today)},
                    "units": {"grid_minutes": 60},
                },
            ),
            popularity=7,
            access_note="バス停から歩いて3分、建物の2階です。駐車場は2台分あります。",
            shut=(year_end,),
        ),
        SiteOf(
            "being_rebuilt",
            "つばさ会",
            SiteShape(
                "hourly-standard",
                8,
                ((_TODDLERS, 1, 2, 5), (_OLDER, 3, 5, 5)),
                load=(0.4, 0.8),
                rules=_TWO_MONTHS,
            ),
            popularity=2,
            shut=((-9, 16, "園舎の工事"), year_end),
        ),
        SiteOf(
            "small",
            "NPO法人 そら",
            SiteShape(
                "hourly-standard",
                4,
                (("0～2歳", 0, 2, 3),),
                weekday=(18, 32),
                saturday=None,
                on_duty=2,
                load=(0.3, 0.7),
                rules={**_TWO_MONTHS, **site_terms.limited(families)},
            ),
            popularity=2,
            access_note="ふつうの家です。呼び鈴を押してください。車は前の道にとめられません。",
            shut=(year_end,),
        ),
        SiteOf(
            "kindergarten",
            "あおば学園",
            SiteShape(
                "half-day",
                12,
                (("満3歳児", 2, 3, 6), ("4・5歳児", 4, 5, 8)),
                saturday=None,
                load=(0.3, 0.65),
                rules={
                    "age": {"min": {"unit": "months", "value": 36}},
                    "booking_window": {
                        "opens": {"kind": "monthly", "day": 1, "months_before": 2, "at": "10:00"}
                    },
                },
            ),
            shut=(year_end,),
        ),
        SiteOf(
            "long_hours",
            "あおば学園",
            SiteShape(
                "hourly-standard",
                12,
                ((_BABIES, 0, 0, 3), (_TODDLERS, 1, 2, 6), (_OLDER, 3, 5, 7)),
                weekday=(15, 38),
                saturday=(15, 34),
                on_duty=4,
                load=(0.5, 0.95),
                rules={**_TWO_MONTHS, **site_terms.GATE},
            ),
            popularity=5,
            shut=(year_end,),
        ),
        SiteOf(
            "unpublished",
            "ひまわり保育会",
            SiteShape(
                "hourly-standard", 6, ((_BABIES, 0, 0, 1), (_TODDLERS, 1, 2, 4), (_OLDER, 3, 5, 4))
            ),
            popularity=0,
            is_published=False,
        ),
    )


def _opens_soon(today: date) -> Mapping[str, Any]:
    """Return an opening of the next month but one, some days after the start."""
    day = (today + OPENS_IN).day
    return {"kind": "monthly", "day": min(day, 28), "months_before": 2, "at": "09:00"}


def _until(today: date, month: int, day: int) -> int:
    there = date(today.year, month, day)
    if there < today - timedelta(days=120):
        there = date(today.year + 1, month, day)
    return (there - today).days
