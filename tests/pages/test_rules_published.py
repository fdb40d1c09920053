"""From what is being written to what holds: the day is kept, asked about once, and comes back."""

from __future__ import annotations

import re
from datetime import date, timedelta

import pytest
from flask import Flask

from portal.db.session import acting_as
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.rulebooks.queries import draft_of, rules_in_force, versions_of
from tests.factories.places import Site
from tests.factories.rules import put_in_force, rules_with
from tests.pages.rules_sent import put_in_force_by
from tests.pages.test_rules_pages import typed
from tests.pages.visit import Page, Visitor

TODAY = clock.today(clock.now())
SOON, LATER = TODAY + timedelta(days=17), TODAY + timedelta(days=70)


def starting(day: date) -> dict[str, object]:
    return {f"in_force_from-{part}": getattr(day, part) for part in ("year", "month", "day")}


def start_of(page: Page) -> tuple[str, ...]:
    return tuple(page.field(f"in_force_from-{part}") for part in ("year", "month", "day"))


def parts(day: date) -> tuple[str, ...]:
    return str(day.year), str(day.month), str(day.day)


@pytest.fixture
def rules(hinata: Site) -> str:
    return f"/office/programmes/{hinata.programme_id}/rules"


@pytest.fixture
def visitor(app: Flask, director: Actor) -> Visitor:
    return Visitor(app, director)


@pytest.mark.proves("R6")
def test_the_day_to_begin_is_kept_with_what_is_being_written(visitor: Visitor, rules: str) -> None:
    form = f"{rules}/form"
    assert start_of(visitor.get(form)) == parts(TODAY)
    assert visitor.submit(form, {**typed(), **starting(SOON), "do": "draft"}).status == 303
    assert start_of(visitor.get(form)) == parts(SOON)
    # A template in its place leaves the day; half a day stays as it was typed.
    assert visitor.submit(f"{rules}/template", {"template": "half-day"}).status == 303
    assert start_of(visitor.get(form)) == parts(SOON)
    half = {**typed(), **starting(SOON), "in_force_from-day": "", "do": "draft"}
    assert visitor.submit(form, half).status == 303
    assert start_of(visitor.get(form)) == (*parts(SOON)[:2], "")


@pytest.mark.proves("R6")
def test_rules_take_the_place_of_others_only_after_a_page_that_says_from_when(
    visitor: Visitor, rules: str, director: Actor, hinata: Site
) -> None:
    wish = {**typed(band_0_yen="987"), **starting(TODAY), "do": "publish"}
    asked = visitor.submit(f"{rules}/form", wish)
    assert asked.location == f"{rules}/publish"
    with acting_as(director) as session:
        assert len(versions_of(session, hinata.programme_id)) == 1
    page = visitor.get(asked.location)
    assert "今日から、すぐに変わります" in page.text
    assert "と変わるところ（" in page.text
    assert "1時間 987円" in page.text
    # What was saved after it was shown has not been looked at.
    shown = {name: page.field(name) for name in ("once", "seen")}
    assert visitor.submit(f"{rules}/form", {**wish, "do": "draft"}).status == 303
    assert visitor.post(asked.location, shown).location == f"{rules}/form"
    with acting_as(director) as session:
        assert len(versions_of(session, hinata.programme_id)) == 1
    done = put_in_force_by(visitor, rules, {**typed(), **starting(SOON)})
    assert done.location == rules
    said = visitor.get(rules).text
    assert f"{SOON.month}月{SOON.day}日" in said
    assert "からのきまりを公開しました。いま入っている予約は、前のきまりのままです" in said
    assert visitor.get(f"{rules}/publish").location == f"{rules}/form", "nothing is being written"


@pytest.mark.proves("R6")
def test_new_rules_go_on_from_the_newest_and_later_ones_are_named(
    visitor: Visitor, rules: str, hinata: Site
) -> None:
    put_in_force(hinata, rules_with(title="冬のきまり"), since=SOON)
    form = visitor.get(f"{rules}/form")
    assert form.field("title") == "冬のきまり"
    assert start_of(form) == ("", "", ""), "today would put it before its time"
    before = {**typed(title="今すぐ"), **starting(TODAY + timedelta(days=1)), "do": "publish"}
    page = visitor.get(visitor.submit(f"{rules}/form", before).location)
    assert "もう公開したきまり「冬のきまり」に変わります" in page.text
    after = {**typed(title="春"), **starting(LATER), "do": "publish"}
    page = visitor.get(visitor.submit(f"{rules}/form", after).location)
    assert "もう公開したきまり" not in page.text
    assert "「冬のきまり」のままです" in page.text


@pytest.mark.proves("R6")
def test_withdrawn_rules_are_told_truly_and_come_back_into_what_is_written(
    visitor: Visitor, rules: str, director: Actor, hinata: Site
) -> None:
    put_in_force(hinata, rules_with(title="冬のきまり"), since=SOON)
    spring = put_in_force(hinata, rules_with(title="春のきまり"), since=LATER)
    asked = re.search(r"<details[^>]*>\s*<summary>このきまりを取りやめる", visitor.get(rules).html)
    assert asked, "one press opens the question, and another one withdraws"
    gone = visitor.submit(f"{rules}/versions/{spring}/withdraw", {}, form_page=rules)
    assert gone.status == 303
    page = visitor.get(rules).text
    assert f"その日からも、{SOON.month}月{SOON.day}日" in page
    assert "取りやめたきまり" in page
    again = visitor.submit(f"{rules}/versions/{spring}/again", {}, form_page=rules)
    form = visitor.get(again.location)
    assert form.field("title") == "春のきまり"
    assert start_of(form) == parts(LATER)
    assert "取りやめたきまりを、書きかけに入れました" in form.text
    with acting_as(director) as session:
        assert rules_in_force(session, hinata.programme_id, LATER)[1].title == "冬のきまり"


@pytest.mark.parametrize(
    ("asked", "leads"),
    [
        ("families", "/try"),
        ("month", "/preview"),
        ("replay", "/replay"),
        ("hours", "/hours"),
        ("places", "/places"),
    ],
)
def test_the_ways_out_of_the_form_keep_what_was_typed(
    visitor: Visitor, rules: str, asked: str, leads: str
) -> None:
    form = f"{rules}/form"
    assert f'name="do" value="{asked}"' in visitor.get(form).html
    gone = visitor.submit(form, {**typed(title="とちゅう"), "do": asked})
    assert gone.status == 303
    assert leads in gone.location
    assert visitor.get(form).field("title") == "とちゅう"


def test_the_return_key_makes_the_sentences_anew_and_tries_nothing(
    visitor: Visitor, rules: str
) -> None:
    buttons = re.findall(
        r'<button type="submit"[^>]*name="do" value="(\w+)"', visitor.get(f"{rules}/form").html
    )
    assert buttons[0] == "refresh"


def test_a_draft_with_mistakes_is_saved_with_their_number(
    visitor: Visitor, rules: str, director: Actor, hinata: Site
) -> None:
    rest = "[[coupons]]\n[[cops]]\n"
    wrong = {**typed(band_0_yen="ただ", opens_at="25時", rest=rest), "do": "draft"}
    assert visitor.submit(f"{rules}/form", wrong).status == 303
    with acting_as(director) as session:
        assert draft_of(session, hinata.programme_id) is not None
    page = visitor.get(rules).text
    assert "書きかけを保存しました。直すところが4か所あります" in page
    assert "直すところがあります。続けると、どこかが出ます" in page
