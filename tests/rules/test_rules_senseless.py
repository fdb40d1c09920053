"""Rules that take each other's effect away are mistakes with their line, or are told of."""

from __future__ import annotations

import pytest

from portal.policies.document import load_template, template_names
from portal.rulebooks.doubtful import doubtful
from portal.rulebooks.files import read_document
from portal.rulebooks.reading.mistakes import WrongFile, place_words
from portal.rulebooks.senseless import senseless

PRICE = '[fee.tariff]\nkind = "hourly"\nbands = [{ yen = 500 }]\n'
FEE = 'fee = { kind = "percent", percent = 50 }'
FREE = "[cancel]\nfree_until = { days = %d }\n"
TIER = "tiers = [{ until = { days = %d }, " + FEE + " }]\n"
NIGHT = "tiers = [{ until_minutes_before = 60, " + FEE + " }]\n"
VARIANT = '[[variants]]\nname = "x"\nwhen = { residence = "non_resident" }\ncaps = []\n'
CAP = '[[caps]]\nmetric = "days"\namount = 1\nperiod = "%s"\nweek_starts = "sun"\n'
ITEM = '[[fee.items]]\nlabel = "昼"\nyen = 300\nwith_option = "%s"\nwithout_option = "own"\n'
CLOSED = '[hours]\non_holidays = "closed"\n'
MAY = '[exceptions]\nhead_may = ["%s"]\nnever = ["too_old"]\n'


@pytest.mark.parametrize(
    ("written", "line", "said"),
    [
        (FREE % 1 + TIER % 3, 3, "早いほうから順に"),
        (FREE % 3 + TIER % 3, 3, "早いほうから順に"),
        (MAY % "too_old", 2, "だれも認められません"),
        (VARIANT, 3, "[residence] を書いて"),
        (CAP % "month", 5, "period が week のときだけ"),
        (PRICE + ITEM % "own", 8, "だれにもかかりません"),
    ],
)
def test_a_rule_without_effect_is_a_mistake_with_its_line(
    written: str, line: int, said: str
) -> None:
    with pytest.raises(WrongFile) as caught:
        read_document(written.encode())
    (problem,) = caught.value.problems
    assert problem.line == line
    assert said in problem.words


@pytest.mark.parametrize(
    "written",
    [
        FREE % 3 + TIER % 1,
        FREE % 1 + NIGHT,
        MAY % "too_young",
        VARIANT + '[residence]\ncities = ["A市"]\n',
        CAP % "week",
        (CAP % "month").replace("sun", "mon"),
        PRICE + ITEM % "lunch",
    ],
)
def test_rules_that_go_together_are_taken(written: str) -> None:
    assert read_document(written.encode())


@pytest.mark.parametrize("name", template_names())
def test_what_comes_with_the_portal_makes_sense(name: str) -> None:
    document = load_template(name)
    assert senseless(document) == []
    assert doubtful(document) == []


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (
            CLOSED + 'closed_weekdays = [{ weekday = "tue", nth = [1], on_holiday = "next_day" }]',
            "hours.closed_weekdays[1]",
        ),
        ('[hours]\ndays = [{ from = "2026-10-10", name = "運動会" }]', "hours.days[1]"),
    ],
)
def test_what_is_mostly_not_meant_is_told(written: str, said: str) -> None:
    (warning,) = doubtful(read_document(written.encode()))
    assert place_words(warning.path) == said
    meant = written.replace('closed"\nclosed', 'open"\nclosed').replace(
        "name = ", "closed = true, name = "
    )
    assert doubtful(read_document(meant.encode())) == []


TWO = '[[caps]]\nmetric = "visits"\namount = %s\nperiod = "%s"\n'


@pytest.mark.proves("B29", "G6")
@pytest.mark.parametrize(
    ("shorter", "longer"), [((9, "day"), (5, "month")), ((6, "month"), (5, "fiscal_year"))]
)
def test_a_limit_above_that_of_a_longer_time_is_a_mistake(
    shorter: tuple[int, str], longer: tuple[int, str]
) -> None:
    for first, second, line in ((shorter, longer, 3), (longer, shorter, 7)):
        with pytest.raises(WrongFile) as caught:
            read_document((TWO % first + TWO % second).encode())
        (problem,) = caught.value.problems
        assert problem.line == line
        assert f"もっと長い期間の上限（{longer[0]}）より多い" in problem.words


@pytest.mark.proves("B29", "G6")
@pytest.mark.parametrize(
    "written",
    [
        TWO % (3, "day") + TWO % (5, "month"),
        TWO % (1, "day") + TWO % (1, "month"),
        TWO % (9, "week") + TWO % (5, "month"),  # a week can lie in two months
        TWO % (9, "day") + 'scope = "municipality"\n' + TWO % (5, "month"),
        TWO % (9, "day") + TWO % (5, "month") + "extensions = 1\nextension = 2\n",
        TWO % (9, "day") + TWO % (5, "month") + "weekly_average = true\n",
    ],
)
def test_other_limits_stand_beside_each_other(written: str) -> None:
    assert read_document(written.encode())
