"""Rules documents in words for families."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from portal.kernel.clock import at
from portal.policies.calendar import FacilityCalendar
from portal.policies.document import RulesDocument, load_template, template_names
from portal.policies.fee import AgeBasis
from portal.policies.window import BookingWindowRule
from portal.rulebooks.describe import (
    facts,
    fee_facts,
    from_price,
    next_opening,
    next_opening_words,
    summary,
)
from portal.rulebooks.words_dates import window_words

WEEKDAYS = FacilityCalendar(open_weekdays=frozenset(range(5)))


def told(name: str) -> dict[str, str]:
    document = load_template(name)
    return {fact.term: fact.text for fact in (*facts(document), *fee_facts(document.fee))}


def test_an_hourly_document_is_told_in_figures_and_times() -> None:
    words = told("hourly-standard")
    assert words["対象"] == "生後6か月から小学校に入る前まで"
    assert (
        words["予約できる期間"]
        == "利用の1か月前の同じ日（ない月は、最後の日）の 9:00 から、はじまりの1時間前まで"
    )
    assert words["預かりの時間"] == "30分きざみ、1時間から、8時間まで"
    assert words["0〜2歳児クラス"] == "1時間 400円"
    assert words["3歳児クラスから"] == "1時間 300円"
    assert words["きょうだい"] == (
        "2人目は利用料 50% 引き、3人目からは利用料が無料です。"
        "いっしょに預けるお子さんのなかで、何人目かを数えます。"
        "いちばん大きいお子さんを1人目と数えます。"
    )
    assert summary(load_template("hourly-standard")) == (
        "生後6か月から小学校に入る前まで。1時間 300円から。"
    )


def test_the_least_price_is_that_of_the_class_looked_at() -> None:
    document = load_template("hourly-standard")
    assert summary(document, [1]).endswith("1時間 400円から。")
    assert summary(document, [3, 4, 5]).endswith("1時間 300円から。")
    assert document.fee is not None
    on_the_day = document.fee.model_copy(update={"age_basis": AgeBasis.ON_THE_DAY})
    # Who is in the class of two turns three within the year.
    assert from_price(on_the_day, [2]) == "1時間 300円から"
    assert from_price(on_the_day, [1]) == "1時間 400円から"


def test_a_citys_document_tells_its_opening_day_and_deadlines() -> None:
    words = told("municipal-strict")
    assert words["対象"] == "生後57日から2歳児クラスまで"
    assert words["予約できる期間"].startswith("前の月の15日 9:00 から（休みの日なら次の開所日）")
    assert words["取り消し"] == "利用の5日前まで無料です。そのあとは料金の 100%がかかります。"
    assert "登録の7日後からです。" in words["はじめての方"]


def test_blocks_are_told_with_their_times() -> None:
    assert told("half-day")["預かりの時間"].startswith("午前 8:30〜12:30、午後 13:00〜17:00")


def test_what_opens_for_a_draw_can_be_asked_for_and_not_booked() -> None:
    usual = load_template("municipal-strict").model_dump(mode="json")
    drawn = RulesDocument.model_validate({**usual, "allocation": {"method": "lottery"}})
    now = at(date(2026, 11, 14), time(12))
    opening = next_opening(drawn, WEEKDAYS, now=now)
    assert opening is not None
    assert next_opening_words(opening, now=now) == (
        "12月分は11月16日（月）9:00 から申し込めます。予約は、申し込みを集めて、抽選で決めます"
    )


def test_the_next_opening_is_the_first_day_that_is_still_shut() -> None:
    now = at(date(2026, 11, 10), time(12))
    opening = next_opening(load_template("municipal-strict"), WEEKDAYS, now=now)
    assert opening is not None
    # 15 November 2026 is a Sunday: the next open day counts.
    assert next_opening_words(opening, now=now) == ("12月分は11月16日（月）9:00 から予約できます")
    assert next_opening(load_template("hourly-standard"), WEEKDAYS, now=now) is None


def test_where_each_day_opens_by_itself_the_first_is_told_until_one_is_open() -> None:
    now = at(date(2026, 11, 10), time(12))
    new = replace(WEEKDAYS, first_day=date(2027, 2, 6))
    rolling = load_template("hourly-standard")
    assert next_opening(rolling, WEEKDAYS, now=now) is None
    opening = next_opening(rolling, new, now=now)
    assert opening is not None
    assert next_opening_words(opening, now=now) == (
        "2027年2月8日（月）の分は2027年1月8日（金）9:00 から予約できます"
    )


def test_what_moves_off_closed_days_is_told() -> None:
    opens = {"kind": "rolling", "days": 30, "at": "10:00", "shift": "previous"}
    closes = {"days": 2, "at": "17:00", "shift": "previous"}
    rule = BookingWindowRule.model_validate({"opens": opens, "closes": closes})
    assert window_words(rule) == (
        "利用の30日前の 10:00 から（休みの日なら前の開所日）、"
        "利用の2日前 17:00（休みの日なら前の開所日）まで"
    )


@pytest.mark.parametrize("name", template_names())
def test_no_word_is_left_unfilled(name: str) -> None:
    assert not any("%" in text.replace("%がかかります", "").replace("% 引き", "")
                   for text in told(name).values())  # fmt: skip


def test_a_document_without_rules_says_only_that_records_are_asked_about_as_usual() -> None:
    assert [fact.term for fact in facts(RulesDocument())] == ["体のことの確認"]
    assert fee_facts(None) == []
    assert summary(RulesDocument()) == ""
