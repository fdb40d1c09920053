"""What mostly is not meant so is told with its place, and what goes together is not."""

from __future__ import annotations

import pytest

from portal.policies.document import load_template, template_names
from portal.rulebooks.caution import Caution
from portal.rulebooks.doubtful import doubtful
from portal.rulebooks.files import read_document
from portal.rulebooks.near_codes import letters_between
from portal.rulebooks.reading.mistakes import WrongFile, place_words
from portal.rulebooks.reference.page import example_names, text_of

DAY = '[fee.tariff]\nkind = "day"\nbands = [{ yen = 500 }]\n'
HALVES = (
    '[units]\nblocks = [{ label = "午前", starts = "09:00", ends = "12:00" },'
    ' { label = "午後", starts = "13:00", ends = "16:00" },'
    ' { label = "1日", starts = "09:00", ends = "16:00" }]\n'
)
BY_BLOCK = '[fee.tariff]\nkind = "blocks"\nbands = [{ prices = [%s] }]\n'
WEEKLY = '[hours]\nweekly = [{ weekdays = ["mon"], starts = "%s", ends = "%s" }%s]\n'
PART = ', { weekdays = ["mon", "tue"], starts = "%s", ends = "%s" }'
CANCEL = DAY + "[cancel]\n"
HALF = '{ kind = "percent", percent = 50 }'
TIERS = CANCEL + "free_until = { days = 3 }\ntiers = [{ until = { days = 1 }, fee = " + HALF + " }]"
CAP = '[[caps]]\nmetric = "%s"\namount = %s\nperiod = "%s"\n'
VARIANT = '[[variants]]\nname = "%s"\nwhen = %s\n'
CLASS = '{ unit = "class_age", value = %d }'
MORNING = "[hours]\nholiday_hours = [{ starts = '09:00', ends = '12:00' }, "
TWICE_ON_HOLIDAYS = MORNING + "{ starts = '%s', ends = '15:00' }]"
PHASES = "[booking_window]\nphases = [{ name = 'b', %s }, { name = 'a', "
BAND = '[fee]\n%s\ntariff = { kind = "hourly", bands = [{ %s }, { yen = 1 }] }\n'


def told(written: str) -> list[Caution]:
    return doubtful(read_document(written.encode()))


#: What is written, with a gap; what is doubted in it, where, by which words; what is not.
DOUBTED = [
    (WEEKLY % ("09:00", "13:00", PART), ("12:00", "17:00"), "hours.weekly[2]", "重なっています",
     ("13:00", "17:00")),
    ("[hours]\ndays = [{ from = 2026-10-10, closed = true }, { from = %s, closed = true }]",
     "2026-10-10", "hours.days[2]", "先に書いたほう", "2026-10-11"),
    (TWICE_ON_HOLIDAYS, "11:00", "hours.holiday_hours[2]",
     "09:00〜15:00 の預かりは断られます", "12:00"),
    ("[no_show]\nconsequences = [{ at_points = 2, then = %s }]", '"refuse"',
     "no_show.consequences[1]", "年度の終わりまで断ります", '"refuse", days = 14'),
    (DAY + "[[fee.reductions]]\npercent = 50\n%s", "", "fee.reductions[1]",
     "すべてのご家庭が安くなります", "marks = ['welfare']"),
    ("[no_show]\npoints = %s\nconsequences = [{ at_points = 2, then = 'warning' }]", "0",
     "no_show.points", "何も起きません", "1"),
    ("[channels]\nways = [{ channel = 'phone', actions = [%s] }]", "'cancel'", "channels.ways",
     "だれも申し込めません", "'cancel', 'book'"),
    ("[booking_window]\ncloses = { day_of_month = 'last', months_before = %s }", "0",
     "booking_window.closes", "利用日より後", "1"),
    (PHASES % "opens = { kind = 'monthly', day = 18 }, closes = { day_of_month = 24 }"
     + "opens = { kind = 'monthly', day = %s } }]", "10",
     "booking_window.phases[2]", "「b」より先に始まります", "1, months_before = 0"),
    (PHASES % "closes = { days = 3 }" + "closes = { days = %s } }]", "5",
     "booking_window.phases[2]", "この回は使われません", "1"),
    (CANCEL + "%slate_fee = " + HALF, "", "cancel.late_fee", "連絡のないお休みにだけ",
     "free_until = { days = 1 }\n"),
    (CANCEL + "free_until = { days = 0 }\n%slate_fee = " + HALF, "", "cancel.late_fee",
     "始まりより後", "free_until_minutes_before = 60\n"),
    (TIERS + "\n%s",
     "", "cancel.tiers[1]", "また無料", "late_fee = { kind = 'none' }"),
    (CANCEL + "free_until = { days = %s }\nlate_fee = " + HALF
     + "\n[booking_window]\nopens = { kind = 'rolling', days = 10 }", "40", "cancel.free_until",
     "予約したときから", "4"),
    (TIERS + "\nlate_fee = { kind = 'percent', percent = %s }", "10", "cancel.late_fee",
     "前の段階より安く", "80"),
    ("[cancel]\nfree_until = { days = 1 }\nlate_fee = %s", HALF, "cancel.late_fee", "0円です",
     "{ kind = 'flat', yen = 5 }"),
    ("[payment]\nwhen = 'next_month'\ninvoice_day = 25\ndue_day = %s", "10", "payment.due_day",
     "invoice_day", "'last'"),
    (CAP, ("days", 20, "week"), "caps[1].amount", "多くても7日", ("days", 20, "month")),
    (CAP, ("hours", 25, "day"), "caps[1].amount", "多くても24時間", ("hours", 24, "day")),
    (CAP % ("hours", 10, "month") + CAP, ("hours", 15, "week"), "caps[2].amount", "とちゅうで",
     ("hours", 10, "week")),
    (CAP % ("days", 5, "month") + CAP, ("days", 5, "month"), "caps[2]", "同じです",
     ("visits", 5, "month")),
    (CAP % ("half_days", 5, "month") + "half_day_units = ['午前']\n%s", "",
     "caps[1].half_day_units[1]", "units.blocks にない", HALVES),
    (VARIANT + "[variants.units]\nmin_minutes = 60\n" + WEEKLY % ("09:00", "12:00", ""),
     ("x", "{ weekdays = ['sat'] }"), "variants[1].when", "休み",
     ("x", "{ weekdays = ['mon', 'sat'] }")),
    (VARIANT + "[variants.units]\nmin_minutes = 60\n[hours]\non_holidays = 'open'\n",
     ("x", "{ months = [1], days = { from = '2026-10-01', until = '2026-10-31' } }"),
     "variants[1].when", "1日もありません",
     ("x", "{ months = [10], days = { from = '2026-10-01', until = '2026-10-31' } }")),
    ("[age]\nmax = " + CLASS % 3 + "\n" + VARIANT + "units = { min_minutes = 60 }",
     ("x", "{ class_ages = [5] }"), "variants[1].when", "年齢のきまり",
     ("x", "{ class_ages = [3] }")),
    (VARIANT % ("x", "{ weekdays = ['sat'] }") + "%s", "", "variants[1]", "何も変わりません",
     "units = { min_minutes = 60 }"),
    (VARIANT % ("x", "{ weekdays = ['sat'] }") + "units = { min_minutes = 60 }\n"
     + VARIANT + "units = { min_minutes = 90 }", ("y", "{ weekdays = ['sat'] }"),
     "variants[2].when", "「x」と同じ", ("y", "{ weekdays = ['sun'] }")),
    (VARIANT + "units = { min_minutes = 60 }", ("x", "{ reasons = ['a'] }"),
     "variants[1].when.reasons", "purposes.reasons がない", ("x", "{ purposes = ['a'] }")),
    ("[age]\nmin = " + CLASS + "\n" + BAND % ("", "below_age = 3, yen = 2"), 3,
     "fee.tariff.bands[1]", "年齢のきまり", 2),
    (BAND, ("", "below_months = 18, yen = 2"), "fee.tariff.bands[1].below_months",
     "0〜1歳児クラス", ("age_basis = 'on_the_day'", "below_months = 18, yen = 2")),
    (BAND, ("", "below_age = 3, yen = 2, then = [{ after_minutes = 150, yen = 3 }]"),
     "fee.tariff.bands[1].then[1].after_minutes", "180分をこえた分から",
     ("", "below_age = 3, yen = 2, then = [{ after_minutes = 180, yen = 3 }]")),
    (DAY + "[[fee.per_use]]\nlabel = '給食'\nyen = 300\nat = '%s'\n" + WEEKLY
     % ("13:00", "17:00", ""), "11:30", "fee.per_use[1].at", "「給食」はかかりません", "13:00"),
    (DAY + "[[fee.per_use]]\nlabel = '夕食'\nyen = 300\nat = '%s'\n" + HALVES, "17:00",
     "fee.per_use[1].at", "「夕食」はかかりません", "15:00"),
    (DAY + "[[fee.surcharges]]\nkind = 'outside_hours'\nyen = 9\nstandard = { until = '%s' }\n"
     + WEEKLY % ("09:00", "12:00", ""), "13:00", "fee.surcharges[1].standard", "ふつうの料金の時間",
     "11:00"),
    (DAY + "[fee.siblings]\nsecond_percent = 50\nthird_percent = %s", "20",
     "fee.siblings.third_percent", "小さくなって", "50"),
    (DAY + "[fee.siblings]\n[siblings]\nmost = %s", "1", "fee.siblings",
     "この割引はありません", "2"),
    (DAY + "[[fee.reductions]]\nmarks = ['%s']\npercent = 100", "walfare",
     "fee.reductions[1].marks[1]", "「welfare」（生活保護", "生活保護"),
    ("[purposes]\ntypes = [{ code = 'respite', proof = { kinds = ['%s'] } }]", "medical_certificat",
     "purposes.types[1].proof.kinds[1]", "「medical_certificate」", "medical_certificate"),
    (DAY + "[[fee.per_use]]\nlabel = 'おむつ'\nyen = 30\nwith_option = '%s'", "nappys",
     "fee.per_use[1].with_option", "「nappies」", "blanket"),
]  # fmt: skip


@pytest.mark.parametrize(("written", "gap", "where", "said", "meant"), DOUBTED)
def test_what_mostly_is_not_meant_is_told_with_its_place(
    written: str, gap: object, where: str, said: str, meant: object
) -> None:
    (warning,) = told(written % gap)
    assert place_words(warning.path) == where
    assert said in warning.words
    assert told(written % meant) == []


@pytest.mark.parametrize("name", [*example_names(), "variants", "whole"])
def test_the_examples_of_the_reference_are_not_doubted(name: str) -> None:
    assert told(text_of(f"examples/{name}.toml")) == []


@pytest.mark.parametrize("name", template_names())
def test_what_comes_with_the_portal_is_not_doubted(name: str) -> None:
    assert doubtful(load_template(name)) == []


# --- a block that nobody has priced ---


@pytest.mark.proves("G16")
def test_a_block_without_a_price_is_a_mistake_with_its_name() -> None:
    with pytest.raises(WrongFile) as caught:
        read_document((HALVES + BY_BLOCK % "{ label = '午前', yen = 1 }").encode())
    (problem,) = caught.value.problems
    assert problem.where == "fee.tariff.bands[1].prices"
    assert "「午後」（13:00〜16:00）の料金がないので、0円になります" in problem.words


@pytest.mark.proves("G16")
@pytest.mark.parametrize(
    "rest",
    [
        BY_BLOCK % "{ label = '午前', yen = 1 }, { label = '午後', yen = 0 }",  # and 1日 is both
        BY_BLOCK % "{ label = '1日', yen = 1 }",
    ],
)
def test_a_block_within_priced_ones_has_their_price(rest: str) -> None:
    assert told(HALVES + rest) == []


@pytest.mark.proves("G16")
def test_a_block_that_may_be_priced_elsewhere_is_asked_for() -> None:
    one = BY_BLOCK % "{ label = '午前', yen = 1 }"
    extra = "[[fee.surcharges]]\nkind = 'extra'\nlabel = '午後'\nyen = 9\n"
    (warning,) = told(HALVES + one + extra)
    assert "「午後」" in warning.words


@pytest.mark.proves("B29", "G6")
def test_of_two_limits_of_one_time_the_greater_is_a_mistake() -> None:
    with pytest.raises(WrongFile) as caught:
        read_document((CAP % ("days", 10, "month") + CAP % ("days", 7, "month")).encode())
    (problem,) = caught.value.problems
    assert problem.where == "caps[1].amount"
    assert "同じ期間に、もっと少ない上限（7）" in problem.words


# --- what variants make of it ---


def test_what_only_a_variant_makes_is_told_at_the_variant() -> None:
    written = (
        DAY + VARIANT % ("x", "{ weekdays = ['sat'] }") + ("[variants.cancel]\nlate_fee = " + HALF)
    )
    (warning,) = told(written)
    assert place_words(warning.path) == "variants[1].cancel.late_fee"
    assert warning.said.startswith("場合によって違うきまり：")


def test_a_day_that_another_variant_opens_is_open() -> None:
    sat = "{ weekdays = ['sat'] }"
    opened = "[[variants.hours.weekly]]\nweekdays = ['sat']\nstarts = '09:00'\nends = '12:00'\n"
    rest = VARIANT % ("y", sat) + "units = { min_minutes = 60 }\n"
    assert told(WEEKLY % ("09:00", "12:00", "") + VARIANT % ("x", sat) + opened + rest) == []


@pytest.mark.parametrize(
    ("one", "other", "letters"),
    [("walfare", "welfare", 1), ("nappys", "nappies", 2), ("lucnh", "lunch", 1), ("a", "abcd", 3)],
)
def test_letters_between_words(one: str, other: str, letters: int) -> None:
    assert letters_between(one, other, 2) == letters
