"""Rules that have not begun are mended as they stand, and the mended ones take their place."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from portal.db.session import acting_as
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.rulebooks.queries import draft_of, rules_in_force
from tests.factories.places import Site
from tests.factories.rules import put_in_force, rules_with
from tests.pages.visit import Visitor

BEGINS = clock.today(clock.now()) + timedelta(days=17)


@pytest.mark.proves("G29")
def test_rules_to_come_are_put_into_the_form_with_their_day(
    app: Flask, director: Actor, hinata: Site
) -> None:
    rules = f"/office/programmes/{hinata.programme_id}/rules"
    coming = put_in_force(hinata, rules_with(title="来月のきまり"), since=BEGINS)
    visitor = Visitor(app, director)
    assert "このきまりを直す" in visitor.get(rules).text
    done = visitor.submit(f"{rules}/versions/{coming}/again", {}, form_page=rules)
    assert done.status == 303
    form = visitor.get(done.location)
    assert "同じ日から始めると、入れかわります" in form.text
    for part in ("year", "month", "day"):
        assert form.field(f"in_force_from-{part}") == str(getattr(BEGINS, part))
    with acting_as(director) as session:
        draft = draft_of(session, hinata.programme_id)
        assert draft is not None
        assert (draft.document or {})["title"] == "来月のきまり"
    assert "書きかけが入っています" in visitor.get(rules).text


@pytest.mark.proves("G29")
def test_what_was_mended_before_it_began_is_told_once(
    app: Flask, director: Actor, hinata: Site
) -> None:
    put_in_force(hinata, rules_with(title="もとの文"), since=BEGINS)
    mended = put_in_force(hinata, rules_with(title="直した"), since=BEGINS)
    visitor, rules = Visitor(app, director), f"/office/programmes/{hinata.programme_id}/rules"
    page = visitor.get(rules)
    assert page.text.count("これからのきまり") == 1
    assert "直した" in page.text
    assert "もとの文" not in page.text
    with acting_as(director) as session:
        assert rules_in_force(session, hinata.programme_id, BEGINS)[1].title == "直した"
    # Taken back, it does not leave behind what it took the place of.
    assert visitor.submit(f"{rules}/versions/{mended}/withdraw", {}, form_page=rules).status == 303
    assert "これからのきまり◆" not in visitor.get(rules).text
    with acting_as(director) as session:
        assert rules_in_force(session, hinata.programme_id, BEGINS)[0] == hinata.rulebook_id


@pytest.mark.proves("G29")
def test_rules_to_come_are_not_mended_over_a_draft_without_a_word(
    app: Flask, director: Actor, hinata: Site
) -> None:
    rules = f"/office/programmes/{hinata.programme_id}/rules"
    put_in_force(hinata, rules_with(title="来月のきまり"), since=BEGINS)
    visitor = Visitor(app, director)
    assert "入れかわります" not in visitor.get(rules).text
    typed = {"title": "だいじな書きかけ", "do": "draft"}
    assert visitor.submit(f"{rules}/form", typed).status == 303
    coming = visitor.get(rules).text.split("これからのきまり")[1]
    assert "いまの書きかけと入れかわります" in coming.split("このきまりを直す")[0]
