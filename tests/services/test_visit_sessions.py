"""Plans, changes, what came of a visit and the order of steps."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import insert, select

from portal.db.session import acting_as, transaction
from portal.facilities.models import Closure
from portal.families.rules import GuardianDetails
from portal.families.service import register_family
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.errors import Refusal
from portal.policies.steps import StepKind
from portal.preregistration.models import Preregistration
from portal.rulebooks.models import Rulebook
from portal.visits import afterwards, queries, service, sessions
from portal.visits.models import VisitSession
from portal.visits.recurrence import Repeat, Unit
from portal.visits.rules import (
    ChildrenCome,
    News,
    Outcome,
    Party,
    VisitKind,
    VisitRefusal,
    VisitState,
)
from tests.factories import people, places
from tests.factories import visits as made
from tests.factories.places import Site
from tests.factories.visits import Mails, catch_mails, mails_to, refusal

R = VisitRefusal


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> Mails:
    """The mails about visits, in order."""
    return catch_mails(monkeypatch)


def _cancel(site: Site, session_id: uuid.UUID, words: str = "", **scope: bool) -> sessions.Reach:
    rest = scope.get("with_rest", False)
    with acting_as(site.owner), transaction() as session:
        return sessions.cancel_sessions(
            session, session_id, words, with_rest=rest, actor=site.owner, now=clock.now()
        )


@pytest.mark.proves("B35", "R4")
def test_a_plan_leaves_out_the_days_on_which_the_facility_is_closed(hinata: Site) -> None:
    off, now = made.DAY + timedelta(weeks=1), clock.now()
    with acting_as(hinata.owner), transaction() as session:
        session.execute(
            insert(Closure)
            .values(
                id=uuid.uuid4(),
                facility_id=hinata.facility_id,
                organisation_id=hinata.organisation_id,
                from_day=off,
                to_day=off,
                from_cell=0,
                to_cell=48,
                reason="行事",
                created_at=now,
            )
            .inline()
        )
        wish = made.wish(repeat=made.weekly(3))
        planned = sessions.plan(session, hinata.facility_id, wish, actor=hinata.owner, now=now)
        assert [each.why_off for each in planned] == [None, "行事", None]
        chosen = [each.day for each in planned if each.why_off is None]
        ids = sessions.make_sessions(
            session, hinata.facility_id, wish, chosen, actor=hinata.owner, now=now
        )
        days = session.scalars(select(VisitSession.day).order_by(VisitSession.day)).all()
        assert (len(ids), list(days)) == (2, chosen)


def test_no_plan_of_a_thousand_days_and_none_of_no_day(hinata: Site) -> None:
    until = made.DAY + timedelta(days=365)
    with refusal(R.TOO_MANY_DATES):
        made.open_sessions(hinata, repeat=Repeat(Unit.DAY, 1, until))
    with refusal(R.NO_DATES), acting_as(hinata.owner), transaction() as session:
        sessions.make_sessions(
            session, hinata.facility_id, made.wish(), [], actor=hinata.owner, now=clock.now()
        )


def test_the_rest_of_a_plan_is_changed_and_families_are_told(
    hinata: Site, tanaka: Actor, queued: Mails
) -> None:
    first, second, third = made.open_sessions(hinata, repeat=made.weekly(3))
    booked = [made.book(tanaka, each) for each in (first, third)]
    now = clock.now()
    with acting_as(hinata.owner), transaction() as session:
        of = queries.own_session(session, second, actor=hinata.owner)
        later = made.wish(first=of.day, start=22)
        reach = sessions.change(session, second, later, with_rest=True, actor=hinata.owner, now=now)
    assert reach == sessions.Reach(2, 1)
    starts = [made.session_of(tanaka, each).starts_at.hour for each in (first, second, third)]
    assert [hour + 9 for hour in starts] == [10, 11, 11]
    assert [made.visit_of(tanaka, each).news for each in booked] == [None, News.CHANGED]
    assert mails_to(tanaka, queued).count("changed_by_facility") == 1


def test_words_and_seats_change_without_a_mail_and_never_below_what_is_taken(
    hinata: Site, tanaka: Actor, queued: Mails
) -> None:
    tour = made.open_session(hinata)
    made.book(tanaka, tour)
    made.book(people.make_guardian("ほかの 母"), tour)

    def change(**changes: object) -> None:
        with acting_as(hinata.owner), transaction() as session:
            sessions.change(
                session,
                tour,
                made.wish(**changes),
                with_rest=False,
                actor=hinata.owner,
                now=clock.now(),
            )

    change(words="くつ箱は右です", seats=2)
    assert mails_to(tanaka, queued) == ["booked", "reminder"]
    with refusal(R.SEATS_ARE_TAKEN):
        change(seats=1)


def test_cancelling_tells_by_mail_or_puts_on_the_list_for_the_phone(
    hinata: Site, tanaka: Actor, sato: Actor, queued: Mails
) -> None:
    tour = made.open_session(hinata)
    by_mail = made.book(tanaka, tour)
    by_phone = _caller(sato, tour)
    assert _cancel(hinata, tour, "園で感染症が出たため").families == 2
    assert made.visit_of(tanaka, by_mail).cancelled_by_family is False
    assert mails_to(tanaka, queued)[-1] == "cancelled_by_facility"
    with acting_as(sato) as session:
        calls = queries.to_tell(session, actor=sato, now=clock.now())
        assert [each.id for each in calls] == [by_phone]
    with acting_as(sato), transaction() as session:
        afterwards.mark_told(session, by_phone, actor=sato, now=clock.now())
        assert queries.to_tell(session, actor=sato, now=clock.now()) == []
    with refusal(R.ALREADY_CANCELLED):
        _cancel(hinata, tour)
    with refusal(R.STANDS_NOT):
        made.book(people.make_guardian("おそい 母"), tour)


def _caller(sato: Actor, session_id: uuid.UUID) -> uuid.UUID:
    now = clock.now()
    with acting_as(sato), transaction() as session:
        details = GuardianDetails(
            name="電話 母", name_kana=None, relation="母", phone="090-1111-2222"
        )
        family = register_family(
            session, details, actor=sato, now=now, channel=Channel.PHONE, received_at=now
        )
        return service.book(
            session,
            session_id,
            Party(),
            actor=sato,
            now=now,
            family_id=family.family_id,
            channel=Channel.PHONE,
        ).visit_id


@pytest.mark.proves("R4", "R5")
def test_what_came_of_an_interview_marks_the_step_and_can_be_taken_back(
    hinata: Site, tanaka: Actor
) -> None:
    preregistration = places.accept(hinata, tanaka, people.children_of(tanaka)[0].id)
    visit_id = made.attended(
        hinata, tanaka, made.open_session(hinata, kind=VisitKind.INTERVIEW), adults=1
    )

    def done(outcome: Outcome, note: str = "") -> list[str]:
        with acting_as(hinata.owner), transaction() as session:
            afterwards.record_outcome(
                session, visit_id, outcome, note, actor=hinata.owner, now=clock.now()
            )
            return list(session.get_one(Preregistration, preregistration).steps_done)

    assert done(Outcome.REPEAT) == []
    assert done(Outcome.NEXT, "母とよく話せた") == ["interview"]
    assert done(Outcome.NOT_YET) == []
    assert done(Outcome.NEXT) == ["interview"]
    with acting_as(hinata.owner), transaction() as session:
        afterwards.record_attendance(
            session, visit_id, VisitState.BOOKED, actor=hinata.owner, now=clock.now()
        )
        assert session.get_one(Preregistration, preregistration).steps_done == []


def _with_steps(site: Site, steps: Sequence[dict[str, object]]) -> None:
    with acting_as(site.owner), transaction() as session:
        document = session.execute(
            select(Rulebook.document).where(Rulebook.id == site.rulebook_id)
        ).scalar_one()
        session.execute(
            insert(Rulebook)
            .values(
                id=uuid.uuid4(),
                programme_id=site.programme_id,
                facility_id=site.facility_id,
                organisation_id=site.organisation_id,
                version=2,
                in_force_from=clock.today(clock.now()) - timedelta(days=1),
                document={**document, "steps": {"steps": list(steps)}},
            )
            .inline()
        )


@pytest.mark.proves("R4")
def test_steps_in_the_wrong_order_get_a_clear_answer(hinata: Site, tanaka: Actor) -> None:
    _with_steps(hinata, [{"kind": "interview"}, {"kind": "tour", "demand": "recommended"}])
    talk = made.open_session(hinata, kind=VisitKind.INTERVIEW, start=18)
    tour = made.open_session(hinata)
    with pytest.raises(Refusal) as refused:
        made.book(tanaka, tour)
    (reason,) = refused.value.reasons
    assert (reason.code, reason.values["step"]) == (R.STEP_FIRST, "面談")
    made.book(tanaka, talk)
    made.book(tanaka, tour)  # the interview lies before it


@pytest.mark.proves("R4")
def test_a_step_that_is_only_advised_is_told_and_keeps_nobody_away(
    hinata: Site, tanaka: Actor
) -> None:
    _with_steps(hinata, [{"kind": "tour", "demand": "recommended"}, {"kind": "interview"}])
    talk = made.open_session(hinata, kind=VisitKind.INTERVIEW)
    with acting_as(tanaka), transaction() as session:
        done = service.book(session, talk, Party(), actor=tanaka, now=clock.now())
    assert done.advised == (StepKind.TOUR,)
    made.book(tanaka, made.open_session(hinata, first=made.DAY + timedelta(days=7)))
    other = made.open_session(hinata, kind=VisitKind.INTERVIEW)
    with acting_as(tanaka) as session:
        of = queries.shown_session(session, other)
        turn = service.turn(session, of, tanaka.family_id, actor=tanaka)
    assert turn.advised == ()  # it is booked, though for a later day


def test_who_did_not_come_is_written_to_once_and_softly(
    hinata: Site, tanaka: Actor, queued: Mails
) -> None:
    tour = made.open_session(hinata, children_come=ChildrenCome.ADULTS)
    visit_id = made.book(tanaka, tour)
    with refusal(R.NOT_YET_BEGUN), acting_as(hinata.owner), transaction() as session:
        afterwards.record_attendance(
            session, visit_id, VisitState.MISSED, actor=hinata.owner, now=clock.now()
        )
    made.begin(hinata, tour)
    for _ in range(2):
        with acting_as(hinata.owner), transaction() as session:
            afterwards.record_attendance(
                session, visit_id, VisitState.MISSED, actor=hinata.owner, now=clock.now()
            )
    assert mails_to(tanaka, queued).count("missed") == 1
    assert queued[-1][1]["not_before"] > clock.now() + timedelta(minutes=25), "to be taken back"
