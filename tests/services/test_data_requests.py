"""One's own data: who saw it, a copy of it, corrections."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import NoResultFound, ProgrammingError

from portal.attendance import queries as attendance
from portal.attendance.rules import WordKind
from portal.attendance.service.words import BY_MAIL_LINK, take_word
from portal.datarequests import own_copy, queries, service
from portal.datarequests.rules import DataRequestRefusal, RequestState, RequestTopic, due_on
from portal.db.session import acting_as, transaction
from portal.families import service as family_service
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.kernel.channel import Channel
from portal.kernel.errors import Refusal
from tests.factories import days, people
from tests.factories.data_requests import NOW, answer, ask, family_of, known_at, waiting
from tests.factories.homes import told_of_home
from tests.factories.places import Site

R = DataRequestRefusal


def test_a_correction_is_asked_read_and_answered(hinata: Site, director: Actor) -> None:
    mother = known_at(hinata)
    request_id = ask(mother, hinata)
    (row,) = waiting(director)
    assert (row.id, row.text) == (request_id, "降園は15:30でした")
    assert row.due_on == due_on(clock.today(NOW))
    assert not answer(director, request_id, RequestState.DONE, "15:30に直しました")
    with acting_as(mother) as session:
        (seen,) = queries.requests(session, actor=mother)
        assert (seen.state, seen.answer) == (RequestState.DONE, "15:30に直しました")
    with pytest.raises(Refusal) as refused:
        answer(director, request_id, RequestState.DECLINED)
    assert refused.value.codes == (R.ALREADY_ANSWERED,)


def test_a_refusal_says_why(hinata: Site, director: Actor) -> None:
    request_id = ask(known_at(hinata), hinata)
    with pytest.raises(Refusal) as refused:
        answer(director, request_id, RequestState.DECLINED, " ")
    assert refused.value.codes == (R.ANSWER_MISSING,)


def test_only_the_provider_that_was_asked_sees_a_request(
    hinata: Site, midori: Site, yamada: Actor
) -> None:
    request_id = ask(known_at(hinata, midori), hinata)
    assert waiting(yamada) == []
    with pytest.raises(NoResultFound):
        answer(yamada, request_id, RequestState.DONE)
    stranger = people.make_guardian("遠い だれか")
    with pytest.raises(NoResultFound), acting_as(stranger), transaction() as session:
        service.withdraw(session, request_id, actor=stranger, now=NOW)


def test_a_provider_that_knows_nothing_is_not_asked(hinata: Site, midori: Site) -> None:
    with pytest.raises(Refusal) as refused:
        ask(known_at(hinata), midori)
    assert refused.value.codes == (R.PROVIDER_KNOWS_NOTHING,)


@pytest.mark.proves("P7")
def test_the_database_lets_no_family_answer_itself(hinata: Site) -> None:
    mother = known_at(hinata)
    request_id = ask(mother, hinata)
    with pytest.raises(ProgrammingError), acting_as(mother), transaction() as session:
        session.execute(
            text("UPDATE data_requests SET state = 'done', decided_at = now() WHERE id = :id"),
            {"id": request_id},
        )


@pytest.mark.proves("J7")
def test_staff_enter_what_a_caller_asked(hinata: Site, sato: Actor, director: Actor) -> None:
    mother = known_at(hinata)
    received = NOW - timedelta(days=2)
    with acting_as(sato), transaction() as session:
        service.ask_correction(
            session,
            family_of(mother),
            hinata.organisation_id,
            RequestTopic.FEE,
            "料金が違う",
            actor=sato,
            now=NOW,
            channel=Channel.PHONE,
            received_at=received,
        )
    (row,) = waiting(director)
    assert (row.channel, row.received_at) == (Channel.PHONE, received)
    assert row.due_on == due_on(clock.today(received))


def test_a_guardian_sees_who_saw_what(hinata: Site, sato: Actor) -> None:
    mother = known_at(hinata)
    child = people.children_of(mother)[0].id
    for _again in range(2):
        with acting_as(sato), transaction() as session:
            family_service.open_record(session, child, actor=sato)
    today = clock.today(NOW)
    with acting_as(mother) as session:
        lines = queries.log_of(session, today, today, actor=mother)
    (seen,) = [line for line in lines if line.action == "read.child_record"]
    assert (seen.who, seen.times, seen.body) == ("staff", 2, "ひなた保育園（ひなた保育園の会）")
    for other in (people.make_guardian("遠い だれか"), sato):
        with acting_as(other) as session:
            assert not [
                line
                for line in queries.log_of(session, today, today, actor=other)
                if line.action == "read.child_record"
            ]


def test_a_word_by_the_link_of_a_mail_stands_in_the_log(hinata: Site) -> None:
    mother = known_at(hinata)
    (booking,) = days.book(hinata, mother)
    by_link = Actor(role=Role.GUARDIAN, family_id=mother.family_id)
    with acting_as(by_link), transaction() as session:
        stay = attendance.stay(session, booking, actor=by_link)
        take_word(
            session,
            [stay],
            WordKind.ABSENT,
            channel=BY_MAIL_LINK,
            actor=by_link,
            now=days.clock_time("8:00"),
        )
    today = clock.today(clock.now())
    with acting_as(mother) as session:
        lines = queries.log_of(session, today, today, actor=mother)
    (said,) = [line for line in lines if line.action == "attendance.word_absent"]
    assert (said.channel, said.is_by_mail_link) == (None, True)


@pytest.mark.proves("P7")
def test_the_log_answers_no_staff_even_without_python(sato: Actor, hinata: Site) -> None:
    known_at(hinata)
    with acting_as(sato), transaction() as session:
        rows = session.execute(text("SELECT * FROM family_log('2000-01-01', '2100-01-01')")).all()
    assert rows == []


def test_the_copy_holds_all_of_one_family_and_nothing_of_another(hinata: Site) -> None:
    mother, other = known_at(hinata), known_at(hinata)
    days.book(hinata, mother)
    days.book(hinata, other, start="13:00", end="15:00")
    worker = people.make_worker("佐藤 まり", hinata.organisation_id, "staff")
    for each in (mother, other):
        told_of_home(each, worker, people.children_of(each)[0].id)
    ask(mother, hinata, "ちがいます")
    with acting_as(mother), transaction() as session:
        copy = own_copy.gather(session, family_of(mother), actor=mother, now=NOW)
    content = json.loads(copy.as_json())
    assert {topic: len(rows) for topic, rows in copy.topics.items()} == {
        "guardians": 1,
        "children": 1,
        "pickup_persons": 0,
        "child_records": 1,
        "record_sections": 0,
        "record_versions": 0,
        "preregistrations": 1,
        "bookings": 1,
        "visits": 0,
        "words": 0,
        "declared_uses": 2,
        "home_facts": 3,
        "consents": 0,
        "photos": 0,
        "requests": 1,
        "may_see": 1,
        "seen": 1,
    }
    assert content["child_records"][0]["allergies"] == "くるみ"
    assert content["guardians"][0]["mail"].endswith("@example.test")
    assert content["seen"][0]["who"] == "あなた"
    assert content["requests"][0]["text"] == "ちがいます"
    walks, tickets, paper = content["home_facts"]
    assert tickets["provider"] == "ひなた保育園の会"
    assert (walks["text"], walks["provider"]) == ("ひとりで歩ける：はい", None)
    assert (paper["text"], paper["provider"]) == ("就労証明書", "ひなた保育園の会")
    assert [row["retracted_at"] is None for row in content["declared_uses"]] == [False, True]
    assert own_copy.paper(copy, is_demo=True).startswith(b"%PDF")
    with pytest.raises(NoResultFound), acting_as(mother), transaction() as session:
        own_copy.gather(session, family_of(other), actor=mother, now=NOW)
