"""Kind G14: lists of starts, ends and lengths, joined blocks, afternoons and first visits."""

from __future__ import annotations

import uuid
from datetime import time
from typing import Any

import pytest
from pydantic import ValidationError

from portal.documents.wording.sentences import sentence
from portal.policies.reasons import REASON_VALUES
from portal.policies.reasons import BookingRefusal as R
from portal.policies.units import UnitsRule, stays
from portal.rulebooks.words_shape import units_facts, units_words
from tests.rules.policy_cases import jst, stay

pytestmark = pytest.mark.proves("G14")

AM = {"label": "午前", "starts": "07:30", "ends": "12:30"}
PM = {"label": "午後", "starts": "13:00", "ends": "19:00"}
DAY = {"label": "1日", "starts": "07:30", "ends": "19:00"}
TWO_HOURS = [
    {
        "label": f"{number}",
        "starts": f"{8 + 2 * number:02d}:00",
        "ends": f"{10 + 2 * number:02d}:00",
    }
    for number in (1, 2, 3)
]


def rule(**fields: Any) -> UnitsRule:
    return UnitsRule.model_validate(fields)


def codes(fields: dict[str, Any], start: str, end: str) -> list[R]:
    return [R(reason.code) for reason in rule(**fields).reasons(stay(start, end))]


@pytest.mark.parametrize(
    ("fields", "start", "end", "expected"),
    [
        # An hour, then half hours.
        ({"min_minutes": 60, "length_step_minutes": 30, "starts": ["09:15"]}, "09:15", "10:45", []),
        ({"min_minutes": 60, "length_step_minutes": 30}, "09:00", "10:30", []),
        ({"min_minutes": 60, "length_step_minutes": 60}, "09:00", "10:30", [R.LENGTH_NOT_OFFERED]),
        ({"min_minutes": 60, "length_step_minutes": 30}, "09:00", "09:30", [R.TOO_SHORT]),
        ({"lengths": [120, 240]}, "09:00", "11:00", []),
        ({"lengths": [120, 240]}, "09:00", "12:00", [R.LENGTH_NOT_OFFERED]),
        # Arrivals every quarter of an hour, leaving on the half hour or after whole steps.
        ({"start_every_minutes": 15}, "09:15", "12:00", []),
        ({"start_every_minutes": 15}, "09:15", "12:15", []),
        ({"start_every_minutes": 15}, "09:15", "12:05", [R.OFF_GRID]),
        ({"start_every_minutes": 15}, "09:10", "12:00", [R.START_OFF_STEP]),
        ({"starts": ["09:15", "13:00"]}, "09:15", "12:00", []),
        ({"starts": ["09:15", "13:00"]}, "09:30", "12:00", [R.START_NOT_OFFERED]),
        ({"ends": ["12:10", "15:00"]}, "09:00", "12:10", []),
        ({"ends": ["12:10", "15:00"]}, "09:00", "12:00", [R.END_NOT_OFFERED]),
        # Hours that begin at half past.
        ({"grid_minutes": 60, "grid_from": "08:30"}, "08:30", "10:30", []),
        ({"grid_minutes": 60, "grid_from": "08:30"}, "09:00", "10:30", [R.OFF_GRID]),
        ({"grid_minutes": 60, "grid_from": "08:30"}, "08:30", "10:00", [R.OFF_GRID]),
        ({"grid_minutes": 60, "grid_from": "08:20"}, "09:20", "10:20", []),
        ({"grid_from": "08:20", "start_every_minutes": 60}, "09:20", "10:20", []),
        ({"grid_from": "08:20", "start_every_minutes": 60}, "09:00", "10:20", [R.START_OFF_STEP]),
        # Exactly the longest and the shortest.
        ({"min_minutes": 120, "max_minutes": 120}, "09:00", "11:00", []),
        # No afternoon alone.
        ({"afternoon_only": False}, "11:30", "15:00", []),
        ({"afternoon_only": False}, "12:00", "15:00", [R.AFTERNOON_ONLY]),
        ({"afternoon_only": False, "afternoon_from": "12:30"}, "12:00", "15:00", []),
        ({"afternoon_only": False, "blocks": [AM, PM, DAY]}, "13:00", "19:00", [R.AFTERNOON_ONLY]),
        # Blocks need no grid; beside them the hours, where they are asked for too.
        ({"blocks": [{"label": "朝", "starts": "08:45", "ends": "12:15"}]}, "08:45", "12:15", []),
        ({"blocks": [AM, PM]}, "07:30", "19:00", [R.NOT_A_BLOCK]),
        ({"blocks": [AM], "also_by_the_hour": True, "min_minutes": 60}, "09:00", "10:00", []),
        (
            {"blocks": [AM], "also_by_the_hour": True, "lengths": [60]},
            "07:30",
            "12:30",
            [],
        ),
        (
            {"blocks": [AM], "also_by_the_hour": True, "min_minutes": 60},
            "09:00",
            "09:30",
            [R.TOO_SHORT],
        ),
        (
            {"blocks": [AM], "also_by_the_hour": True, "min_minutes": 60, "max_minutes": 120},
            "07:30",
            "12:30",
            [],
        ),
        (
            {"blocks": [AM], "also_by_the_hour": True, "min_minutes": 60, "max_minutes": 120},
            "07:30",
            "12:00",
            [R.TOO_LONG],
        ),
        (
            {"blocks": [AM], "also_by_the_hour": True, "min_minutes": 330},
            "07:30",
            "12:30",
            [],
        ),
        # A longest stay holds for blocks as well.
        ({"blocks": [AM], "max_minutes": 240}, "07:30", "12:30", [R.TOO_LONG]),
        ({"blocks": [AM], "min_minutes": 330}, "07:30", "12:30", [R.TOO_SHORT]),
    ],
)
def test_the_shape_of_a_stay(
    fields: dict[str, Any], start: str, end: str, expected: list[R]
) -> None:
    assert codes(fields, start, end) == expected


@pytest.mark.parametrize(
    ("fields", "start", "end", "labels"),
    [
        ({"blocks": [AM, PM], "join_up_to": 2}, "07:30", "19:00", ("午前", "午後")),
        ({"blocks": [AM, PM], "join_up_to": 2}, "13:00", "19:00", ("午後",)),
        # What has a name of its own goes by that name.
        ({"blocks": [AM, PM, DAY], "join_up_to": 2}, "07:30", "19:00", ("1日",)),
        ({"blocks": [AM, PM], "join_up_to": 2, "join_over_gaps": False}, "07:30", "19:00", ()),
        ({"blocks": TWO_HOURS, "join_up_to": 2}, "10:00", "14:00", ("1", "2")),
        ({"blocks": TWO_HOURS, "join_up_to": 2}, "10:00", "16:00", ()),
        ({"blocks": TWO_HOURS, "join_up_to": 3}, "10:00", "16:00", ("1", "2", "3")),
        ({"blocks": TWO_HOURS[::2], "join_up_to": 2}, "10:00", "16:00", ("1", "3")),
        ({}, "10:00", "16:00", ()),
    ],
)
def test_neighbouring_blocks_are_joined_as_far_as_the_rule_lets_them(
    fields: dict[str, Any], start: str, end: str, labels: tuple[str, ...]
) -> None:
    asked = rule(**fields)
    assert asked.labels(stay(start, end)) == labels
    refused = [R.NOT_A_BLOCK] if fields and not labels else []
    assert codes(fields, start, end) == refused


def test_a_joined_stay_is_told_beside_the_blocks() -> None:
    reasons = rule(blocks=[AM, PM], join_up_to=2).reasons(stay("08:00", "12:30"))
    assert reasons[0].values["blocks"] == (
        ("午前", time(7, 30), time(12, 30)),
        ("午後", time(13), time(19)),
        ("午前＋午後", time(7, 30), time(19)),
    )
    # Four in a row make six joined stays: all are told.
    few = [
        {"label": f"{n}", "starts": f"{n + 8:02d}:00", "ends": f"{n + 9:02d}:00"}
        for n in range(1, 5)
    ]
    told = rule(blocks=few, join_up_to=4).reasons(stay("09:30", "10:30"))[0].values["blocks"]
    assert len(told) == 4 + 6  # type: ignore[arg-type]  # a tuple of blocks
    # Of many only the blocks themselves, so that the sentence stays short.
    hours = [
        {"label": f"{n}", "starts": f"{n + 8:02d}:00", "ends": f"{n + 9:02d}:00"}
        for n in range(1, 9)
    ]
    told = rule(blocks=hours, join_up_to=8).reasons(stay("09:30", "10:30"))[0].values["blocks"]
    assert len(told) == 8  # type: ignore[arg-type]  # a tuple of blocks


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"lengths": [240, 120]}, "預かりの長さは、2時間、4時間からえらびます"),
        (
            {"min_minutes": 60, "length_step_minutes": 60},
            "預かりの長さは、1時間から1時間きざみです",
        ),
    ],
)
def test_a_length_that_is_not_offered_is_told_with_those_that_are(
    fields: dict[str, Any], words: str
) -> None:
    (reason,) = rule(**fields).reasons(stay("09:00", "10:30"))
    assert set(reason.values) == REASON_VALUES[R.LENGTH_NOT_OFFERED]
    assert sentence(reason) == words


def test_a_first_visit_is_short_and_ends_early() -> None:
    asked = rule(first_visit={"max_minutes": 120, "ends_by": "12:00"})
    child = uuid.UUID(int=1)
    assert asked.first_visit_reasons(child, stay("10:00", "12:00")) == []
    found = asked.first_visit_reasons(child, stay("10:00", "12:30"))
    assert [(reason.code, dict(reason.values), reason.child_id) for reason in found] == [
        (R.FIRST_VISIT_TOO_LONG, {"max_minutes": 120}, child),
        (R.FIRST_VISIT_ENDS_TOO_LATE, {"ends_at": jst(2026, 11, 20, 12)}, child),
    ]
    assert rule().first_visit_reasons(child, stay("08:00", "20:00")) == []
    assert asked.reasons(stay("10:00", "12:30")) == []


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"starts": ["09:00"], "start_cells": [18]}, "said in one way"),
        ({"starts": ["09:00"], "start_every_minutes": 15}, "said in one way"),
        ({"lengths": [60], "length_step_minutes": 30}, "a list or a step"),
        ({"lengths": [60], "min_minutes": 90}, "between the least and the greatest"),
        ({"blocks": [AM, {**PM, "label": "午前"}]}, "a name of its own"),
        ({"join_up_to": 2}, "joining needs blocks"),
        ({"also_by_the_hour": True}, "need blocks"),
        ({"min_minutes": 120, "first_visit": {"max_minutes": 90}}, "fits the first visit"),
        ({"lengths": [120], "first_visit": {"max_minutes": 90}}, "fits the first visit"),
        ({"first_visit": {}}, "a length or an end"),
    ],
)
def test_what_contradicts_itself(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(ValidationError, match=message):
        rule(**fields)


def test_a_first_visit_may_be_as_short_as_any_stay() -> None:
    assert rule(min_minutes=120, first_visit={"max_minutes": 120}).first_visit
    assert rule(lengths=[120, 240], first_visit={"max_minutes": 120}).first_visit


def test_cells_from_the_first_to_the_last_of_the_day_can_be_starts() -> None:
    assert rule(start_cells=[0, 47]).listed_starts == (0, 23 * 60 + 30)
    with pytest.raises(ValidationError, match="between 0 and 47"):
        rule(start_cells=[48])


def test_pages_offer_what_the_rule_lets_through() -> None:
    asked = rule(blocks=[AM, PM], join_up_to=2)
    offered = [(start, ends) for start, ends in enumerate(stays(asked)) if ends]
    assert offered == [(15, (25, 38)), (26, (38,))]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"lengths": [240, 120]}, "長さは 2時間・4時間 のどれか、30分きざみ"),
        ({"min_minutes": 60, "length_step_minutes": 30}, "30分きざみ、1時間から"),
        (
            {"min_minutes": 60, "length_step_minutes": 60},
            "30分きざみ、1時間から、長さは1時間きざみ",
        ),
        ({"min_minutes": 45, "length_step_minutes": 30}, "30分きざみ、45分から、長さは30分きざみ"),
        ({"starts": ["13:00", "09:15"]}, "30分きざみ、はじまりは 9:15・13:00 のどれか"),
        ({"start_every_minutes": 15}, "30分きざみ、はじまりは15分きざみ"),
        (
            {"starts": ["09:00"], "ends": ["12:00"]},
            "はじまりは 9:00 のどれか、終わりは 12:00 のどれか",
        ),
        ({"grid_minutes": 60, "grid_from": "08:30"}, "8:30 から1時間きざみ"),
        (
            {"blocks": [AM], "also_by_the_hour": True, "max_minutes": 240, "grid_minutes": 60},
            "午前 7:30〜12:30。ほかの時間も、1時間きざみ、4時間まで",
        ),
        ({"blocks": [AM], "max_minutes": 300}, "午前 7:30〜12:30、5時間まで"),
    ],
)
def test_the_words_say_which_stays_there_are(fields: dict[str, Any], words: str) -> None:
    assert units_words(rule(**fields)) == words


def test_what_blocks_afternoons_and_first_visits_ask_for_is_said() -> None:
    asked = rule(
        blocks=[AM, PM],
        join_up_to=2,
        afternoon_only=False,
        first_visit={"max_minutes": 120, "ends_by": "12:00"},
    )
    assert [tuple(fact) for fact in units_facts(asked)][1:] == [
        ("続けて使う", "となりあう区分を、2つまで続けて使えます。区分と区分のあいだも預かります。"),
        ("午後だけの利用", "受けていません。12:00 より前に始まる時間をえらびます。"),
        ("はじめての預かり", "2時間まで、12:00 までに終わります"),
    ]
