"""Passing on without consent: a second person, or a call first and a look the next working day."""

from __future__ import annotations

import uuid
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import IntegrityError, NoResultFound, ProgrammingError

from portal.datarequests import queries as data_requests
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.clock import JST
from portal.kernel.errors import Refusal
from portal.referrals import ground_queries, grounds, provisions
from portal.referrals.models import LegalBasis, Provision
from portal.referrals.rules import GroundRefusal, Item, LegalGround, ReferralRefusal
from tests.factories import people, support

FRIDAY = datetime(2026, 11, 20, 16, 0, tzinfo=JST)


@pytest.fixture
def colleague(suzuki: Actor) -> Actor:
    """Another public health nurse of the same city."""
    assert suzuki.organisation_id is not None
    return people.make_worker("井上 とも", suzuki.organisation_id, "liaison")


@pytest.fixture
def center() -> Actor:
    return support.make_center()


@pytest.fixture
def family_id(suzuki: Actor) -> uuid.UUID:
    return support.met(suzuki)[0]


def decide(
    who: Actor,
    family_id: uuid.UUID,
    center: Actor,
    *,
    phoned_at: datetime | None = None,
    now: datetime | None = None,
    reason: str = "けがのあとがありました。",
) -> LegalBasis:
    assert center.organisation_id is not None
    what = grounds.Decision(
        family_id,
        center.organisation_id,
        LegalGround.CHILD_PROTECTION,
        [Item.NAME_AND_PHONE, Item.NURSERY_NOTES],
        reason,
    )
    now = now or clock.now()
    with acting_as(who), transaction() as session:
        if phoned_at is None:
            return grounds.decide(session, what, actor=who, now=now)
        return grounds.urgent(session, what, phoned_at=phoned_at, actor=who, now=now)


def lets_through(who: Actor, row: LegalBasis, items: tuple[str, ...] = ("name_and_phone",)) -> bool:
    try:
        with acting_as(who), transaction() as session:
            provisions.provide(
                session,
                family_id=row.family_id,
                receiver_id=row.receiver_id,
                kind="worry_report",
                subject_id=uuid.uuid4(),
                items=items,
                ground_id=row.id,
                actor=who,
                now=clock.now(),
            )
    except Refusal as refused:
        return ReferralRefusal.ITEM_NOT_CONSENTED not in refused.codes
    return True


@pytest.mark.proves("R12", "P12")
def test_nothing_goes_out_before_a_second_person_has_released_it(
    suzuki: Actor, colleague: Actor, center: Actor, family_id: uuid.UUID
) -> None:
    row = decide(suzuki, family_id, center)
    assert not lets_through(suzuki, row)
    with pytest.raises(Refusal) as refused, acting_as(suzuki), transaction() as session:
        grounds.release(session, row.id, actor=suzuki, now=clock.now())
    assert refused.value.codes == (GroundRefusal.SECOND_PERSON_NEEDED,)
    with acting_as(colleague), transaction() as session:
        grounds.release(session, row.id, actor=colleague, now=clock.now())
    assert lets_through(suzuki, row)
    assert not lets_through(suzuki, row, ("name_and_phone", "health"))
    with acting_as(colleague), transaction() as session:
        assert ground_queries.waiting(session, actor=colleague) == []
        [answered] = ground_queries.answered(session, actor=colleague)
        assert answered.row.id == row.id
        assert answered.row.reason == "けがのあとがありました。"


@pytest.mark.proves("R12")
def test_in_urgency_one_person_after_a_call_and_a_no_hides_it(
    suzuki: Actor, colleague: Actor, center: Actor, family_id: uuid.UUID
) -> None:
    now = clock.now()
    with pytest.raises(Refusal) as refused:
        decide(suzuki, family_id, center, phoned_at=now + timedelta(hours=1))
    assert refused.value.codes == (GroundRefusal.PHONED_LATER,)
    row = decide(suzuki, family_id, center, phoned_at=now)
    assert lets_through(suzuki, row)
    for who, agreed, code in (
        (suzuki, True, GroundRefusal.SECOND_PERSON_NEEDED),
        (colleague, False, None),
        (colleague, True, GroundRefusal.ALREADY_DECIDED),
    ):
        with acting_as(who), transaction() as session:
            if code is None:
                grounds.review(session, row.id, agreed=agreed, actor=who, now=now)
                continue
            with pytest.raises(Refusal) as refused:
                grounds.review(session, row.id, agreed=agreed, actor=who, now=now)
            assert refused.value.codes == (code,)
    assert not lets_through(suzuki, row)


def test_an_urgent_one_that_nobody_looked_at_in_time_lets_nothing_through(
    suzuki: Actor, colleague: Actor, center: Actor, family_id: uuid.UUID
) -> None:
    long_ago = clock.now() - timedelta(days=20)
    row = decide(suzuki, family_id, center, phoned_at=long_ago, now=long_ago)
    assert row.review_due_on is not None
    assert row.review_due_on < clock.today(clock.now())
    assert not lets_through(suzuki, row)
    with acting_as(colleague), transaction() as session:
        [waiting] = ground_queries.waiting(session, actor=colleague)
        assert waiting.waits_for_review
        grounds.review(session, row.id, agreed=True, actor=colleague, now=clock.now())
    assert lets_through(suzuki, row)


def test_the_next_working_day_knows_weekends_and_holidays() -> None:
    # 23 November 2026 is a holiday, a Monday.
    holidays = frozenset({date(2026, 11, 23)})
    assert grounds.next_working_day(FRIDAY.date(), holidays) == date(2026, 11, 24)
    assert grounds.next_working_day(date(2026, 11, 24), holidays) == date(2026, 11, 25)


def test_without_reason_or_by_a_stranger_nothing_is_decided(
    suzuki: Actor, center: Actor, family_id: uuid.UUID
) -> None:
    with pytest.raises(Refusal) as refused:
        decide(suzuki, family_id, center, reason=" ")
    assert refused.value.codes == (GroundRefusal.REASON_MISSING,)
    with pytest.raises(NoResultFound):
        decide(center, family_id, suzuki)


@pytest.mark.proves("P7")
def test_the_database_lets_nobody_sign_for_another(
    suzuki: Actor, colleague: Actor, center: Actor, family_id: uuid.UUID
) -> None:
    row = decide(suzuki, family_id, center)
    values = {"id": row.id, "me": suzuki.user_id, "her": colleague.user_id}
    for statement, error in (
        ("UPDATE legal_grounds SET released_by = :her, released_at = now()", ProgrammingError),
        ("UPDATE legal_grounds SET released_by = :me, released_at = now()", IntegrityError),
        ("UPDATE legal_grounds SET items = '{health}'", ProgrammingError),
    ):
        with pytest.raises(error), acting_as(suzuki), transaction() as session:
            session.execute(text(f"{statement} WHERE id = :id"), values)
    with acting_as(center), transaction() as session:
        assert session.scalars(select(LegalBasis)).all() == []
    made_up = LegalBasis(
        id=uuid.uuid4(),
        family_id=family_id,
        organisation_id=suzuki.organisation_id,
        receiver_id=center.organisation_id,
        ground=LegalGround.LIFE_OR_BODY,
        items=["health"],
        reason_sealed=b"",
        decided_by=suzuki.user_id,
        decided_at=clock.now(),
        released_by=colleague.user_id,
        released_at=clock.now(),
    )
    with pytest.raises(ProgrammingError), acting_as(suzuki), transaction() as session:
        session.add(made_up)


@pytest.mark.proves("R12")
def test_provisions_are_kept_three_years_and_not_longer(
    suzuki: Actor, colleague: Actor, center: Actor, family_id: uuid.UUID
) -> None:
    assert provisions.kept_until(date(2024, 2, 29)) == date(2027, 3, 1)
    row = decide(suzuki, family_id, center)
    with acting_as(colleague), transaction() as session:
        grounds.release(session, row.id, actor=colleague, now=clock.now())
    for years_ago in (2, 4):
        then = clock.now() - timedelta(days=365 * years_ago)
        with acting_as(suzuki), transaction() as session:
            provisions.provide(
                session,
                family_id=family_id,
                receiver_id=row.receiver_id,
                kind="worry_report",
                subject_id=uuid.uuid4(),
                items=["name_and_phone"],
                ground_id=row.id,
                actor=suzuki,
                now=then,
            )
    # A clock that runs ahead takes nothing that the database's own would still keep.
    provisions.clear_out(clock.now() + timedelta(days=9999))
    with acting_as(suzuki), transaction() as session:
        [kept] = session.scalars(select(Provision)).all()
        assert kept.keep_until > clock.today(clock.now())


def test_the_familys_own_log_and_list_do_not_say_it(suzuki: Actor, center: Actor) -> None:
    family_id, guardian_id = support.met(suzuki)
    mother = support.lets_in(suzuki, family_id, guardian_id)
    row = decide(suzuki, family_id, center, phoned_at=clock.now())
    assert lets_through(suzuki, row)
    with acting_as(mother), transaction() as session:
        assert provisions.of_family(session, family_id, actor=mother) == []
        today = clock.today(clock.now())
        lines = data_requests.log_of(session, today, today, actor=mother)
    actions = {line.action for line in lines}
    assert "guardian.claimed" in actions
    assert not [each for each in actions if each.startswith(("ground", "provision", "read.ground"))]
