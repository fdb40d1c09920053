"""Referrals: nothing leaves without both records, whoever is late; what ends is read no more."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError, NoResultFound

from portal.app import listen_to_families
from portal.consents.rules import SharingPurpose
from portal.db.errors import breached_constraint
from portal.db.session import Database, acting_as, end_session, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.organisations.rules import OrganisationKind
from portal.referrals import queries, service
from portal.referrals.models import Referral, ReferralItem
from portal.referrals.passed_on import opened
from portal.referrals.rules import (
    Item,
    ReferralEvent,
    ReferralRefusal,
    ReferralState,
    Todo,
)
from tests.factories import people, places, referring, support

NOW = clock.now()
TODAY = clock.today(NOW)


@pytest.fixture(autouse=True)
def listeners(database: Database) -> None:
    del database
    listen_to_families()


def refused(*codes: ReferralRefusal) -> Callable[[Refusal], bool]:
    return lambda error: error.codes == codes


@pytest.mark.proves("R11", "R12")
def test_only_what_was_agreed_to_leaves(
    suzuki: Actor, sato: Actor, hinata: places.Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = referring.referred(suzuki, hinata)
    reads: list[str] = []
    monkeypatch.setattr(queries, "record_read", lambda *args, **_: reads.append(args[2]))
    passed = referring.items_of(sato, row.id)
    assert reads == ["referral_items"]
    assert set(passed) == {*referring.ITEMS}
    told = opened(passed, row.child_ids)
    assert told.person is not None
    assert told.person.phone == "090-0000-2468"
    assert told.learned == ((Item.FATIGUE, "夜に何度も起きます"),)
    with acting_as(suzuki), transaction() as session:
        provided = session.execute(text("SELECT items, consent_id FROM provisions")).one()
        assert set(provided.items) == {item.value for item in referring.ITEMS}
        assert provided.consent_id == row.consent_id


@pytest.mark.proves("R7", "R10")
def test_one_referral_takes_the_expected_and_the_elder_child(
    suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    told = opened(referring.items_of(sato, row.id), row.child_ids)
    assert [bool(child.due_on) for child in told.children] == [False, True]
    assert told.children[1].name is None


@pytest.mark.proves("R8", "R11", "R13")
def test_all_that_is_missing_is_said_at_once(suzuki: Actor, hinata: places.Site) -> None:
    of = referring.interviewed(suzuki, ticked=False)
    row = referring.drafted(suzuki, of, hinata)
    with pytest.raises(Refusal) as refusal:
        referring.sent(suzuki, row.id)
    assert refusal.value.codes == (
        ReferralRefusal.NO_GUIDE_TICK,
        ReferralRefusal.NO_CONSENT,
        ReferralRefusal.NOT_TOLD,
    )


@pytest.mark.proves("R13")
def test_to_have_been_told_is_a_record_of_its_own(suzuki: Actor, hinata: places.Site) -> None:
    of = referring.interviewed(suzuki)
    row = referring.drafted(suzuki, of, hinata)
    referring.agreed(suzuki, of.family_id, hinata.organisation_id, SharingPurpose.SHARING)
    with pytest.raises(Refusal, check=refused(ReferralRefusal.NOT_TOLD)):
        referring.sent(suzuki, row.id)
    referring.agreed(suzuki, of.family_id, hinata.organisation_id, SharingPurpose.TOLD)
    assert referring.sent(suzuki, row.id).state is ReferralState.SENT


@pytest.mark.proves("R11")
def test_a_consent_withdrawn_between_draft_and_send_stops_it(
    suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    of = referring.interviewed(suzuki)
    row = referring.drafted(suzuki, of, hinata)
    given = referring.agreed(suzuki, of.family_id, hinata.organisation_id)
    referring.withdrawn(suzuki, given[SharingPurpose.SHARING])
    with pytest.raises(Refusal, check=refused(ReferralRefusal.NO_CONSENT)):
        referring.sent(suzuki, row.id)
    with acting_as(sato), transaction() as session, pytest.raises(NoResultFound):
        queries.referral(session, row.id, actor=sato)


@pytest.mark.proves("R11")
def test_the_database_asks_again_whatever_the_service_believes(
    suzuki: Actor, hinata: places.Site
) -> None:
    of = referring.interviewed(suzuki)
    row = referring.drafted(suzuki, of, hinata)
    for columns, constraint in (
        ("", "ck_referrals_consent"),
        (", consent_id = :sharing", "ck_referrals_told"),
    ):
        given = referring.agreed(suzuki, of.family_id, hinata.organisation_id) if columns else {}
        values = {"id": row.id, "sharing": given.get(SharingPurpose.SHARING)}
        with acting_as(suzuki), pytest.raises(IntegrityError) as error, transaction() as session:
            session.execute(
                text(f"UPDATE referrals SET state = 'sent'{columns} WHERE id = :id"), values
            )
        assert breached_constraint(error.value) == constraint


def test_without_name_and_children_nobody_can_be_helped(suzuki: Actor, hinata: places.Site) -> None:
    of = referring.interviewed(suzuki)
    row = referring.drafted(suzuki, of, hinata)
    referring.agreed(suzuki, of.family_id, hinata.organisation_id, items=(Item.FATIGUE,))
    referring.agreed(suzuki, of.family_id, hinata.organisation_id, SharingPurpose.TOLD)
    with pytest.raises(Refusal, check=refused(ReferralRefusal.NEEDED_ITEM_MISSING)):
        referring.sent(suzuki, row.id)


@pytest.mark.proves("R28")
def test_strangers_see_nothing_of_it(suzuki: Actor, yamada: Actor, hinata: places.Site) -> None:
    row = referring.referred(suzuki, hinata)
    strangers = (yamada, support.make_office(), people.make_liaison("別の市の 保健師"))
    for stranger in strangers:
        with acting_as(stranger), transaction() as session:
            with pytest.raises(NoResultFound):
                queries.referral(session, row.id, actor=stranger)
            assert session.scalars(select(ReferralItem)).all() == []
            assert session.scalars(select(Referral)).all() == []


@pytest.mark.proves("R6")
def test_a_liaison_who_moved_leaves_her_families_to_her_colleagues(
    suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    colleague = people.make_worker("田中 りさ", row.sender_id, "liaison")
    elsewhere = people.make_organisation("となり市", OrganisationKind.MUNICIPALITY)
    _leave(suzuki)
    moved_on = Actor(role=suzuki.role, user_id=suzuki.user_id, organisation_id=elsewhere)
    with acting_as(moved_on), transaction() as session, pytest.raises(NoResultFound):
        queries.referral(session, row.id, actor=moved_on)
    assert referring.seen(colleague, row.id).number == row.number
    with acting_as(colleague), transaction() as session:
        assert queries.readers(session, row, row.sender_id) == [colleague.user_id]
    referring.moved(sato, row.id, ReferralEvent.RECEIVE)


@pytest.mark.proves("R15")
def test_every_step_is_seen_by_the_sender_with_whose_turn_it_is(
    suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    assert (row.next_by, row.next_what) == (hinata.organisation_id, Todo.RECEIVE)
    way = [
        (ReferralEvent.RECEIVE, ReferralState.RECEIVED, Todo.CONTACT),
        (ReferralEvent.CONTACT, ReferralState.IN_CONTACT, Todo.VISIT),
        (ReferralEvent.VISIT, ReferralState.VISITED, Todo.REGISTER),
        (ReferralEvent.REGISTER, ReferralState.REGISTERED, Todo.USE),
        (ReferralEvent.USE, ReferralState.USED, None),
    ]
    found = row
    for event, state, todo in way:
        referring.moved(sato, row.id, event)
        found = referring.seen(suzuki, row.id)
        assert (found.state, found.next_what) == (state, todo)
    with acting_as(suzuki), transaction() as session:
        kinds = [each.kind for each in queries.events(session, found, actor=suzuki)]
    assert kinds == ["send", *(event.value for event, _, _ in way)]


@pytest.mark.proves("R15")
def test_a_step_is_said_by_the_side_that_takes_it(
    suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    for actor, event in ((suzuki, ReferralEvent.RECEIVE), (sato, ReferralEvent.RECALL)):
        with pytest.raises(Refusal, check=refused(ReferralRefusal.NOT_POSSIBLE_NOW)):
            referring.moved(actor, row.id, event)
    with pytest.raises(Refusal), acting_as(sato), transaction() as session:
        service.recall(session, row.id, actor=sato, now=NOW)


def test_a_refusal_needs_its_reason_and_goes_back_to_the_sender(
    suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    with pytest.raises(Refusal, check=refused(ReferralRefusal.OUTCOME_MISSING)):
        referring.moved(sato, row.id, ReferralEvent.REFUSE)
    referring.moved(sato, row.id, ReferralEvent.REFUSE, "いまは定員です")
    found = referring.seen(suzuki, row.id)
    assert (found.next_by, found.next_what) == (suzuki.organisation_id, Todo.DECIDE)
    with acting_as(suzuki), transaction() as session:
        said = queries.events(session, found, actor=suzuki)[-1].words
        assert said == "いまは定員です"


@pytest.mark.proves("R10")
def test_a_facility_that_does_not_take_the_age_is_refused(
    suzuki: Actor, hinata: places.Site
) -> None:
    of = referring.interviewed(suzuki, born_on=date(TODAY.year - 9, 5, 1), due_in=None)
    with pytest.raises(Refusal, check=refused(ReferralRefusal.AGE_NOT_TAKEN)):
        referring.drafted(suzuki, of, hinata)


@pytest.mark.proves("R10")
def test_of_several_children_those_go_that_are_taken(suzuki: Actor, hinata: places.Site) -> None:
    of = referring.interviewed(suzuki, born_on=date(TODAY.year - 9, 5, 1))
    row = referring.drafted(suzuki, of, hinata)
    assert len(row.child_ids) == 1


def test_a_family_is_referred_to_the_same_place_once(suzuki: Actor, hinata: places.Site) -> None:
    row = referring.referred(suzuki, hinata)
    with acting_as(suzuki), transaction() as session:
        of = queries.interview(session, row.interview_id, actor=suzuki)  # type: ignore[arg-type]
    with pytest.raises(Refusal, check=refused(ReferralRefusal.ALREADY_REFERRED)):
        referring.drafted(suzuki, of, hinata)
    with pytest.raises(Refusal, check=refused(ReferralRefusal.NOT_POSSIBLE_NOW)):
        referring.sent(suzuki, row.id)


@pytest.mark.proves("R11")
def test_sent_in_two_browsers_at_once_it_leaves_once(emptied: Engine) -> None:
    del emptied
    listen_to_families()
    nurse, site = people.make_liaison("鈴木 あき"), places.make_site("ひなた保育園")
    of = referring.interviewed(nurse)
    row = referring.drafted(nurse, of, site)
    referring.agreed(nurse, of.family_id, site.organisation_id)
    start, answers = threading.Barrier(2), []

    def press() -> None:
        start.wait()
        try:
            referring.sent(nurse, row.id)
            answers.append("sent")
        except Refusal as refusal:
            answers.append(refusal.codes[0].value)
        finally:
            end_session()

    threads = [threading.Thread(target=press) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == ["not_possible_now", "sent"]
    with acting_as(nurse), transaction() as session:
        assert session.execute(text("SELECT count(*) FROM provisions")).scalar_one() == 1


def _leave(actor: Actor) -> None:
    with acting_as(actor), transaction() as session:
        membership = session.execute(
            text("SELECT membership_id FROM memberships_for_sign_in(:user)"),
            {"user": actor.user_id},
        ).scalar_one()
    with acting_as(people.OPERATOR), transaction() as session:
        session.execute(text("SELECT end_membership(:id)"), {"id": membership})
