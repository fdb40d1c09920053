"""Sessions and visits as families and staff use them, and what the database says to strangers."""

from __future__ import annotations

import uuid
from datetime import timedelta

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import IntegrityError, NoResultFound, ProgrammingError

from portal.datarequests.own_copy import gather
from portal.db.session import acting_as, transaction
from portal.facilities.models import Facility
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor
from portal.kernel.channel import Channel
from portal.preregistration.models import Preregistration
from portal.visits import afterwards, queries, service, sessions
from portal.visits.models import Visit, VisitSession
from portal.visits.rules import (
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
from tests.factories.visits import refusal

R = VisitRefusal


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


def test_notes_are_sealed_and_reading_them_leaves_a_trace(
    hinata: Site, tanaka: Actor, sato: Actor, yamada: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit_id = made.book(tanaka, made.open_session(hinata), note="心配ごとがあります")
    read: list[str] = []
    monkeypatch.setattr(
        afterwards, "record_read", lambda _s, _a, what, *_ids, **_m: read.append(what)
    )
    row = made.visit_of(tanaka, visit_id)
    assert row.note_sealed is not None
    assert "心配".encode() not in row.note_sealed
    with acting_as(sato), transaction() as session:
        assert afterwards.open_notes(session, visit_id, actor=sato).note == "心配ごとがあります"
    assert read == ["visit_notes"]
    with acting_as(yamada), transaction() as session, pytest.raises(NoResultFound):
        afterwards.open_notes(session, visit_id, actor=yamada)


def test_the_copy_of_a_familys_data_has_her_visits_without_the_staffs_notes(
    hinata: Site, tanaka: Actor
) -> None:
    hana = people.children_of(tanaka)[0].id
    visit_id = made.attended(
        hinata, tanaka, made.open_session(hinata), child_ids=(hana,), note="車で行きます"
    )
    with acting_as(hinata.owner), transaction() as session:
        afterwards.record_outcome(
            session, visit_id, Outcome.REPEAT, "職員のことば", actor=hinata.owner, now=clock.now()
        )
    with acting_as(tanaka), transaction() as session:
        copy = gather(session, uuid.UUID(str(tanaka.family_id)), actor=tanaka, now=clock.now())
        assert [row["note"] for row in copy.topics["visits"]] == ["車で行きます"]
        assert "職員のことば" not in copy.as_json().decode()


@pytest.mark.proves("R4", "R5")
def test_what_came_before_the_application_counts(hinata: Site, tanaka: Actor, midori: Site) -> None:
    hana = people.children_of(tanaka)[0].id
    riku = people.make_child(tanaka, "田中 りく")
    tour = made.open_session(hinata)
    visit_id = made.attended(hinata, tanaka, tour, child_ids=(hana,))
    with acting_as(hinata.owner), transaction() as session:
        afterwards.record_outcome(
            session, visit_id, Outcome.NEXT, "", actor=hinata.owner, now=clock.now()
        )
    done = {}
    for child, site in ((hana, hinata), (riku, hinata), (hana, midori)):
        applied = places.accept(site, tanaka, child)
        with acting_as(site.owner), transaction() as session:
            done[child, site] = session.get_one(Preregistration, applied).steps_done
    assert done == {(hana, hinata): ["tour"], (riku, hinata): [], (hana, midori): []}
