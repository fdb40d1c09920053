"""One's own data where guardians live apart: nothing of the protected one reaches the other."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import NoResultFound, ProgrammingError

from portal.datarequests import own_copy, queries, service
from portal.datarequests.rules import RequestTopic
from portal.db.session import acting_as, transaction
from portal.families import protections
from portal.kernel import clock
from portal.kernel.actor import Actor
from tests.factories import apart, days
from tests.factories.places import Site
from tests.pages.visit import Visitor

NOW = clock.now()
TODAY = clock.today(NOW)


@pytest.fixture
def parents(hinata: Site, tanaka: Actor, sato: Actor) -> tuple[Actor, Actor]:
    """Her address is protected against him; a stay is booked and her request is open."""
    apart.give_address(tanaka)
    days.book(hinata, tanaka)
    father = apart.join(tanaka)
    assert tanaka.family_id is not None
    with acting_as(tanaka), transaction() as session:
        service.ask_correction(
            session,
            tanaka.family_id,
            hinata.organisation_id,
            RequestTopic.OTHER,
            "ちがいます",
            actor=tanaka,
            now=NOW,
        )
    apart.protect(sato, tanaka)
    assert father.user_id is not None
    return tanaka, apart.signed_in(father.user_id)


def test_his_log_holds_what_he_did_and_nothing_else(
    parents: tuple[Actor, Actor], sato: Actor
) -> None:
    mother, father = parents
    with acting_as(sato), transaction() as session:
        protections.reveal_address(session, apart.own_row(mother), actor=sato, reason="手紙を送る")
    with acting_as(father) as session:
        lines = queries.log_of(session, TODAY, TODAY, actor=father)
        assert {line.who for line in lines} <= {"me"}
        assert queries.requests(session, actor=father) == []
        assert queries.holders(session, actor=father) == []
        assert queries.mails_to(session, TODAY, TODAY, actor=father) == []
    with acting_as(mother) as session:
        hers = queries.log_of(session, TODAY, TODAY, actor=mother)
    assert any("protect" in line.action and line.who == "staff" for line in hers)


def test_the_other_of_an_undivided_family_reads_no_line_about_protection(
    hinata: Site, tanaka: Actor, sato: Actor
) -> None:
    days.book(hinata, tanaka)
    second = apart.join(tanaka)
    apart.give_address(tanaka)
    apart.protect(sato, tanaka, apart.own_row(second))  # not against this guardian
    assert second.user_id is not None
    second = apart.signed_in(second.user_id)
    assert second.sees_whole_family
    with acting_as(second) as session:
        lines = queries.log_of(session, TODAY, TODAY, actor=second)
    assert lines
    assert not [line for line in lines if "protect" in line.action]


def test_nobody_reads_that_another_asked_for_protection(
    hinata: Site, tanaka: Actor, sato: Actor
) -> None:
    """The one who asks may live with the other: until staff decide, he has every right."""
    days.book(hinata, tanaka)
    second = apart.join(tanaka)
    apart.protect(sato, tanaka, apart.own_row(second))
    assert second.user_id is not None
    second = apart.signed_in(second.user_id)
    with acting_as(second), transaction() as session:
        protections.request(session, actor=second)
    for who, sees in ((second, True), (tanaka, False)):
        with acting_as(who) as session:
            lines = queries.log_of(session, TODAY, TODAY, actor=who)
        assert ("protection.requested" in {line.action for line in lines}) is sees


def test_he_takes_no_copy_and_erases_nothing(parents: tuple[Actor, Actor]) -> None:
    _mother, father = parents
    assert father.family_id is not None
    with pytest.raises(NoResultFound), acting_as(father), transaction() as session:
        own_copy.gather(session, father.family_id, actor=father, now=NOW)
    with pytest.raises(NoResultFound), acting_as(father), transaction() as session:
        service.ask_erasure(session, father.family_id, "", is_confirmed=True, actor=father, now=NOW)
    with (
        pytest.raises(ProgrammingError, match=r"not hers to erase|has not agreed|no such family"),
        acting_as(father),
        transaction() as session,
    ):
        session.execute(
            text("SELECT erase_family(:family, gen_random_uuid())"),
            {"family": father.family_id},
        )


def test_his_pages_show_neither_place_nor_way_to_her_data(
    app: Flask, parents: tuple[Actor, Actor]
) -> None:
    _mother, father = parents
    his = Visitor(app, father)
    for page in ("/my/data/", "/my/data/log"):
        shown = his.get(page)
        assert shown.status == 200
        assert "ひなた" not in shown.text
        assert apart.ADDRESS not in shown.text
    for page in ("/my/data/correction", "/my/data/erasure"):
        assert his.get(page).status in {403, 404}
