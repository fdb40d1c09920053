"""A month of places is drawn from what was counted: no wish is decided for any cell of it."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from portal.kernel.actor import Actor
from portal.policies import judging
from tests.factories.people import children_of
from tests.factories.places import Site, accept, next_open_day
from tests.factories.rules import put_in_force, rules_with
from tests.pages.test_booking_pages import wished
from tests.pages.test_public_calendar import month_url
from tests.pages.visit import Visitor

DAY = next_open_day(2)


@pytest.mark.proves("J1")
def test_a_month_decides_nothing_and_a_wish_is_decided(
    app: Flask, hinata: Site, tanaka: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    evening = {"when": {"starts": {"from": "15:00"}}, "booking_window": {"opens": None}}
    put_in_force(hinata, rules_with(variants=[{"name": "夕方", **evening}]))
    judged: list[object] = []
    as_ever = judging._judged

    def counted(*given: Any, **named: Any) -> judging.Part:
        judged.append(given)
        return as_ever(*given, **named)

    monkeypatch.setattr(judging, "_judged", counted)
    mother = Visitor(app, tanaka)
    for visitor in (Visitor(app), mother):
        assert visitor.get(month_url(hinata, DAY)).status == 200
        assert visitor.get("/facilities").status == 200
    assert judged == [], "cells are never asked of the rules"
    assert mother.post("/my/bookings/confirm", wished(tanaka, hinata, DAY)).status == 200
    assert judged, "what is counted is what decides"
