"""Whoever publishes rules is told of those that nothing watches over yet."""

from __future__ import annotations

from typing import Any

import pytest

from portal.policies.document import RulesDocument
from portal.rulebooks.kept import not_kept


@pytest.mark.parametrize(
    ("kinds", "begins"),
    [
        ({}, []),
        ({"allocation": {"method": "lottery"}}, ["決め方"]),
        ({"capacity": {"total": 3}}, []),
        ({"capacity": {"total": 3, "per": "day"}}, ["1日の人数"]),
        ({"units": {"starts": ["09:00", "13:30"]}}, []),
        ({"units": {"starts": ["09:15"]}}, ["30分きざみでない時刻"]),
        ({"units": {"ends": ["12:10"]}}, ["30分きざみでない時刻"]),
        (
            {"units": {"blocks": [{"label": "朝", "starts": "08:45", "ends": "12:00"}]}},
            ["30分きざみでない時刻"],
        ),
    ],
)
def test_what_people_keep_themselves(kinds: dict[str, Any], begins: list[str]) -> None:
    found = not_kept(RulesDocument.model_validate(kinds))
    assert [said.split("：")[0] for said in found] == begins
