"""Facts of a home and days elsewhere, past every page: who writes, who reads, what stays."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import NoResultFound

from portal.db.session import acting_as, transaction
from portal.homes import queries
from portal.homes.rules import (
    LONGEST_CODE,
    MOST_TAX_YEN,
    MOST_TICKETS,
    NEED_TO_KNOW,
    SAID_BY_FAMILY,
    HomeFact,
    HomeFactKind,
    HomeFactRefusal,
    Slot,
    reasons_against,
)
from portal.homes.service import confirm, end, keep, say
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.uses import queries as uses
from portal.uses.rules import UseRefusal
from portal.uses.service import restore, take_back, tell
from tests.factories.homes import noted
from tests.factories.people import children_of, make_child, make_guardian
from tests.factories.places import Site, accept
from tests.services.test_guards_rulebooks import Log, log
from tests.services.test_take_places import mine

__all__ = ["log"]

KINDS = HomeFactKind
NOW = clock.now()
TODAY = clock.today(NOW)
R = HomeFactRefusal


@pytest.fixture
def family(hinata: Site, tanaka: Actor) -> uuid.UUID:
    """The family, known to ひなた保育園 and to nobody else."""
    known, child = mine(tanaka)
    accept(hinata, tanaka, child)
    return known


@pytest.mark.parametrize(
    ("fact", "codes"),
    [
        (HomeFact(KINDS.CITY, "市" * LONGEST_CODE), []),
        (HomeFact(KINDS.TAX, number=0), []),
        (HomeFact(KINDS.TAX, number=MOST_TAX_YEN), []),
        (HomeFact(KINDS.TAX, number=MOST_TAX_YEN + 1), [R.NUMBER_TOO_LARGE]),
        (HomeFact(KINDS.TAX, number=-1), [R.NUMBER_MISSING]),
        (HomeFact(KINDS.COUPON, "t", MOST_TICKETS), []),
        (HomeFact(KINDS.COUPON, "t", MOST_TICKETS + 1), [R.NUMBER_TOO_LARGE]),
        (HomeFact(KINDS.GATE, "t", 1, uuid.uuid4()), []),
        (HomeFact(KINDS.GATE, "t", 1), [R.CHILD_MISSING]),
        (HomeFact(KINDS.MARK, "t", valid_from=TODAY, valid_until=TODAY), []),
        # A number says nothing of a mark: none is asked for.
        (HomeFact(KINDS.MARK, "t", number=-5), []),
    ],
)
def test_each_limit_of_a_fact_has_its_border(fact: HomeFact, codes: list[HomeFactRefusal]) -> None:
    assert [reason.code for reason in reasons_against(fact)] == codes


@pytest.mark.proves("R25", "P7")
def test_a_family_says_of_itself_what_needs_no_paper_and_nothing_else(
    family: uuid.UUID, tanaka: Actor
) -> None:
    _family, child = mine(tanaka)
    for kind in HomeFactKind:
        fact = HomeFact(kind, "none", 1, child)
        if kind in SAID_BY_FAMILY:
            noted(tanaka, family, fact)
        else:
            with pytest.raises(NoResultFound):
                noted(tanaka, family, fact)


@pytest.mark.proves("R25", "P7")
def test_who_need_not_know_neither_writes_nor_is_shown_what_tells(
    family: uuid.UUID, sato: Actor
) -> None:
    plain = replace(sato, knows_support=False)
    telling = [HomeFact(kind, "welfare", 1) for kind in NEED_TO_KNOW]
    telling.append(HomeFact(KINDS.PAPER, "income_certificate"))
    of_the_rules = HomeFact(KINDS.PAPER, "town_paper")
    for fact in telling:
        with pytest.raises(NoResultFound):
            noted(plain, family, fact)
    ids = [noted(sato, family, fact) for fact in (*telling, of_the_rules)]
    papers = {"telling_papers": ["town_paper"]}
    with acting_as(plain), transaction() as session:
        assert queries.shown(session, family, actor=plain, **papers) == []
        assert [row.id for row in queries.shown(session, family, actor=plain)] == ids[-1:]
        for fact_id in ids[:-1]:
            with pytest.raises(NoResultFound):
                queries.stored(session, family, fact_id, actor=plain)
    with acting_as(sato), transaction() as session:
        found = queries.shown(session, family, actor=sato, **papers)
        assert {row.id for row in found} == set(ids)


@pytest.mark.proves("P10")
def test_a_reading_leaves_its_trace_where_there_was_something_to_read(
    family: uuid.UUID, tanaka: Actor, sato: Actor, log: Log
) -> None:
    with acting_as(sato), transaction() as session:
        queries.shown(session, family, actor=sato)
    assert log("read.home_facts", sato) == []
    fact = noted(tanaka, family, HomeFact(KINDS.CITY, "松戸市"))
    for times in (1, 2):
        with acting_as(sato), transaction() as session:
            assert [row.id for row in queries.shown(session, family, actor=sato)] == [fact]
        assert log("read.home_facts", sato) == [([family], {})] * times


def _say(actor: Actor, family: uuid.UUID, _of: uuid.UUID, child: uuid.UUID) -> None:
    with acting_as(actor), transaction() as session:
        said = HomeFact(KINDS.ENROLMENT, "none", child_id=child)
        say(session, family, said, actor=actor, now=NOW)


def _end(actor: Actor, family: uuid.UUID, fact: uuid.UUID, _child: uuid.UUID) -> None:
    with acting_as(actor), transaction() as session:
        end(session, family, fact, actor=actor, now=NOW)


def _confirm(actor: Actor, family: uuid.UUID, fact: uuid.UUID, _child: uuid.UUID) -> None:
    with acting_as(actor), transaction() as session:
        confirm(session, family, fact, actor=actor, now=NOW)


def _stored(actor: Actor, family: uuid.UUID, fact: uuid.UUID, _child: uuid.UUID) -> None:
    with acting_as(actor) as session:
        queries.stored(session, family, fact, actor=actor)


def _tell(actor: Actor, family: uuid.UUID, _fact: uuid.UUID, child: uuid.UUID) -> None:
    with acting_as(actor), transaction() as session:
        tell(session, family, child, [TODAY], 60, actor=actor, now=NOW)


@pytest.mark.proves("P7", "R25")
@pytest.mark.parametrize(
    "work", [_say, _end, _confirm, _stored, _tell], ids=lambda each: each.__name__
)
def test_nothing_of_a_home_is_there_for_who_does_not_know_the_family(
    work: Callable[[Actor, uuid.UUID, uuid.UUID, uuid.UUID], None],
    hinata: Site,
    family: uuid.UUID,
    tanaka: Actor,
    sato: Actor,
    yamada: Actor,
) -> None:
    _family, child = mine(tanaka)
    gate = noted(tanaka, family, HomeFact(KINDS.GATE, "walks_alone", 1, child))
    other = make_guardian("中村 さき", children=("中村 そら",))
    for stranger in (yamada, other):
        with pytest.raises((NoResultFound, Refusal)):
            work(stranger, family, gate, child)
    # Staff who know both families find nothing of the one in the other.
    theirs = children_of(other)[0].id
    accept(hinata, other, theirs)
    assert other.family_id is not None
    with pytest.raises((NoResultFound, Refusal)):
        work(sato, other.family_id, gate, child)


@pytest.mark.proves("P7")
def test_a_page_that_is_kept_changes_its_own_side_alone_and_counts_what_it_changed(
    family: uuid.UUID, tanaka: Actor, sato: Actor, log: Log
) -> None:
    _family, child = mine(tanaka)
    city, gate = HomeFact(KINDS.CITY, "松戸市"), HomeFact(KINDS.GATE, "walks_alone", 1, child)
    said = {city.slot: city, gate.slot: gate}

    def kept(what: Mapping[Slot, HomeFact | None], *, at: datetime = NOW) -> int:
        with acting_as(tanaka), transaction() as session:
            return keep(session, family, what, actor=tanaka, now=at)

    assert (kept(said), kept(said)) == (2, 0)
    # An answer about a child becomes one of today; where the home lies is as old as it is.
    assert kept(said, at=NOW + timedelta(days=1)) == 1
    by_staff = noted(sato, family, HomeFact(KINDS.CITY, "柏市"))
    assert kept({city.slot: None}) == 1
    with acting_as(sato) as session:
        assert queries.stored(session, family, by_staff, actor=sato).ended_at is None
    assert len(log("home.ended", tanaka)) == 1
    assert len(log("home.said", tanaka)) == 3


def test_a_newer_word_ends_the_older_of_its_own_child_and_question_alone(
    family: uuid.UUID, tanaka: Actor
) -> None:
    _family, child = mine(tanaka)
    sibling = make_child(tanaka, "田中 りく")
    words = [
        (KINDS.GATE, "walks_alone", 1, sibling),
        (KINDS.ENROLMENT, "kindergarten", None, sibling),
        (KINDS.GATE, "walks_alone", 1, child),
        (KINDS.GATE, "weaned", 0, child),
        (KINDS.GATE, "walks_alone", 0, child),
        (KINDS.ENROLMENT, "kindergarten", None, child),
        (KINDS.ENROLMENT, "none", None, child),
        (KINDS.CITY, "柏市", None, None),
        (KINDS.CITY, "松戸市", None, None),
        (KINDS.CIRCUMSTANCE, "homecoming", None, None),
        (KINDS.CIRCUMSTANCE, "workplace", None, None),
    ]
    for kind, code, number, of in words:
        noted(tanaka, family, HomeFact(kind, code, number, of))
    ended = {2, 5, 7}
    with acting_as(tanaka) as session:
        facts = queries.facts_of(queries.live(session, family, actor=tanaka))
    assert [(each.kind, each.code, each.number, each.child_id) for each in facts] == [
        word for number, word in enumerate(words) if number not in ended
    ]


# --- days elsewhere ---


@pytest.mark.proves("P7", "R5")
def test_days_elsewhere_are_taken_back_and_put_back_by_who_knows_them(
    family: uuid.UUID, tanaka: Actor, sato: Actor, yamada: Actor, log: Log
) -> None:
    _family, child = mine(tanaka)
    with acting_as(sato), transaction() as session:
        [row] = tell(session, family, child, [TODAY], 60, use_type="x", actor=sato, now=NOW)
    assert log("use.told", sato) == [([row], {})]
    for work, code in ((take_back, UseRefusal.NOT_TOLD), (restore, UseRefusal.NOT_TAKEN_BACK)):
        with pytest.raises(Refusal) as refused, acting_as(yamada), transaction() as session:
            work(session, family, row, actor=yamada, now=NOW)
        assert refused.value.codes == (code,)
    with acting_as(yamada) as session, pytest.raises(NoResultFound):
        uses.use(session, family, row, actor=yamada)
    with acting_as(tanaka), transaction() as session:
        gone = take_back(session, family, row, actor=tanaka, now=NOW)
        assert (gone.retracted_at, gone.retracted_by) == (NOW, tanaka.user_id)
    assert log("use.taken_back", tanaka) == [([row], {})]
    with acting_as(tanaka), transaction() as session:
        again = restore(session, family, row, actor=tanaka, now=NOW)
        back = uses.use(session, family, again, actor=tanaka)
        assert (again != row, back.minutes, back.use_type) == (True, 60, "x")
        assert uses.taken_back(session, family, actor=tanaka) == []
