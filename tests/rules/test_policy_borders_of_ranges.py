"""Borders of what can be written, and of how far rules reach, that small mistakes cross unseen."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import ValidationError

from portal.policies.age import AgeRule
from portal.policies.announced import AnnouncedOpening, AnnouncedPeriod
from portal.policies.blocks import Block
from portal.policies.calendar import FacilityCalendar, closure
from portal.policies.cap_periods import PeriodRule
from portal.policies.capacity import BandCap, CapacityRule
from portal.policies.channels import DeskHours
from portal.policies.day_of_use import Belonging
from portal.policies.gates import GateRule
from portal.policies.laying import excludes
from portal.policies.looking import DayRules, by_web
from portal.policies.meeting import Meeting
from portal.policies.noshow_rule import NoShowConsequence
from portal.policies.open_days import ClosedWeekday, DoorTimes, OpenSpan, SpecialDays
from portal.policies.openings import RollingOpening
from portal.policies.programme import PROGRAMME_KIND_WORDS, ProgrammeRule
from portal.policies.record import RecordRule, strictest
from portal.policies.registration import RegistrationRule, Validity
from portal.policies.regular import RegularRule, TermApplication
from portal.policies.rule import Rule
from portal.policies.stays_within import stays_within
from portal.policies.tariff_hourly import HourlyBand, HourlyTariff
from portal.policies.tariffs import HalfDayBand
from portal.policies.units import UnitsRule
from portal.policies.variants import AgeSpan, DaySpan, LengthSpan, TimeSpan, VariantWhen
from tests.rules.policy_cases import ANY_DAY, FRIDAY, child, document

_DAYS = ("2026-11-19", "2026-11-20", "2026-11-21")
_TIMES = ("08:59", "09:00", "09:01")
_NUMBERS = (2, 3, 4)
_OPENING = {"opens_at": "2026-10-01T09:00"}
_TERM = {"use_from": "2027-01-01", "use_until": "2027-03-31", "opens_on": "2026-11-01"}


# --- what can be written ---


@pytest.mark.proves("R21")
@pytest.mark.parametrize(
    ("kind", "first", "last", "values", "besides"),
    [
        (AgeRule, "born_from", "born_until", _DAYS, {}),
        (AnnouncedPeriod, "from", "until", _DAYS, _OPENING),
        (PeriodRule, "first_day", "last_day", _DAYS, {"period": "dates"}),
        (SpecialDays, "from", "until", _DAYS, {"closed": True}),
        (DaySpan, "from", "until", _DAYS, {}),
        (TermApplication, "closes_on", "drawn_on", _DAYS, _TERM),
        (
            TermApplication,
            "use_from",
            "use_until",
            _DAYS,
            {"opens_on": "2026-10-01", "closes_on": "2026-10-02"},
        ),
        (DoorTimes, "starts", "ends", _TIMES, {}),
        (Meeting, "families_from", "families", _NUMBERS, {}),
        (RegularRule, "least_weekdays", "most_weekdays", _NUMBERS, {}),
        (HourlyBand, "min_yen", "max_yen", _NUMBERS, {"yen": 1}),
        (HalfDayBand, "half_day_yen", "day_yen", _NUMBERS, {}),
        (UnitsRule, "min_minutes", "max_minutes", (60, 90, 120), {}),
    ],
)
def test_a_range_that_holds_both_its_ends_may_be_one_of_them(
    kind: type[Rule], first: str, last: str, values: tuple[Any, Any, Any], besides: dict[str, Any]
) -> None:
    before, value, after = values
    for end in (value, after):
        assert kind.model_validate({**besides, first: value, last: end})
    with pytest.raises(ValidationError):
        kind.model_validate({**besides, first: value, last: before})


@pytest.mark.proves("R21")
@pytest.mark.parametrize(
    ("kind", "first", "last", "values", "besides"),
    [
        (Block, "starts", "ends", _TIMES, {"label": "午前"}),
        (BandCap, "from", "until", _TIMES, {"total": 3}),
        (DeskHours, "starts", "ends", _TIMES, {}),
        (OpenSpan, "starts", "ends", _TIMES, {}),
        (TimeSpan, "from", "until", _TIMES, {}),
        (Belonging, "from_months", "below_months", _NUMBERS, {"name": "おむつ"}),
        (Belonging, "from_minutes", "below_minutes", _NUMBERS, {"name": "おむつ"}),
        (GateRule, "from_months", "below_months", _NUMBERS, {"code": "walks", "label": "歩く"}),
        (AgeSpan, "from_months", "below_months", _NUMBERS, {}),
        (LengthSpan, "from_minutes", "below_minutes", _NUMBERS, {}),
        (HourlyTariff, "grace_minutes", "unit_minutes", (29, 30, 31), {"bands": [{"yen": 100}]}),
    ],
)
def test_a_range_without_its_end_is_not_empty(
    kind: type[Rule], first: str, last: str, values: tuple[Any, Any, Any], besides: dict[str, Any]
) -> None:
    before, value, after = values
    assert kind.model_validate({**besides, first: value, last: after})
    for end in (before, value):
        with pytest.raises(ValidationError):
            kind.model_validate({**besides, first: value, last: end})


@pytest.mark.proves("G15")
def test_parts_and_places_kept_may_be_all_there_are() -> None:
    for total in (0, 3):
        all_of_it = [{"classes": [0], "most": total}, {"classes": [1], "share_percent": 100}]
        kept = [{"places": total, "kept_for": "walk_in"}]
        assert CapacityRule.model_validate({"total": total, "parts": all_of_it, "kept": kept})
        for written in ({"parts": [{"most": total + 1}]}, {"kept": [{**kept[0], "places": 4}]}):
            with pytest.raises(ValidationError, match="no more"):
                CapacityRule.model_validate({"total": total, **written})


@pytest.mark.proves("G25")
def test_as_many_weekdays_may_be_asked_for_as_there_are() -> None:
    weekdays = ["mon", "tue", "tue"]
    assert RegularRule.model_validate({"weekdays": weekdays, "least_weekdays": 2})
    with pytest.raises(ValidationError, match="more than the greatest"):
        RegularRule.model_validate({"weekdays": weekdays, "least_weekdays": 3})


@pytest.mark.proves("G12")
@pytest.mark.parametrize(("points", "is_written"), [(0, False), (0.25, False), (0.5, True)])
def test_what_follows_needs_points_and_they_go_in_halves(
    points: float, *, is_written: bool
) -> None:
    written = {"at_points": points, "then": "refuse"}
    if is_written:
        assert NoShowConsequence.model_validate(written)
    else:
        with pytest.raises(ValidationError, match="points go in halves"):
            NoShowConsequence.model_validate(written)


@pytest.mark.proves("G7")
def test_announced_periods_follow_each_other_and_share_no_day() -> None:
    first = {"from": "2026-10-01", "until": "2026-12-31", **_OPENING}
    for begins, is_written in (("2027-01-01", True), ("2026-12-31", False)):
        written = {"periods": [first, {"from": begins, **_OPENING}]}
        if is_written:
            assert AnnouncedOpening.model_validate(written)
        else:
            with pytest.raises(ValidationError, match="overlap"):
                AnnouncedOpening.model_validate(written)


# --- what holds ---


@pytest.mark.proves("G19")
def test_a_number_of_months_counts_only_where_registrations_are_kept_for_months() -> None:
    for validity, last in (("fiscal_year", date(2027, 3, 31)), ("months", date(2027, 5, 19))):
        rule = RegistrationRule(validity=Validity(validity), months=6, next_period_days=0)
        assert rule.until(date(2026, 11, 20), None) == last


@pytest.mark.proves("G2")
def test_registered_on_the_eve_of_the_birthday_is_old_enough_by_the_law() -> None:
    limit = {"min": {"unit": "years", "value": 1}, "reference": "registration_day"}
    one = child(born=date(2025, 11, 10))
    for reading, is_too_young in (("day_before", False), ("birthday", True)):
        rule = AgeRule.model_validate({**limit, "reading": reading})
        found = rule.reasons(one.child_id, one.born_on, FRIDAY, registered_on=date(2026, 11, 9))
        assert bool(list(found)) is is_too_young


@pytest.mark.proves("G13")
def test_the_first_and_the_last_minute_at_a_door_are_in_time() -> None:
    found = stays_within(None, None, ((540, 600),), ((720, 780),))
    assert {start: ends for start, ends in enumerate(found) if ends} == dict.fromkeys(
        (18, 19, 20), (24, 25, 26)
    )


@pytest.mark.proves("G13")
def test_holidays_without_end_close_no_day_after_them() -> None:
    rule = ClosedWeekday.model_validate({"weekday": "sun", "nth": [1], "on_holiday": "next_day"})
    last = date(2026, 11, 29)
    assert not rule.closes(last + timedelta(days=1), closure(last - timedelta(days=20), last))


@pytest.mark.proves("G22")
@pytest.mark.parametrize(
    ("written", "months", "minutes"),
    [
        ({"from_months": 12}, (12, 200), (0, 1440)),
        ({"below_months": 36}, (0, 35), (0, 1440)),
        ({"from_minutes": 240}, (0, 200), (240, 1440)),
        ({"below_minutes": 240}, (0, 200), (0, 239)),
        ({"from_months": 12, "below_months": 13}, (12, 12), (0, 1440)),
    ],
)
def test_what_to_bring_is_for_the_first_and_not_for_the_end_of_its_range(
    written: dict[str, int], months: tuple[int, int], minutes: tuple[int, int]
) -> None:
    belonging = Belonging.model_validate({"name": "おむつ", **written})
    for of_child in (0, 11, 12, 13, 35, 36, 200):
        for of_stay in (0, 239, 240, 1440):
            is_inside = months[0] <= of_child <= months[1] and minutes[0] <= of_stay <= minutes[1]
            got = belonging.is_for(months=of_child, minutes=of_stay, options=(), is_there=True)
            assert got is is_inside, (of_child, of_stay)


@pytest.mark.proves("R21")
@pytest.mark.parametrize("name", ["holidays", "first_use", "trial"])
def test_conditions_exclude_each_other_only_where_both_say_another_thing(name: str) -> None:
    yes, no = VariantWhen.model_validate({name: True}), VariantWhen.model_validate({name: False})
    other = VariantWhen.model_validate({"months": [11]})
    assert excludes(yes, no)
    assert excludes(no, yes)
    for one, another in ((yes, yes), (no, no), (yes, other), (other, no), (other, other)):
        assert not excludes(one, another)


@pytest.mark.proves("R21")
@pytest.mark.parametrize(
    ("name", "one", "both", "another"),
    [
        ("weekdays", ["fri"], ["fri", "sat"], ["sat"]),
        ("months", [11], [11, 12], [12]),
        ("class_ages", [0], [0, 1], [1]),
        ("channels", ["web"], ["web", "phone"], ["phone"]),
    ],
)
def test_lists_exclude_each_other_where_they_share_nothing(
    name: str, one: list[Any], both: list[Any], another: list[Any]
) -> None:
    first, second, third = (
        VariantWhen.model_validate({name: some}) for some in (one, both, another)
    )
    nothing_said = VariantWhen.model_validate({"trial": True})
    assert excludes(first, third)
    for other in (first, second, nothing_said):
        assert not excludes(first, other)
        assert not excludes(other, first)


@pytest.mark.proves("R3")
def test_the_strictest_of_several_rules_of_the_record_satisfies_them_all() -> None:
    never = RecordRule(confirm_within_days=None, each_fiscal_year=False)
    by_days = RecordRule(confirm_within_days=30, each_fiscal_year=False)
    longer = RecordRule(confirm_within_days=60, each_fiscal_year=True)
    needed = RecordRule(confirm_within_days=None, each_fiscal_year=False, is_required=True)
    assert strictest([by_days, longer, never]) == RecordRule(confirm_within_days=30)
    assert strictest([never, needed]) == needed
    assert strictest([never]) == never
    assert strictest([]) == RecordRule()


@pytest.mark.proves("G1")
def test_a_programme_is_called_by_its_name_and_without_one_by_its_kind() -> None:
    assert ProgrammeRule.model_validate({"name": "のびのび"}).words == "のびのび"
    assert ProgrammeRule().words == PROGRAMME_KIND_WORDS[ProgrammeRule().kind]


# --- how far ---


@pytest.mark.proves("G13")
def test_an_open_day_is_looked_for_400_days_far_and_no_farther() -> None:
    for distance, is_found in ((399, True), (400, True), (401, False)):
        far = timedelta(days=distance)
        later = FacilityCalendar(frozenset(), extra_open_days=frozenset({FRIDAY + far}))
        assert later.next_open_day(FRIDAY) == (FRIDAY + far if is_found else None)
        earlier = FacilityCalendar(frozenset(), extra_open_days=frozenset({FRIDAY - far}))
        assert earlier.previous_open_day(FRIDAY) == (FRIDAY - far if is_found else None)


@pytest.mark.proves("G7")
def test_no_day_before_is_the_day_itself() -> None:
    for length, days in (({"days": 0}, 0), ({"days": 1}, 1), ({"weeks": 1}, 7)):
        opening = RollingOpening.model_validate(length)
        assert opening.opening_day(FRIDAY, ANY_DAY) == FRIDAY - timedelta(days=days)


@pytest.mark.proves("G7")
@pytest.mark.parametrize(
    ("kinds", "minutes"),
    [({}, 0), ({"booking_window": {}}, 0), ({"booking_window": {"notice_minutes": 1}}, 1)],
)
def test_where_no_rule_asks_for_notice_none_is_told(kinds: dict[str, Any], minutes: int) -> None:
    assert DayRules(document(**kinds), ANY_DAY, FRIDAY, by_web(1)).notice_minutes == minutes


@pytest.mark.proves("G2")
@pytest.mark.parametrize(
    ("born", "first"),
    [
        (date(2025, 12, 1), date(2026, 2, 1)),
        (date(2025, 12, 2), date(2026, 3, 1)),
        (date(2025, 12, 31), date(2026, 3, 1)),
        (date(2023, 12, 31), date(2024, 3, 1)),
    ],
)
def test_an_age_looked_at_on_the_first_of_the_month_is_seen_on_the_next_first(
    born: date, first: date
) -> None:
    rule = AgeRule.model_validate(
        {"min": {"unit": "months", "value": 2}, "reference": "first_of_month"}
    )
    assert rule.first_day(born) == first
