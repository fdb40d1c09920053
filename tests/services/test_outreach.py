"""Plans of contact: who is on today's list, what ends a plan, and who is told of a colleague."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.exc import NoResultFound

from portal.consents import service as consents
from portal.contacts import queries as contacts
from portal.contacts import service as contacting
from portal.contacts.models import Contact
from portal.contacts.rules import ContactChannel, ContactRefusal, Nature, Wishes
from portal.db.session import acting_as, become, transaction
from portal.families import progress_hooks
from portal.families.progress_hooks import Progress
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.kernel.errors import Refusal
from portal.messages.letters import Wanted
from portal.outreach import queries, service
from portal.outreach.mail import MAILS
from portal.outreach.models import OutreachPlan
from portal.outreach.rules import (
    About,
    CallResult,
    EndReason,
    OutreachRefusal,
    Until,
    is_reached,
    reasons_against_day,
)
from portal.referrals.models import Referral
from portal.referrals.rules import ReferralState
from tests.factories.outreach import MORNING, days, gives_mail, plan, refer
from tests.factories.people import children_of, make_worker
from tests.factories.places import Site, accept
from tests.factories.support import make_center

TODAY = clock.today(MORNING)
DOCS = Path(__file__).resolve().parents[2] / "docs" / "contacts.md"


@pytest.fixture
def center(database: object) -> Actor:
    del database
    return make_center()


@pytest.fixture
def referral(center: Actor, sato: Actor) -> Referral:
    return refer(center, sato)


@pytest.fixture
def of(referral: Referral, sato: Actor) -> OutreachPlan:
    return plan(referral, sato, now=MORNING)


def begin(of: OutreachPlan, actor: Actor, at: Any = MORNING) -> Contact:
    with acting_as(actor), transaction() as session:
        return service.begin_call(session, of.id, actor=actor, now=at)


def finish(contact: Contact, result: CallResult, actor: Actor, **more: Any) -> Contact:
    with acting_as(actor), transaction() as session:
        return service.finish_call(
            session, contact.id, result, actor=actor, now=more.pop("now", MORNING), **more
        )


def listed(actor: Actor) -> list[OutreachPlan]:
    with acting_as(actor), transaction() as session:
        return [each for each, _ in queries.running(session, actor=actor)]


def stored(of: OutreachPlan, actor: Actor) -> OutreachPlan:
    with acting_as(actor), transaction() as session:
        return session.scalars(
            select(OutreachPlan)
            .where(OutreachPlan.id == of.id)
            .execution_options(populate_existing=True)
        ).one()


@pytest.mark.proves("R18", "R19")
def test_a_call_is_counted_before_it_is_made_and_sets_the_next_day(
    of: OutreachPlan, referral: Referral, sato: Actor
) -> None:
    begun = begin(of, sato)
    assert (begun.nature, begun.result) == (Nature.ADVANCE, None)
    finish(begun, CallResult.NOT_REACHED, sato)
    assert stored(of, sato).next_on == TODAY + days(4)
    with acting_as(sato) as session:
        assert session.get_one(Referral, referral.id).state is ReferralState.RECEIVED
        session.rollback()


@pytest.mark.proves("R18", "R12")
def test_talking_tells_the_sender_that_contact_has_come_about(
    of: OutreachPlan, referral: Referral, center: Actor, sato: Actor
) -> None:
    finish(begin(of, sato), CallResult.TALKED, sato, words="見学に来たいとのこと")
    with acting_as(center) as session:
        row = session.scalars(
            select(Referral)
            .where(Referral.id == referral.id)
            .execution_options(populate_existing=True)
        ).one()
        assert row.state is ReferralState.IN_CONTACT
        assert session.scalars(select(Contact)).all() == [], "not what was said"


@pytest.mark.proves("R19")
def test_a_colleague_is_told_that_somebody_is_calling(
    of: OutreachPlan, sato: Actor, director: Actor
) -> None:
    begin(of, sato)
    with pytest.raises(Refusal) as caught:
        begin(of, director, MORNING + timedelta(minutes=1))
    [reason] = caught.value.reasons
    assert reason.code is OutreachRefusal.RECORDED_MEANWHILE
    assert reason.values == {"name": "佐藤 まり", "at": MORNING}


@pytest.mark.proves("R19")
def test_of_two_who_record_the_same_call_the_second_is_told(
    of: OutreachPlan, sato: Actor, director: Actor
) -> None:
    begun = begin(of, sato)
    finish(begun, CallResult.TALKED, sato)
    with pytest.raises(Refusal) as caught:
        finish(begun, CallResult.NOT_REACHED, director)
    [reason] = caught.value.reasons
    assert reason.code is OutreachRefusal.RESULT_WRITTEN
    assert reason.values == {"name": "佐藤 まり", "at": MORNING}, "by whom, and when"
    with acting_as(sato) as session:
        assert [each.result for each in session.scalars(select(Contact))] == ["talked"]
        session.rollback()


@pytest.mark.proves("R20")
def test_no_more_contact_stops_everybody_and_ends_the_plan(
    of: OutreachPlan, sato: Actor, yamada: Actor, center: Actor
) -> None:
    elsewhere = plan(refer(center, yamada, of.family_id), yamada, now=MORNING)
    finish(begin(of, sato), CallResult.NOT_WISHED, sato)
    assert stored(of, sato).end_reason is EndReason.NOT_WISHED
    with pytest.raises(Refusal) as caught:
        begin(elsewhere, yamada, MORNING + days(20))
    assert caught.value.codes == (ContactRefusal.STOPPED,)


def test_a_call_that_was_not_made_leaves_the_plan_as_it_was(of: OutreachPlan, sato: Actor) -> None:
    finish(begin(of, sato), CallResult.NOT_MADE, sato)
    assert stored(of, sato).next_on == TODAY
    begin(of, sato, MORNING + timedelta(minutes=5))


@pytest.mark.proves("R19")
@pytest.mark.parametrize(
    ("until", "state", "ends"),
    [
        (Until.VISITED, ReferralState.IN_CONTACT, False),
        (Until.VISITED, ReferralState.VISITED, True),
        (Until.REGISTERED, ReferralState.VISITED, False),
        (Until.REGISTERED, ReferralState.REGISTERED, True),
        (Until.REGISTERED, ReferralState.USED, True),
        (Until.USED, ReferralState.REGISTERED, False),
        (Until.USED, ReferralState.CLOSED, True),
        (Until.USED, ReferralState.RECALLED, True),
    ],
)
def test_a_plan_ends_by_itself_as_its_end_condition_says(
    referral: Referral, sato: Actor, until: Until, state: ReferralState, *, ends: bool
) -> None:
    of = plan(referral, sato, now=MORNING, until=until)
    with acting_as(sato), transaction() as session:
        session.execute(update(Referral).where(Referral.id == referral.id).values(state=state))
    assert (stored(of, sato).ended_at is not None) is ends
    assert (listed(sato) == []) is ends
    if ends:
        with pytest.raises(Refusal) as caught:
            begin(of, sato)
        assert caught.value.codes == (OutreachRefusal.PLAN_OVER,)


@pytest.mark.proves("R19")
def test_the_table_in_the_docs_is_what_the_trigger_does(center: Actor, sato: Actor) -> None:
    rows = [
        [cell.strip().strip("`") for cell in line.strip("|").split("|")]
        for line in DOCS.read_text(encoding="utf-8").splitlines()
        if line.startswith("| `") and line.count("|") == 5
    ]
    assert [row[0] for row in rows] == [
        each.value for each in ReferralState if each is not ReferralState.DRAFT
    ]
    for state, *ends in rows:
        for until, written in zip(Until, ends, strict=True):
            referral = refer(center, sato)
            of = plan(referral, sato, now=MORNING, until=until)
            with acting_as(sato), transaction() as session:
                session.execute(
                    update(Referral).where(Referral.id == referral.id).values(state=state)
                )
            reason = stored(of, sato).end_reason
            assert (reason.value if reason else "goes on") == written, (state, until)


@pytest.mark.proves("R20", "R11")
def test_who_takes_the_consent_back_is_on_no_list_from_that_moment(
    of: OutreachPlan, referral: Referral, center: Actor, sato: Actor
) -> None:
    assert [each.id for each in listed(sato)] == [of.id]
    assert said(of, referral, sato) is not None
    with acting_as(center), transaction() as session:
        assert referral.consent_id is not None
        later = clock.now() + timedelta(seconds=9)
        consents.withdraw(session, referral.consent_id, actor=center, now=later)
    assert said(of, referral, sato) is None, "a mail in the queue is dropped when it would leave"
    assert listed(sato) == []
    with pytest.raises(Refusal):
        begin(of, sato)


@pytest.mark.proves("R18")
def test_a_mail_is_counted_when_it_is_sent_and_asked_again_when_it_leaves(
    of: OutreachPlan, referral: Referral, center: Actor, sato: Actor
) -> None:
    gives_mail(center, of.family_id)
    with acting_as(sato), transaction() as session:
        made = service.send_mail(session, of.id, actor=sato, now=MORNING)
        assert made.message_id is not None
    with pytest.raises(Refusal) as caught:
        begin(of, sato, MORNING + timedelta(hours=1))
    assert caught.value.codes == (ContactRefusal.TOO_SOON,)
    assert "見学のご案内" in (said(of, referral, sato) or "")
    with acting_as(sato), transaction() as session:
        service.end(session, of.id, EndReason.NOT_WISHED, actor=sato, now=MORNING)
    assert said(of, referral, sato) is None, "a plan that ended meanwhile drops its mail"


@pytest.mark.proves("R18")
def test_a_mail_that_would_reach_nobody_is_not_counted(of: OutreachPlan, sato: Actor) -> None:
    with (
        pytest.raises(Refusal) as caught,
        acting_as(sato),
        transaction() as session,
    ):
        service.send_mail(session, of.id, actor=sato, now=MORNING)
    assert caught.value.codes == (OutreachRefusal.NO_MAIL,)
    begin(of, sato)


def said(of: OutreachPlan, referral: Referral, sato: Actor) -> str | None:
    wanted = Wanted(
        id=of.id,
        kind=f"outreach/{About.TOUR.value}",
        subject_ids=(of.id, referral.id),
        context={},
        organisation_id=sato.organisation_id,
        family_id=referral.family_id,
        to_user_id=None,
        to_mail="someone@example.test",
        to_name="高橋 あかり",
        base_url="http://portal.test",
        is_demo=False,
        now=MORNING,
    )
    with acting_as(sato) as session:
        become(Actor(role=Role.GUARDIAN, family_id=referral.family_id))
        letter = MAILS[wanted.kind](session, wanted)
        become(sato)
        session.rollback()
    return None if letter is None else f"{letter.subject}\n{letter.text}"


@pytest.mark.proves("R20")
def test_what_the_family_does_itself_is_kept_and_never_refused(
    of: OutreachPlan, sato: Actor
) -> None:
    finish(begin(of, sato), CallResult.TALKED, sato)
    at_night = MORNING + timedelta(hours=12)
    with acting_as(sato), transaction() as session:
        contacting.set_wishes(session, of.family_id, Wishes(stops=True), actor=sato, now=MORNING)
        made = service.note_answer(
            session, of.id, ContactChannel.PHONE, actor=sato, now=at_night, words="質問"
        )
    assert made.nature is Nature.ANSWER
    with acting_as(sato) as session:
        counted = contacts.earlier_advances(session, of.family_id, MORNING - days(1))
        session.rollback()
    assert counted == [MORNING]


@pytest.mark.proves("R19")
def test_a_referral_has_one_plan_and_it_stands_on_one_list(
    of: OutreachPlan, referral: Referral, sato: Actor, yamada: Actor
) -> None:
    with pytest.raises(Refusal) as caught:
        plan(referral, sato, now=MORNING)
    assert caught.value.codes == (OutreachRefusal.PLAN_EXISTS,)
    assert listed(yamada) == []
    with pytest.raises(NoResultFound), acting_as(yamada), transaction() as session:
        queries.plan(session, of.id, actor=yamada)


def test_an_open_referral_without_plan_is_shown_until_somebody_plans(
    referral: Referral, sato: Actor
) -> None:
    def unplanned() -> list[Any]:
        with acting_as(sato) as session:
            found = [each.id for each in queries.without_plan(session, actor=sato)]
            session.rollback()
            return found

    refer(make_center("ほかのセンター"), sato, state=ReferralState.SENT)
    assert unplanned() == [referral.id], "one not received yet is opened first"
    plan(referral, sato, now=MORNING)
    assert unplanned() == []


@pytest.mark.proves("R19")
def test_the_next_day_is_neither_past_nor_forgotten() -> None:
    assert reasons_against_day(TODAY, today=TODAY) == ()
    past = reasons_against_day(TODAY - days(1), today=TODAY)
    assert past == (OutreachRefusal.NEXT_DAY_PAST,)
    far = reasons_against_day(TODAY + days(191), today=TODAY)
    assert far == (OutreachRefusal.NEXT_DAY_FAR,)
    assert not is_reached(Until.VISITED, ReferralState.CLOSED)


def test_who_is_called_is_read_with_a_trace(
    of: OutreachPlan, referral: Referral, sato: Actor, hinata: Site
) -> None:
    make_worker("森 なお", hinata.organisation_id, "staff")
    with acting_as(sato), transaction() as session:
        line = queries.line(session, of, referral, actor=sato, now=MORNING)
    assert (line.person.name, line.person.phone) == ("高橋 あかり", "090-1111-2222")
    assert line.allowed_from == MORNING


@pytest.mark.proves("R19", "R20")
def test_a_family_that_registers_is_asked_no_more(
    app: Flask, referral: Referral, sato: Actor, hinata: Site, tanaka: Actor
) -> None:
    del app  # it says who listens to how far a family has come
    of = plan(referral, sato, now=MORNING, until=Until.REGISTERED)
    with acting_as(sato), transaction() as session:
        session.execute(
            update(Referral)
            .where(Referral.id == referral.id)
            .values(client_family_id=tanaka.family_id)
        )
    accept(hinata, tanaka, children_of(tanaka)[0].id)
    with acting_as(sato), transaction() as session:
        progress_hooks.tell(
            session,
            tanaka.family_id or referral.family_id,
            hinata.organisation_id,
            Progress.REGISTERED,
            actor=sato,
            now=MORNING,
        )
    assert stored(of, sato).end_reason is EndReason.REACHED
    assert listed(sato) == []
