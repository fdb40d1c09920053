"""Families: names to the byte, records sealed and traced, strangers see nothing."""

from __future__ import annotations

import json
import re
import uuid
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine, func, select, text
from sqlalchemy.exc import NoResultFound, ProgrammingError

from portal.db.session import Database, acting_as, current_actor, transaction
from portal.families import queries, service
from portal.families.models import Child, ChildRecord, Family, Guardian, PickupPerson
from portal.families.rules import (
    ChildDetails,
    FamilyRefusal,
    GuardianDetails,
    PickupDetails,
    RecordDetails,
)
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.kernel.channel import Channel
from portal.kernel.errors import Refusal
from tests.database import TestServer
from tests.factories.people import children_of, make_account, make_guardian
from tests.factories.places import Site

NAMES = json.loads(
    (Path(__file__).parents[1] / "data" / "facilities" / "person_names.json").read_text("utf-8")
)
MOTHER = GuardianDetails(name="田中 みほ", relation="母", phone="090-1234-5678")
BORN = date(2024, 6, 15)


def new_guardian() -> Actor:
    return Actor(role=Role.GUARDIAN, user_id=make_account("新しい 保護者"))


def family_of(actor: Actor) -> uuid.UUID:
    assert actor.family_id is not None
    return actor.family_id


def by_phone(
    staff: Actor, guardian: GuardianDetails = MOTHER, *children: ChildDetails
) -> uuid.UUID:
    with acting_as(staff), transaction() as session:
        return service.register_family(
            session, guardian, children, actor=staff, now=clock.now(), channel=Channel.PHONE
        ).family_id


@pytest.mark.proves("J3")
@pytest.mark.parametrize("person", NAMES, ids=lambda person: person.get("trap") or person["formal"])
def test_names_come_back_to_the_byte(database: object, person: dict[str, str | None]) -> None:
    del database
    parts = [part for part in (person["surname"], person["given"]) if part]
    actor = new_guardian()
    for name in ("\u3000".join(parts), *parts):
        guardian = GuardianDetails(name=name, relation="母", name_kana=person.get("kana"))
        child = ChildDetails(name=name, name_kana=person.get("kana"), born_on=BORN)
        actor = new_guardian()
        with acting_as(actor), transaction() as session:
            made = service.register_family(
                session, guardian, (child,), actor=actor, now=clock.now()
            )
            seen = current_actor()
        with acting_as(seen) as session:
            mother = queries.guardians(session, made.family_id, actor=seen)[0]
            small = queries.children(session, made.family_id, actor=seen)[0]
            assert (mother.name, small.name) == (name, name)
            assert (mother.name_kana, small.name_kana) == (person.get("kana"),) * 2


def test_a_guardian_registers_herself_once_and_acts_for_her_family(database: object) -> None:
    del database
    actor = new_guardian()
    with acting_as(actor), transaction() as session:
        made = service.register_family(session, MOTHER, actor=actor, now=clock.now())
        seen = current_actor()
        assert seen.family_id == made.family_id
        assert len(made.number) == 8
    with acting_as(seen), transaction() as session, pytest.raises(Refusal) as refused:
        service.register_family(session, MOTHER, actor=seen, now=clock.now())
    assert refused.value.codes == (FamilyRefusal.ALREADY_REGISTERED,)
    with acting_as(seen), pytest.raises(ProgrammingError), transaction() as session:
        session.execute(
            text(
                "SELECT create_family(:f, :g, 'self', 'x', NULL, 'x', '母', NULL, NULL, NULL, NULL)"
            ),
            {"f": uuid.uuid4(), "g": uuid.uuid4()},
        )


def test_all_reasons_come_at_once(tanaka: Actor) -> None:
    today = clock.today(clock.now())
    wrong = ChildDetails(name="は\x07な", name_kana="な" * 201, born_on=today + timedelta(days=1))
    with acting_as(tanaka), pytest.raises(Refusal) as refused, transaction() as session:
        service.add_child(session, family_of(tanaka), wrong, actor=tanaka, now=clock.now())
    assert set(refused.value.codes) == {
        FamilyRefusal.CONTROL_CHARACTER,
        FamilyRefusal.NAME_TOO_LONG,
        FamilyRefusal.BORN_IN_FUTURE,
    }
    assert len(children_of(tanaka)) == 1


@pytest.mark.proves("R7")
def test_an_expected_child_is_born_without_losing_its_record(tanaka: Actor) -> None:
    now = clock.now()
    due = clock.today(now) + timedelta(days=60)
    with acting_as(tanaka), transaction() as session:
        child = service.add_child(
            session,
            family_of(tanaka),
            ChildDetails(name=None, due_on=due),
            actor=tanaka,
            now=now,
        )
        service.save_record(
            session, child.id, RecordDetails(allergies="", notes="双子かも"), actor=tanaka, now=now
        )
    with acting_as(tanaka), transaction() as session:
        service.change_child(
            session,
            child.id,
            ChildDetails(name="田中 そら", born_on=clock.today(now)),
            actor=tanaka,
            now=now,
        )
    with acting_as(tanaka) as session:
        born = queries.child(session, child.id, actor=tanaka)
        kept = queries.record_of(session, child.id, actor=tanaka)
        assert (born.name, born.due_on) == ("田中 そら", due)
        assert kept is not None
        assert kept.notes == "双子かも"
        # What was said before the birth says nothing of the child that was born.
        assert kept.confirmed_on is None
        assert queries.confirmed_days(session, [child.id], actor=tanaka) == {}
        assert queries.to_confirm_again(session, [child.id], actor=tanaka) == {child.id}


def test_health_is_sealed_and_asked_apart_from_none(tanaka: Actor) -> None:
    child_id = children_of(tanaka)[0].id
    details = RecordDetails(allergies="卵。20分後に\n口のまわりが赤い", habits="だっこ")
    with acting_as(tanaka), transaction() as session:
        service.save_record(session, child_id, details, actor=tanaka, now=clock.now())
    with acting_as(tanaka) as session:
        raw = session.execute(text("SELECT allergies_sealed FROM child_records")).scalar_one()
        assert "卵".encode() not in bytes(raw)
        stored = queries.record_of(session, child_id, actor=tanaka)
        assert stored is not None
        assert stored.allergies == details.allergies
        assert stored.conditions == ""
        days = queries.confirmed_days(session, [child_id], actor=tanaka)
        assert days == {child_id: clock.today(clock.now())}


def test_a_family_by_phone_needs_no_mail_and_is_open_to_its_provider(
    hinata: Site, sato: Actor, yamada: Actor
) -> None:
    del hinata
    family_id = by_phone(sato, MOTHER, ChildDetails(name="田中 はな", born_on=BORN))
    with acting_as(sato) as session:
        assert queries.family(session, family_id, actor=sato).basis == "phone"
        assert queries.guardians(session, family_id, actor=sato)[0].mail is None
        assert len(queries.children(session, family_id, actor=sato)) == 1
        assert [
            found.family.id
            for found in queries.families_with_phone(session, "09012345678", actor=sato)
        ] == [family_id]
    with acting_as(yamada) as session:
        assert queries.families_with_phone(session, "09012345678", actor=yamada) == []


@pytest.mark.parametrize(
    "words",
    [
        "ﾀﾅｶ",
        "たなか",
        "田中",
        "タナカ ミホ",
        "5678",
        "090-1234-5678",
        "０９０１２３４５６７８",
        "葛城",
    ],
)
def test_a_caller_is_found_however_typed(hinata: Site, sato: Actor, words: str) -> None:
    del hinata
    mother = GuardianDetails("田中 みほ", "母", name_kana="たなか みほ", phone="090-1234-5678")
    family_id = by_phone(sato, mother, ChildDetails(name="葛󠄀城 葵", born_on=BORN))
    with acting_as(sato) as session:
        found = queries.search_families(session, words, actor=sato)
        assert [one.family.id for one in found] == [family_id]
        assert queries.search_families(session, "%", actor=sato) == []
        number = found[0].family.number
        assert queries.search_families(session, number, actor=sato)


def test_pickup_persons_come_and_go_but_their_rows_stay(tanaka: Actor) -> None:
    with acting_as(tanaka), transaction() as session:
        person = service.add_pickup(
            session, family_of(tanaka), PickupDetails("田中 いと", "祖母"), actor=tanaka
        )
    with acting_as(tanaka), transaction() as session:
        service.remove_pickup(session, person.id, actor=tanaka, now=clock.now())
    with acting_as(tanaka) as session:
        assert queries.pickup_persons(session, family_of(tanaka), actor=tanaka) == []
        assert session.scalar(select(func.count()).select_from(PickupPerson)) == 1
        with pytest.raises(NoResultFound):
            queries.pickup_person(session, person.id, actor=tanaka)


def test_a_second_guardian_has_a_phone_and_no_account(tanaka: Actor) -> None:
    father = GuardianDetails("田中 けん", "父", phone="080-0000-1111")
    with acting_as(tanaka), transaction() as session:
        added = service.add_guardian(session, family_of(tanaka), father, actor=tanaka)
        service.change_guardian(
            session,
            added,
            GuardianDetails("田中 健", "父", phone="080-0000-2222"),
            actor=tanaka,
            now=clock.now(),
        )
    with acting_as(tanaka) as session:
        first, second = queries.guardians(session, family_of(tanaka), actor=tanaka)
        assert first.is_primary
        assert (second.name, second.phone_digits, second.user_id) == (
            "田中 健",
            "08000002222",
            None,
        )


@pytest.mark.parametrize(
    "table", [Family, Guardian, Child, ChildRecord, PickupPerson], ids=lambda t: t.__tablename__
)
def test_a_stranger_sees_no_row_even_without_any_filter(
    sato: Actor, yamada: Actor, tanaka: Actor, table: type
) -> None:
    family_id = by_phone(sato, MOTHER, ChildDetails(name="田中 はな", born_on=BORN))
    with acting_as(sato), transaction() as session:
        child = queries.children(session, family_id, actor=sato)[0]
        service.save_record(
            session, child.id, RecordDetails(allergies="卵"), actor=sato, now=clock.now()
        )
        service.add_pickup(session, family_id, PickupDetails("祖母", "祖母"), actor=sato)
    # A stranger with a family of her own: one open family must not open another.
    theirs = by_phone(yamada, GuardianDetails("森 あい", "母"))
    owner = table.id if table is Family else table.family_id  # type: ignore[attr-defined]
    counted = select(func.count()).select_from(table).where(owner != theirs)
    for stranger in (yamada, Actor(role=None)):
        with acting_as(stranger) as session:
            assert session.scalar(counted) == 0
    with acting_as(sato) as session:
        assert session.scalar(counted) == 1
    with acting_as(tanaka) as session:
        assert session.scalar(counted.where(owner == family_id)) == 0


def test_no_policy_compares_a_column_with_itself(database: Database) -> None:
    """``a.family_id = family_id`` inside a subquery on ``a`` is always true, and opens all."""
    with database.session() as session:
        rules = session.execute(
            text("SELECT tablename, policyname, concat_ws(' ', qual, with_check) FROM pg_policies")
        ).all()
    assert len(rules) > 20
    careless = [
        f"{table}.{name}" for table, name, rule in rules if re.search(r"(\w+\.\w+) = \1\b", rule)
    ]
    assert careless == []


def test_a_stranger_changes_nothing(sato: Actor, yamada: Actor) -> None:
    family_id = by_phone(sato, MOTHER, ChildDetails(name="田中 はな", born_on=BORN))
    with acting_as(sato) as session:
        child_id = queries.children(session, family_id, actor=sato)[0].id
    details = ChildDetails(name="だれか", born_on=BORN)
    now = clock.now()
    with acting_as(yamada), transaction() as session:
        for attempt in (
            lambda: service.add_child(session, family_id, details, actor=yamada, now=now),
            lambda: service.change_child(session, child_id, details, actor=yamada, now=now),
            lambda: service.open_record(session, child_id, actor=yamada),
            lambda: service.add_guardian(session, family_id, MOTHER, actor=yamada),
        ):
            with pytest.raises(NoResultFound):
                attempt()


def test_two_families_never_meet(tanaka: Actor) -> None:
    other = make_guardian("森 あい", children=("森 りん",))
    child_id = children_of(other)[0].id
    with acting_as(tanaka) as session:
        with pytest.raises(NoResultFound):
            queries.child(session, child_id, actor=tanaka)
        # Row-level security alone, the filter in Python taken away by asking as the other.
        with pytest.raises(NoResultFound):
            queries.child(session, child_id, actor=other)


def test_every_read_of_a_record_leaves_a_row(emptied: Engine, server: TestServer) -> None:
    tanaka = make_guardian("田中 みほ", children=("田中 はな",))
    child_id = children_of(tanaka)[0].id
    with acting_as(tanaka), transaction() as session:
        assert service.open_record(session, child_id, actor=tanaka) is None
        details = RecordDetails(allergies="卵")
        service.save_record(session, child_id, details, actor=tanaka, now=clock.now())
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.connect() as connection:
        rows = connection.execute(
            text("SELECT action, family_id, subjects, detail::text FROM audit_log ORDER BY at")
        ).all()
    admin.dispose()
    about = {row.action: row for row in rows}
    assert about["read.child_record"].subjects == [child_id]
    assert about["child_record.saved"].family_id == tanaka.family_id
    assert "卵" not in "".join(row.detail for row in rows)
