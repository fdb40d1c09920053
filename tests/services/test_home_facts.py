"""What is known of a home: who writes it, who reads it, and what it comes to on a day."""

from __future__ import annotations

import json
import uuid
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import NoResultFound, ProgrammingError

from portal.bookings.queries.home import at_home
from portal.db.session import acting_as, transaction
from portal.homes import queries
from portal.homes.models import StoredHomeFact
from portal.homes.rules import HomeFact, HomeFactKind, HomeFactRefusal, household, with_facts
from portal.homes.service import confirm, end, say
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts, Enrolment, Household
from tests.factories.places import Site, accept
from tests.services.test_take_places import mine

KINDS = HomeFactKind
DAY = clock.today(clock.now()) + timedelta(days=7)


def write(actor: Actor, family: uuid.UUID, fact: HomeFact) -> uuid.UUID:
    with acting_as(actor), transaction() as session:
        return say(session, family, fact, actor=actor, now=clock.now()).id


def home(actor: Actor, family: uuid.UUID, day: date = DAY) -> Household:
    with acting_as(actor) as session:
        return household(queries.facts_of(queries.live(session, family, actor=actor)), day)


@pytest.fixture
def family(hinata: Site, tanaka: Actor, sato: Actor) -> uuid.UUID:
    """The family, known to ひなた保育園."""
    del sato
    known, child = mine(tanaka)
    accept(hinata, tanaka, child)
    return known


def test_what_the_family_says_every_provider_of_it_reads(
    family: uuid.UUID, tanaka: Actor, sato: Actor, yamada: Actor
) -> None:
    write(tanaka, family, HomeFact(KINDS.CITY, "松戸市"))
    assert home(tanaka, family).city == home(sato, family).city == "松戸市"
    assert home(yamada, family).city is None


@pytest.mark.proves("R25")
def test_what_staff_have_seen_is_their_own_provider_s(
    family: uuid.UUID, tanaka: Actor, sato: Actor, yamada: Actor
) -> None:
    write(sato, family, HomeFact(KINDS.MARK, "welfare", is_seen=True))
    [mark] = home(sato, family).marks
    assert (mark.code, mark.is_proven) == ("welfare", True)
    assert [each.code for each in home(tanaka, family).marks] == ["welfare"]
    assert home(yamada, family).marks == ()
    with pytest.raises(NoResultFound):
        write(yamada, family, HomeFact(KINDS.MARK, "welfare"))


def test_a_family_cannot_mark_itself(family: uuid.UUID, tanaka: Actor) -> None:
    with pytest.raises(NoResultFound):
        write(tanaka, family, HomeFact(KINDS.MARK, "welfare", is_seen=True))
    row = {"family": family, "user": tanaka.user_id, "id": uuid.uuid4()}
    with acting_as(tanaka), pytest.raises(ProgrammingError), transaction() as session:
        session.execute(
            text(
                "INSERT INTO home_facts (id, family_id, organisation_id, kind, said_at, said_by)"
                " SELECT :id, :family, organisation_id, 'mark', now(), :user"
                " FROM family_access WHERE family_id = :family LIMIT 1"
            ),
            row,
        )


def test_a_newer_word_takes_the_place_of_the_older(family: uuid.UUID, tanaka: Actor) -> None:
    write(tanaka, family, HomeFact(KINDS.CITY, "柏市"))
    write(tanaka, family, HomeFact(KINDS.CITY, "松戸市"))
    write(tanaka, family, HomeFact(KINDS.CIRCUMSTANCE, "homecoming"))
    write(tanaka, family, HomeFact(KINDS.CIRCUMSTANCE, "workplace"))
    seen = home(tanaka, family)
    assert seen.city == "松戸市"
    assert seen.circumstances == {"homecoming", "workplace"}


def test_each_side_ends_its_own(family: uuid.UUID, tanaka: Actor, sato: Actor) -> None:
    city = write(tanaka, family, HomeFact(KINDS.CITY, "松戸市"))
    tax = write(sato, family, HomeFact(KINDS.TAX, number=48_000))
    for actor, fact in ((sato, city), (tanaka, tax)):
        with acting_as(actor), pytest.raises(Refusal) as refused, transaction() as session:
            end(session, family, fact, actor=actor, now=clock.now())
        assert refused.value.codes == (HomeFactRefusal.NOT_THERE,)
    with acting_as(sato), transaction() as session:
        end(session, family, tax, actor=sato, now=clock.now())
    assert home(sato, family).tax_yen is None


def test_days_and_children_are_kept_apart(family: uuid.UUID, tanaka: Actor, sato: Actor) -> None:
    _family, child = mine(tanaka)
    past = HomeFact(KINDS.TAX, number=0, valid_until=DAY - timedelta(days=1))
    write(sato, family, past)
    write(tanaka, family, HomeFact(KINDS.ENROLMENT, "kindergarten", child_id=child))
    write(tanaka, family, HomeFact(KINDS.GATE, "walks_alone", number=1, child_id=child))
    assert home(sato, family).tax_yen is None
    assert home(sato, family, DAY - timedelta(days=1)).tax_yen == 0
    with acting_as(sato) as session:
        facts = queries.facts_of(queries.live(session, family, actor=sato))
    known = with_facts(ChildFacts(child, date(2024, 5, 1)), facts, DAY)
    other = with_facts(ChildFacts(uuid.uuid4(), date(2024, 5, 1)), facts, DAY)
    assert (known.enrolment, other.enrolment) == (Enrolment.KINDERGARTEN, None)
    assert (known.gates["walks_alone"].said, other.gates) == (True, {})


@pytest.mark.parametrize(
    ("fact", "code"),
    [
        (HomeFact(KINDS.CITY, "  "), HomeFactRefusal.CODE_MISSING),
        (HomeFact(KINDS.CITY, "あ" * 61), HomeFactRefusal.CODE_TOO_LONG),
        (HomeFact(KINDS.TAX), HomeFactRefusal.NUMBER_MISSING),
        (HomeFact(KINDS.COUPON, "trial", number=1001), HomeFactRefusal.NUMBER_TOO_LARGE),
        (HomeFact(KINDS.ENROLMENT, "none"), HomeFactRefusal.CHILD_MISSING),
        (
            HomeFact(KINDS.CITY, "柏市", valid_from=DAY, valid_until=DAY - timedelta(days=1)),
            HomeFactRefusal.ENDS_BEFORE_START,
        ),
    ],
)
def test_what_is_missing_is_said(
    family: uuid.UUID, sato: Actor, fact: HomeFact, code: HomeFactRefusal
) -> None:
    with pytest.raises(Refusal) as refused:
        write(sato, family, fact)
    assert refused.value.codes == (code,)


@pytest.mark.proves("P11")
def test_the_database_keeps_no_word_of_it_open(family: uuid.UUID, sato: Actor) -> None:
    fact = write(sato, family, HomeFact(KINDS.MARK, "welfare", is_seen=True))
    with acting_as(sato) as session:
        row = session.get_one(StoredHomeFact, fact)
        assert b"welfare" not in (row.said_sealed or b"")
        assert json.loads(row.said or "") == ["welfare", None]


@pytest.mark.proves("R25")
def test_a_decision_counts_its_own_provider_s_facts_whoever_asks(
    family: uuid.UUID, hinata: Site, midori: Site, tanaka: Actor, sato: Actor, yamada: Actor
) -> None:
    _family, child = mine(tanaka)
    accept(midori, tanaka, child)
    write(yamada, family, HomeFact(KINDS.MARK, "welfare", is_seen=True))
    write(tanaka, family, HomeFact(KINDS.CITY, "松戸市"))
    document = RulesDocument.model_validate({"residence": {"cities": ["松戸市"]}})
    for actor, site, marks in (
        (tanaka, hinata, 0),
        (sato, hinata, 0),
        (tanaka, midori, 1),
        (yamada, midori, 1),
    ):
        with acting_as(actor) as session:
            provider = site.organisation_id
            seen, _ = at_home(session, [], family, document, DAY, provider=provider, actor=actor)
        assert (len(seen.marks), seen.city) == (marks, "松戸市")


@pytest.mark.proves("R25")
def test_who_need_not_know_writes_no_mark_and_confirms_answers(
    family: uuid.UUID, tanaka: Actor, sato: Actor
) -> None:
    _family, child = mine(tanaka)
    plain = replace(sato, knows_support=False)
    for fact in (HomeFact(KINDS.MARK, "welfare"), HomeFact(KINDS.PAPER, "welfare_certificate")):
        with pytest.raises(NoResultFound):
            write(plain, family, fact)
    gate = write(tanaka, family, HomeFact(KINDS.GATE, "walks_alone", 0, child))
    with acting_as(plain), transaction() as session:
        confirm(session, family, gate, actor=plain, now=clock.now())
    with acting_as(sato) as session:
        facts = queries.facts_of(queries.live(session, family, actor=sato))
    answer = with_facts(ChildFacts(child, date(2024, 5, 1)), facts, DAY).gates["walks_alone"]
    assert (answer.said, answer.is_confirmed) == (False, True)
    city = write(tanaka, family, HomeFact(KINDS.CITY, "松戸市"))
    for actor, fact_id in ((sato, city), (tanaka, gate), (sato, uuid.uuid4())):
        with acting_as(actor), pytest.raises(Refusal), transaction() as session:
            confirm(session, family, fact_id, actor=actor, now=clock.now())
