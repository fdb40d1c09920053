"""Windows, deadlines and hours in words: everything that a rule says stands on the page."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from portal.policies.deadlines import Deadline
from portal.policies.hours import HoursRule
from portal.policies.window import BookingWindowRule
from portal.rulebooks.objections import sentences
from portal.rulebooks.words_dates import deadline_words, first_day_words, window_facts, window_words
from portal.rulebooks.words_hours import hours_facts


def opening(**opens: Any) -> str:
    rule = {"at": "09:00", **opens}
    return window_words(BookingWindowRule.model_validate({"opens": rule}))


@pytest.mark.parametrize(
    ("opens", "words"),
    [
        ({"kind": "monthly", "day": 15}, "前の月の15日 9:00 から"),
        ({"kind": "monthly", "day": "last", "months_before": 0}, "その月の最後の日 9:00 から"),
        (
            {"kind": "monthly", "day": 1, "shift": "next", "shift_to": "weekdays"},
            "前の月の1日 9:00 から（土日・祝日なら次の平日）",
        ),
        (
            {"kind": "monthly", "nth": 2, "weekday": "mon", "shift": "previous"},
            "前の月の第2月曜日 9:00 から（休みの日なら前の開所日）",
        ),
        ({"kind": "monthly", "nth": "last", "weekday": "fri"}, "前の月の最後の金曜日 9:00 から"),
        ({"kind": "monthly", "day": 3, "counting": "open"}, "前の月の3番目の開所日 9:00 から"),
        (
            {"kind": "monthly", "day": "last", "counting": "weekdays", "months_before": 2},
            "2か月前の月の最後の平日 9:00 から",
        ),
        (
            {"kind": "half_month"},
            "月の15日までの分は前の月の16日 9:00 から、16日からの分はその月の1日 9:00 から",
        ),
        (
            {"kind": "half_month", "second_half_from": 11, "first_half_day": 20},
            "月の10日までの分は前の月の20日 9:00 から、11日からの分はその月の1日 9:00 から",
        ),
        (
            {"kind": "term", "day": 1, "months": 6},
            "6か月分（4月・10月から）をまとめて、はじめの月の前の月の1日 9:00 から",
        ),
        (
            {"kind": "term", "day": 5, "months_before": 2, "first_month": 1},
            "3か月分（1月・4月・7月・10月から）をまとめて、はじめの月の2か月前の月の5日 9:00 から",
        ),
        (
            {"kind": "weekly", "weekday": "mon"},
            "1週間分（月曜日から日曜日まで）をまとめて、前の週の月曜日 9:00 から",
        ),
        (
            {"kind": "weekly", "weekday": "sat", "weeks_before": 2, "week_starts": "sun"},
            "1週間分（日曜日から土曜日まで）をまとめて、2週前の週の土曜日 9:00 から",
        ),
        ({"kind": "rolling", "days": 16}, "利用の16日前の 9:00 から"),
        (
            {"kind": "rolling", "days": 10, "counting": "open"},
            "利用の10日前（休みの日は数えません）の 9:00 から",
        ),
        (
            {"kind": "rolling", "days": 10, "counting": "weekdays"},
            "利用の10日前（土日と祝日は数えません）の 9:00 から",
        ),
        ({"kind": "rolling", "weeks": 2}, "利用の2週間前の同じ曜日の 9:00 から"),
        (
            {"kind": "rolling", "months": 1, "when_day_is_missing": "first_of_next_month"},
            "利用の1か月前の同じ日（ない月は、次の月の1日）の 9:00 から",
        ),
        (
            {"kind": "rolling", "months": 2},
            "利用の2か月前の同じ日（ない月は、最後の日）の 9:00 から",
        ),
        (
            {"kind": "monthly", "nth": 5, "weekday": "mon"},
            "前の月の第5月曜日（ない月は、最後の月曜日） 9:00 から",
        ),
    ],
)
def test_each_way_to_release_days(opens: dict[str, Any], words: str) -> None:
    assert opening(**opens) == words


def test_announced_days_are_told_by_their_dates() -> None:
    periods = [
        {
            "from": "2026-04-01",
            "until": "2026-06-30",
            "opens_at": "2026-03-16 09:00",
            "closes_at": "2026-03-26 00:00",
        },
        {"from": "2026-07-01", "opens_at": "2026-06-15 09:00"},
    ]
    rule = BookingWindowRule.model_validate({"opens": {"kind": "announced", "periods": periods}})
    assert window_words(rule) == (
        "2026年4月1日（水）〜2026年6月30日（火）の分は"
        "2026年3月16日（月）9:00 から2026年3月25日（水）24:00 まで、"
        "2026年7月1日（水）からの分は2026年6月15日（月）9:00 から、ほかの日の分はお知らせしてから"
    )


@pytest.mark.parametrize(
    ("limit", "words"),
    [
        ({"days": 0, "at": "08:00"}, "利用の日 8:00"),
        ({"days": 3, "at": "23:59"}, "利用の3日前"),
        ({"days": 1, "counting": "open"}, "利用の前の日（休みの日は数えません）"),
        (
            {"days": 2, "at": "17:00", "counting": "weekdays"},
            "利用の2日前 17:00（土日と祝日は数えません）",
        ),
        (
            {"day_of_month": 20, "shift": "previous"},
            "利用する月の前の月の20日（休みの日なら前の開所日）",
        ),
        ({"day_of_month": "last", "months_before": 0}, "利用する月の最後の日"),
        (
            {"weekday": "thu", "at": "12:00"},
            "利用する週（月曜日から日曜日まで）の前の週の木曜日 12:00",
        ),
        (
            {"weekday": "first_open", "weeks_before": 0, "week_starts": "sun"},
            "利用する週（日曜日から土曜日まで）のはじめの開所日",
        ),
    ],
)
def test_deadlines(limit: dict[str, Any], words: str) -> None:
    assert deadline_words(Deadline.model_validate(limit)) == words


def test_the_first_day_of_a_week_is_told_beside() -> None:
    closes = {"days": 1, "at": "17:00", "first_of_week": {"days": 3, "at": "15:00"}}
    assert window_words(BookingWindowRule.model_validate({"closes": closes})) == (
        "利用の前の日 17:00まで。"
        "週（月曜日から日曜日まで）のはじめの開所日の利用は、利用の3日前 15:00まで"
    )
    assert not first_day_words(Deadline(days=1))


def test_phases_and_places_that_open_later() -> None:
    rule = BookingWindowRule.model_validate(
        {
            "notice_minutes": 60,
            "phases": [
                {
                    "name": "一次受付",
                    "opens": {"kind": "monthly", "day": 18, "at": "09:00"},
                    "closes": {"day_of_month": 24},
                    "allocation": "lottery",
                    "channels": ["web", "phone"],
                },
                {"name": "空き", "closes": {"days": 1, "at": "17:00"}},
                {"name": "いつでも受付"},
            ],
            "late_release": [
                {"places": 3, "opens": {"kind": "rolling", "weeks": 1, "at": "09:00"}},
                {
                    "places": 1,
                    "name": "当日枠",
                    "opens": {"kind": "rolling", "days": 0, "at": "08:30"},
                },
            ],
        }
    )
    assert [tuple(fact) for fact in window_facts(rule)] == [
        (
            "予約できる期間",
            (
                "「一次受付」は、前の月の18日 9:00 から、利用する月の前の月の24日まで。"
                "この回は、申し込みを集めて、抽選で決めます。"
                "この回を受けるのは、インターネット・電話です。"
                "「空き」は、利用の前の日 17:00まで。「いつでも受付」は、いつでも。"
                "どの回も、はじまりの1時間前までです"
            ),
        ),
        (
            "あとから受ける予約",
            "3人分は、利用の1週間前の同じ曜日の 9:00 から。当日枠：1人分は、利用の日の 8:30 から",
        ),
    ]


WEEK = {"weekdays": ["mon", "tue", "wed", "thu", "fri"], "starts": "08:30", "ends": "12:30"}


def told(**rule: Any) -> dict[str, str]:
    return {fact.term: fact.text for fact in hours_facts(HoursRule.model_validate(rule))}


def test_hours_of_a_week() -> None:
    weekly = [
        WEEK,
        {**WEEK, "starts": "15:00", "ends": "17:00"},
        {"weekdays": ["sat"], "nth": [1, 3], "starts": "08:30", "ends": "12:30"},
    ]
    assert told(weekly=weekly) == {
        "開いている時間": (
            "月・火・水・木・金 8:30〜12:30と15:00〜17:00、"
            "第1土曜日・第3土曜日 8:30〜12:30、日曜日は休み"
        )
    }
    every = {"weekdays": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
    assert told(weekly=[{**WEEK, **every, "ends": "24:00"}]) == {
        "開いている時間": "毎日 8:30〜24:00"
    }
    assert told() == {}


def test_days_that_are_closed_or_different() -> None:
    assert told(
        on_holidays="open",
        closed_weekdays=[
            {"weekday": "wed", "nth": [2, "last"]},
            {"weekday": "mon", "on_holiday": "next_day"},
        ],
        closed_each_year=[
            {"from": "12-29", "until": "01-03", "name": "年末年始"},
            {"from": "04-01", "until": "04-01"},
        ],
        seasons=[{"from": "07-21", "until": "08-31", "name": "夏休み", "weekly": [WEEK]}],
        days=[
            {"from": "2026-10-10", "closed": True, "name": "運動会"},
            {
                "from": "2026-10-17",
                "until": "2026-10-18",
                "hours": [{"starts": "09:00", "ends": "12:00"}],
            },
            {"from": "2026-11-23", "until": "2026-11-23"},
        ],
        suspended=[
            {"from": "2026-09-01", "until": "2027-03-31", "message": "工事のため"},
            {"from": "2028-04-01"},
        ],
    ) == {
        "お休みしている期間": (
            "2026年9月1日（火）〜2027年3月31日（水）は、預かりを休みます（工事のため）。"
            "2028年4月1日（土）から、決まるまでは、預かりを休みます"
        ),
        "祝日": "その曜日の時間に開きます",
        "時間の変わる時期": (
            "夏休み（毎年 7月21日〜8月31日）は、月・火・水・木・金 8:30〜12:30、土・日は休み"
        ),
        "休みの曜日": (
            "第2水曜日・最後の水曜日。毎週月曜日（祝日なら開き、その次の祝日でない日に休みます）"
        ),
        "毎年の休み": "年末年始（毎年 12月29日〜1月3日）、毎年 4月1日",
        "いつもと違う日": (
            "2026年10月10日（土）（運動会）：休み。"
            "2026年10月17日（土）〜2026年10月18日（日）：9:00〜12:00。"
            "2026年11月23日（月）：いつもの時間に開きます"
        ),
    }


def test_coming_going_and_days_for_enough_children() -> None:
    assert told(
        on_holidays="closed",
        arrivals=[{"starts": "08:30", "ends": "10:00"}],
        pick_ups=[
            {"starts": "15:00", "ends": "17:00"},
            {"starts": "12:00", "ends": "12:30", "weekdays": ["sat"]},
        ],
        needs_children=[
            {"weekdays": ["sat"], "at_least": 3, "decided": {"days": 3, "at": "17:00"}},
            {},
        ],
    ) == {
        "祝日": "休みです",
        "登園できる時刻": "8:30〜10:00",
        "お迎えできる時刻": "15:00〜17:00、土曜日 12:00〜12:30",
        "人数がそろうと開く日": (
            "土曜日は、予約が3人以上の日だけ開きます。利用の3日前 17:00までに決めます。"
            "予約が1人以上の日だけ開きます"
        ),
    }
    spans = [{"starts": "09:00", "ends": "12:00"}]
    assert told(holiday_hours=spans) == {"祝日": "どの曜日でも、9:00〜12:00に開きます"}


@pytest.mark.parametrize(
    ("model", "written"),
    [
        (BookingWindowRule, {"opens": {"kind": "monthly"}}),
        (BookingWindowRule, {"opens": {"kind": "rolling"}}),
        (BookingWindowRule, {"closes": {}}),
        (BookingWindowRule, {"closes": {"days": 1, "months_before": 1}}),
        (BookingWindowRule, {"closes": {"days": 1, "weeks_before": 1}}),
        (BookingWindowRule, {"phases": [{"name": "一次"}], "closes": {"days": 1}}),
        (HoursRule, {"weekly": [{**WEEK, "ends": "08:00"}]}),
        (HoursRule, {"closed_each_year": [{"from": "02-30", "until": "03-01"}]}),
        (
            HoursRule,
            {
                "days": [
                    {
                        "from": "2026-11-02",
                        "closed": True,
                        "hours": [{"starts": "09:00", "ends": "12:00"}],
                    }
                ]
            },
        ),
        (HoursRule, {"suspended": [{"from": "2026-11-02", "until": "2026-11-01"}]}),
    ],
)
def test_what_the_rules_object_to_has_words(model: type[BaseModel], written: Any) -> None:
    with pytest.raises(ValidationError) as caught:
        model.model_validate(written)
    (error,) = caught.value.errors()
    assert str(error["ctx"]["error"]) in sentences()


@pytest.mark.parametrize("model", [BookingWindowRule, HoursRule, Deadline])
def test_every_field_tells_its_meaning_and_shows_a_value(model: type[BaseModel]) -> None:
    """The reference page is made from them; a kind itself is told by what it is."""
    schema = model.model_json_schema()
    for name, part in {"": schema, **schema.get("$defs", {})}.items():
        for field, said in part.get("properties", {}).items():
            if name != "" and "properties" not in part:
                continue
            assert said.get("description"), (name, field)
            assert field == "kind" or said.get("examples") or "const" in said, (name, field)
