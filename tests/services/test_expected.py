"""An expected child: born as one or several without losing anything, or closed with all it runs."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, NoResultFound, ProgrammingError

from portal.db.session import acting_as, transaction
from portal.families import expected, expected_hooks, queries
from portal.families import service as families
from portal.families.expected_rules import ExpectedRefusal, Newborn
from portal.families.models import Child
from portal.families.rules import ChildDetails, FamilyRefusal, RecordDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.messages.letters import Wanted
from portal.policies.registration import RegistrationRule
from portal.preregistration import deciding, service
from portal.preregistration.line import line_of
from portal.preregistration.mail import MAILS
from portal.preregistration.models import Preregistration
from portal.preregistration.queries import of_family, preregistration, waiting_first
from portal.preregistration.rules import PreregistrationRefusal, PreregistrationState
from portal.visits.rules import VisitKind, VisitState
from tests.factories import days, people, places
from tests.factories import visits as made

NOW = clock.now()
TODAY = clock.today(NOW)
DUE = TODAY + timedelta(days=20)
pytestmark = pytest.mark.usefixtures("app")


@pytest.fixture
def mori(app: Flask) -> Actor:
    """Somebody who expects a child, with an elder one."""
    del app
    return people.make_guardian("森 ゆい", children=("森 はる",))


def expect(guardian: Actor, name: str | None = None) -> uuid.UUID:
    assert guardian.family_id is not None
    details = ChildDetails(name, due_on=DUE)
    with acting_as(guardian), transaction() as session:
        return families.add_child(session, guardian.family_id, details, actor=guardian, now=NOW).id


def applied(site: places.Site, guardian: Actor, child_id: uuid.UUID) -> uuid.UUID:
    """An application that is running, received three days ago."""
    row = Preregistration(
        id=uuid.uuid4(),
        family_id=guardian.family_id,
        child_id=child_id,
        facility_id=site.facility_id,
        organisation_id=site.organisation_id,
        state=PreregistrationState.APPLIED,
        channel="web",
        received_at=NOW - timedelta(days=3),
        applied_at=NOW,
    )
    with acting_as(guardian), transaction() as session:
        session.execute(text("SELECT open_family_to(:org)"), {"org": site.organisation_id})
        session.add(row)
    return row.id


def tell(guardian: Actor, child_id: uuid.UUID, *names: str) -> list[uuid.UUID]:
    newborns = [Newborn(name, TODAY) for name in names]
    with acting_as(guardian), transaction() as session:
        found = expected.tell_birth(session, child_id, newborns, actor=guardian, now=NOW)
        return [child.id for child in found]


def wanted(family: Actor, ids: tuple[uuid.UUID, ...]) -> Wanted:
    return Wanted(
        id=uuid.uuid4(),
        kind="preregistration/received",
        subject_ids=ids,
        context={},
        organisation_id=None,
        family_id=family.family_id,
        to_user_id=family.user_id,
        to_mail="m@example.test",
        to_name="森 ゆい",
        base_url="https://portal.example",
        is_demo=False,
        now=NOW,
    )


def states(actor: Actor, family: Actor) -> dict[uuid.UUID, PreregistrationState]:
    with acting_as(actor) as session:
        rows = of_family(session, actor=actor, family_id=family.family_id)
        return {row.child_id: row.state for row in rows}


@pytest.mark.proves("R7")
def test_twins_keep_the_row_and_its_place_in_the_queue(hinata: places.Site, mori: Actor) -> None:
    child_id = expect(mori)
    first_application = applied(hinata, mori, child_id)
    with acting_as(mori), transaction() as session:
        told = RecordDetails("", habits="うつぶせでねむります")
        families.save_record(session, child_id, told, actor=mori, now=NOW)
    ids = tell(mori, child_id, "森 そら", "森 うみ")
    assert ids[0] == child_id
    with acting_as(mori) as session:
        rows = {row.child_id: row for row in of_family(session, actor=mori)}
        assert rows[child_id].id == first_application
        assert {row.received_at for row in rows.values()} == {NOW - timedelta(days=3)}
        assert {row.state for row in rows.values()} == {PreregistrationState.APPLIED}
        assert set(rows) == set(ids)
        second = queries.record_of(session, ids[1], actor=mori)
        assert second is not None
        assert second.habits
        assert queries.confirmed_days(session, ids, actor=mori) == {}


@pytest.mark.proves("R7", "R24")
def test_an_application_waits_for_the_birth_and_then_goes_on(
    hinata: places.Site, sato: Actor, mori: Actor
) -> None:
    child_id = expect(mori)
    with acting_as(mori), transaction() as session:
        found = service.apply(session, hinata.facility_id, [child_id], actor=mori, now=NOW)[0]
    with acting_as(sato), pytest.raises(Refusal) as refused, transaction() as session:
        deciding.accept(session, found, actor=sato, now=NOW)
    assert refused.value.codes == (PreregistrationRefusal.NOT_BORN_YET,)
    with acting_as(mori) as session:
        row = preregistration(session, found, actor=mori)
        assert "生まれたら" in line_of(row, RegistrationRule(), on=TODAY).text
    tell(mori, child_id, "森 そら")
    with acting_as(mori) as session:
        row = preregistration(session, found, actor=mori)
        assert "園の返事を待っています" in line_of(row, RegistrationRule(), on=TODAY).text
    with acting_as(sato), transaction() as session:
        accepted = deciding.accept(session, found, actor=sato, now=NOW)
        assert accepted.state is PreregistrationState.ACCEPTED


@pytest.mark.proves("J8")
def test_a_mail_that_waits_is_dropped_and_none_is_written(hinata: places.Site, mori: Actor) -> None:
    child_id = expect(mori)
    with acting_as(mori), transaction() as session:
        found = service.apply(session, hinata.facility_id, [child_id], actor=mori, now=NOW)
    with acting_as(mori) as session:
        assert MAILS["preregistration/received"](session, wanted(mori, found)) is not None
    with acting_as(mori), transaction() as session:
        expected.close(session, child_id, actor=mori, now=NOW)
    with acting_as(mori) as session:
        assert MAILS["preregistration/received"](session, wanted(mori, found)) is None
        queued = text(
            "SELECT count(*) FROM outbox_messages WHERE kind <> 'preregistration/received'"
        )
        session.rollback()
    with acting_as(hinata.owner) as session:
        assert session.execute(queued).scalar_one() == 0


@pytest.mark.proves("R7", "J8")
def test_closing_ends_it_at_every_provider_whoever_tells_it(
    hinata: places.Site, midori: places.Site, sato: Actor, yamada: Actor, mori: Actor
) -> None:
    child_id = expect(mori)
    applied(hinata, mori, child_id)
    applied(midori, mori, child_id)
    with acting_as(sato), transaction() as session:
        expected.close(session, child_id, actor=sato, now=NOW)
    assert states(mori, mori) == {}
    assert states(yamada, mori) == {child_id: PreregistrationState.WITHDRAWN}
    with acting_as(mori) as session:
        assert [c.name for c in queries.children(session, mori.family_id, actor=mori)] == [  # type: ignore[arg-type]
            "森 はる"
        ]
        with pytest.raises(NoResultFound):
            queries.child(session, child_id, actor=mori)
    with acting_as(yamada) as session:
        assert [row.child.ended_at is None for row in waiting_first(session, actor=yamada)] == [
            False
        ]


@pytest.mark.proves("R7")
def test_a_closed_child_comes_back_as_it_was_for_some_days(
    hinata: places.Site, mori: Actor
) -> None:
    child_id = expect(mori)
    applied(hinata, mori, child_id)
    with acting_as(mori), transaction() as session:
        expected.close(session, child_id, actor=mori, now=NOW)
    late = NOW + timedelta(days=15)
    with acting_as(mori), pytest.raises(Refusal) as refused, transaction() as session:
        expected.reopen(session, child_id, actor=mori, now=late)
    assert refused.value.reasons[0].code is ExpectedRefusal.TOO_LATE_TO_UNDO
    with acting_as(mori), transaction() as session:
        back = expected.reopen(session, child_id, actor=mori, now=NOW + timedelta(days=13))
        assert back.left_out == 0
    assert states(mori, mori) == {child_id: PreregistrationState.APPLIED}


def test_the_database_takes_no_application_for_a_closed_child(
    hinata: places.Site, mori: Actor
) -> None:
    child_id = expect(mori)
    with acting_as(mori), transaction() as session:
        expected.close(session, child_id, actor=mori, now=NOW)
    with pytest.raises(IntegrityError, match="the child was closed"):
        applied(hinata, mori, child_id)


def test_a_stranger_neither_tells_nor_closes_nor_opens(yamada: Actor, mori: Actor) -> None:
    child_id = expect(mori)
    with acting_as(yamada), pytest.raises(NoResultFound), transaction() as session:
        expected.close(session, child_id, actor=yamada, now=NOW)
    with acting_as(yamada), pytest.raises(NoResultFound), transaction() as session:
        expected.tell_birth(session, child_id, [Newborn("x", TODAY)], actor=yamada, now=NOW)


@pytest.mark.parametrize(
    "call",
    [
        "end_applications(:child)",
        "end_visits(:child)",
        "resume_applications(:child, '[]')",
        "copy_visits(:child, :child)",
        "is_child_booked(:child)",
    ],
)
def test_the_functions_ask_who_may_change_the_child(yamada: Actor, mori: Actor, call: str) -> None:
    values = {"child": expect(mori)}
    with acting_as(yamada) as session, pytest.raises(ProgrammingError, match="not hers to change"):
        session.execute(text(f"SELECT {call}"), values)


def test_nothing_ends_by_itself_for_a_child_that_goes_on(mori: Actor) -> None:
    values = {"child": expect(mori)}
    with acting_as(mori) as session, pytest.raises(ProgrammingError, match="that was closed"):
        session.execute(text("SELECT end_applications(:child)"), values)


def test_a_birth_told_twice_counts_once(mori: Actor) -> None:
    child_id = expect(mori)
    tell(mori, child_id, "森 そら")
    with pytest.raises(Refusal) as refused:
        tell(mori, child_id, "森 うみ")
    assert refused.value.reasons[0].code is ExpectedRefusal.TOLD_ALREADY


def test_a_wrong_birth_is_undone_unless_the_child_was_booked(
    hinata: places.Site, mori: Actor
) -> None:
    child_id = expect(mori)
    application = applied(hinata, mori, child_id)
    tell(mori, child_id, "森 そら", "森 うみ")
    with acting_as(mori), transaction() as session:
        expected.undo_birth(session, child_id, actor=mori, now=NOW)
    with acting_as(mori) as session:
        children = queries.children(session, mori.family_id, actor=mori)  # type: ignore[arg-type]
        assert [(c.id == child_id, c.born_on) for c in children if c.due_on] == [(True, None)]
        assert [row.id for row in of_family(session, actor=mori)] == [application]


def test_second_pregnancy_needs_a_word(mori: Actor) -> None:
    expect(mori)
    with pytest.raises(Refusal) as refused:
        expect(mori)
    assert refused.value.reasons[0].code is ExpectedRefusal.EXPECTED_ALREADY
    assert mori.family_id is not None
    with acting_as(mori), transaction() as session:
        another = ChildDetails(None, due_on=DUE, is_another=True)
        families.add_child(session, mori.family_id, another, actor=mori, now=NOW)


@pytest.mark.proves("J8", "R24")
def test_closing_cancels_the_visits_that_were_for_it_and_frees_their_seats(
    hinata: places.Site, mori: Actor
) -> None:
    child_id, elder = expect(mori), people.children_of(mori)[0].id
    prenatal = made.open_sessions(hinata, kind=VisitKind.PRENATAL, start=24)[0]
    tour = made.open_sessions(hinata)[0]
    alone = made.book(mori, prenatal, child_ids=(child_id,))
    both = made.book(mori, tour, child_ids=(child_id, elder))
    with acting_as(mori), transaction() as session:
        expected.close(session, child_id, actor=mori, now=NOW)
    assert made.visit_of(mori, alone).state is VisitState.CANCELLED
    assert made.session_of(mori, prenatal).taken == 0
    left = made.visit_of(mori, both)
    assert (left.state, list(left.child_ids)) == (VisitState.BOOKED, [elder])
    with acting_as(mori), transaction() as session:
        assert expected.reopen(session, child_id, actor=mori, now=NOW).left_out == 0
    assert made.visit_of(mori, alone).state is VisitState.BOOKED
    assert set(made.visit_of(mori, both).child_ids) == {child_id, elder}
    twins = tell(mori, child_id, "森 そら", "森 うみ")
    assert set(made.visit_of(mori, both).child_ids) == {elder, *twins}


def test_a_birth_stands_once_the_child_was_booked_anywhere(
    hinata: places.Site, sato: Actor, mori: Actor
) -> None:
    child_id = expect(mori)
    tell(mori, child_id, "森 そら")
    with acting_as(mori), transaction() as session:
        born = session.get_one(Child, child_id)
        born.born_on = TODAY - timedelta(days=400)
    places.accept(hinata, mori, child_id)
    days.book(hinata, mori)
    with acting_as(sato), pytest.raises(Refusal) as refused, transaction() as session:
        expected.undo_birth(session, child_id, actor=sato, now=NOW)
    assert ExpectedRefusal.STAYS_BOOKED in refused.value.codes


@pytest.mark.parametrize("days_from_now", [-12_000, 600])
def test_due_dates_of_another_time_are_refused(mori: Actor, days_from_now: int) -> None:
    assert mori.family_id is not None
    details = ChildDetails(None, due_on=TODAY + timedelta(days=days_from_now))
    with acting_as(mori), pytest.raises(Refusal) as refused, transaction() as session:
        families.add_child(session, mori.family_id, details, actor=mori, now=NOW)
    assert refused.value.reasons[0].code is FamilyRefusal.DUE_DATE_UNLIKELY


def test_nothing_is_closed_while_nobody_listens(mori: Actor) -> None:
    child_id = expect(mori)
    with (
        expected_hooks.listening(()),
        acting_as(mori),
        pytest.raises(RuntimeError, match="nobody listens"),
        transaction() as session,
    ):
        expected.close(session, child_id, actor=mori, now=NOW)
    with acting_as(mori) as session:
        assert session.get_one(Child, child_id).ended_at is None
