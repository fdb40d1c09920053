"""A month ahead follows the day on which the rules being written are to begin."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask

from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.rulebooks import drafts
from tests.factories.places import Site
from tests.factories.rules import rules_with
from tests.pages.test_rules_tried import TODAY, rules_of
from tests.pages.visit import Page, Visitor

pytestmark = pytest.mark.proves("G13")

MONTH = (TODAY.replace(day=1) + timedelta(days=31)).replace(day=1)
START = MONTH + timedelta(days=9)


@pytest.fixture
def visitor(app: Flask, director: Actor) -> Visitor:
    return Visitor(app, director)


def keep(site: Site, director: Actor, *parts: str) -> None:
    """Keep a draft with another end of free cancelling, to begin on what was typed."""
    document = rules_with(cancel={"free_until": {"days": 2, "at": "12:00"}})
    typed = {"in_force_from": list(parts)} if parts else {}
    with acting_as(director), transaction() as session:
        drafts.save_draft(
            session, site.programme_id, typed, document, actor=director, now=clock.now()
        )


def changed(page: Page) -> dict[date, bool]:
    """Whether each day of the month is marked as another than today's rules have it."""
    rows = re.findall(r'<tr id="d(\d+)">(.*?)</tr>', page.html, re.DOTALL)
    return {MONTH.replace(day=int(day)): "<ins>" in body for day, body in rows}


def test_days_before_the_draft_begins_are_those_of_todays_rules(
    visitor: Visitor, director: Actor, hinata: Site
) -> None:
    keep(hinata, director, *(f"{START:%Y %m %d}".split()))
    page = visitor.get(f"{rules_of(hinata)}/preview")
    found = changed(page)
    assert not any(found[day] for day in found if day < START)
    assert sum(found[day] for day in found if day >= START) > 10
    assert f"{START.month}月{START.day}日" in page.text.split("からのきまりです。")[0][-20:]
    assert "それより前の日は、いまのきまりで見ています。" in page.text
    assert "始める日がまだない" not in page.text


def test_without_a_day_to_begin_it_says_from_when_it_is_assumed(
    visitor: Visitor, director: Actor, hinata: Site
) -> None:
    keep(hinata, director)
    page = visitor.get(f"{rules_of(hinata)}/preview")
    assert f"始める日がまだないので、今日（{TODAY.month}月{TODAY.day}日" in page.text
    assert any(changed(page)[day] for day in changed(page) if day < START)


def test_the_month_is_headed_with_its_year(visitor: Visitor, hinata: Site) -> None:
    page = visitor.get(f"{rules_of(hinata)}/preview")
    assert re.search(rf'id="month-h"[^>]*>{MONTH.year}年{MONTH.month}月', page.html)
    assert "始める日がまだない" not in page.text
