"""What comes too late, or from who may not, on the way of a referred family: refused in words."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest

from portal.contacts.rules import ContactChannel
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.noshow import service as cases
from portal.noshow.rules import CaseRefusal, CheckResult
from portal.outreach import service as outreach
from portal.outreach.rules import CallResult
from portal.referrals import grounds, service
from portal.referrals.models import LegalBasis, Referral
from portal.referrals.rules import (
    GroundRefusal,
    Item,
    LegalGround,
    Outcome,
    ReferralEvent,
    ReferralRefusal,
    ReferralState,
)
from tests.factories import people, referring, support
from tests.factories.cases import body_of, missing
from tests.factories.outreach import MORNING, plan
from tests.factories.outreach import refer as to_contact
from tests.factories.places import Site

NOW = clock.now()


def refused(code: str) -> Callable[[Refusal], bool]:
    return lambda refusal: set(refusal.codes) == {code}


@pytest.fixture
def row(suzuki: Actor, hinata: Site) -> Referral:
    return referring.referred(suzuki, hinata)


def closed(row: Referral, who: Actor) -> None:
    with acting_as(who), transaction() as session:
        service.close(session, row.id, Outcome.NOT_WISHED, "もう大丈夫です", actor=who, now=NOW)


@pytest.mark.proves("R16")
def test_what_is_over_is_neither_closed_again_nor_passed_on_nor_joined(
    row: Referral, suzuki: Actor, sato: Actor, tanaka: Actor, midori: Site
) -> None:
    closed(row, sato)
    not_now = refused(ReferralRefusal.NOT_POSSIBLE_NOW)
    for who in (sato, suzuki):
        with pytest.raises(Refusal, check=not_now):
            closed(row, who)
        with (
            pytest.raises(Refusal, check=not_now),
            acting_as(who),
            transaction() as session,
        ):
            service.pass_on(session, row.id, body_of(midori.owner), actor=who, now=NOW)
    with pytest.raises(Refusal, check=not_now):
        referring.joined_with(row, tanaka, sato)
    assert referring.seen(suzuki, row.id).state is ReferralState.CLOSED


@pytest.mark.proves("R16", "R29")
def test_who_got_it_passes_on_a_record_of_her_own(row: Referral, sato: Actor, midori: Site) -> None:
    referring.moved(sato, row.id, ReferralEvent.RECEIVE)
    with (
        pytest.raises(Refusal, check=refused(ReferralRefusal.NO_FAMILY_RECORD)),
        acting_as(sato),
        transaction() as session,
    ):
        service.pass_on(session, row.id, body_of(midori.owner), actor=sato, now=NOW)


@pytest.mark.proves("R16")
def test_the_sender_joins_no_family_of_the_nursery(row: Referral, suzuki: Actor) -> None:
    with (
        pytest.raises(Refusal, check=refused(ReferralRefusal.NOT_POSSIBLE_NOW)),
        acting_as(suzuki),
        transaction() as session,
    ):
        service.link_client(session, row.id, row.family_id, actor=suzuki, now=NOW)


@pytest.mark.proves("R18")
def test_the_next_day_of_a_call_is_not_past(sato: Actor) -> None:
    center = support.make_center()
    of = plan(to_contact(center, sato), sato, now=MORNING)
    with acting_as(sato), transaction() as session:
        begun = outreach.begin_call(session, of.id, actor=sato, now=MORNING)
    yesterday = clock.today(MORNING) - timedelta(days=1)
    with pytest.raises(Refusal), acting_as(sato), transaction() as session:
        outreach.finish_call(
            session, begun.id, CallResult.LATER, actor=sato, now=MORNING, next_on=yesterday
        )


@pytest.mark.proves("R17", "R26")
def test_what_was_noticed_is_written_in_words_while_the_case_is_open(
    sato: Actor, tanaka: Actor, hinata: Site
) -> None:
    case_id = missing(hinata, tanaka, now=NOW)

    def noticed(words: str) -> None:
        with acting_as(sato), transaction() as session:
            cases.notice(session, case_id, words, actor=sato, now=NOW)

    def refused_for(code: CaseRefusal, words: str) -> None:
        with pytest.raises(Refusal, check=refused(code)):
            noticed(words)

    refused_for(CaseRefusal.WORDS_MISSING, " \n")
    noticed("声がかすれていました")
    with acting_as(sato), transaction() as session:
        cases.record_result(
            session,
            case_id,
            CheckResult.CAME_LATE,
            channel=ContactChannel.PHONE,
            actor=sato,
            now=NOW,
        )
        cases.close(session, case_id, actor=sato, now=NOW)
    refused_for(CaseRefusal.NOT_POSSIBLE_NOW, "声がかすれていました")


@pytest.mark.proves("R12")
def test_a_ground_that_was_answered_or_used_at_once_is_not_turned_down(suzuki: Actor) -> None:
    family_id, center = support.met(suzuki)[0], support.make_center()
    colleague = people.make_worker("井上 とも", body_of(suzuki), "liaison")

    def decided(*, is_urgent: bool = False) -> uuid.UUID:
        items = [Item.NAME_AND_PHONE]
        law = LegalGround.CHILD_PROTECTION
        what = grounds.Decision(family_id, body_of(center), law, items, "けがのあとがありました。")
        with acting_as(suzuki), transaction() as session:
            if is_urgent:
                of = grounds.urgent(session, what, phoned_at=NOW, actor=suzuki, now=NOW)
                return of.id
            return grounds.decide(session, what, actor=suzuki, now=NOW).id

    def turned_down(ground_id: uuid.UUID) -> LegalBasis:
        with acting_as(colleague), transaction() as session:
            return grounds.turn_down(session, ground_id, actor=colleague, now=NOW)

    over, released, urgent = decided(), decided(), decided(is_urgent=True)
    assert turned_down(over).ended_at is not None
    with acting_as(colleague), transaction() as session:
        grounds.release(session, released, actor=colleague, now=NOW)
    for each in (over, released, urgent):
        with pytest.raises(Refusal, check=refused(GroundRefusal.ALREADY_DECIDED)):
            turned_down(each)
