"""Cases among people: what was found, who is told exactly what, who takes over, who may end it."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import DBAPIError, NoResultFound

from portal.contacts.models import Contact
from portal.contacts.rules import ContactChannel, Nature
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.noshow import queries, receivers, service
from portal.noshow.models import CareCase, CaseReport
from portal.noshow.rules import CaseRefusal, CaseState, CheckResult, NextStep
from portal.noshow.telling import Line
from portal.referrals import grounds
from portal.referrals.models import Provision
from portal.referrals.rules import Item, LegalGround, Urgency
from tests.factories import people, support
from tests.factories.cases import DUE, Referred, agree, body_of, missing, refer, refusal, withdraw
from tests.factories.places import Site

R = CaseRefusal
NOW = DUE + timedelta(minutes=15)
NOTES = "声がかすれていた。上の子が熱"


@pytest.fixture
def referred(hinata: Site, suzuki: Actor, tanaka: Actor) -> Referred:
    return refer(suzuki, hinata, tanaka)


@pytest.fixture
def case_id(hinata: Site, tanaka: Actor, referred: Referred) -> uuid.UUID:
    return missing(hinata, tanaka, referred=referred)


def do(actor: Actor, what: Callable[..., Any], *args: Any, **words: Any) -> Any:
    with acting_as(actor), transaction() as session:
        return what(session, *args, actor=actor, **{"now": NOW, **words})


def found(
    actor: Actor, case_id: uuid.UUID, result: CheckResult = CheckResult.NOT_REACHED, **words: Any
) -> Any:
    return do(actor, service.record_result, case_id, result, channel=ContactChannel.PHONE, **words)


def state_of(actor: Actor, case_id: uuid.UUID) -> CaseState:
    with acting_as(actor) as session:
        return queries.case(session, case_id, actor=actor).state


def read(actor: Actor, case_id: uuid.UUID) -> list[dict[Line, str]]:
    with acting_as(actor), transaction() as session:
        mine = queries.reports(session, case_id, actor=actor)
        return list(queries.read_words(session, mine, actor=actor).values())


def told(actor: Actor, case_id: uuid.UUID, *bodies: Actor, **words: Any) -> Any:
    return do(
        actor,
        service.report,
        case_id,
        [body_of(body) for body in bodies],
        **{"notes": NOTES, **words},
    )


@pytest.mark.proves("R21")
def test_an_attempt_is_kept_as_a_duty_call_and_never_refused_by_a_limit(
    sato: Actor, case_id: uuid.UUID
) -> None:
    for minute in range(4):
        now = NOW + timedelta(minutes=20 * minute)
        found(sato, case_id, words="留守番電話", now=now)
    with acting_as(sato) as session:
        calls = session.scalars(select(Contact).where(Contact.case_id == case_id)).all()
        assert {(each.nature, each.result) for each in calls} == {(Nature.DUTY, "not_reached")}
        assert len(calls) == 4
    assert state_of(sato, case_id) is CaseState.CHECKED


def test_two_staff_recording_the_same_call_write_it_once(
    hinata: Site, sato: Actor, case_id: uuid.UUID
) -> None:
    colleague = people.make_worker("田村 ゆき", hinata.organisation_id, "staff")
    assert found(sato, case_id).is_new
    assert not found(colleague, case_id, now=NOW + timedelta(minutes=2)).is_new
    # Another result, or much later, is another call.
    assert found(colleague, case_id, CheckResult.ILL, now=NOW + timedelta(minutes=3)).is_new
    assert found(colleague, case_id, now=NOW + timedelta(minutes=30)).is_new


@pytest.mark.proves("R22")
def test_each_receiver_sees_exactly_its_preview(
    sato: Actor, suzuki: Actor, case_id: uuid.UUID, referred: Referred
) -> None:
    center = support.make_center()
    agree(
        suzuki,
        referred.referral.family_id,
        body_of(center),
        (Item.NAME_AND_PHONE, Item.CHILDREN, Item.NO_SHOW),
    )
    found(sato, case_id, CheckResult.REACHED_WORRIED)
    with acting_as(sato) as session:
        of = queries.case(session, case_id, actor=sato)
        shown = {
            one.body.id: one.sees
            for one in receivers.receivers(session, of, NOTES, actor=sato)
            if one.sees is not None
        }
    told(sato, case_id, suzuki, center)
    (at_nurse,), (at_center,) = read(suzuki, case_id), read(center, case_id)
    assert at_nurse == shown[body_of(suzuki)].words
    assert at_center == shown[body_of(center)].words
    assert at_nurse[Line.NOTES] == NOTES
    assert Line.NOTES not in at_center
    assert shown[body_of(center)].lines[Line.NOTES] is None
    assert "話せた" in at_center[Line.WHAT]
    with acting_as(sato) as session:
        kept = session.scalars(select(Provision).where(Provision.subject_id == case_id)).all()
    assert {(row.receiver_id, tuple(row.items)) for row in kept} == {
        (body_of(suzuki), ("name_and_phone", "no_show", "nursery_notes")),
        (body_of(center), ("name_and_phone", "no_show")),
    }


@pytest.mark.proves("R22")
def test_nobody_is_told_without_consent_or_released_ground(
    sato: Actor, suzuki: Actor, case_id: uuid.UUID
) -> None:
    found(sato, case_id)
    center = support.make_center()
    with refusal(R.NOT_AGREED_WITH):
        told(sato, case_id, suzuki, center)
    assert state_of(sato, case_id) is CaseState.CHECKED
    with acting_as(suzuki) as session, pytest.raises(NoResultFound):
        queries.case(session, case_id, actor=suzuki)


@pytest.mark.proves("R22")
def test_a_consent_withdrawn_since_lets_nothing_through_and_hides_what_was_told(
    hinata: Site, sato: Actor, suzuki: Actor, tanaka: Actor
) -> None:
    referred = refer(suzuki, hinata, tanaka, back=())
    consent = agree(suzuki, referred.referral.family_id, body_of(suzuki))
    case_id = missing(hinata, tanaka, referred=referred)
    found(sato, case_id)
    told(sato, case_id, suzuki)
    assert read(suzuki, case_id) != []
    withdraw(suzuki, consent, clock.now())
    assert read(suzuki, case_id) == []
    with refusal(R.NOT_AGREED_WITH):
        told(sato, case_id, suzuki, notes="もう一度")


@pytest.mark.proves("R22")
def test_a_legal_ground_lets_through_once_a_second_person_has_released_it(
    hinata: Site, sato: Actor, suzuki: Actor, tanaka: Actor
) -> None:
    colleague = people.make_worker("田村 ゆき", hinata.organisation_id, "staff")
    case_id = missing(hinata, tanaka)
    found(sato, case_id, CheckResult.REACHED_WORRIED)
    what = grounds.Decision(
        family_id_of(tanaka),
        body_of(suzuki),
        LegalGround.HEALTHY_UPBRINGING,
        [Item.NAME_AND_PHONE, Item.NO_SHOW],
        "3日間、だれとも話せていない",
    )
    ground = do(sato, grounds.decide, what)
    with refusal(R.NOT_AGREED_WITH):
        told(sato, case_id, suzuki)
    do(colleague, grounds.release, ground.id)
    (row,) = told(sato, case_id, suzuki)
    assert (row.ground_id, row.consent_id) == (ground.id, None)
    (seen,) = read(suzuki, case_id)
    assert set(seen) == {Line.WHO, Line.PHONE, Line.WHAT}


def family_id_of(guardian: Actor) -> uuid.UUID:
    assert guardian.family_id is not None
    return guardian.family_id


@pytest.mark.proves("R17", "R22")
def test_only_who_acknowledged_and_named_the_next_step_ends_it(
    sato: Actor, suzuki: Actor, case_id: uuid.UUID
) -> None:
    found(sato, case_id)
    with refusal(R.SOMEBODY_MUST_TAKE_OVER):
        do(sato, service.close, case_id)
    told(sato, case_id, suzuki)
    with refusal(R.NOT_POSSIBLE_NOW):
        do(sato, service.close, case_id)
    with refusal(R.NOT_ACKNOWLEDGED):
        do(suzuki, service.close, case_id)
    step = {"by": "鈴木", "on": today(NOW) + timedelta(days=3)}
    with refusal(R.NOT_ACKNOWLEDGED):
        do(suzuki, service.name_next_step, case_id, NextStep.VISIT, **step)
    do(suzuki, service.acknowledge, case_id)
    with refusal(R.STEP_MISSING):
        do(suzuki, service.close, case_id)
    with refusal(R.STEP_MISSING):
        do(suzuki, service.name_next_step, case_id, NextStep.VISIT, by=" ", on=step["on"])
    with refusal(R.STEP_IN_PAST):
        do(
            suzuki,
            service.name_next_step,
            case_id,
            NextStep.VISIT,
            by="鈴木",
            on=today(clock.now()),
        )
    do(suzuki, service.name_next_step, case_id, NextStep.VISIT, **step)
    with refusal(R.SOMEBODY_MUST_TAKE_OVER):
        do(sato, service.close, case_id)
    do(suzuki, service.close, case_id)
    assert state_of(sato, case_id) is CaseState.CLOSED


@pytest.mark.proves("R17")
@pytest.mark.parametrize("state", [CaseState.SUSPECTED, CaseState.CHECKED])
def test_the_database_lets_no_provider_end_it_whatever_a_service_believes(
    hinata: Site, sato: Actor, tanaka: Actor, referred: Referred, state: CaseState
) -> None:
    case_id = missing(hinata, tanaka, referred=referred, state=state)
    with pytest.raises(DBAPIError, match="taken this family over"):
        do(sato, _force_closed, case_id)


@pytest.mark.proves("R17")
def test_the_database_lets_no_receiver_end_it_before_she_named_the_next_step(
    sato: Actor, suzuki: Actor, case_id: uuid.UUID
) -> None:
    found(sato, case_id)
    told(sato, case_id, suzuki)
    do(suzuki, service.acknowledge, case_id)
    with pytest.raises(DBAPIError, match="taken this family over"):
        do(suzuki, _force_closed, case_id)


def _force_closed(session: Any, case_id: uuid.UUID, *, actor: Actor, now: Any) -> None:
    del actor
    session.execute(
        update(CareCase)
        .where(CareCase.id == case_id)
        .values(state=CaseState.CLOSED, closed_at=now)
        .execution_options(synchronize_session=False)
    )


@pytest.mark.proves("R16")
def test_without_referral_the_provider_ends_it_itself_and_tells_nobody(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    case_id = missing(hinata, tanaka)
    with refusal(R.NOT_POSSIBLE_NOW):
        do(sato, service.close, case_id)  # first it is found out what happened
    found(sato, case_id, CheckResult.FORGOT)
    do(sato, service.close, case_id)
    assert state_of(sato, case_id) is CaseState.CLOSED
    with acting_as(sato) as session:
        assert session.scalars(select(CaseReport)).all() == []


def test_a_referral_that_ended_binds_nobody(
    hinata: Site, sato: Actor, suzuki: Actor, tanaka: Actor, referred: Referred
) -> None:
    case_id = missing(hinata, tanaka, referred=referred)
    found(sato, case_id)
    consent = referred.referral.consent_id
    assert consent is not None
    withdraw(suzuki, consent, clock.now())
    do(sato, service.close, case_id)
    assert state_of(sato, case_id) is CaseState.CLOSED


@pytest.mark.proves("R22")
def test_the_same_report_by_two_staff_goes_out_once(
    hinata: Site, sato: Actor, suzuki: Actor, case_id: uuid.UUID
) -> None:
    colleague = people.make_worker("田村 ゆき", hinata.organisation_id, "staff")
    found(sato, case_id)
    assert len(told(sato, case_id, suzuki)) == 1
    assert told(colleague, case_id, suzuki) == []
    assert len(told(colleague, case_id, suzuki, notes="あとから：話せました")) == 1


@pytest.mark.proves("R26")
def test_a_worry_goes_the_same_way_and_urgent_ones_by_phone_first(
    hinata: Site, sato: Actor, suzuki: Actor, tanaka: Actor, referred: Referred
) -> None:
    del referred
    child = people.children_of(tanaka)[0].id
    accepted(hinata, tanaka, child)
    worry = {"is_urgent": True}
    args = (tanaka.family_id, hinata.facility_id, [child])
    with refusal(R.WORDS_MISSING):
        do(sato, service.raise_worry, *args, " ", **worry)
    of = do(sato, service.raise_worry, *args, "うでに、あざが3つ", **worry)
    with refusal(R.SOMEBODY_MUST_TAKE_OVER):
        do(sato, service.close, of.id)
    with refusal(R.PHONE_FIRST):
        told(sato, of.id, suzuki, urgency=Urgency.URGENT)
    with refusal(R.PHONE_IN_FUTURE):
        told(
            sato,
            of.id,
            suzuki,
            urgency=Urgency.URGENT,
            phoned_at=NOW + timedelta(minutes=1),
        )
    told(sato, of.id, suzuki, urgency=Urgency.URGENT, phoned_at=NOW)
    (seen,) = read(suzuki, of.id)
    assert seen[Line.NOTES] == NOTES
    with acting_as(suzuki) as session:
        (row,) = queries.inbox(session, suzuki, NOW).new
        assert (row.latest.urgency, row.latest.due_at) == (Urgency.URGENT, NOW + timedelta(hours=1))


def accepted(site: Site, guardian: Actor, child: uuid.UUID) -> None:
    from tests.factories.places import accept

    accept(site, guardian, child)


def test_the_inbox_says_what_is_new_overdue_and_without_a_step(
    sato: Actor, suzuki: Actor, case_id: uuid.UUID
) -> None:
    def at(now: Any) -> tuple[int, ...]:
        with acting_as(suzuki) as session:
            box = queries.inbox(session, suzuki, now)
        return tuple(map(len, (box.new, box.waiting_for_step, box.overdue, box.under_way)))

    found(sato, case_id)
    told(sato, case_id, suzuki)
    assert at(NOW) == (1, 0, 0, 0)
    assert at(NOW + timedelta(hours=25)) == (1, 0, 1, 0)
    do(suzuki, service.acknowledge, case_id)
    assert at(NOW + timedelta(hours=25)) == (0, 1, 0, 0)
    on = today(NOW) + timedelta(days=2)
    do(suzuki, service.name_next_step, case_id, NextStep.PHONE, by="鈴木", on=on)
    assert at(NOW) == (0, 0, 0, 1)
    assert at(NOW + timedelta(days=3)) == (0, 0, 1, 1)
    do(suzuki, service.close, case_id)
    assert at(NOW + timedelta(days=3)) == (0, 0, 0, 0)


@pytest.mark.proves("R22")
def test_a_receiver_passes_on_what_it_was_told_as_far_as_that_was_agreed_to(
    sato: Actor, suzuki: Actor, case_id: uuid.UUID, referred: Referred
) -> None:
    center = support.make_center()
    found(sato, case_id)
    told(sato, case_id, suzuki)
    with refusal(R.NOT_AGREED_WITH):
        do(suzuki, service.pass_on_report, case_id, body_of(center))
    agree(suzuki, referred.referral.family_id, body_of(center), (Item.NO_SHOW,))
    do(suzuki, service.pass_on_report, case_id, body_of(center))
    (seen,) = read(center, case_id)
    assert set(seen) == {Line.WHAT}


def test_strangers_find_no_case_and_every_read_of_words_leaves_a_trace(
    sato: Actor, yamada: Actor, case_id: uuid.UUID
) -> None:
    found(sato, case_id, words="ひとりで心配そう")
    for stranger in (yamada, support.make_center()):
        with acting_as(stranger) as session, pytest.raises(NoResultFound):
            queries.case(session, case_id, actor=stranger)
        with acting_as(stranger) as session:
            assert session.scalars(select(CareCase)).all() == []
    with acting_as(sato), transaction() as session:
        of = queries.case(session, case_id, actor=sato)
        events = queries.read_events(session, of, actor=sato)
        assert [words for _event, words in events] == ["ひとりで心配そう"]
