"""What rules of real places come to: released late, counted in hours, closed at New Year."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from portal.policies.decide import booking_window, decide
from portal.policies.document import RulesDocument
from portal.policies.facts import Household, Mark
from portal.policies.fee_lines import FeeLabel
from portal.policies.history import History, PastUse, UseState
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.files import read_document
from portal.rulebooks.reading.mistakes import WrongFile
from tests.rules.policy_cases import ANY_DAY, FRIDAY, case, child, document, jst, stay

R = BookingRefusal
#: 「いざというときの一時預かり」: a kind of use of which booking opens a week before, 48 hours a
#: month for each child, closed from 28 December to 3 January and on the day of the inspection.
SUDDEN: dict[str, Any] = {
    "purposes": {"types": [{"code": "respite"}, {"code": "sudden", "label": "いざというとき"}]},
    "booking_window": {"opens": {"kind": "monthly", "day": 1, "at": "09:00"}},
    "caps": [{"metric": "hours", "amount": 48, "period": "month"}],
    "hours": {
        "closed_each_year": [{"from": "12-28", "until": "01-03"}],
        "days": [{"from": "2027-02-12", "closed": True}],
    },
    "variants": [
        {
            "name": "いざというとき",
            "when": {"purposes": ["sudden"]},
            "booking_window": {"opens": {"kind": "rolling", "weeks": 1, "at": "09:00"}},
        }
    ],
}


def codes(rules: RulesDocument, at: Any, **more: Any) -> list[BookingRefusal]:
    wish = case(rules, calendar=ANY_DAY, received_at=at, **more)
    return [BookingRefusal(reason.code) for reason in decide(wish, now=at).reasons]


@pytest.mark.proves("B70", "G7")
@pytest.mark.parametrize(
    ("use", "opens"),
    [("sudden", jst(2026, 11, 13, 9)), ("respite", jst(2026, 10, 1, 9))],
)
def test_one_kind_of_use_opens_a_week_before_and_the_others_as_ever(use: str, opens: Any) -> None:
    rules = document(**SUDDEN)
    before = opens - timedelta(seconds=1)
    assert codes(rules, before, purpose=use) == [R.NOT_YET_OPEN]
    assert codes(rules, opens, purpose=use) == []


@pytest.mark.proves("B70", "G7")
def test_some_of_the_places_open_a_week_before_and_the_rest_as_ever() -> None:
    late = {"places": 2, "opens": {"kind": "rolling", "weeks": 1, "at": "09:00"}}
    rule = document(booking_window={"late_release": [late]}).booking_window
    assert rule is not None
    opens = jst(2026, 11, 13, 9)
    assert rule.places_open(5, FRIDAY, ANY_DAY, opens - timedelta(seconds=1)) == 3
    assert rule.places_open(5, FRIDAY, ANY_DAY, opens) == 5
    assert rule.places_open(1, FRIDAY, ANY_DAY, opens - timedelta(days=1)) == 0


@pytest.mark.proves("B70", "G6")
def test_a_month_has_48_hours_for_each_child() -> None:
    rules = document(**SUDDEN)
    her, sibling = child(1), child(2)
    november = [date(2026, 11, n) for n in range(2, 8)]
    used = [PastUse(her.child_id, day, 480, state=UseState.ATTENDED) for day in november]
    most = History((*used[:5], PastUse(her.child_id, november[5], 300)))  # 45 hours
    at = jst(2026, 11, 15, 12)
    for end, expected in (("12:00", []), ("12:30", [R.CAP_REACHED])):
        wish = {"span": stay("09:00", end), "history": most, "purpose": "sudden"}
        assert codes(rules, at, **wish) == expected
    # Another child has hours of its own, and so has the next month.
    whole: dict[str, Any] = {
        "span": stay("09:00", "17:00"),
        "history": History(tuple(used)),
        "purpose": "sudden",
    }
    assert codes(rules, at, **whole) == [R.CAP_REACHED]
    other = decide(case(rules, sibling, calendar=ANY_DAY, received_at=at, **whole), now=at)
    assert other.reasons == ()
    december = {**whole, "span": stay("09:00", "17:00", date(2026, 12, 1))}
    assert codes(rules, jst(2026, 11, 28, 12), **december) == []


@pytest.mark.proves("B70", "G9")
@pytest.mark.parametrize(
    ("day", "is_open"),
    [
        (date(2026, 12, 27), True),
        (date(2026, 12, 28), False),
        (date(2026, 12, 31), False),
        (date(2027, 1, 3), False),
        (date(2027, 1, 4), True),
        (date(2027, 2, 11), True),
        (date(2027, 2, 12), False),
    ],
)
def test_it_is_closed_at_new_year_and_on_the_day_of_the_inspection(
    day: date, *, is_open: bool
) -> None:
    rules = document(**SUDDEN)
    found = codes(
        rules,
        jst(day.year, day.month, day.day) - timedelta(days=1),
        span=stay(day=day),
        purpose="sudden",
    )
    assert (R.NOT_OPEN_DAY not in found) is is_open


# --- several prices ---


def reduced(*reductions: dict[str, Any], **more: Any) -> RulesDocument:
    tariff = {"kind": "hourly", "bands": [{"yen": 1000}]}
    rules = [{"needs_proof": False, **each} for each in reductions]
    return document(fee={"tariff": tariff, "reductions": rules, **more})


def paid(rules: RulesDocument, *marks: str, minutes: str = "10:00") -> tuple[int, list[str]]:
    """Return what an hour costs a home with these circumstances, and what was taken off."""
    home = Household(marks=tuple(Mark(code) for code in marks))
    wish = case(rules, span=stay("09:00", minutes), household=home)
    fee = decide(wish, now=wish.received_at).fee
    offs = [
        str(line.values["label"]) for line in fee.lines if line.label_code is FeeLabel.REDUCTION
    ]
    return fee.total_yen, offs


FREE = {"label": "全額", "marks": ["welfare"], "percent": 100}
HALF = {"label": "半額", "marks": ["tax_exempt"], "percent": 50}
LESS = {"label": "300円引き", "off_yen": 300}


@pytest.mark.proves("B44", "G17")
def test_of_several_prices_the_cheapest_that_holds_is_paid() -> None:
    for order in ((FREE, HALF, LESS), (LESS, HALF, FREE)):
        rules = reduced(*order)
        assert paid(rules, "welfare", "tax_exempt") == (0, ["全額"])
        assert paid(rules, "tax_exempt") == (500, ["半額"])
        # What would be cheaper and does not hold is beaten by what is dearer and holds.
        assert paid(rules) == (700, ["300円引き"])


@pytest.mark.proves("B44", "G17")
@pytest.mark.parametrize(
    ("percent", "yen", "left"),
    # 10 % of 9 yen is 0.9, of 10 is 1: a broken yen goes to the family, never to the facility.
    [(10, 10, 9), (10, 9, 8), (9, 10, 9), (99, 10, 0), (1, 1, 0), (1, 100, 99), (1, 101, 99)],
)
def test_a_broken_yen_goes_to_the_family(percent: int, yen: int, left: int) -> None:
    tariff = {"kind": "hourly", "bands": [{"yen": yen}]}
    rules = document(fee={"tariff": tariff, "reductions": [{"percent": percent}]})
    total, _offs = paid(rules)
    assert total == left


@pytest.mark.proves("B44", "G17")
def test_a_percentage_is_whole_and_a_broken_one_is_told() -> None:
    """9.9 % of 10 is 0.99 nowhere: fees are whole yen, and so are what lowers them."""
    written = b'[fee.tariff]\nkind = "hourly"\nbands = [{ yen = 10 }]\n[[fee.reductions]]\n'
    with pytest.raises(WrongFile) as wrong:
        read_document(written + b"percent = 9.9\n")
    (problem,) = wrong.value.problems
    assert (problem.line, problem.where) == (5, "fee.reductions[1].percent")
    assert problem.words == "小数のない数字で書いてください。"


@pytest.mark.proves("B10", "G6")
def test_where_no_limit_is_set_there_is_none() -> None:
    here = child()
    days = [FRIDAY - timedelta(days=n) for n in range(1, 200)]
    history = History(tuple(PastUse(here.child_id, day, 600) for day in days))
    at = jst(2026, 11, 15, 12)
    for rules in (document(), document(caps=[])):
        decision = decide(
            case(rules, calendar=ANY_DAY, received_at=at, history=history, span=stay()), now=at
        )
        assert (decision.reasons, decision.caps) == ((), ())
        assert booking_window(rules, ANY_DAY, FRIDAY).opens_at is None
