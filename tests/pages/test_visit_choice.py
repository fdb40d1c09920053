"""Whoever looks for one kind of visit finds it without turning pages of the others."""

from __future__ import annotations

from flask import Flask

from portal.families.rules import plain_phone
from portal.kernel.actor import Actor
from portal.visits.rules import VisitKind
from tests.factories import visits
from tests.factories.places import Site
from tests.factories.registration import apply_for
from tests.factories.steps import INTERVIEW, give_steps
from tests.pages.visit import Visitor


def test_one_kind_can_be_chosen_and_its_pages_keep_the_choice(app: Flask, hinata: Site) -> None:
    tour = visits.open_session(hinata)
    talks = visits.open_sessions(hinata, kind=VisitKind.INTERVIEW, repeat=visits.weekly(13))
    passer_by, url = Visitor(app), f"/facilities/{hinata.facility_id}/visits"
    everything = passer_by.get(url)
    assert f"session-{tour}" in everything.html
    assert "?kind=interview" in everything.html
    only = passer_by.get(f"{url}?kind=interview")
    assert f"session-{tour}" not in only.html
    assert f"session-{talks[0]}" in only.html
    assert "kind=interview&amp;page=2" in only.html
    assert f"session-{tour}" in passer_by.get(f"{url}?kind=nonsense").html


def test_a_session_that_is_booked_leads_to_the_booking(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    tour = visits.open_session(hinata)
    visits.book(tanaka, tour)
    page = Visitor(app, tanaka).get(f"/my/visits/book/{tour}")
    assert "この回は、もう予約してあります" in page.text
    assert 'href="/my/visits">予約を見る' in page.html


def test_a_number_in_wide_signs_is_kept_in_plain_ones() -> None:
    assert plain_phone("０９０－１２３４ー５６７８") == "090-1234-5678"
    assert plain_phone(" ") is None


def test_home_names_the_step_that_comes_before_the_answer(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    give_steps(hinata, {**INTERVIEW, "before": "acceptance"})
    apply_for(hinata, tanaka)
    home = Visitor(app, tanaka).get("/my/")
    assert "次は、面談です。" in home.text
    assert "園の返事を待っています。返事のあと" not in home.text
