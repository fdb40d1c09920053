from __future__ import annotations

import re

import pytest
from flask import Flask

from portal.kernel.actor import Actor
from tests.factories.places import Site
from tests.pages.test_rules_pages import typed
from tests.pages.visit import Visitor

pytestmark = pytest.mark.proves("R21")

REDUCED = {
    "red_0_how": "percent",
    "red_0_amount": "５０",
    "red_0_marks": ["tax_exempt"],
    "red_0_label": "減免A",
}
LIMITED = {
    "cap_0_metric": "days",
    "cap_0_amount": "7",
    "cap_0_purposes": ["respite"],
    "cap_0_label": "休みの日の上限",
    "cap_0_counts": ["counts_no_show"],
}


@pytest.fixture
def url(hinata: Site) -> str:
    return f"/office/programmes/{hinata.programme_id}/rules/form"


def section(html: str, heading: str) -> str:
    """What stands in one section of the form."""
    return re.split(
        r"<section\b", html.split(f'<section class="card stack" aria-labelledby="{heading}"')[1]
    )[0]


def read_beside(part: str) -> str:
    """What families will read of a section."""
    return part.split('class="preview__label"')[1]


def test_a_blank_row_stands_after_the_last_and_the_text_follows(
    app: Flask, director: Actor, url: str
) -> None:
    stepped = {"tier_0_days": "0", "tier_0_at": "8時", "tier_0_amount": "30"}
    page = Visitor(app, director).submit(
        url, {**typed(), **REDUCED, **LIMITED, **stepped, "do": "refresh"}
    )
    fee = section(page.html, "fee-h")
    shown = fee.split("<summary>減免を増やす</summary>")[0]
    assert 'name="red_1_how"' in shown
    assert 'name="red_2_how"' not in shown
    assert "利用料 50% 引き" in read_beside(fee)
    limits = section(page.html, "caps-h")
    assert "休みの日の上限</strong>" in limits
    assert "休みの日の上限</strong>" not in section(page.html, "rest-h")
    cancel = section(page.html, "cancel-h")
    assert "8:00までは利用料の 30%" in read_beside(cancel)
    assert 'name="tier_1_days"' in cancel.split("<summary>段階を増やす</summary>")[0]


def test_refused_rows_stay_as_typed_and_open(app: Flask, director: Actor, url: str) -> None:
    wrong = {**REDUCED, "red_0_amount": "５００", **LIMITED, "cap_0_metric": "half_days"}
    page = Visitor(app, director).submit(url, {**typed(), **wrong, "do": "publish"})
    assert page.status == 422
    assert "減免 1：何％・何円か：100以下の数にしてください" in page.text
    assert "上限1：半日とする長さ（分）：何分までを半日とするか" in page.text
    assert page.field("red_0_amount") == "５００"
    assert page.field("cap_0_label") == "休みの日の上限"
    ticked = re.findall(r'name="(\w+)" value="(\w+)" checked', page.html)
    assert ("red_0_marks", "tax_exempt") in ticked
    assert ("cap_0_purposes", "respite") in ticked


def test_hours_and_numbers_of_children_are_a_button_away(
    app: Flask, director: Actor, url: str
) -> None:
    visitor = Visitor(app, director)
    units = section(visitor.get(url).html, "units-h")
    assert 'name="do" value="hours"' in units
    assert 'name="do" value="places"' in units
    assert "開く日と時間もしぼっています" not in units
    rest = "[hours]\non_holidays = 'closed'\n[capacity]\ntotal = 3"
    written = visitor.submit(url, {**typed(), "rest": rest, "do": "refresh"})
    assert "開く日と時間もしぼっています" in section(written.html, "units-h")
    assert "予約は、予約枠の人数で受けます" in section(written.html, "units-h")
