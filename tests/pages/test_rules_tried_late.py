"""Every step of a late cancelling is shown where rules are tried, and compared as a whole."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask

from portal.documents.dates import jdatetime
from portal.kernel.actor import Actor
from portal.kernel.clock import at
from portal.policies.document import RulesDocument
from portal.policies.rule import time_of
from tests.factories.places import Site
from tests.factories.rules import put_in_force, rules_with
from tests.pages.test_rules_pages import TODAY, typed
from tests.pages.test_rules_tried import DAY, families, replay, rules_of, sample, written
from tests.pages.visit import Visitor

__all__ = ["families"]

pytestmark = pytest.mark.proves("G11", "G13")

#: Half of the price until the evening before.
STEP = {"until": {"days": 1, "at": "17:00"}, "fee": {"kind": "percent", "percent": 50}}


def by_steps(percent: int) -> RulesDocument:
    last = {"kind": "percent", "percent": percent}
    free = {"days": 3, "at": "17:00"}
    return rules_with(cancel={"free_until": free, "tiers": [STEP], "late_fee": last})


def evening_before(day: date) -> str:
    return jdatetime(at(day - timedelta(days=1), time_of("17:00")), TODAY)


def test_the_form_tries_every_step_with_its_moment(
    app: Flask, director: Actor, hinata: Site
) -> None:
    wish = {
        **{f"try_born-{part}": n for part, n in (("year", 2024), ("month", 6), ("day", 15))},
        **{f"try_day-{part}": getattr(DAY, part) for part in ("year", "month", "day")},
        **{f"try_asked-{part}": getattr(TODAY, part) for part in ("year", "month", "day")},
        "try_from": "9:00",
        "try_to": "12:00",
        "try_asked_at": "9:00",
        "try_registered": "y",
        "do": "try",
    }
    steps = {"free_days": "3", "tier_0_days": "1", "tier_0_at": "17:00", "tier_0_amount": "50"}
    form = f"{rules_of(hinata)}/form"
    page = Visitor(app, director).submit(form, {**typed(**steps, late_percent="100"), **wish})
    assert "料金 1,200円" in page.text
    assert f"600円。{evening_before(DAY)} からは 1,200円 です。" in page.text


def test_a_family_that_is_tried_sees_every_step_and_another_last_one_is_a_difference(
    app: Flask, director: Actor, hinata: Site
) -> None:
    put_in_force(hinata, by_steps(100))
    written(hinata, director, by_steps(80))
    visitor = Visitor(app, director)
    page = visitor.get(f"{rules_of(hinata)}/try")
    listed = page.html.split('id="samples-h"')[1]
    assert "いまのきまりとちがいます：そのあとの取り消し" in listed
    answer = visitor.get(sample(page, "いつも使っている子"))
    compared = answer.html.split("いまのきまりとのちがい")[1].split("</dl>")[0]
    assert re.search(r"<del>200円。[^<]*からは 400円 です。</del>", compared)
    assert re.search(r"<ins>200円。[^<]*からは 320円 です。</ins>", compared)


def test_bookings_tried_again_count_another_last_step_and_show_it(
    app: Flask, director: Actor, hinata: Site, families: list[str]
) -> None:
    last = {"kind": "percent", "percent": 80}
    an_hour = {"until_minutes_before": 60, "fee": STEP["fee"]}
    free = {"days": 1, "at": "17:00"}
    written(
        hinata,
        director,
        rules_with(cancel={"free_until": free, "tiers": [an_hour], "late_fee": last}),
    )
    page = Visitor(app, director).get(replay(hinata, what="late_fee"))
    assert f"おそい取り消しの料金が変わる：{len(families)}件" in page.text
    assert "無料で取り消せる期限が変わる" not in page.text
    moment = jdatetime(at(DAY, time_of("08:00")), TODAY)
    assert f"<del>600円</del> → <ins>600円。{moment} からは 960円 です。</ins>" in page.html
