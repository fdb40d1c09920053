"""Limited numbers: never one registration too many, the line kept, brothers and sisters as one."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from sqlalchemy import Engine, select

from portal.datarequests.rules import RequestState
from portal.db.session import Database, acting_as, in_use, make_engine, transaction, use
from portal.families.models import ChildRecord
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.policies.standing import StepKind
from portal.preregistration import deciding, queries, records, renewing, service
from portal.preregistration.line import free_words
from portal.preregistration.mail import MAILS
from portal.preregistration.places import ahead_of_family, registered
from portal.preregistration.rules import PreregistrationRefusal, PreregistrationState
from portal.preregistration.steps import mark_done
from tests.database import TestServer
from tests.factories.data_requests import answer, erase, waiting
from tests.factories.people import make_guardian, make_worker
from tests.factories.places import Site, make_site
from tests.factories.registration import apply_for, ask
from tests.services.test_preregistration import wanted

S, R = PreregistrationState, PreregistrationRefusal


def do(actor: Actor, work: Callable[..., object], row_id: uuid.UUID, **more: object) -> object:
    with acting_as(actor), transaction() as session:
        return work(session, row_id, actor=actor, now=clock.now(), **more)


def states(actor: Actor, *ids: uuid.UUID) -> list[PreregistrationState]:
    with acting_as(actor) as session:
        return [queries.preregistration(session, each, actor=actor).state for each in ids]


def codes(refused: pytest.ExceptionInfo[Refusal]) -> tuple[object, ...]:
    return refused.value.codes


@pytest.mark.proves("R5")
def test_a_full_facility_lets_wait_and_the_line_is_kept(hinata: Site, sato: Actor) -> None:
    ask(hinata, limit=1)
    (first,) = apply_for(hinata, make_guardian("森 あい", children=("森 りん",)))
    (second,) = apply_for(hinata, make_guardian("林 みほ", children=("林 はな",)))
    (third,) = apply_for(hinata, make_guardian("谷 ゆい", children=("谷 そう",)))
    do(sato, service.accept, first)
    with pytest.raises(Refusal) as refused:
        do(sato, service.accept, second)
    assert codes(refused) == (R.REGISTRATIONS_TAKEN,)
    do(sato, service.wait, second)
    # Staff withdraw for a caller: the next one moves up in the same breath, nobody else.
    do(sato, service.wait, third)
    do(sato, service.withdraw, first)
    assert states(sato, first, second, third) == [S.WITHDRAWN, S.ACCEPTED, S.WAITING]


def test_nobody_overtakes_those_who_wait(hinata: Site, sato: Actor) -> None:
    ask(hinata, limit=2)
    siblings = make_guardian("森 あい", children=("森 りん", "森 かい"))
    (there,) = apply_for(hinata, make_guardian("林 みほ", children=("林 はな",)))
    do(sato, service.accept, there)
    waiting = apply_for(hinata, siblings)
    do(sato, service.wait, waiting[0])
    assert states(sato, *waiting) == [S.WAITING, S.WAITING]
    (later,) = apply_for(hinata, make_guardian("谷 ゆい", children=("谷 そう",)))
    with pytest.raises(Refusal) as refused:
        do(sato, service.accept, later)
    assert codes(refused) == (R.OTHERS_WAIT_LONGER,)
    with pytest.raises(Refusal) as refused:
        do(sato, service.accept, waiting[1])  # one place is free, they are two
    assert codes(refused) == (R.REGISTRATIONS_TAKEN,)
    do(sato, service.withdraw, there)
    assert states(sato, *waiting) == [S.ACCEPTED, S.ACCEPTED]


def test_waiting_needs_a_limit_and_ends_with_a_decline(hinata: Site, sato: Actor) -> None:
    (row,) = apply_for(hinata, make_guardian("森 あい", children=("森 りん",)))
    with pytest.raises(Refusal) as refused:
        do(sato, service.wait, row)
    assert codes(refused) == (R.NO_LIMIT_TO_WAIT_FOR,)
    ask(hinata, limit=1)
    do(sato, service.wait, row)
    do(sato, service.decline, row, reason="定員を減らしました")
    assert states(sato, row) == [S.DECLINED]


@pytest.mark.proves("R4", "R5")
def test_a_step_before_the_acceptance_comes_first(hinata: Site, sato: Actor) -> None:
    ask(hinata, limit=1, steps=[{"kind": "interview", "before": "acceptance"}])
    (row,) = apply_for(hinata, make_guardian("森 あい", children=("森 りん",)))
    for decision in (service.accept, service.wait):
        with pytest.raises(Refusal) as refused:
            do(sato, decision, row)
        assert codes(refused) == (R.STEP_FIRST,)
    do(sato, mark_done, row, kind=StepKind.INTERVIEW)
    do(sato, service.accept, row)
    assert states(sato, row) == [S.ACCEPTED]


@pytest.fixture
def by_worker(emptied: Engine, server: TestServer) -> Callable[[Callable[[], object]], None]:
    """What does a work with the rights of the worker's role alone."""

    def do_it(work: Callable[[], object]) -> None:
        mine = in_use()
        worker = make_engine(server.url("portal_worker", str(emptied.url.database)))
        use(Database(worker, mine.secrets))
        try:
            work()
        finally:
            use(mine)
            worker.dispose()

    return do_it


@pytest.mark.proves("R5")
def test_the_workers_round_fills_a_place_that_a_family_gave_up(
    by_worker: Callable[[Callable[[], object]], None],
) -> None:
    site = make_site("ひなた保育園")
    ask(site, limit=1)
    sato = make_worker("佐藤 まり", site.organisation_id, "staff")
    leaves = make_guardian("森 あい", children=("森 りん",))
    (first,) = apply_for(site, leaves)
    (second,) = apply_for(site, make_guardian("林 みほ", children=("林 はな",)))
    do(sato, service.accept, first)
    do(sato, service.wait, second)
    do(leaves, service.withdraw, first)
    assert states(sato, second) == [S.WAITING]
    by_worker(lambda: deciding.move_up_everywhere(clock.now()))
    assert states(sato, second) == [S.ACCEPTED]


@pytest.mark.proves("R5")
def test_the_mail_of_the_waiting_says_how_many_stand_before_her(
    by_worker: Callable[[Callable[[], object]], None],
) -> None:
    site = make_site("ひなた保育園")
    ask(site, limit=1)
    sato = make_worker("佐藤 まり", site.organisation_id, "staff")
    mothers = [make_guardian(name, children=("森 りん",)) for name in ("森 あい", "林 みほ")]
    rows = [apply_for(site, mother)[0] for mother in mothers]
    for row in rows:
        do(sato, service.wait, row)
    found: list[str] = []

    def write() -> None:
        with acting_as(mothers[1]) as session:
            kind = "preregistration/waiting"
            letter = MAILS[kind](session, wanted(kind, rows[1], mothers[1]))
            found.append(letter.text if letter else "")
            session.rollback()

    by_worker(write)
    assert "いま、前に1組います" in found[0]


@pytest.mark.proves("R5")
def test_the_workers_round_tells_of_the_season(
    by_worker: Callable[[Callable[[], object]], None],
) -> None:
    site = make_site("ひなた保育園")
    ask(site, validity="months", months=1, renewal={"days_before": 60})
    sato = make_worker("佐藤 まり", site.organisation_id, "staff")
    (row,) = apply_for(site, make_guardian("森 あい", children=("森 りん",)))
    do(sato, service.accept, row)
    by_worker(lambda: renewing.tell_season(clock.now()))
    with acting_as(sato) as session:
        told = queries.preregistration(session, row, actor=sato)
        assert told.renewal_told_for == told.accepted_until


@pytest.mark.proves("R3")
def test_the_workers_round_asks_about_records_of_an_earlier_year(
    by_worker: Callable[[Callable[[], object]], None],
) -> None:
    site = make_site("ひなた保育園")
    ask(site, validity="none")
    sato = make_worker("佐藤 まり", site.organisation_id, "staff")
    family = make_guardian("森 あい", children=("森 りん",))
    (row,) = apply_for(site, family)
    do(sato, service.accept, row)
    next_year = clock.now() + timedelta(days=366)
    by_worker(lambda: records.ask_yearly(next_year))
    with acting_as(family) as session:
        head = session.scalars(select(ChildRecord)).one()
        assert head.asked_on == clock.today(next_year)


def race(monkeypatch: pytest.MonkeyPatch) -> list[PreregistrationState]:
    """Let two of the staff accept two families for the one registration that is left."""
    site = make_site("ひなた保育園")
    ask(site, limit=1)
    staff = [make_worker(name, site.organisation_id, "staff") for name in ("佐藤 まり", "森 けい")]
    rows = [
        apply_for(site, make_guardian(f"母{n}", children=(f"子{n}",)))[0] for n in range(len(staff))
    ]
    start, count = Barrier(len(staff)), registered

    def slow_count(*wanted: object) -> int:
        found = count(*wanted)  # type: ignore[arg-type]
        time.sleep(0.3)
        return found

    monkeypatch.setattr(deciding, "registered", slow_count)

    def try_it(number: int) -> tuple[object, ...]:
        start.wait()
        try:
            do(staff[number], service.accept, rows[number])
        except Refusal as refusal:
            return refusal.codes
        return ()

    with ThreadPoolExecutor(len(staff)) as pool:
        answers = set(pool.map(try_it, range(len(staff))))
    assert answers <= {(), (R.REGISTRATIONS_TAKEN,)}
    return sorted(states(staff[0], *rows))


def test_two_who_accept_at_once_take_turns(
    emptied: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    del emptied
    assert race(monkeypatch) == [S.ACCEPTED, S.APPLIED]


def test_without_the_lock_one_too_many_is_registered(
    emptied: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    del emptied
    monkeypatch.setattr(deciding, "hold", lambda *_: None)
    assert race(monkeypatch) == [S.ACCEPTED, S.ACCEPTED]


@pytest.mark.proves("P13")
def test_an_erasure_ends_the_waiting_and_leaves_no_word(
    hinata: Site, director: Actor, sato: Actor
) -> None:
    ask(hinata, limit=1)
    mother = make_guardian("森 あい", children=("森 りん",))
    (row,) = apply_for(hinata, mother)
    do(sato, service.wait, row)
    do(mother, service.say, row, words="いつごろになりますか")
    assert not erase(mother)
    (request,) = waiting(director)
    assert answer(director, request.id, RequestState.DONE, "")
    assert states(director, row) == [S.WITHDRAWN]
    with acting_as(director) as session:
        assert queries.messages(session, row, actor=director) == []


@pytest.mark.proves("R5")
def test_a_family_that_waits_sees_how_many_stand_before_her_and_nobody_else(
    hinata: Site, sato: Actor
) -> None:
    ask(hinata, limit=1)
    mothers = [
        make_guardian("森 あい", children=("森 りん",)),
        make_guardian("林 みほ", children=("林 はな", "林 そら")),
        make_guardian("谷 ゆい", children=("谷 そう",)),
    ]
    rows = [apply_for(hinata, mother) for mother in mothers]
    for row in rows:
        do(sato, service.wait, row[0])
    everything = [each for row in rows for each in row]
    for mother, own, ahead in zip(mothers, rows, (0, 1, 2), strict=True):
        with acting_as(mother) as session:
            # Brothers and sisters count once; of others' applications not even a number comes.
            assert ahead_of_family(session, everything) == dict.fromkeys(own, ahead)
            session.rollback()
    for stranger in (sato, make_guardian("遠い だれか")):
        with acting_as(stranger) as session:
            assert ahead_of_family(session, everything) == {}
            session.rollback()
    assert "いま、次の順番です" in free_words(0)
    assert "前に2組います" in free_words(2)
