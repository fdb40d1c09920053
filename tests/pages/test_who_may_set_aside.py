"""Rules say what staff may set aside and what the head alone: the form offers no more (G26)."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from portal.kernel.actor import Actor
from tests.factories.places import Site, accept
from tests.pages.test_booking_office import RECEIPT
from tests.pages.test_booking_pages import wished
from tests.pages.visit import Page, Visitor
from tests.services.test_caps_held import limited
from tests.services.test_take_places import mine

BECAUSE = {"overruled": "too_short", "overruled_because": "急な通院のため"}


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> Actor:
    """Tanaka with Hana, who is accepted."""
    accept(hinata, tanaka, mine(tanaka)[1])
    return tanaka


def tried(app: Flask, who: Actor, family: Actor, site: Site, **more: Any) -> Page:
    url = f"/office/bookings/new?family={family.family_id}"
    return Visitor(app, who).submit(url, wished(family, site, end="9:30", **RECEIPT, **more))


@pytest.mark.proves("G26")
def test_staff_are_offered_what_these_rules_let_them_set_aside(
    app: Flask, hinata: Site, family: Actor, sato: Actor, director: Actor
) -> None:
    site = limited(hinata, exceptions={"staff_may": ["cap_reached"], "head_may": ["too_short"]})
    refused = tried(app, sato, family, site)
    assert refused.status == 409
    assert "1回の預かりは、1時間からです" in refused.text
    assert "園の判断で受け付ける" not in refused.text
    assert tried(app, sato, family, site, **BECAUSE).status == 409
    assert "園の判断で受け付ける" in tried(app, director, family, site).text
    assert tried(app, director, family, site, **BECAUSE).status == 303


@pytest.mark.proves("G26")
def test_what_nobody_may_set_aside_is_offered_to_nobody(
    app: Flask, hinata: Site, family: Actor, director: Actor
) -> None:
    site = limited(hinata, exceptions={"never": ["too_short"]})
    assert "園の判断で受け付ける" not in tried(app, director, family, site).text
    assert tried(app, director, family, site, **BECAUSE).status == 409


@pytest.mark.proves("G26", "G4")
def test_the_head_may_take_whom_discretion_is_for(
    app: Flask, hinata: Site, family: Actor, sato: Actor, director: Actor
) -> None:
    residence = {"cities": ["とおい市"], "unknown": "refuse", "discretion": True}
    site = limited(hinata, residence=residence, units={"grid_minutes": 30})
    assert tried(app, sato, family, site).status == 409
    assert tried(app, director, family, site).status == 303
