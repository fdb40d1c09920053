from __future__ import annotations

from datetime import date

import pytest

from portal.policies.document import load_template, template_names
from portal.rulebooks.checking import warnings_of
from portal.rulebooks.crosscheck import crosscheck
from portal.rulebooks.files import read_document
from portal.rulebooks.kept import not_kept
from portal.rulebooks.never_admits import never_admits
from portal.rulebooks.reading.mistakes import WrongFile
from portal.rulebooks.reference.page import text_of
from tests.rules.policy_cases import document

TODAY = date(2026, 11, 24)
WEEK = '[[hours.weekly]]\nweekdays = ["mon", "tue"]\nstarts = "09:00"\nends = "12:00"\n'
CAP = '[[caps]]\nmetric = "days"\namount = 1\nperiod = "week"\n'
VARIANT = '[[variants]]\nname = "x"\n'
BLOCKS = '[units]\nblocks = [{ label = "午前", starts = "09:00", ends = "12:00" }]\n'
DAY_PRICE = '[fee.tariff]\nkind = "day"\nbands = [{ yen = 1 }]'
SHUT = (
    '[booking_window]\ncloses = { days = 7 }\nopens = { kind = "rolling", days = 3, at = "09:00" }'
)
CLASS = '{ unit = "class_age", value = %d }'


def warnings(written: str) -> list[str]:
    return [one.words for one in never_admits(read_document(written.encode()), today=TODAY)]


@pytest.mark.parametrize("name", template_names())
def test_rules_that_work_are_not_warned_about(name: str) -> None:
    assert never_admits(load_template(name), today=TODAY) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        # no age is old enough and young enough
        (
            '[age]\nmin = { unit = "years", value = 3 }\nmax = { unit = "months", value = 24 }',
            "どの年齢のお子さんも",
        ),
        (f"[age]\nmin = {CLASS % 3}\nmax = {CLASS % 2}", "どの年齢のお子さんも"),
        # closes before it opens
        (
            SHUT,
            "どの日も、受付が始まる前に終わります",
        ),
        # never open
        ('[hours]\nclosed_each_year = [{ from = "01-01", until = "12-31" }]', "1日もありません"),
        # no stay fits
        (WEEK + "[units]\nmin_minutes = 240", "1つもありません"),
        (
            WEEK + '[units]\nblocks = [{ label = "午後", starts = "13:00", ends = "16:00" }]',
            "1つもありません",
        ),
        # nothing may be used
        ('[[caps]]\nmetric = "days"\namount = 0\nperiod = "month"', "合わないもの：利用の上限"),
        (CAP.replace("days", "hours") + "[units]\nmin_minutes = 120", "利用の上限"),
        # whom one rule asks for the other does not take
        (
            VARIANT
            + 'when = { enrolments = ["none"] }\nage = { min = { unit = "years", value = 9 } }\n'
            + '[enrolment]\naccepts = ["none"]',
            "合わないもの：年齢",
        ),
    ],
)
def test_rules_that_admit_nobody_are_warned_about(written: str, said: str) -> None:
    (warning,) = warnings(written)
    assert said in warning


def test_a_part_that_nobody_can_use_is_warned_about_by_its_name() -> None:
    blocks = (
        '[units]\nblocks = [{ label = "午前", starts = "09:00", ends = "12:00" },'
        ' { label = "夕方", starts = "17:00", ends = "18:00" }]\n'
    )
    (warning,) = warnings(WEEK + blocks)
    assert "「夕方」" in warning
    (warning,) = warnings(
        '[purposes]\ntypes = [{ code = "respite" }, { code = "emergency" }]\n'
        '[[caps]]\nmetric = "days"\namount = 0\nperiod = "month"\npurposes = ["respite"]\n'
    )
    assert "リフレッシュ" in warning
    assert "利用の上限" in warning


def test_days_that_close_before_they_open_are_counted() -> None:
    (warning,) = warnings(
        '[booking_window]\nopens = { kind = "monthly", day = 28, at = "09:00" }\n'
        "closes = { days = 7 }"
    )
    assert "2026-12-01" in warning


def test_whom_only_an_exception_lets_in_is_found() -> None:
    only_enrolled = '[enrolment]\naccepts = ["kindergarten"]'
    assert warnings(only_enrolled) == []
    from_elsewhere = (
        '[residence]\ncities = ["A市"]\nothers = [{ circumstance = "homecoming" }]\n'
        '[[variants]]\nname = "x"\nwhen = { residence = "resident" }\n'
        'age = { min = { unit = "years", value = 9 } }'
    )
    assert warnings(from_elsewhere) == []


@pytest.mark.parametrize(
    "written",
    [
        '[regular]\nuse = "both"\npurposes = ["irregular_work"]',
        '[steps]\nfirst_use_purposes = ["respite"]',
        "[units]\nmin_minutes = 120\nfirst_visit = { max_minutes = 120 }",
    ],
)
def test_who_comes_by_single_days_or_for_the_second_time_is_found(written: str) -> None:
    types = '[purposes]\ntypes = [{ code = "irregular_work" }, { code = "respite" }]\n'
    assert warnings(types + written) == []


@pytest.mark.parametrize(
    ("written", "line", "said"),
    [
        (CAP + 'purposes = ["respit"]', 5, "「respite」のことですか"),
        (CAP + 'reasons = ["x"]', 5, "あるもの：errand"),
        (VARIANT + 'when = { reasons = ["gone"] }\ncaps = []', 3, "「gone」"),
        (
            VARIANT
            + 'when = { weekdays = ["sat"] }\n'
            + CAP.replace("[[caps]]", "[[variants.caps]]")
            + 'purposes = ["gone"]',
            8,
            "「gone」",
        ),
        (
            BLOCKS + CAP.replace("days", "half_days") + 'half_day_units = ["午前中"]',
            7,
            "「午前」のことですか",
        ),
        (
            '[fee.tariff]\nkind = "blocks"\nbands = [{ prices = [{ label = "午前", yen = 1 }] }]',
            3,
            "units.blocks にありません",
        ),
        (CAP + 'on_breach = "surcharge"\n' + DAY_PRICE, 5, "above_cap"),
        ('[fee]\nsurcharges = [{ kind = "above_cap", yen = 1 }]\n' + DAY_PRICE, 2, "かかりません"),
    ],
)
def test_a_name_that_leads_nowhere_is_a_mistake_with_its_line(
    written: str, line: int, said: str
) -> None:
    purposes = (
        '\n[purposes]\ntypes = [{ code = "respite" }]\n'
        'reasons = [{ code = "errand", label = "用事", type = "respite" }]\n'
    )
    with pytest.raises(WrongFile) as caught:
        read_document((written + purposes).encode())
    (problem,) = caught.value.problems
    assert problem.line == line
    assert said in problem.words


def test_names_are_free_where_nothing_is_listed() -> None:
    rules = document(caps=[{"metric": "days", "amount": 1, "period": "week", "purposes": ["any"]}])
    assert crosscheck(rules) == []


ON_THE_DAY = '[booking_window]\nopens = { kind = "rolling", days = 0, at = "%s" }\n'


@pytest.mark.parametrize(
    "written",
    [
        ON_THE_DAY % "00:00" + 'closes = { days = 0, at = "23:59" }\nnotice_minutes = 90\n',
        ON_THE_DAY % "10:00" + WEEK.replace("12:00", "17:00"),
    ],
)
def test_what_opens_on_the_day_itself_is_asked_for_later_on_that_day(written: str) -> None:
    assert warnings(written) == []


def test_lengths_off_the_grid_are_not_laid_to_the_hours() -> None:
    (warning,) = warnings("[units]\ngrid_minutes = 60\nmin_minutes = 90\nmax_minutes = 90\n")
    assert "きざみと長さに合う預かりが" in warning


@pytest.mark.proves("G14")
def test_a_block_that_is_too_long_for_the_units_is_told() -> None:
    blocks = BLOCKS + "max_minutes = %d\n"
    (warning,) = warnings(blocks % 120)
    assert "「午前」（09:00〜12:00）は、長さや始まりのきまりに合わない" in warning
    assert warnings(blocks % 180) == []
    other = "when = { units = ['午前'] }\nunits = { max_minutes = 180 }"
    assert warnings(blocks % 120 + VARIANT + other) == []


def test_a_warning_names_the_announced_period_and_the_place_of_a_use() -> None:
    late = '{ from = "2027-01-01", until = "2027-01-31", opens_at = "2027-05-01 09:00" }'
    written = f'[booking_window]\nopens = {{ kind = "announced", periods = [{late}] }}\n'
    (warning,) = never_admits(read_document(written.encode()), today=TODAY)
    assert warning.path == ("booking_window", "opens", "periods", 0)
    assert not warning.nobody
    written = (
        '[purposes]\ntypes = [{ code = "respite" }, { code = "emergency" }]\n'
        '[[caps]]\nmetric = "days"\namount = 0\nperiod = "month"\npurposes = ["emergency"]\n'
    )
    (warning,) = never_admits(read_document(written.encode()), today=TODAY)
    assert warning.path == ("purposes", "types", 1)
    assert warning.nobody


def test_who_publishes_is_told_what_people_must_keep() -> None:
    assert not_kept(document()) == []
    rules = document(allocation={"method": "staff_approval"}, waitlist={})
    assert len(not_kept(rules)) == 2
    assert warnings_of(rules, today=TODAY) == not_kept(rules)


def test_a_term_that_is_applied_for_long_before_is_found() -> None:
    written = text_of("examples/G25.toml").replace("three_months", "dates")
    rules = read_document(written.encode())
    assert never_admits(rules, today=date(2026, 7, 1)) == []
    (warning,) = never_admits(rules, today=date(2027, 7, 1))
    assert "定期の利用" in warning.words
