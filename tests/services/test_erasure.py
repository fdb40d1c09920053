"""The erasing of a family: when all agree, by nobody else, down to the ids."""

from __future__ import annotations

import uuid

import pytest
from sqlalchemy import create_engine, insert, text
from sqlalchemy.engine import Engine
from sqlalchemy.exc import ProgrammingError

from portal.audit.service import record
from portal.bookings.models import Booking
from portal.datarequests import queries, service
from portal.datarequests.rules import DataRequestRefusal, RequestState
from portal.db.session import Database, acting_as, transaction
from portal.families import queries as families
from portal.families.models import Family
from portal.homes import queries as homes
from portal.homes.rules import HomeFact, HomeFactKind
from portal.homes.service import say
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.errors import Refusal
from portal.messages.models import OutboxMessage
from portal.slots.places import release_places
from portal.uses import queries as uses
from portal.uses.service import tell
from tests.database import TestServer
from tests.factories import days, people
from tests.factories.data_requests import NOW, answer, erase, family_of, known_at, waiting
from tests.factories.places import Site, make_site

R = DataRequestRefusal


def test_a_family_that_nobody_may_see_is_erased_at_once(database: Database) -> None:
    del database
    mother = known_at()
    with pytest.raises(Refusal) as refused:
        erase(mother, is_confirmed=False)
    assert refused.value.codes == (R.NOT_CONFIRMED,)
    family_id, child, now = family_of(mother), people.children_of(mother)[0].id, clock.now()
    with acting_as(mother), transaction() as session:
        tell(session, family_id, child, [clock.today(now)], 240, actor=mother, now=now)
        city = HomeFact(HomeFactKind.CITY, "みほん市")
        say(session, family_id, city, actor=mother, now=now)
    assert erase(mother)
    with acting_as(mother) as session:
        assert not uses.told(session, family_id, actor=mother)
        assert not homes.live(session, family_id, actor=mother)
        (guardian,) = families.guardians(session, family_of(mother), actor=mother)
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
        assert session.get_one(Family, family_of(mother)).erased_at is None
    assert answer(midori.owner, second.id, RequestState.DONE, "")
    with acting_as(director) as session:
        family = session.get_one(Family, family_of(mother))
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
        assert session.get_one(Family, family_of(mother)).erased_at is None


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
            pytest.raises(ProgrammingError, match=r"not hers to erase|has not agreed"),
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
            family_of(mother),
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
    family_id = family_of(mother)
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
