"""A family reads how it comes by a lower price, as long as no paper for it was seen."""

from __future__ import annotations

import pytest
from flask import Flask

from portal.homes.rules import HomeFact, HomeFactKind
from portal.kernel.actor import Actor
from tests.factories.homes import noted
from tests.factories.people import children_of
from tests.factories.places import Site, accept
from tests.pages.test_booking_pages import wished
from tests.pages.test_home_pages import HOME, REDUCING
from tests.pages.visit import Visitor
from tests.services.test_caps_held import limited

CLAIM = "生活保護を受けている世帯は、料金が安くなります。書類を園に見せてください。"
UNSEEN = "園は、まだ書類を見ていません。"


@pytest.mark.proves("G17", "R6")
def test_who_might_pay_less_reads_what_to_show_until_it_is_seen(
    app: Flask, hinata: Site, tanaka: Actor, sato: Actor
) -> None:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    mother = Visitor(app, tanaka)
    site = limited(hinata, **REDUCING)
    welfare = HomeFact(HomeFactKind.MARK, "welfare")
    assert tanaka.family_id is not None

    def pages() -> tuple[str, str]:
        confirm = mother.post("/my/bookings/confirm", wished(tanaka, site))
        assert confirm.status == 200
        return confirm.text, mother.get(HOME).text

    assert all(CLAIM in page for page in pages())
    fact_id = noted(sato, tanaka.family_id, welfare)
    confirm, home = pages()
    assert CLAIM in confirm
    assert UNSEEN in home
    office = f"/office/families/{tanaka.family_id}/home"
    seen = Visitor(app, sato).submit(f"{office}/{fact_id}/confirm", {}, form_page=office)
    assert seen.status == 303
    # The rules ask for its paper besides.
    confirm, home = pages()
    assert CLAIM in confirm
    noted(sato, tanaka.family_id, HomeFact(HomeFactKind.PAPER, "town_paper", is_seen=True))
    confirm, home = pages()
    assert CLAIM not in confirm
    assert "減免A" in confirm
    assert UNSEEN not in home


@pytest.mark.proves("G17")
def test_without_such_rules_nobody_is_asked_for_papers(
    app: Flask, hinata: Site, tanaka: Actor
) -> None:
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    mother = Visitor(app, tanaka)
    for page in (mother.post("/my/bookings/confirm", wished(tanaka, hinata)), mother.get(HOME)):
        assert page.status == 200
        assert "料金が安くなります" not in page.text
    assert "いま何もたずねていません" in mother.get(HOME).text
