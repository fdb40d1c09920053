"""Yen, refusals, actors, eras and search keys."""

from __future__ import annotations

import json
import uuid
from datetime import date
from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal.kernel.actor import (
    ANONYMOUS,
    PROVIDER_ROLES,
    WITH_SECOND_FACTOR,
    Actor,
    Role,
)
from portal.kernel.errors import Reason, Refusal
from portal.kernel.kana import TYPED, VARIANTS, search_key
from portal.kernel.wareki import era_fiscal_year, era_year, wareki
from portal.kernel.yen import yen

ID = uuid.UUID(int=1)


class Code(StrEnum):
    FULL = "full"
    LATE = "late"


def test_yen() -> None:
    amounts = (0, 999, 2100, 1_000_000, -600)
    assert [yen(amount) for amount in amounts] == [
        "0円", "999円", "2,100円", "1,000,000円", "−600円",
    ]  # fmt: skip


def test_a_refusal_keeps_all_reasons_in_order() -> None:
    reason = Reason(Code.LATE, {"minutes": 5}, ID)
    refusal = Refusal([Code.FULL, reason])
    assert refusal.reasons == (Reason(Code.FULL), reason)
    assert refusal.codes == (Code.FULL, Code.LATE)
    assert str(refusal) == "full, late"
    with pytest.raises(ValueError, match="needs a reason"):
        Refusal([])


def test_an_actor_is_of_one_part_only() -> None:
    with pytest.raises(ValueError, match="not for both"):
        Actor(Role.STAFF, ID, organisation_id=ID, family_id=ID)
    assert Actor(Role.GUARDIAN, ID, family_id=ID).organisation_id is None


def test_who_works_for_a_provider_and_who_needs_two_factors() -> None:
    assert {role for role in Role if Actor(role).is_provider} == set(PROVIDER_ROLES)
    assert not ANONYMOUS.is_provider
    assert set(Role) - WITH_SECOND_FACTOR == {Role.GUARDIAN}


@pytest.mark.parametrize(
    ("day", "written"),
    [
        (date(2026, 11, 20), "令和8年11月20日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1926, 12, 24), "大正15年12月24日"),
        (date(1912, 7, 30), "大正元年7月30日"),
        (date(1912, 7, 29), "明治45年7月29日"),
    ],
)
def test_eras_change_on_their_day(day: date, written: str) -> None:
    assert wareki(day) == written
    assert written.startswith(era_year(day))


def test_fiscal_years_by_era() -> None:
    years = {2026: "令和8年度", 2019: "令和元年度", 2018: "平成30年度", 1988: "昭和63年度"}
    assert {year: era_fiscal_year(year) for year in years} == years
    with pytest.raises(ValueError, match="before the eras"):
        era_year(date(1868, 1, 24))


@pytest.mark.parametrize(
    "spelling",
    [
        "サトウ ケイコ",
        "さとうけいこ",
        "ｻﾄｳ　ｹｲｺ",
        "さとう・けいこ",
        "サトウー-ケイコ",
        " サ\u3000トウケイコ ",
    ],
)
def test_spellings_of_one_name_are_found_by_one_key(spelling: str) -> None:
    assert search_key(spelling) == "サトウケイコ"


def test_other_spellings() -> None:
    assert search_key("Müller-Lüdenscheidt") == search_key("ＭÜＬＬＥＲ lüdenscheidt")
    assert search_key("か゛く") == search_key("ｶﾞｸ") == search_key("がく") == "ガク"
    assert search_key("はな") != search_key("ばな")
    assert search_key("ローズ") == search_key("ろ－ず") == search_key("ロ―ズ") == "ロズ"
    assert search_key(" ー ") == ""
    assert search_key("髙﨑 𠮷田") == search_key("高崎吉田") == "高崎吉田"
    assert not set(VARIANTS) & set(TYPED)


@given(st.text())
def test_a_key_is_its_own_key(text: str) -> None:
    key = search_key(text)
    assert search_key(key) == key
    json.dumps(key)
