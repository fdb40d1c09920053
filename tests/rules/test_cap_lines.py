"""What a booking uses of each limit, in the words that families and staff read before it."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.bookings.cap_lines import cap_lines
from portal.documents.i18n import use_language
from portal.policies.cap_count import caps_of
from portal.policies.case import Case
from portal.policies.history import PastUse
from tests.rules.cap_cases import ONE, TWO, days_a, november, used, wish
from tests.rules.policy_cases import ASKED_AT, case, child, document

NAMES = {ONE: "はるとさん", TWO: "ゆいさん"}


def lines(asked: Case, *, several: bool = False) -> list[str]:
    uses = caps_of(asked, now=ASKED_AT)
    names = NAMES if several else {ONE: NAMES[ONE]}
    return cap_lines(uses, names, asked.document.purposes)


def line(cap: dict[str, Any], past: list[PastUse] | None = None, **more: Any) -> str:
    (said,) = lines(wish(cap, past, **more))
    return said


FIVE = november(2, 4, 6, 9, 11)
UNITS: dict[str, Any] = {"metric": "half_days", "half_day_minutes": 240, "period": "month"}


@pytest.mark.proves("G6", "R6")
@pytest.mark.parametrize(
    ("cap", "past", "said"),
    [
        (
            days_a("month", 14),
            used(*FIVE),
            "11月は14日のうち5日使いました。この予約で、6日になります。残りは8日です。",
        ),
        (
            days_a("month", 14),
            [],
            "11月は14日まで使えます。この予約で、1日になります。残りは13日です。",
        ),
        (
            days_a("month", 14, scope="municipality"),
            used(*FIVE, is_here=False),
            (
                "11月はほかの園も合わせて、14日のうち5日使いました。"
                "この予約で、6日になります。残りは8日です。"
            ),
        ),
        (
            days_a("week", 3),
            used(*november(16, 20)),
            (
                "11月16日からの1週間は3日のうち2日使いました。"
                "この予約をしても、使った数は変わりません。残りは1日です。"
            ),
        ),
        (
            {**UNITS, "amount": 14, "label": "月の上限"},
            used(*november(2, 4)),
            (
                "月の上限：11月は14日分のうち1日分使いました。この予約で、1.5日分になります。"
                "残りは12.5日分です。"
            ),
        ),
        (
            {"metric": "hours", "period": "fiscal_year", "amount": 40},
            used(date(2026, 4, 1), minutes=90),
            (
                "2026年度は40時間のうち1時間30分使いました。この予約で、4時間30分になります。"
                "残りは35時間30分です。"
            ),
        ),
        (
            {"metric": "consecutive_days", "amount": 5},
            used(*november(18, 19)),
            "続けて5日まで使えます。この予約で、続けて3日になります。",
        ),
        (
            {"metric": "upcoming_visits", "amount": 5},
            [],
            "これからの予約は、5回まで持てます。この予約で、1回になります。残りは4回です。",
        ),
        (
            days_a("month", 5, on_breach="surcharge"),
            used(*FIVE),
            "11月は5日のうち5日使いました。この予約で、6日になります。上限をこえます。",
        ),
    ],
)
def test_each_limit_says_what_is_used_and_what_is_left(
    cap: dict[str, Any], past: list[PastUse], said: str
) -> None:
    assert line(cap, past) == said


@pytest.mark.proves("G6", "R6")
def test_without_a_limit_and_of_registrations_nothing_is_said() -> None:
    assert lines(case(document())) == []
    assert lines(wish({"metric": "registrations", "amount": 3}, registrations=1)) == []


@pytest.mark.proves("G6", "G21", "R6")
def test_of_several_children_each_is_named_and_a_household_counts_once() -> None:
    both = (child(1), child(2))
    each = lines(wish(days_a("month", 14), used(*FIVE), children=both), several=True)
    assert each == [
        "はるとさん：11月は14日のうち5日使いました。この予約で、6日になります。残りは8日です。",
        "ゆいさん：11月は14日まで使えます。この予約で、1日になります。残りは13日です。",
    ]
    (home,) = lines(
        wish({**days_a("month", 9), "metric": "visits", "per": "household"}, children=both),
        several=True,
    )
    assert home.startswith("11月はご家庭みんなで、9回まで使えます。この予約で、2回になります。")


@pytest.mark.proves("G5", "G6")
def test_a_limit_without_a_name_is_told_apart_by_the_use_it_is_for() -> None:
    purposes = {"types": [{"code": "respite", "label": "リフレッシュ"}, {"code": "emergency"}]}
    capped = days_a("month", 7, purposes=["respite"])
    said = line(capped, kinds={"purposes": purposes}, purpose="respite")
    assert said.startswith("「リフレッシュ」の利用：11月は7日まで使えます。")


@pytest.mark.proves("G6", "R6")
def test_the_same_is_said_in_english_and_in_easy_japanese() -> None:
    past = used(*FIVE)
    with use_language("en"):
        said = line(days_a("month", 14), past)
    assert said == "Nov: 5 days of 14 days used. With this booking: 6 days. 8 days left."
    with use_language("ja_easy"):
        assert "使" in line(days_a("month", 14), past)
