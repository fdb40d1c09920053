"""Contacts counted from the family's side: over bodies, channels and both records of a family."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update

from portal.consents import service as consents
from portal.contacts import queries, service
from portal.contacts.models import Contact, ContactWish
from portal.contacts.rules import ContactChannel, ContactRefusal, Nature, Wishes
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.organisations.models import Organisation
from portal.referrals.models import Referral
from tests.factories.outreach import MORNING, days, refer
from tests.factories.people import make_guardian, make_liaison
from tests.factories.support import make_center, met


@pytest.fixture
def center() -> Actor:
    return make_center()


@pytest.fixture
def referral(database: object, sato: Actor) -> Referral:
    del database
    return refer(make_center(), sato)


def call(actor: Actor, referral: Referral, at: datetime, **more: Any) -> Contact:
    given: dict[str, Any] = {
        "nature": Nature.ADVANCE,
        "channel": ContactChannel.PHONE,
        "about": "tour",
        "referral_id": referral.id,
        **more,
    }
    with acting_as(actor), transaction() as session:
        return service.record_contact(session, referral.family_id, actor=actor, now=at, **given)


def refused(actor: Actor, referral: Referral, at: datetime, **more: Any) -> Refusal:
    with pytest.raises(Refusal) as caught:
        call(actor, referral, at, **more)
    return caught.value


def wish(actor: Actor, family_id: Any, now: datetime = MORNING, **wishes: Any) -> None:
    with acting_as(actor), transaction() as session:
        service.set_wishes(session, family_id, Wishes(**wishes), actor=actor, now=now)


@pytest.mark.proves("R20", "R18")
def test_two_providers_of_one_family_share_one_limit(sato: Actor, yamada: Actor) -> None:
    center = make_center()
    at_hinata = refer(center, sato)
    at_midori = refer(center, yamada, at_hinata.family_id)
    call(sato, at_hinata, MORNING)
    soon = refused(yamada, at_midori, MORNING + timedelta(hours=1))
    [reason] = soon.reasons
    assert reason.code is ContactRefusal.TOO_SOON
    tomorrow_at_eight = MORNING + timedelta(hours=22)
    assert reason.values == {"from": tomorrow_at_eight}, "twenty hours, and then the quiet ones"
    call(yamada, at_midori, tomorrow_at_eight)
    third = refused(sato, at_hinata, MORNING + days(3))
    assert third.reasons[0].values["from"] == MORNING + days(7)


@pytest.mark.proves("R20")
def test_nobody_learns_who_else_called(sato: Actor, yamada: Actor) -> None:
    center = make_center()
    at_hinata = refer(center, sato)
    refer(center, yamada, at_hinata.family_id)
    call(sato, at_hinata, MORNING, words="泣いておられた")
    with acting_as(yamada) as session:
        assert session.scalars(select(Contact)).all() == []
        since = MORNING - days(1)
        assert queries.earlier_advances(session, at_hinata.family_id, since) == [MORNING]


@pytest.mark.proves("R20")
def test_a_stranger_learns_nothing_not_even_moments(referral: Referral, sato: Actor) -> None:
    call(sato, referral, MORNING)
    stranger = make_center("よそのセンター")
    with acting_as(stranger) as session:
        assert queries.earlier_advances(session, referral.family_id, MORNING - days(1)) == []
        assert queries.wishes(session, referral.family_id) == Wishes()


@pytest.mark.proves("R20")
@pytest.mark.parametrize("nature", [Nature.ANSWER, Nature.DUTY])
def test_answers_and_duty_are_never_refused(
    referral: Referral, sato: Actor, nature: Nature
) -> None:
    call(sato, referral, MORNING)
    wish(sato, referral.family_id, stops=True)
    at_night = MORNING + timedelta(hours=12)
    made = call(sato, referral, at_night, nature=nature)
    assert made.nature is nature
    with acting_as(sato) as session:
        counted = queries.earlier_advances(session, referral.family_id, MORNING - days(1))
    assert counted == [MORNING], "only advances count"


@pytest.mark.proves("R20")
@pytest.mark.parametrize(
    ("wishes", "code"),
    [
        ({"stops": True}, ContactRefusal.STOPPED),
        ({"channels": frozenset({ContactChannel.MAIL})}, ContactRefusal.CHANNEL_NOT_WISHED),
        ({"not_before": MORNING.date() + days(9)}, ContactRefusal.TOO_SOON),
    ],
)
def test_a_wish_holds_from_its_commit(
    referral: Referral, sato: Actor, wishes: dict[str, Any], code: ContactRefusal
) -> None:
    wish(sato, referral.family_id, **wishes)
    assert refused(sato, referral, MORNING).codes == (code,)


def test_a_new_wish_ends_the_last_whoever_wrote_it(sato: Actor, yamada: Actor) -> None:
    center = make_center()
    at_hinata = refer(center, sato)
    refer(center, yamada, at_hinata.family_id)
    wish(sato, at_hinata.family_id, stops=True)
    wish(yamada, at_hinata.family_id, channels=frozenset({ContactChannel.MAIL}))
    with acting_as(center) as session:
        now = queries.wishes(session, at_hinata.family_id)
    assert now == Wishes(channels=frozenset({ContactChannel.MAIL}))


@pytest.mark.proves("R20")
def test_a_family_that_stands_in_two_records_has_one_count_and_one_wish(
    referral: Referral, sato: Actor, tanaka: Actor
) -> None:
    call(sato, referral, MORNING)
    join(referral, tanaka, sato)
    assert tanaka.family_id is not None
    wish(tanaka, tanaka.family_id, stops=True)
    assert refused(sato, referral, MORNING + days(2)).codes == (ContactRefusal.STOPPED,)
    with acting_as(tanaka) as session:
        [seen] = queries.of_family(session, tanaka.family_id, actor=tanaka)
        earlier = queries.earlier_advances(session, tanaka.family_id, MORNING - days(1))
    assert seen.at == MORNING, "she sees who called, whichever record it was about"
    assert earlier == [MORNING]


def join(referral: Referral, guardian: Actor, receiver: Actor) -> None:
    with acting_as(receiver), transaction() as session:
        session.execute(
            update(Referral)
            .where(Referral.id == referral.id)
            .values(client_family_id=guardian.family_id)
        )


@pytest.mark.proves("R20")
def test_both_records_are_locked(referral: Referral, sato: Actor, tanaka: Actor) -> None:
    join(referral, tanaka, sato)
    with acting_as(sato), transaction() as session:
        service.lock(session, referral.family_id)
        held = session.execute(
            select(func.count())
            .select_from(text("pg_locks"))
            .where(text("locktype = 'advisory' AND pid = pg_backend_pid()"))
        ).scalar_one()
    assert held == 2


def test_a_call_that_was_not_made_does_not_count(referral: Referral, sato: Actor) -> None:
    begun = call(sato, referral, MORNING)
    with acting_as(sato), transaction() as session:
        service.record_result(session, begun.id, service.NOT_MADE, actor=sato, now=MORNING)
    call(sato, referral, MORNING + timedelta(hours=1))


def test_the_first_result_stands(referral: Referral, sato: Actor) -> None:
    begun = call(sato, referral, MORNING)
    with acting_as(sato), transaction() as session:
        service.record_result(session, begun.id, "talked", actor=sato, now=MORNING)
    with pytest.raises(Refusal) as caught, acting_as(sato), transaction() as session:
        service.record_result(session, begun.id, "not_reached", actor=sato, now=MORNING)
    assert caught.value.codes == (ContactRefusal.RECORDED_MEANWHILE,)


@pytest.mark.proves("R20", "R11")
def test_who_took_the_consent_back_is_not_called(sato: Actor) -> None:
    center = make_center()
    referral = refer(center, sato)
    with acting_as(center), transaction() as session:
        told_id = referral.told_id
        assert told_id is not None
        consents.withdraw(session, told_id, actor=center, now=clock.now() + timedelta(seconds=9))
    assert refused(sato, referral, MORNING).codes == (ContactRefusal.NO_CONSENT,)


@pytest.mark.proves("R20", "R6")
def test_the_municipality_decides_how_often(sato: Actor) -> None:
    center = make_center()
    suzuki = make_liaison("鈴木 あき")
    with acting_as(suzuki), transaction() as session:
        session.execute(
            update(Organisation)
            .where(Organisation.id == suzuki.organisation_id)
            .values(settings={"contact": {"most_in_window": 1, "window_days": 30}})
        )
    family_id, _ = met(suzuki)
    referral = refer(suzuki, sato, family_id)
    del center
    call(sato, referral, MORNING)
    [reason] = refused(sato, referral, MORNING + days(8)).reasons
    assert reason.values["from"] == MORNING + days(30)


def test_a_moment_to_come_cannot_be_written_down(referral: Referral, sato: Actor) -> None:
    soon = MORNING + timedelta(hours=1)
    with pytest.raises(Refusal) as caught, acting_as(sato), transaction() as session:
        service.record_contact(
            session,
            referral.family_id,
            nature=Nature.DUTY,
            channel=ContactChannel.PHONE,
            about="no_show",
            actor=sato,
            now=MORNING,
            at=soon,
        )
    assert caught.value.codes == (ContactRefusal.IN_FUTURE,)


def test_wishes_are_kept_as_history(referral: Referral, sato: Actor) -> None:
    wish(sato, referral.family_id, stops=True)
    wish(sato, referral.family_id, now=MORNING + days(1))
    with acting_as(sato) as session:
        rows = session.scalars(select(ContactWish).order_by(ContactWish.set_at)).all()
    assert [(each.stops, each.ended_at is None) for each in rows] == [(True, False), (False, True)]


def test_a_family_writes_only_its_own_wish(referral: Referral) -> None:
    other = make_guardian("木村 ゆい")
    with pytest.raises(Exception, match="row-level security"):
        wish(other, referral.family_id, stops=True)
