"""The families that are proposed show what they are named after, for rules of every kind."""

from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.kernel.actor import Actor
from portal.policies.document import RulesDocument
from portal.rulebooks.places import load_place, place_names
from tests.factories.places import Site
from tests.factories.rules import rules_with
from tests.pages.test_rules_tried import TODAY, rules_of, sample, written
from tests.pages.visit import Visitor

pytestmark = pytest.mark.proves("G13")

REFUSED = "× できない"
NEXT_YEAR = TODAY.year + 1


def samples(app: Flask, director: Actor, site: Site, document: RulesDocument) -> dict[str, str]:
    """What each proposed family is told, by its name."""
    written(site, director, document)
    page = Visitor(app, director).get(f"{rules_of(site)}/try")
    listed = re.findall(r'<a class="list__link" href="[^"]+">(.*?)</a>', page.html, re.DOTALL)
    found = {}
    for body in listed:
        title, told = re.findall(r"<strong>(.*?)</strong>(.*)", body, re.DOTALL)[0]
        found[title] = " ".join(re.sub(r"<[^>]+>", " ", told).split())
    return found


@pytest.mark.proves("G6")
@pytest.mark.parametrize(
    ("place", "caps"),
    [
        ("M03", {"非定型の利用日数（平均週3日）", "緊急の利用日数", "リフレッシュの利用日数"}),
        ("M10", {"月の利用時間"}),
    ],
)
def test_each_limit_that_has_uses_of_its_own_refuses_its_family(
    app: Flask, director: Actor, hinata: Site, place: str, caps: set[str]
) -> None:
    found = samples(app, director, hinata, load_place(place))
    for cap in caps:
        assert "使える日数と時間" in found[f"「{cap}」まで使った子"], cap


@pytest.mark.proves("G6")
@pytest.mark.parametrize("place", place_names())
def test_no_family_has_used_up_a_limit_that_lets_it_in(
    app: Flask, director: Actor, hinata: Site, place: str
) -> None:
    found = samples(app, director, hinata, load_place(place))
    for title, told in found.items():
        if title.endswith("まで使った子"):
            assert "使える日数と時間" in told, title


@pytest.mark.proves("G1")
def test_a_brother_or_sister_is_of_an_age_that_may_come(
    app: Flask, director: Actor, hinata: Site
) -> None:
    found = samples(app, director, hinata, load_place("M10"))
    assert found["きょうだい2人"].startswith("○ できる 600円")


@pytest.mark.proves("G9", "G10")
def test_what_people_decide_says_by_which_way_a_family_asks_or_that_it_has_none(
    app: Flask, director: Actor, hinata: Site
) -> None:
    decided = {"allocation": {"method": "staff_approval", "answer_days": 3}}
    found = samples(app, director, hinata, rules_with(**decided))
    assert found["いつも使っている子"].startswith("○ できる 電話や窓口で申し込めます")
    web_alone = {"channels": {"ways": [{"channel": "web"}]}}
    found = samples(app, director, hinata, rules_with(**decided, **web_alone))
    assert found["いつも使っている子"].startswith(f"{REFUSED} 申し込む方法がありません")
    page = Visitor(app, director).get(f"{rules_of(hinata)}/try")
    usual = Visitor(app, director).get(sample(page, "いつも使っている子")).text
    assert "受けるのがインターネットだけです" in usual
    assert "だれも申し込めません" in usual
    assert "理由は0つです" not in usual


def test_rules_that_admit_none_of_the_families_say_where_to_look(
    app: Flask, director: Actor, hinata: Site
) -> None:
    nobody = "見本の家庭は、どれも予約できません"
    written(hinata, director, load_place("M09"))  # its terms are those of one year, long over
    visitor = Visitor(app, director)
    assert nobody in visitor.get(f"{rules_of(hinata)}/try").text
    written(hinata, director, rules_with())
    assert nobody not in visitor.get(f"{rules_of(hinata)}/try").text


@pytest.mark.proves("G7")
def test_rules_without_an_end_of_booking_propose_no_family_that_comes_after_it(
    app: Flask, director: Actor, hinata: Site
) -> None:
    late = "しめきりのあとに申し込む"
    assert late in samples(app, director, hinata, rules_with())
    endless = rules_with(booking_window={"opens": {"kind": "rolling", "months": 1}})
    assert late not in samples(app, director, hinata, endless)


@pytest.mark.proves("G7")
def test_asked_after_the_day_the_end_of_booking_is_told_as_one(
    app: Flask, director: Actor, hinata: Site
) -> None:
    written(hinata, director, rules_with())
    visitor = Visitor(app, director)
    usual = sample(visitor.get(f"{rules_of(hinata)}/try"), "いつも使っている子")
    too_late = visitor.get(re.sub(r"asked-year=\d+", f"asked-year={NEXT_YEAR}", usual)).html
    told = re.search(r"の予約は、([^ ]+) に終わりました", too_late)
    limit = re.search(r"予約のしめきり</dt><dd>([^<]+)</dd>", too_late)
    assert told
    assert limit
    assert told[1] == limit[1]


def test_a_wrong_number_says_which_and_a_week_is_not_more_than_its_month(
    app: Flask, director: Actor, hinata: Site
) -> None:
    visitor = Visitor(app, director)
    usual = sample(visitor.get(f"{rules_of(hinata)}/try"), "いつも使っている子")
    wrong = visitor.get(f"{usual}&used_week=-1")
    assert wrong.status == 422
    assert "同じ週に使った日数：0から6までで入れてください" in wrong.text
    more = visitor.get(f"{usual}&used_week=5&used_month=2")
    assert more.status == 422
    fewer = "：それより短い間に使った日数より、少なくなっています"
    assert f"同じ月に使った日数（この週も入れて）{fewer}" in more.text
    assert f"同じ年度に使った日数（この月も入れて）{fewer}" in (
        visitor.get(f"{usual}&used_week=5&used_year=4").text
    )
    assert visitor.get(f"{usual}&used_week=2&used_month=2&used_year=40").status == 200
