"""Guardians that live apart: what the database itself shows and lets each of them do."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from portal.accounts.addresses import AddressKind, make_address, open_address
from portal.db.session import acting_as, transaction
from portal.families import invitations, protections, queries, rights
from portal.families import service as families
from portal.families.protections import ProtectionDetails, Shown
from portal.families.rules import FamilyRefusal, GuardianDetails, RecordDetails
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor, Right, Role
from portal.kernel.errors import Refusal
from portal.slots.places import release_places
from tests.factories import apart, days, people
from tests.factories.places import Site

#: Every table with rows of a family that the app can read: today's, and what is added later.
FAMILY_TABLES = text("""
    SELECT c.table_name FROM information_schema.columns c
     WHERE c.table_schema = 'public' AND c.column_name = 'family_id'
       AND has_column_privilege(current_user, 'public.' || c.table_name, 'family_id', 'SELECT')
     ORDER BY 1""")


@pytest.fixture
def filled(hinata: Site, tanaka: Actor) -> Actor:
    """A family with something of everything; the mother."""
    child = people.children_of(tanaka)[0]
    apart.give_address(tanaka)
    booking = days.book(hinata, tanaka)[0]
    days.name_pickup(tanaka, "祖母 さん", "祖母")
    with acting_as(tanaka), transaction() as session:
        families.save_record(
            session, child.id, RecordDetails(allergies="卵"), actor=tanaka, now=clock.now()
        )
        make_address(session, tanaka, AddressKind.FAMILY_FEED)
        make_address(session, tanaka, AddressKind.BOOKING_WORD, booking_id=booking)
    return tanaka


def rows_seen(actor: Actor) -> dict[str, int]:
    """Count, by table, the family's rows that the database shows without any filter."""
    found = {}
    with acting_as(actor) as session:
        for table in session.scalars(FAMILY_TABLES).all():
            found[table] = session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one()
        found["families"] = session.execute(text("SELECT count(*) FROM families")).scalar_one()
        session.rollback()
    return {table: count for table, count in found.items() if count}


@pytest.mark.proves("P7")
def test_the_database_shows_an_apart_guardian_his_own_row_alone(filled: Actor, sato: Actor) -> None:
    father = apart.join(filled)
    whole = rows_seen(father)
    assert {"bookings", "children", "child_records", "pickup_persons", "preregistrations"} < set(
        whole
    )
    assert whole["guardians"] == 2, "the control: with every right he sees what she sees"
    apart.protect(sato, filled)
    father = apart.signed_in(father.user_id or uuid.UUID(int=0))
    assert rows_seen(father) == {"guardians": 1}
    assert rows_seen(apart.signed_in(filled.user_id or uuid.UUID(int=0)))["bookings"] == 1


@pytest.mark.proves("P7")
def test_an_apart_guardian_writes_nothing_of_the_family(
    filled: Actor, hinata: Site, sato: Actor
) -> None:
    father = apart.join(filled)
    booking = uuid.UUID(int=0)
    with acting_as(filled) as session:
        booking = session.execute(text("SELECT id FROM bookings")).scalar_one()
        session.rollback()
    apart.protect(sato, filled)
    father = apart.signed_in(father.user_id or uuid.UUID(int=0))
    with acting_as(father), transaction() as session:
        assert release_places(session, [booking]) == ()
        for table in ("guardians", "children", "pickup_persons"):
            session.execute(
                text(f"UPDATE {table} SET name = 'x' WHERE user_id IS NULL")
                if table == "guardians"
                else text(f"UPDATE {table} SET name = 'x'")
            )
    with pytest.raises(DBAPIError):
        days.book(hinata, father, children=[people.children_of(filled)[0].id])
    with acting_as(sato) as session:
        assert session.execute(text("SELECT count(*) FROM children WHERE name = 'x'")).scalar() == 0
        session.rollback()


@pytest.mark.parametrize(
    ("withheld", "hidden", "shown"),
    [
        (Right.CHILDREN, {"child_records"}, {"bookings", "children"}),
        (Right.CONTACTS, {"pickup_persons"}, {"bookings", "child_records"}),
        (Right.BOOKINGS, {"bookings", "preregistrations", "secret_addresses"}, {"child_records"}),
        (Right.BOOK, set(), {"bookings", "child_records", "pickup_persons"}),
        (Right.MAILS, set(), {"bookings", "child_records", "pickup_persons"}),
    ],
)
def test_each_right_opens_its_own_rows(
    filled: Actor, withheld: Right, hidden: set[str], shown: set[str]
) -> None:
    father = apart.join(filled)
    with acting_as(filled), transaction() as session:
        rights.set_rights(session, apart.own_row(father), [withheld], actor=filled)
    seen = rows_seen(apart.signed_in(father.user_id or uuid.UUID(int=0)))
    assert not hidden & set(seen)
    assert shown <= set(seen)


def test_who_may_book_still_books_and_who_may_not_does_not(filled: Actor, hinata: Site) -> None:
    father = apart.join(filled)
    child = people.children_of(filled)[0].id
    for withheld, books in ((Right.CHILDREN, True), (Right.BOOK, False)):
        with acting_as(filled), transaction() as session:
            rights.set_rights(session, apart.own_row(father), [withheld], actor=filled)
        now = apart.signed_in(father.user_id or uuid.UUID(int=0))
        if books:
            made = days.book(hinata, now, start="13:00", end="14:00", children=[child])
            with acting_as(now), transaction() as session:
                assert release_places(session, made) == tuple(made)
        else:
            with pytest.raises(DBAPIError):
                days.book(hinata, now, start="15:00", end="16:00", children=[child])


def test_only_the_first_guardian_and_the_familys_staff_say_who_may_what(
    filled: Actor, sato: Actor, yamada: Actor
) -> None:
    father = apart.join(filled)
    mother_row, father_row = apart.own_row(filled), apart.own_row(father)

    def set_by(actor: Actor, guardian_id: uuid.UUID, reason: str = "") -> None:
        with acting_as(actor), transaction() as session:
            rights.set_rights(session, guardian_id, [Right.BOOK], actor=actor, reason=reason)

    for actor, whose in ((father, mother_row), (father, father_row), (filled, mother_row)):
        with pytest.raises(DBAPIError):
            set_by(actor, whose)
    with pytest.raises(Exception, match="No row"):
        set_by(yamada, father_row, "頼まれた")
    with pytest.raises(Refusal) as refused:
        set_by(sato, father_row)
    assert refused.value.codes == (FamilyRefusal.REASON_MISSING,)
    set_by(sato, father_row, "園での話し合い")
    with pytest.raises(Refusal) as refused:
        set_by(sato, mother_row, "園での話し合い")
    assert refused.value.codes == (FamilyRefusal.SOMEBODY_DOES_ALL,)


def test_nobody_makes_herself_the_first_guardian(filled: Actor) -> None:
    father = apart.join(filled)
    with acting_as(father), pytest.raises(DBAPIError), transaction() as session:
        session.execute(text("UPDATE guardians SET is_primary = true"))


def test_addresses_of_before_open_nothing(filled: Actor, sato: Actor) -> None:
    with acting_as(filled), transaction() as session:
        feed = make_address(session, filled, AddressKind.FAMILY_FEED)

    def opens() -> bool:
        with acting_as(ANONYMOUS) as session:
            found = open_address(session, feed, AddressKind.FAMILY_FEED)
            session.rollback()
        return found is not None

    assert opens()
    apart.protect(sato, filled)
    assert not opens()


def test_a_feed_is_over_as_soon_as_its_maker_may_not_see_it(filled: Actor) -> None:
    father = apart.join(filled)
    with acting_as(filled), transaction() as session:
        rights.set_rights(session, apart.own_row(father), [Right.BOOKINGS], actor=filled)
    # Made behind the portal's back, with an actor of before.
    with acting_as(father), transaction() as session:
        feed = make_address(session, father, AddressKind.FAMILY_FEED)
    with acting_as(ANONYMOUS) as session:
        assert open_address(session, feed, AddressKind.FAMILY_FEED) is None
        session.rollback()


def test_the_address_is_answered_for_a_reason_that_is_kept(
    filled: Actor, sato: Actor, yamada: Actor
) -> None:
    mother_row = apart.own_row(filled)
    apart.protect(sato, filled)
    with acting_as(sato), transaction() as session:
        assert queries.guardian(session, mother_row, actor=sato).address is None
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(text("SELECT address FROM protections"))
        with pytest.raises(DBAPIError), session.begin_nested():
            session.execute(
                text("SELECT reveal_protected_address(gen_random_uuid(), :id, ' ')"),
                {"id": mother_row},
            )
        found = protections.reveal_address(session, mother_row, actor=sato, reason="郵便のため")
    assert found == apart.ADDRESS
    with acting_as(yamada), pytest.raises(DBAPIError), transaction() as session:
        protections.reveal_address(session, mother_row, actor=yamada, reason="見たい")
    # She corrects it herself, and it still stands in nobody's list.
    with acting_as(filled), transaction() as session:
        details = GuardianDetails(
            "田中 みほ", "母", phone=apart.PHONE, address="みほん市あたらしい町 1"
        )
        families.change_guardian(session, mother_row, details, actor=filled, now=clock.now())
        own = protections.reveal_address(session, mother_row, actor=filled)
    assert own == "みほん市あたらしい町 1"
    with acting_as(filled), transaction() as session:
        session.expire_all()
        assert queries.guardian(session, mother_row, actor=filled).address is None


def test_a_protection_holds_past_its_day_until_somebody_ends_it(filled: Actor, sato: Actor) -> None:
    father = apart.join(filled)
    apart.protect(sato, filled)
    now_father = apart.signed_in(father.user_id or uuid.UUID(int=0))
    assert set(now_father.withheld) == set(Right)
    with acting_as(sato), transaction() as session:
        later = apart.TODAY + timedelta(days=400)
        assert protections.count_to_see_to(session, actor=sato, by=later) == 1
        assert protections.count_to_see_to(session, actor=sato, by=apart.TODAY) == 0
        found = protections.protection_of(session, filled.family_id or uuid.UUID(int=0), actor=sato)
        assert found is not None
        with pytest.raises(Refusal):
            protections.end(session, found.family_id, found.id, " ", actor=sato)
        protections.end(session, found.family_id, found.id, "本人の申し出", actor=sato)
    assert not apart.signed_in(father.user_id or uuid.UUID(int=0)).withheld
    with acting_as(filled) as session:
        address = queries.guardian(session, apart.own_row(filled), actor=filled).address
        session.rollback()
    assert address == apart.ADDRESS


def test_who_lives_with_her_may_be_left_out(filled: Actor, sato: Actor) -> None:
    grandmother = apart.join(filled, "田中 よし")
    apart.protect(sato, filled, apart.own_row(grandmother))
    late = apart.join(filled, "おくれて 来た人")
    assert not apart.signed_in(grandmother.user_id or uuid.UUID(int=0)).withheld
    assert set(late.withheld) == set(Right), "whoever comes later is kept out from the first minute"


def test_a_request_is_seen_by_staff_and_by_her_alone(filled: Actor, sato: Actor) -> None:
    father = apart.join(filled)
    family_id = filled.family_id or uuid.UUID(int=0)
    with acting_as(filled), transaction() as session:
        protections.request(session, actor=filled)
        protections.request(session, actor=filled)

    def waiting(actor: Actor) -> int:
        with acting_as(actor) as session:
            found = len(protections.request_of(session, family_id, actor=actor))
            session.rollback()
        return found

    assert [waiting(actor) for actor in (filled, sato, father)] == [1, 1, 0]
    assert not apart.signed_in(father.user_id or uuid.UUID(int=0)).withheld, "asking hides nothing"
    apart.protect(sato, filled)
    assert waiting(sato) == 0


def test_one_guardian_of_a_family_is_protected_and_the_days_are_right(
    filled: Actor, sato: Actor
) -> None:
    father = apart.join(filled)
    apart.protect(sato, filled)
    today = apart.TODAY
    wrong = ProtectionDetails(Shown.COURT, today + timedelta(days=1), today)
    with acting_as(sato), pytest.raises(Refusal) as refused, transaction() as session:
        protections.set_protection(
            session, apart.own_row(father), wrong, actor=sato, now=clock.now()
        )
    assert refused.value.codes == (
        FamilyRefusal.SHOWN_IN_FUTURE,
        FamilyRefusal.PROTECTION_ENDED,
        FamilyRefusal.ANOTHER_IS_PROTECTED,
    )


def test_a_code_needs_a_childs_day_and_is_over_after_five_wrong_ones(
    filled: Actor, make_code: Callable[[str], str]
) -> None:
    code = make_code("田中 けん")
    stranger = Actor(role=Role.GUARDIAN, user_id=people.make_account("だれか"))
    wrong = people.BORN + timedelta(days=1)
    for day in [wrong] * 5 + [people.BORN]:
        with acting_as(stranger), transaction() as session:
            assert invitations.claim(session, code, day, actor=stranger) is None
    code = make_code("田中 こう")
    with acting_as(filled), pytest.raises(Refusal), transaction() as session:
        invitations.claim(session, code, people.BORN, actor=filled)


@pytest.fixture
def make_code(filled: Actor) -> Callable[[str], str]:
    def make(name: str) -> str:
        family_id = filled.family_id or uuid.UUID(int=0)
        with acting_as(filled), transaction() as session:
            details = GuardianDetails(name, "父")
            guardian_id = families.add_guardian(session, family_id, details, actor=filled)
            invitations.invite(session, guardian_id, actor=filled, now=clock.now())
            found = invitations.live_code(session, guardian_id, actor=filled, now=clock.now())
            assert found is not None
            return invitations.code_for(found.id)

    return make


def test_an_open_code_is_over_once_an_address_is_protected(
    filled: Actor, sato: Actor, make_code: Callable[[str], str]
) -> None:
    code = make_code("田中 けん")
    apart.protect(sato, filled)
    late = Actor(role=Role.GUARDIAN, user_id=people.make_account("だれか"))
    with acting_as(late), transaction() as session:
        assert invitations.claim(session, code, people.BORN, actor=late) is None


def test_who_has_every_right_does_not_pay_for_those_who_have_not(filled: Actor) -> None:
    asked = text("EXPLAIN (ANALYZE, VERBOSE) SELECT id FROM bookings WHERE family_id = :family")
    with acting_as(filled) as session:
        plan = session.scalars(asked, {"family": filled.family_id}).all()
        session.rollback()
    steps = [above for above, line in pairwise(plan) if "family_with" in line and "Output" in line]
    assert steps, "the policy stands in the plan"
    assert all("never executed" in step for step in steps)
