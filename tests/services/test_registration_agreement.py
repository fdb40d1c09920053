"""Both sides say that they have read; conditions; who was quicker; renewal. Each with its guard."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import NoResultFound, ProgrammingError

from portal.bookings.service import NotPlaced
from portal.db.session import acting_as, transaction
from portal.families import queries as families
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.errors import Refusal
from portal.policies.reasons import BookingRefusal
from portal.preregistration import agreeing, queries, renewing, service
from portal.preregistration.line import Stage, line_of
from portal.preregistration.models import Preregistration
from portal.preregistration.rules import (
    MessageKind,
    PreregistrationRefusal,
    PreregistrationState,
    Side,
    mark_of,
)
from portal.preregistration.terms import terms_of
from tests.factories.people import children_of, make_worker
from tests.factories.places import Site, next_open_day
from tests.factories.registration import apply_for, ask
from tests.services.test_place_booking import place, wish_of

S, R, B = PreregistrationState, PreregistrationRefusal, BookingRefusal
BOTH = {B.FAMILY_HAS_NOT_AGREED, B.FACILITY_HAS_NOT_AGREED}


def row_of(actor: Actor, row_id: uuid.UUID) -> Preregistration:
    with acting_as(actor) as session:
        return queries.preregistration(session, row_id, actor=actor)


def do(actor: Actor, work: Any, row_id: uuid.UUID, *args: Any, **more: Any) -> Any:
    with acting_as(actor), transaction() as session:
        return work(session, row_id, *args, actor=actor, now=clock.now(), **more)


def refused_booking(site: Site, guardian: Actor) -> set[Any]:
    try:
        place(guardian, wish_of(guardian, site, next_open_day()))
    except NotPlaced as refused:
        return set(refused.codes)
    return set()


def stage(actor: Actor, row_id: uuid.UUID) -> Stage:
    with acting_as(actor) as session:
        row = queries.preregistration(session, row_id, actor=actor)
        on = clock.today(clock.now())
        return line_of(row, terms_of(session, row.facility_id, on).rule, on=on).stage


@pytest.mark.proves("R5", "J7")
def test_booking_waits_for_both_sides_where_the_rule_asks(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    rules = ask(hinata, agreement=True)
    (row,) = apply_for(hinata, tanaka)
    do(sato, service.accept, row)
    assert stage(tanaka, row) is Stage.AGREE
    assert refused_booking(hinata, tanaka) == BOTH
    # She has no smartphone and says it on the phone, an hour before it is written down.
    called_at = clock.now() - timedelta(hours=1)
    do(sato, agreeing.agree, row, channel=Channel.PHONE, received_at=called_at)
    said = row_of(tanaka, row)
    assert (said.family_agreed_at, said.family_agreed_by) == (called_at, sato.user_id)
    assert (said.family_agreed_channel, said.family_agreed_rulebook_id) == (Channel.PHONE, rules)
    assert stage(tanaka, row) is Stage.READ_BY_FACILITY
    assert refused_booking(hinata, tanaka) == {B.FACILITY_HAS_NOT_AGREED}
    do(sato, agreeing.acknowledge, row)
    assert row_of(tanaka, row).facility_agreed_by == sato.user_id
    assert stage(tanaka, row) is Stage.BOOK
    assert refused_booking(hinata, tanaka) == set()


def test_a_call_in_the_future_and_an_application_that_is_over_are_refused(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    (row,) = apply_for(hinata, tanaka)
    later = clock.now() + timedelta(minutes=5)
    with pytest.raises(Refusal) as refused:
        do(sato, agreeing.agree, row, channel=Channel.PHONE, received_at=later)
    assert refused.value.codes == (R.RECEIVED_IN_FUTURE,)
    do(tanaka, service.withdraw, row)
    for work in (agreeing.agree, agreeing.acknowledge):
        with pytest.raises(Refusal) as refused:
            do(sato, work, row)
        assert refused.value.codes == (R.NOT_POSSIBLE_NOW,)


@pytest.mark.proves("R5")
def test_conditions_must_be_agreed_to_even_where_the_rule_asks_for_nothing(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    (row,) = apply_for(hinata, tanaka)
    do(tanaka, agreeing.agree, row)  # before she could know of any
    do(sato, service.accept, row, conditions="はじめの3回は午前だけ", has_read=True)
    assert stage(tanaka, row) is Stage.CONDITIONS
    assert refused_booking(hinata, tanaka) == {B.FAMILY_HAS_NOT_AGREED}
    with acting_as(tanaka), transaction() as session:
        (words,) = service.open_messages(session, row, actor=tanaka)
        assert (words.kind, words.text) == (MessageKind.CONDITIONS, "はじめの3回は午前だけ")
        sealed = session.execute(text("SELECT text_sealed FROM preregistration_messages"))
        assert "午前".encode() not in sealed.scalar_one()
    do(tanaka, agreeing.agree, row)
    assert refused_booking(hinata, tanaka) == set()


@pytest.mark.parametrize(
    "values",
    [
        {"facility_agreed_at": clock.now()},
        {"has_conditions": False},
        {"accepted_until": clock.today(clock.now()) + timedelta(days=900)},
        {"decided_at": clock.now()},
    ],
    ids=lambda values: next(iter(values)),
)
def test_the_database_keeps_what_is_the_providers_from_a_family(
    hinata: Site, sato: Actor, tanaka: Actor, values: dict[str, Any]
) -> None:
    (row,) = apply_for(hinata, tanaka)
    do(sato, service.accept, row, conditions="午前だけ")
    with (
        acting_as(tanaka),
        pytest.raises(ProgrammingError, match="only the provider decides"),
        transaction() as session,
    ):
        session.execute(update(Preregistration).where(Preregistration.id == row).values(**values))


@pytest.mark.parametrize("state", [S.ACCEPTED, S.WAITING])
def test_the_database_keeps_a_family_from_deciding_for_itself(
    hinata: Site, tanaka: Actor, state: PreregistrationState
) -> None:
    (row,) = apply_for(hinata, tanaka)
    until = clock.today(clock.now()) if state == S.ACCEPTED.value else None
    with (
        acting_as(tanaka),
        pytest.raises(ProgrammingError, match="only the provider decides"),
        transaction() as session,
    ):
        session.execute(
            update(Preregistration)
            .where(Preregistration.id == row)
            .values(state=state, accepted_until=until)
        )


def test_a_stranger_neither_agrees_nor_extends_nor_writes(
    hinata: Site, yamada: Actor, sato: Actor, tanaka: Actor
) -> None:
    (row,) = apply_for(hinata, tanaka)
    do(sato, service.accept, row)
    for work, args in (
        (agreeing.agree, ()),
        (agreeing.acknowledge, ()),
        (renewing.ask_renewal, ()),
        (service.say, ("こんにちは",)),
        (service.wait, ()),
    ):
        with pytest.raises(NoResultFound):
            do(yamada, work, row, *args)
    with acting_as(yamada), pytest.raises(NoResultFound), transaction() as session:
        renewing.extend(session, [row], actor=yamada, now=clock.now())


def test_the_second_of_two_staff_hears_who_was_quicker(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    (row,) = apply_for(hinata, tanaka)
    seen = mark_of(S.APPLIED, None)
    other = make_worker("森 けい", hinata.organisation_id, "staff")
    do(other, service.ask_back, row, "平熱は何度ですか", seen=seen)
    with pytest.raises(Refusal) as refused:
        do(sato, service.decline, row, "定員です", seen=seen)
    (reason,) = refused.value.reasons
    assert reason.code is R.DECIDED_MEANWHILE
    assert reason.values["name"] == "森 けい"
    assert row_of(sato, row).state is S.ASKED_BACK
    do(sato, service.accept, row)  # a page that shows the question knows of it
    with pytest.raises(Refusal) as refused:
        do(other, service.accept, row)
    assert refused.value.reasons[0].values["name"] == "佐藤 まり"


def test_words_go_back_and_forth_after_the_decision(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    (row,) = apply_for(hinata, tanaka)
    with pytest.raises(Refusal):
        do(sato, service.say, row, "平熱は？")  # that is a question's place
    do(tanaka, service.say, row, "電話番号が変わりました")
    assert row_of(sato, row).word_waits_for is None
    do(sato, service.accept, row)
    do(tanaka, service.say, row, "帽子はいりますか")
    assert row_of(sato, row).word_waits_for is Side.FACILITY
    do(sato, service.say, row, "はい、お願いします")
    assert row_of(sato, row).word_waits_for is None
    do(sato, service.say, row, "水筒も忘れずに")
    assert stage(tanaka, row) is Stage.WORD
    with pytest.raises(Refusal) as refused:
        do(tanaka, service.say, row, "　")
    assert refused.value.codes == (R.TEXT_MISSING,)


def test_an_answer_is_promised_by_an_open_day(hinata: Site, sato: Actor, tanaka: Actor) -> None:
    ask(hinata, answer_days=3)
    (row,) = apply_for(hinata, tanaka)
    today, promised = clock.today(clock.now()), row_of(tanaka, row).answer_by
    assert promised is not None
    open_days = [today + timedelta(days=n) for n in range(1, (promised - today).days + 1)]
    assert sum(day.weekday() < 5 for day in open_days) == 3
    assert promised.weekday() < 5
    do(sato, service.accept, row)
    assert row_of(tanaka, row).answer_by is None


def in_season(site: Site, sato: Actor, tanaka: Actor, **more: Any) -> uuid.UUID:
    ask(site, renewal={"days_before": 30, **more})
    (row,) = apply_for(site, tanaka)
    do(sato, service.accept, row)
    ends(sato, row, 10)
    return row


def ends(sato: Actor, row: uuid.UUID, days: int) -> None:
    until = clock.today(clock.now()) + timedelta(days=days)
    with acting_as(sato), transaction() as session:
        session.execute(
            update(Preregistration)
            .where(Preregistration.id == row)
            .values(accepted_until=until, decided_at=clock.now() - timedelta(days=200))
        )


@pytest.mark.proves("R5")
def test_one_tap_goes_on_and_nothing_is_lost_meanwhile(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    row = in_season(hinata, sato, tanaka)
    assert stage(tanaka, row) is Stage.RENEW
    do(tanaka, renewing.ask_renewal, row)
    assert stage(tanaka, row) is Stage.RENEWAL_ASKED
    asked = row_of(tanaka, row)
    assert asked.state is S.ACCEPTED
    assert refused_booking(hinata, tanaka) == set()
    with acting_as(sato), transaction() as session:
        (gone_on,) = renewing.extend(session, [row], actor=sato, now=clock.now())
        assert asked.accepted_until is not None
        assert gone_on.accepted_until is not None
        assert gone_on.accepted_until > asked.accepted_until
        with pytest.raises(Refusal):  # nobody asked a second time
            renewing.extend(session, [row], actor=sato, now=clock.now())
    assert stage(tanaka, row) is Stage.BOOK


def test_what_changed_since_the_facility_looked_stands_out(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    row = in_season(hinata, sato, tanaka)
    with acting_as(sato), transaction() as session:
        found = renewing.changes_of(
            session, [queries.preregistration(session, row, actor=sato)], actor=sato
        )[row]
        assert found.record == clock.today(clock.now())  # written after the facility looked
        agreeing.acknowledge(session, row, actor=sato, now=clock.now())
        seen = queries.preregistration(session, row, actor=sato)
        assert not renewing.changes_of(session, [seen], actor=sato)[row].any


def test_outside_the_season_nothing_is_renewed(hinata: Site, sato: Actor, tanaka: Actor) -> None:
    row = in_season(hinata, sato, tanaka)
    ends(sato, row, 40)
    with pytest.raises(Refusal) as refused:
        do(tanaka, renewing.ask_renewal, row)
    assert refused.value.codes == (R.RENEWAL_NOT_OPEN,)
    ends(sato, row, -1)
    with pytest.raises(Refusal) as refused:
        do(tanaka, renewing.ask_renewal, row)
    assert refused.value.codes == (R.NOT_POSSIBLE_NOW,)
    assert stage(tanaka, row) is Stage.ENDED


def test_going_on_confirms_the_record_and_the_words_anew(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    row = in_season(hinata, sato, tanaka, confirm=["record", "agreement"])
    (child,) = children_of(tanaka)
    said = clock.now() - timedelta(minutes=30)
    do(sato, renewing.ask_renewal, row, channel=Channel.FAX, received_at=said)
    found = row_of(sato, row)
    assert (found.renewal_channel, found.family_agreed_channel) == (Channel.FAX, Channel.FAX)
    assert found.renewal_asked_at == found.family_agreed_at == said
    with acting_as(sato) as session:
        confirmed = families.confirmed_days(session, [child.id], actor=sato)
        assert confirmed[child.id] == clock.today(clock.now())


def test_each_family_is_told_of_the_season_once(hinata: Site, sato: Actor, tanaka: Actor) -> None:
    in_season(hinata, sato, tanaka)
    with acting_as(sato), transaction() as session:
        assert renewing.tell_season_of(session, hinata.facility_id, now=clock.now()) == 1
        assert renewing.tell_season_of(session, hinata.facility_id, now=clock.now()) == 0
