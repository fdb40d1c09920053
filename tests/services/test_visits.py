"""Sessions and visits as families and staff use them, and what the database says to strangers."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError, NoResultFound, ProgrammingError
from sqlalchemy.orm import Session

from portal.db.session import acting_as, transaction
from portal.facilities.models import Closure, Facility
from portal.families.rules import GuardianDetails
from portal.families.service import register_family
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor
from portal.kernel.channel import Channel
from portal.kernel.errors import Refusal
from portal.messages import outbox
from portal.policies.steps import StepKind
from portal.preregistration.models import Preregistration
from portal.rulebooks.models import Rulebook
from portal.visits import queries, service, sessions
from portal.visits.models import Visit, VisitSession
from portal.visits.recurrence import Repeat, Unit
from portal.visits.rules import (
    ChildrenCome,
    News,
    Outcome,
    Party,
    Place,
    Until,
    VisitKind,
    VisitRefusal,
    VisitState,
)
from tests.factories import people, places
from tests.factories import visits as made
from tests.factories.places import Site

R = VisitRefusal


@contextmanager
def refusal(*wanted: VisitRefusal) -> Iterator[None]:
    with pytest.raises(Refusal) as refused:
        yield
    assert refused.value.codes == wanted


Mails = list[tuple[str, dict[str, Any]]]


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> Mails:
    """The mails about visits, in order. The app role cannot read the outbox, so they are caught."""
    caught: Mails = []

    def enqueue(session: Session, kind: str, **more: Any) -> uuid.UUID:
        caught.append((kind.removeprefix("visits/"), more))
        return outbox.enqueue(session, kind, **more)

    for module in (service, sessions):
        monkeypatch.setattr(module, "enqueue", enqueue)
    return caught


def to(family: Actor, queued: Mails) -> list[str]:
    return [kind for kind, more in queued if more["to_family"] == family.family_id]


@pytest.mark.proves("R24")
def test_a_mother_to_be_without_any_application_books_a_tour(hinata: Site) -> None:
    tour = made.open_session(hinata)
    expecting = people.make_guardian("これから 母")
    visit = made.visit_of(expecting, made.book(expecting, tour, adults=2, note="つわりがあります"))
    assert (visit.state, visit.adults, visit.note) == (VisitState.BOOKED, 2, "つわりがあります")
    assert made.session_of(ANONYMOUS, tour).taken == 1
    with refusal(R.ALREADY_BOOKED):
        made.book(expecting, tour)


@pytest.mark.proves("R24")
def test_a_tour_cannot_be_shut_for_those_who_are_not_registered(hinata: Site) -> None:
    with refusal(R.TOUR_IS_OPEN):
        made.open_session(hinata, takes_unregistered=False)
    tour = made.open_session(hinata)
    with pytest.raises(IntegrityError), acting_as(hinata.owner), transaction() as session:
        session.execute(
            update(VisitSession).where(VisitSession.id == tour).values(takes_expecting=False)
        )


def test_a_session_for_the_registered_waits_for_an_application(hinata: Site, tanaka: Actor) -> None:
    talk = made.open_session(hinata, kind=VisitKind.INTERVIEW, takes_unregistered=False)
    with refusal(R.REGISTRATION_NEEDED):
        made.book(tanaka, talk)
    places.accept(hinata, tanaka, people.children_of(tanaka)[0].id)
    made.book(tanaka, talk)


def test_the_last_seat_is_one_familys_and_free_again_when_she_cancels(
    hinata: Site, tanaka: Actor
) -> None:
    single = made.open_session(hinata, seats=1)
    visit_id = made.book(tanaka, single)
    other = people.make_guardian("ほかの 母")
    with refusal(R.FULL):
        made.book(other, single)
    with acting_as(tanaka), transaction() as session:
        service.cancel(session, visit_id, actor=tanaka, now=clock.now())
    made.book(other, single)
    with refusal(R.FULL):
        made.book(tanaka, single)


def test_the_database_alone_refuses_what_no_rule_has_looked_at(hinata: Site, tanaka: Actor) -> None:
    single, other = made.open_session(hinata, seats=1), people.make_guardian("ほかの 母")
    values = _row(hinata, single, tanaka)
    with acting_as(tanaka), transaction() as session:
        session.execute(insert(Visit).values(**values).inline())
    with pytest.raises(IntegrityError, match="ck_visit_sessions_taken"):
        _write(other, _row(hinata, single, other))
    double = made.open_session(hinata)
    _write(tanaka, _row(hinata, double, tanaka))
    with pytest.raises(IntegrityError, match="uq_visits_live"):
        _write(tanaka, _row(hinata, double, tanaka))
    gone = made.open_session(hinata)
    _cancel(hinata, gone)
    with pytest.raises(IntegrityError, match="does not take place"):
        _write(tanaka, _row(hinata, gone, tanaka))


def _row(site: Site, session_id: uuid.UUID, family: Actor, **more: object) -> dict[str, object]:
    now = clock.now()
    return {
        "id": uuid.uuid4(),
        "session_id": session_id,
        "organisation_id": site.organisation_id,
        "facility_id": site.facility_id,
        "family_id": family.family_id,
        "state": VisitState.BOOKED,
        "child_ids": [],
        "adults": 1,
        "channel": Channel.WEB,
        "received_at": now,
        "booked_at": now,
        "changed_at": now,
        **more,
    }


def _write(actor: Actor, row: dict[str, object]) -> None:
    with acting_as(actor), transaction() as session:
        session.execute(insert(Visit).values(**row).inline())


def _cancel(site: Site, session_id: uuid.UUID, words: str = "", **scope: bool) -> sessions.Reach:
    rest = scope.get("with_rest", False)
    with acting_as(site.owner), transaction() as session:
        return sessions.cancel_sessions(
            session, session_id, words, with_rest=rest, actor=site.owner, now=clock.now()
        )


@pytest.mark.proves("P7")
def test_nobody_writes_a_visit_in_anothers_name(
    hinata: Site, tanaka: Actor, sato: Actor, yamada: Actor
) -> None:
    tour, stranger = made.open_session(hinata), people.make_guardian("よその 母", children=("子",))
    child = people.children_of(stranger)[0].id
    for actor, row in (
        (stranger, _row(hinata, tour, tanaka)),
        (tanaka, _row(hinata, tour, tanaka, child_ids=[child])),
        (tanaka, _row(hinata, tour, tanaka, channel=Channel.PHONE)),
        (tanaka, _row(hinata, tour, tanaka, state=VisitState.ATTENDED)),
        (sato, _row(hinata, tour, tanaka)),
        (yamada, _row(hinata, tour, tanaka)),
    ):
        with pytest.raises(ProgrammingError, match="row-level security"):
            _write(actor, row)


@pytest.mark.proves("P7")
def test_other_families_and_other_providers_see_no_visit(
    hinata: Site, tanaka: Actor, sato: Actor, yamada: Actor
) -> None:
    tour = made.open_session(hinata)
    visit_id = made.book(tanaka, tour)
    for actor in (ANONYMOUS, yamada, people.make_guardian("よその 母")):
        with acting_as(actor) as session:
            assert session.scalars(select(Visit)).all() == []
            assert (
                session.execute(text("SELECT * FROM visitors_of(:ids)"), {"ids": [visit_id]}).all()
                == []
            )
    with acting_as(sato) as session:
        visit = queries.visit(session, visit_id, actor=sato)
        (visitor,) = queries.visitors(session, [visit]).values()
        assert (visitor.guardian, visitor.has_mail, visitor.is_open) == ("田中 みほ", True, False)
        assert session.execute(text("SELECT count(*) FROM guardians")).scalar_one() == 0
    with pytest.raises(NoResultFound), acting_as(yamada) as session:
        queries.own_session(session, tour, actor=yamada)


@pytest.mark.proves("P7")
def test_sessions_are_everybodys_to_see_unless_hidden_and_nobodys_to_change(
    hinata: Site, yamada: Actor, tanaka: Actor
) -> None:
    shown, by_phone = made.open_session(hinata), made.open_session(hinata, is_public=False)
    with acting_as(ANONYMOUS) as session:
        found = queries.bookable(session, hinata.facility_id, now=clock.now())
        assert [each.id for each in found] == [shown]
        assert session.get(VisitSession, by_phone) is None
    for actor in (yamada, tanaka):
        with acting_as(actor), transaction() as session:
            changed = session.execute(
                update(VisitSession).where(VisitSession.id == shown).values(seats=9)
            )
            assert changed.rowcount == 0  # type: ignore[attr-defined]
    with acting_as(hinata.owner), transaction() as session:
        session.execute(
            update(Facility).where(Facility.id == hinata.facility_id).values(published_at=None)
        )
    with acting_as(ANONYMOUS) as session:
        assert session.scalars(select(VisitSession)).all() == []


@pytest.mark.proves("P7")
def test_nobody_counts_the_seats_by_hand(hinata: Site) -> None:
    tour = made.open_session(hinata)
    with (
        pytest.raises(ProgrammingError, match="permission denied"),
        acting_as(hinata.owner),
        transaction() as session,
    ):
        session.execute(update(VisitSession).where(VisitSession.id == tour).values(taken=0))


def test_the_link_is_for_those_who_booked(
    hinata: Site, tanaka: Actor, sato: Actor, yamada: Actor
) -> None:
    online = made.open_session(hinata, place=Place.ONLINE, online_url=made.LINK)
    other = people.make_guardian("ほかの 母")

    def link(actor: Actor) -> str | None:
        with acting_as(actor) as session:
            return queries.link_of(session, online)

    assert [link(each) for each in (ANONYMOUS, tanaka, other, yamada, sato)] == [None] * 4 + [
        made.LINK
    ]
    visit_id = made.book(tanaka, online)
    assert (link(tanaka), link(other)) == (made.LINK, None)
    with acting_as(tanaka), transaction() as session:
        with pytest.raises(ProgrammingError, match="permission denied"), session.begin_nested():
            session.execute(text("SELECT online_url FROM visit_sessions"))
        service.cancel(session, visit_id, actor=tanaka, now=clock.now())
    assert link(tanaka) is None


def test_staff_enter_a_caller_with_the_time_she_called(
    hinata: Site, tanaka: Actor, sato: Actor
) -> None:
    tour, now = made.open_session(hinata, book_by=Until.WEEK), clock.now()
    places.accept(hinata, tanaka, people.children_of(tanaka)[0].id)

    def enter(received: int) -> uuid.UUID:
        with acting_as(sato), transaction() as session:
            return service.book(
                session,
                tour,
                Party(),
                actor=sato,
                now=now,
                family_id=tanaka.family_id,
                channel=Channel.PHONE,
                received_at=now + timedelta(minutes=received),
            ).visit_id

    with refusal(R.RECEIVED_IN_FUTURE):
        enter(5)
    visit = made.visit_of(sato, enter(-20))
    assert (visit.channel, visit.received_at) == (Channel.PHONE, now - timedelta(minutes=20))


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
    assert to(tanaka, queued).count("changed_by_facility") == 1


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
    assert to(tanaka, queued) == ["booked", "reminder"]
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
    assert to(tanaka, queued)[-1] == "cancelled_by_facility"
    with acting_as(sato) as session:
        calls = queries.to_tell(session, actor=sato, now=clock.now())
        assert [each.id for each in calls] == [by_phone]
    with acting_as(sato), transaction() as session:
        service.mark_told(session, by_phone, actor=sato, now=clock.now())
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


def test_changing_to_another_session_keeps_the_old_one_until_the_new_is_sure(
    hinata: Site, tanaka: Actor
) -> None:
    old, full, free = (made.open_session(hinata, seats=1, start=start) for start in (20, 22, 24))
    made.book(people.make_guardian("ほかの 母"), full)
    visit_id = made.book(tanaka, old, note="車で行きます")

    def move(to: uuid.UUID) -> uuid.UUID:
        with acting_as(tanaka), transaction() as session:
            return service.move(session, visit_id, to, actor=tanaka, now=clock.now())

    with refusal(R.FULL):
        move(full)
    assert made.visit_of(tanaka, visit_id).state is VisitState.BOOKED
    with refusal(R.SAME_SESSION):
        move(old)
    new = made.visit_of(tanaka, move(free))
    assert (new.session_id, new.note) == (free, "車で行きます")
    assert made.visit_of(tanaka, visit_id).moved_to == new.id
    assert [made.session_of(tanaka, each).taken for each in (old, free)] == [0, 1]


def test_a_family_never_says_that_it_came(hinata: Site, tanaka: Actor) -> None:
    visit_id = made.book(tanaka, made.open_session(hinata))
    for changes in (
        {"state": VisitState.ATTENDED},
        {"outcome_note_sealed": b"x"},
        {"news": News.CHANGED},
        {"state": VisitState.CANCELLED, "cancelled_at": clock.now(), "cancelled_by_family": False},
    ):
        with (
            pytest.raises(ProgrammingError, match="only staff"),
            acting_as(tanaka),
            transaction() as session,
        ):
            session.execute(update(Visit).where(Visit.id == visit_id).values(**changes))


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
            service.record_outcome(
                session, visit_id, outcome, note, actor=hinata.owner, now=clock.now()
            )
            return list(session.get_one(Preregistration, preregistration).steps_done)

    assert done(Outcome.REPEAT) == []
    assert done(Outcome.NEXT, "母とよく話せた") == ["interview"]
    assert done(Outcome.NOT_YET) == []
    assert done(Outcome.NEXT) == ["interview"]
    with acting_as(hinata.owner), transaction() as session:
        service.record_attendance(
            session, visit_id, VisitState.BOOKED, actor=hinata.owner, now=clock.now()
        )
        assert session.get_one(Preregistration, preregistration).steps_done == []


@pytest.mark.proves("R4")
def test_a_tour_before_the_application_counts_once_she_has_applied(
    hinata: Site, tanaka: Actor
) -> None:
    visit_id = made.attended(hinata, tanaka, made.open_session(hinata))
    preregistration = places.accept(hinata, tanaka, people.children_of(tanaka)[0].id)
    with acting_as(hinata.owner), transaction() as session:
        now = clock.now()
        service.record_outcome(session, visit_id, Outcome.NEXT, "", actor=hinata.owner, now=now)
    with acting_as(hinata.owner), transaction() as session:
        assert (
            service.count_earlier(session, preregistration, actor=hinata.owner, now=clock.now())
            == ()
        )  # marked when the outcome was written, since she had applied by then
        assert session.get_one(Preregistration, preregistration).steps_done == ["tour"]


def test_notes_are_sealed_and_reading_them_leaves_a_trace(
    hinata: Site, tanaka: Actor, sato: Actor, yamada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit_id = made.book(tanaka, made.open_session(hinata), note="心配ごとがあります")
    read: list[str] = []
    monkeypatch.setattr(service, "record_read", lambda _s, _a, what, *_ids, **_m: read.append(what))
    row = made.visit_of(tanaka, visit_id)
    assert row.note_sealed is not None
    assert "心配".encode() not in row.note_sealed
    with acting_as(sato), transaction() as session:
        assert service.open_notes(session, visit_id, actor=sato).note == "心配ごとがあります"
    assert read == ["visit_notes"]
    with acting_as(yamada), transaction() as session, pytest.raises(NoResultFound):
        service.open_notes(session, visit_id, actor=yamada)


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


def test_who_did_not_come_is_written_to_once_and_softly(
    hinata: Site, tanaka: Actor, queued: Mails
) -> None:
    tour = made.open_session(hinata, children_come=ChildrenCome.ADULTS)
    visit_id = made.book(tanaka, tour)
    with refusal(R.NOT_YET_BEGUN), acting_as(hinata.owner), transaction() as session:
        service.record_attendance(
            session, visit_id, VisitState.MISSED, actor=hinata.owner, now=clock.now()
        )
    made.begin(hinata, tour)
    for _ in range(2):
        with acting_as(hinata.owner), transaction() as session:
            service.record_attendance(
                session, visit_id, VisitState.MISSED, actor=hinata.owner, now=clock.now()
            )
    assert to(tanaka, queued).count("missed") == 1
    assert queued[-1][1]["not_before"] > clock.now() + timedelta(minutes=25), "to be taken back"
