"""Whoever publishes rules is told of those that nothing watches over yet."""

from __future__ import annotations

from typing import Any

import pytest

from portal.policies.document import RulesDocument
from portal.rulebooks.kept import not_kept

FEE = {"tariff": {"kind": "hourly", "bands": [{"yen": 400}]}}


@pytest.mark.parametrize(
    ("kinds", "begins"),
    [
        ({}, []),
        ({"allocation": {"method": "lottery"}}, ["決め方"]),
        (
            {"allocation": {"method": "lottery"}, "channels": {"ways": [{"channel": "web"}]}},
            ["決め方", "申し込みの方法"],
        ),
        (
            {
                "allocation": {"method": "lottery"},
                "channels": {"ways": [{"channel": "web"}, {"channel": "phone"}]},
            },
            ["決め方"],
        ),
        ({"channels": {"ways": [{"channel": "web"}]}}, []),
        (
            {
                "booking_window": {
                    "phases": [{"name": "一次", "allocation": "lottery", "channels": ["web"]}]
                }
            },
            ["受付の回ごとの決め方", "申し込みの方法"],
        ),
        ({"capacity": {"total": 3}}, []),
        ({"capacity": {"total": 3, "per": "day"}}, ["1日の人数"]),
        ({"fee": FEE}, []),
        ({"fee": {**FEE, "overrun": {"yen": 100}}}, ["お迎えがおくれた分の料金"]),
        (
            {
                "fee": {
                    **FEE,
                    "items": [
                        {"label": "おむつ", "yen": 10, "per": "count"},
                        {"label": "名札", "yen": 150, "per": "registration"},
                        {"label": "おやつ", "yen": 100},
                    ],
                }
            },
            ["使った数で決まる実費", "登録のときの実費"],
        ),
        ({"payment": {"on_early_pickup": "recalculated"}}, ["早いお迎えの料金"]),
        ({"payment": {"when": "drop_off"}}, []),
        (
            {"cancel": {"shortening": "as_cancel", "ends_run": True}},
            ["時間を短くするときの料金", "続けて予約した日"],
        ),
        ({"cancel": {}}, []),
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
    assert [one.words.split("：")[0] for one in found] == begins
