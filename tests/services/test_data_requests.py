"""One's own data: who saw it, a copy of it, corrections, and erasure down to the ids."""

from __future__ import annotations

import json
import uuid
from datetime import timedelta

import pytest
from sqlalchemy import create_engine, insert, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import NoResultFound, ProgrammingError

from portal.audit.service import record
from portal.bookings.models import Booking
from portal.datarequests import own_copy, queries, service
from portal.datarequests.models import DataRequest
from portal.datarequests.rules import DataRequestRefusal, RequestState, RequestTopic, due_on
from portal.db.session import Database, acting_as, transaction
from portal.families import queries as families
from portal.families import service as family_service
from portal.families.models import Family
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.errors import Refusal
from portal.messages.models import OutboxMessage
from portal.slots.places import release_places
from tests.database import TestServer
from tests.factories import days, people
from tests.factories.places import Site, accept, make_site

NOW = clock.now()
R = DataRequestRefusal


def known_at(*sites: Site) -> Actor:
    """A mother whose child is registered at these facilities."""
    mother = people.make_guardian("高橋 あおい", children=("高橋 そら",))
    child = people.children_of(mother)[0].id
    days.keep_record(mother, child, allergies="くるみ")
    for site in sites:
        accept(site, mother, child)
    return mother


def ask(mother: Actor, site: Site, words: str = "降園は15:30でした") -> uuid.UUID:
    with acting_as(mother), transaction() as session:
        return service.ask_correction(
            session,
            _family(mother),
            site.organisation_id,
            RequestTopic.ATTENDANCE,
            words,
            actor=mother,
            now=NOW,
        )


def erase(mother: Actor, *, is_confirmed: bool = True) -> bool:
    with acting_as(mother), transaction() as session:
        return service.ask_erasure(
            session, _family(mother), "", is_confirmed=is_confirmed, actor=mother, now=NOW
        )


def answer(who: Actor, request_id: uuid.UUID, into: RequestState, words: str = "はい") -> bool:
    with acting_as(who), transaction() as session:
        return service.answer(session, request_id, into, words, actor=who, now=NOW)


def waiting(who: Actor) -> list[DataRequest]:
    with acting_as(who) as session:
        return [
            row for row in queries.requests(session, actor=who) if row.state is RequestState.OPEN
        ]


def _family(guardian: Actor) -> uuid.UUID:
    assert guardian.family_id is not None
    return guardian.family_id


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
            _family(mother),
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
    assert (seen.who, seen.times, seen.organisation_name) == ("staff", 2, "ひなた保育園の会")
    for other in (people.make_guardian("遠い だれか"), sato):
        with acting_as(other) as session:
            assert not [
                line
                for line in queries.log_of(session, today, today, actor=other)
                if line.action == "read.child_record"
            ]


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
    ask(mother, hinata, "ちがいます")
    with acting_as(mother), transaction() as session:
        copy = own_copy.gather(session, _family(mother), actor=mother, now=NOW)
    content = json.loads(copy.as_json())
    assert {topic: len(rows) for topic, rows in copy.topics.items()} == {
        "guardians": 1,
        "children": 1,
        "pickup_persons": 0,
        "child_records": 1,
        "preregistrations": 1,
        "bookings": 1,
        "words": 0,
        "requests": 1,
        "may_see": 1,
    }
    assert content["child_records"][0]["allergies"] == "くるみ"
    assert content["requests"][0]["text"] == "ちがいます"
    assert own_copy.paper(copy, is_demo=True).startswith(b"%PDF")
    with pytest.raises(NoResultFound), acting_as(mother), transaction() as session:
        own_copy.gather(session, _family(other), actor=mother, now=NOW)


def test_a_family_that_nobody_may_see_is_erased_at_once(database: Database) -> None:
    del database
    mother = known_at()
    with pytest.raises(Refusal) as refused:
        erase(mother, is_confirmed=False)
    assert refused.value.codes == (R.NOT_CONFIRMED,)
    assert erase(mother)
    with acting_as(mother) as session:
        (guardian,) = families.guardians(session, _family(mother), actor=mother)
        assert (guardian.name, guardian.phone, guardian.user_id) == ("消去済み", None, None)


@pytest.mark.proves("P13")
def test_erasing_waits_for_every_provider_and_then_leaves_ids_alone(
    hinata: Site, midori: Site, director: Actor
) -> None:
    mother = known_at(hinata, midori)
    (stay,) = days.book(hinata, mother)
    with pytest.raises(Refusal) as refused:
        erase(mother)
    assert refused.value.codes == (R.BOOKINGS_STILL_OPEN,)
    _end(mother, stay)
    assert not erase(mother)
    with pytest.raises(Refusal) as refused:
        erase(mother)
    assert refused.value.codes == (R.ALREADY_ASKED,)
    (first,), (second,) = waiting(director), waiting(midori.owner)
    assert not answer(director, first.id, RequestState.DONE, "")
    with acting_as(director) as session:
        assert session.get_one(Family, _family(mother)).erased_at is None
    assert answer(midori.owner, second.id, RequestState.DONE, "")
    with acting_as(director) as session:
        family = session.get_one(Family, _family(mother))
        assert family.erased_at is not None
        (child,) = families.children(session, family.id, actor=director)
        assert (child.name, child.name_kana, child.search_key) == ("消去済み", None, "")
        assert families.record_of(session, child.id, actor=director) is None
        # The stay itself remains a number in the month's report.
        assert session.get_one(Booking, stay).class_age >= 0


def test_one_refusal_stops_the_erasing(hinata: Site, midori: Site, director: Actor) -> None:
    mother = known_at(hinata, midori)
    erase(mother)
    (first,), (second,) = waiting(director), waiting(midori.owner)
    assert not answer(midori.owner, second.id, RequestState.DECLINED, "料金が残っています")
    assert not answer(director, first.id, RequestState.DONE, "")
    with acting_as(director) as session:
        assert session.get_one(Family, _family(mother)).erased_at is None


@pytest.mark.proves("P7")
def test_the_database_erases_for_nobody_else(
    hinata: Site, midori: Site, director: Actor, sato: Actor
) -> None:
    mother = known_at(hinata, midori)
    erase(mother)
    (request,) = waiting(director)
    tries = [
        (mother, request.group_id),
        (director, request.group_id),
        (sato, request.group_id),
        (people.make_guardian("遠い だれか"), uuid.uuid4()),
    ]
    for who, group in tries:
        with (
            pytest.raises(ProgrammingError, match=r"erase|agreed"),
            acting_as(who),
            transaction() as session,
        ):
            session.execute(
                text("SELECT erase_family(:family, :group)"),
                {"family": mother.family_id, "group": group},
            )


@pytest.mark.proves("P7")
def test_the_database_erases_no_stranger_s_family_and_none_with_a_booking(
    hinata: Site, director: Actor
) -> None:
    alone, stranger = known_at(), people.make_guardian("遠い だれか")
    mother = known_at(hinata)
    erase(mother)
    (request,) = waiting(director)
    days.book(hinata, mother)
    with acting_as(director), transaction() as session:
        session.execute(
            text("UPDATE data_requests SET state = 'done', decided_at = now() WHERE id = :id"),
            {"id": request.id},
        )
    for who, family, why in (
        (stranger, alone, "not hers"),
        (director, mother, "still open"),
    ):
        with pytest.raises(ProgrammingError, match=why), acting_as(who), transaction() as session:
            session.execute(
                text("SELECT erase_family(:family, :group)"),
                {"family": family.family_id, "group": request.group_id},
            )


def test_a_mail_that_left_is_listed_for_its_family_alone(sato: Actor, hinata: Site) -> None:
    mother, other = known_at(hinata), known_at(hinata)
    with acting_as(people.OPERATOR), transaction() as session:
        for receiver in ({"to_user_id": sato.user_id}, {"family_id": mother.family_id}):
            session.execute(
                insert(OutboxMessage).inline(),
                {
                    "id": uuid.uuid4(),
                    "message_id": f"<{uuid.uuid4()}@portal>",
                    "kind": "bookings/placed",
                    "sent_at": NOW,
                    **receiver,
                },
            )
    today = clock.today(NOW)
    for who, mails in ((mother, 1), (other, 0)):
        with acting_as(who) as session:
            assert len(queries.mails_to(session, today, today, actor=who)) == mails
    with acting_as(sato), transaction() as session:
        rows = session.execute(text("SELECT * FROM family_mails('-infinity', 'infinity')")).all()
    assert rows == []


def test_a_caller_s_erasure_reaches_the_other_providers_unseen(
    hinata: Site, midori: Site, sato: Actor, director: Actor
) -> None:
    mother = known_at(hinata, midori)
    with acting_as(sato), transaction() as session:
        service.ask_erasure(
            session,
            _family(mother),
            "電話で",
            is_confirmed=True,
            actor=sato,
            now=NOW,
            channel=Channel.PHONE,
            received_at=NOW,
        )
    assert len(waiting(director)) == 1
    (theirs,) = waiting(midori.owner)
    assert theirs.text is None
    with acting_as(mother), transaction() as session:
        service.withdraw(session, theirs.id, actor=mother, now=NOW)
    assert waiting(director) == waiting(midori.owner) == []


@pytest.mark.proves("P13")
def test_nothing_that_says_who_stays_anywhere_in_the_database(
    emptied: Engine, server: TestServer
) -> None:
    """Every text, JSON and array cell of every table, read past row-level security."""
    site = make_site("ひなた保育園")
    mother = known_at(site)
    family_id = _family(mother)
    days.name_pickup(mother, "高橋 祖母乃", "祖母")
    with acting_as(mother), transaction() as session:
        record(session, mother, "booking.overruled", family_id=family_id, reason="高橋様の希望")
    (stay,) = days.book(site, mother)
    owner = people.make_worker("岡田 園長", site.organisation_id, "director")
    _end(mother, stay)
    with acting_as(mother) as session:
        mail = session.scalar(text("SELECT mail FROM users WHERE id = :id"), {"id": mother.user_id})
    telling = f"高橋|祖母乃|09000000000|{mail}"
    assert ("users", "mail") in _cells_naming(telling, emptied, server)
    erase(mother)
    (request,) = waiting(owner)
    assert answer(owner, request.id, RequestState.DONE, "高橋様の分を消します")
    left = _cells_naming(telling, emptied, server)
    # One mail to say good-bye; its address goes with it.
    assert left <= {("outbox_messages", "to_mail")}
    with acting_as(owner) as session:
        assert session.get_one(Family, family_id).erased_at is not None


def _end(mother: Actor, stay: uuid.UUID) -> None:
    """The family took it back in time."""
    with acting_as(mother), transaction() as session:
        assert release_places(session, [stay]) == (stay,)


def _cells_naming(telling: str, engine: Engine, server: TestServer) -> set[tuple[str, str]]:
    found = set()
    admin = create_engine(server.url("portal_admin", str(engine.url.database)))
    with admin.connect() as connection:
        columns = connection.execute(
            text(
                "SELECT table_name, column_name FROM information_schema.columns"
                " WHERE table_schema = 'public' AND data_type IN"
                " ('text', 'jsonb', 'ARRAY', 'character varying')"
            )
        ).all()
        for table, column in columns:
            hits = connection.execute(
                text(f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ~ :telling'),
                {"telling": telling},
            ).scalar_one()
            if hits:
                found.add((table, column))
    admin.dispose()
    return found
