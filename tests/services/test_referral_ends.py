"""How referrals go on and end: by what happens elsewhere, and by what both sides say."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from portal.app import listen_to_families
from portal.consents.rules import SharingPurpose
from portal.db.session import Database, acting_as, transaction
from portal.families import expected
from portal.families import service as families
from portal.families.progress_hooks import Progress, tell
from portal.families.rules import ChildDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.errors import Refusal
from portal.messages import outbox
from portal.referrals import listening, service, writing
from portal.referrals.models import Referral
from portal.referrals.passed_on import opened
from portal.referrals.rules import (
    Item,
    Outcome,
    ReferralRefusal,
    ReferralState,
    Todo,
)
from tests.factories import people, places, referring

NOW = clock.now()
TODAY = clock.today(NOW)


@pytest.fixture(autouse=True)
def listeners(database: Database) -> None:
    del database
    listen_to_families()


@pytest.fixture
def mails(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, object]]:
    """Kind and receiver of each mail queued; the app role cannot read the outbox."""
    queued: list[tuple[str, object]] = []

    def enqueue(session: object, kind: str, **more: object) -> None:
        queued.append((kind, more["to_user"]))
        outbox.enqueue(session, kind, **more)  # type: ignore[arg-type]  # what the callers give

    for module in (writing, listening):
        monkeypatch.setattr(module, "enqueue", enqueue)
    return queued


def refused(*codes: ReferralRefusal) -> Callable[[Refusal], bool]:
    return lambda error: error.codes == codes


@pytest.mark.proves("R11")
def test_recalled_it_is_read_no_more(suzuki: Actor, sato: Actor, hinata: places.Site) -> None:
    row = referring.referred(suzuki, hinata)
    with acting_as(suzuki), transaction() as session:
        service.recall(session, row.id, actor=suzuki, now=NOW)
    assert referring.items_of(sato, row.id) == {}


@pytest.mark.proves("R11")
def test_a_withdrawal_recalls_it_at_once_and_tells_the_receiver(
    suzuki: Actor, sato: Actor, hinata: places.Site, mails: list[tuple[str, object]]
) -> None:
    row = referring.referred(suzuki, hinata)
    assert row.consent_id is not None
    assert mails == [("referrals/sent", sato.user_id)]
    referring.withdrawn(suzuki, row.consent_id)
    found = referring.seen(sato, row.id)
    assert (found.state, found.outcome) == (ReferralState.RECALLED, Outcome.WITHDRAWN)
    assert referring.items_of(sato, row.id) == {}
    assert mails[1:] == [("referrals/recalled", sato.user_id)]


@pytest.mark.proves("R13", "R20")
def test_who_wants_no_calls_any_more_is_left_to_the_sender(
    suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    assert row.told_id is not None
    referring.withdrawn(suzuki, row.told_id)
    found = referring.seen(sato, row.id)
    assert found.state is ReferralState.SENT
    assert (found.next_by, found.next_what) == (suzuki.organisation_id, Todo.DECIDE)


@pytest.mark.proves("R11")
def test_consent_taken_anew_for_less_leaves_less_to_read(
    suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    less = (Item.NAME_AND_PHONE, Item.CHILDREN)
    referring.agreed(
        suzuki, row.family_id, hinata.organisation_id, SharingPurpose.SHARING, items=less
    )
    assert referring.seen(sato, row.id).state is ReferralState.SENT
    assert set(referring.items_of(sato, row.id)) == set(less)


@pytest.mark.proves("R7")
def test_a_pregnancy_that_ended_leaves_the_referral_of_the_elder_child(
    suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    _elder, unborn = referring.children_of(suzuki, row.family_id)
    _no_longer_expected(suzuki, unborn)
    found = referring.seen(sato, row.id)
    assert found.state is ReferralState.SENT
    told = opened(referring.items_of(sato, row.id), found.child_ids)
    assert [child.due_on for child in told.children] == [None]


@pytest.mark.proves("R7", "R20")
def test_a_pregnancy_that_ended_ends_the_referral_without_a_word(
    suzuki: Actor, sato: Actor, hinata: places.Site, mails: list[tuple[str, object]]
) -> None:
    """Also where the family told it to another: the nursery's own record of it is linked."""
    row = _of_unborn_alone(suzuki, hinata)
    mother, child_id = _client(hinata, row, sato)
    mails.clear()
    with acting_as(mother), transaction() as session:
        expected.close(session, child_id, actor=mother, now=NOW)
    found = referring.seen(sato, row.id)
    assert (found.state, found.outcome) == (ReferralState.RECALLED, Outcome.ENDED)
    assert referring.items_of(sato, row.id) == {}
    assert mails == []
    with acting_as(mother), transaction() as session:
        expected.reopen(session, child_id, actor=mother, now=NOW)
    assert referring.seen(sato, row.id).state is ReferralState.SENT
    assert referring.items_of(sato, row.id)


@pytest.mark.proves("R15")
def test_what_happens_at_the_nursery_brings_the_referral_on(
    suzuki: Actor, sato: Actor, yamada: Actor, hinata: places.Site, midori: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)
    mother, _child = _client(hinata, row, sato)
    assert mother.family_id is not None
    for actor, site, progress in (
        (sato, hinata, Progress.VISITED),
        (yamada, midori, Progress.USED),
    ):
        with acting_as(actor), transaction() as session:
            tell(session, mother.family_id, site.organisation_id, progress, actor=actor, now=NOW)
    assert referring.seen(suzuki, row.id).state is ReferralState.VISITED
    with acting_as(sato), transaction() as session:
        for progress in (Progress.REGISTERED, Progress.VISITED, Progress.USED):  # never back
            tell(session, mother.family_id, hinata.organisation_id, progress, actor=sato, now=NOW)
    assert referring.seen(suzuki, row.id).state is ReferralState.USED


@pytest.mark.proves("R29")
def test_passed_on_to_another_it_needs_a_consent_of_its_own(
    suzuki: Actor, sato: Actor, yamada: Actor, hinata: places.Site, midori: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)

    def pass_on() -> Referral:
        with acting_as(suzuki), transaction() as session:
            return service.pass_on(session, row.id, midori.organisation_id, actor=suzuki, now=NOW)

    with pytest.raises(Refusal) as refusal:
        pass_on()
    assert ReferralRefusal.NO_CONSENT in refusal.value.codes
    assert referring.seen(suzuki, row.id).state is ReferralState.SENT
    referring.agreed(suzuki, row.family_id, midori.organisation_id)
    onward = pass_on()
    assert referring.items_of(yamada, onward.id)[Item.FATIGUE] == "夜に何度も起きます"
    assert referring.seen(suzuki, row.id).state is ReferralState.PASSED_ON
    assert referring.items_of(sato, row.id) == {}


def test_closing_says_what_came_of_it_and_why(
    suzuki: Actor, sato: Actor, hinata: places.Site
) -> None:
    row = referring.referred(suzuki, hinata)

    def close(outcome: Outcome | None, words: str) -> Referral:
        with acting_as(sato), transaction() as session:
            return service.close(session, row.id, outcome, words, actor=sato, now=NOW)

    for outcome, words in ((None, "なし"), (Outcome.NOT_REACHED, " ")):
        with pytest.raises(Refusal, check=refused(ReferralRefusal.OUTCOME_MISSING)):
            close(outcome, words)
    close(Outcome.NOT_WISHED, "祖母が来てくれることになりました")
    found = referring.seen(suzuki, row.id)
    assert (found.state, found.outcome) == (ReferralState.CLOSED, "not_wished")


def _no_longer_expected(actor: Actor, child_id: uuid.UUID) -> None:
    """The city's own record of the family is told; its other packages hold nothing of it."""
    with acting_as(actor), transaction() as session:
        session.execute(
            text("UPDATE children SET ended_at = now(), ended_kind = 'no_longer' WHERE id = :id"),
            {"id": child_id},
        )
        session.execute(text("SELECT end_referrals(:id)"), {"id": child_id})


def _of_unborn_alone(nurse: Actor, site: places.Site) -> Referral:
    of = referring.interviewed(nurse)
    _elder, unborn = referring.children_of(nurse, of.family_id)
    with acting_as(nurse), transaction() as session:
        row = service.draft(
            session,
            of.family_id,
            site.organisation_id,
            child_ids=[unborn],
            interview_id=of.id,
            facility_id=site.facility_id,
            actor=nurse,
            now=NOW,
        )
    referring.agreed(nurse, of.family_id, site.organisation_id)
    return referring.sent(nurse, row.id)


def _client(site: places.Site, row: Referral, staff: Actor) -> tuple[Actor, uuid.UUID]:
    """The family as it registered itself, open to the nursery, joined with the referral."""
    mother = people.make_guardian("高橋 あかり")
    assert mother.family_id is not None
    with acting_as(mother), transaction() as session:
        session.execute(text("SELECT open_family_to(:org)"), {"org": site.organisation_id})
        child = families.add_child(
            session,
            mother.family_id,
            ChildDetails(None, due_on=TODAY + timedelta(days=44)),
            actor=mother,
            now=NOW,
        )
    with acting_as(staff), transaction() as session:
        service.link_client(session, row.id, mother.family_id, actor=staff, now=NOW)
    return mother, child.id
