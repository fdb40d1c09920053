"""The three records of an interview: taken down, asked again, taken back; no way around them."""

from __future__ import annotations

import random
import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError, NoResultFound, ProgrammingError

from portal.app import listen_to_families
from portal.consents import queries, service
from portal.consents.listeners import ON_WITHDRAWN
from portal.consents.models import Consent, ConsentSignature
from portal.consents.rules import ConsentRefusal, ConsentSource, SharingPurpose
from portal.db.errors import breached_constraint
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor, Role
from portal.kernel.channel import Channel, Told
from portal.kernel.errors import Refusal
from portal.referrals import provisions
from portal.referrals.models import Provision, Referral, ReferralItem
from portal.referrals.rules import Item, ReferralState
from tests.factories import referring, support
from tests.factories.places import Site

TODAY = clock.today(clock.now())
ITEMS = ("name_and_phone", "children", "fatigue", "health")


def guardian_of(family_id: uuid.UUID, like: Actor) -> Actor:
    return Actor(role=Role.GUARDIAN, user_id=like.user_id, family_id=family_id)


def take(
    worker: Actor, family_id: uuid.UUID, *given: service.Given, **form: object
) -> tuple[Consent, ...]:
    said = {"source": ConsentSource.TABLET, "signed_name": "高橋 あかり", **form}
    said.setdefault("now", clock.now())
    with acting_as(worker), transaction() as session:
        return service.take_down(
            session,
            family_id,
            given,
            actor=worker,
            **said,  # type: ignore[arg-type]  # each test names real arguments
        )


def held(
    who: Actor, family_id: uuid.UUID, receiver_id: uuid.UUID, on: date = TODAY
) -> Consent | None:
    with acting_as(who) as session:
        found = queries.holds(session, family_id, SharingPurpose.SHARING, receiver_id, on)
        session.rollback()
        return found


@pytest.mark.proves("R11", "R13", "R14")
def test_each_is_a_record_of_its_own_with_person_items_words_and_form(
    suzuki: Actor, hinata: Site, sato: Actor, yamada: Actor
) -> None:
    family_id, guardian_id = support.met(suzuki)
    to = hinata.organisation_id
    kept = take(
        suzuki,
        family_id,
        support.wish(suzuki, to, ITEMS[:2]),
        support.wish(suzuki, to, ("phone", "weekday_morning"), purpose=SharingPurpose.TOLD),
        support.wish(suzuki, to, (), purpose=SharingPurpose.BOOKING, until_on=TODAY),
        guardian_id=guardian_id,
    )
    assert [row.purpose for row in kept] == list(SharingPurpose)
    row = kept[0]
    assert (row.source, row.guardian_id, row.recorded_by) == (
        ConsentSource.TABLET,
        guardian_id,
        suzuki.user_id,
    )
    assert tuple(row.items) == ITEMS[:2]
    with acting_as(suzuki) as session:
        assert queries.signature(session, row.id, actor=suzuki) == "高橋 あかり"
        session.rollback()
    assert held(suzuki, family_id, to) is not None
    assert held(sato, family_id, to) is not None
    assert held(yamada, family_id, to) is None
    with acting_as(sato) as session:
        assert queries.signature(session, row.id, actor=sato) is None
        session.rollback()


@pytest.mark.parametrize(
    ("form", "code"),
    [
        ({"signed_name": " "}, ConsentRefusal.SIGNATURE_MISSING),
        ({"source": ConsentSource.SPOKEN}, ConsentRefusal.NOT_ANSWERED),
        ({"source": ConsentSource.PORTAL}, ConsentRefusal.NOT_ANSWERED),
        (
            {"source": ConsentSource.PAPER_FORM, "paper_reference": "A-1"},
            ConsentRefusal.PAPER_DATE_MISSING,
        ),
        (
            {"source": ConsentSource.PAPER_FORM, "source_on": TODAY},
            ConsentRefusal.REFERENCE_MISSING,
        ),
        (
            {
                "source": ConsentSource.PAPER_FORM,
                "paper_reference": "A-1",
                "source_on": TODAY + timedelta(days=1),
            },
            ConsentRefusal.PAPER_IN_FUTURE,
        ),
    ],
)
def test_without_its_form_it_is_none(
    suzuki: Actor, hinata: Site, form: dict[str, object], code: ConsentRefusal
) -> None:
    family_id, _ = support.met(suzuki)
    with pytest.raises(Refusal) as refused:
        take(suzuki, family_id, support.wish(suzuki, hinata.organisation_id), **form)
    assert code in refused.value.codes
    assert held(suzuki, family_id, hinata.organisation_id) is None


def test_a_record_names_what_and_until_when(suzuki: Actor, hinata: Site) -> None:
    family_id, _ = support.met(suzuki)
    empty = support.wish(suzuki, hinata.organisation_id, ())
    over = support.wish(suzuki, hinata.organisation_id, until_on=TODAY - timedelta(days=1))
    for given, code in (
        ((empty,), ConsentRefusal.ITEMS_MISSING),
        ((over,), ConsentRefusal.LAST_DAY_OVER),
        ((), ConsentRefusal.NOT_ANSWERED),
    ):
        with pytest.raises(Refusal) as refused:
            take(suzuki, family_id, *given)
        assert refused.value.codes == (code,)


def test_a_paper_is_kept_with_its_date_and_where_it_lies(suzuki: Actor, hinata: Site) -> None:
    family_id, _ = support.met(suzuki)
    (row,) = take(
        suzuki,
        family_id,
        support.wish(suzuki, hinata.organisation_id),
        source=ConsentSource.PAPER_FORM,
        source_on=TODAY,
        paper_reference="応援給付 2026-0412",
        signed_name=None,
    )
    assert (row.source_on, row.paper_reference) == (TODAY, "応援給付 2026-0412")
    with acting_as(suzuki) as session:
        assert session.scalars(select(ConsentSignature)).all() == []
        session.rollback()


@pytest.mark.proves("R6")
def test_only_a_body_that_met_the_family_takes_something_down(suzuki: Actor, hinata: Site) -> None:
    family_id, _ = support.met(suzuki)
    other = support.make_center()
    with pytest.raises(NoResultFound):
        take(other, family_id, support.wish(other, hinata.organisation_id))
    # Whatever a service believed, the database would not keep it.
    given = support.wish(other, hinata.organisation_id)
    row = Consent(
        id=uuid.uuid4(),
        family_id=family_id,
        recorded_by=other.user_id,
        channel=Channel.COUNTER,
        source=ConsentSource.TABLET,
        given_at=clock.now(),
        purpose=given.purpose,
        items=list(given.items),
        wording=given.wording,
        wording_version="1",
        receiver_id=given.receiver_id,
        organisation_id=other.organisation_id,
        until_on=given.until_on,
    )
    with pytest.raises(ProgrammingError), acting_as(other), transaction() as session:
        session.add(row)


@pytest.mark.proves("R11", "P12")
def test_any_of_the_three_takes_it_back_and_the_listeners_follow(
    suzuki: Actor, hinata: Site, sato: Actor, tanaka: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    family_id, _ = support.met(suzuki)
    followed: list[uuid.UUID] = []
    monkeypatch.setattr(
        "portal.consents.listeners.ON_WITHDRAWN",
        [lambda _session, row, _actor, _now: followed.append(row.id)],
    )
    for who in (suzuki, sato, guardian_of(family_id, tanaka)):
        row, _told = support.agreed(suzuki, family_id, hinata.organisation_id)
        with acting_as(who), transaction() as session:
            service.withdraw(session, row.id, told=Told(Channel.PHONE), actor=who, now=clock.now())
        assert followed[-1] == row.id
        assert held(suzuki, family_id, hinata.organisation_id) is None
    assert isinstance(ON_WITHDRAWN, list)


def test_a_stranger_takes_nothing_back(suzuki: Actor, hinata: Site, yamada: Actor) -> None:
    family_id, _ = support.met(suzuki)
    row, _told = support.agreed(suzuki, family_id, hinata.organisation_id)
    with pytest.raises(NoResultFound), acting_as(yamada), transaction() as session:
        service.withdraw(session, row.id, actor=yamada, now=clock.now())
    assert held(suzuki, family_id, hinata.organisation_id) is not None


@pytest.mark.proves("R11", "P12")
@pytest.mark.parametrize("seed", range(6))
def test_no_order_of_giving_taking_back_and_running_out_lets_an_item_through(
    suzuki: Actor, hinata: Site, seed: int
) -> None:
    """A model beside it: what was named last, unless it was taken back or its day is over."""
    chance = random.Random(seed)  # noqa: S311 - a test's own
    family_id, _ = support.met(suzuki)
    to = hinata.organisation_id
    model: tuple[set[str], uuid.UUID, date] | None = None
    for _ in range(8):
        match chance.choice(("give", "give", "withdraw", "run out")):
            case "give":
                items = tuple(chance.sample(ITEMS, chance.randint(1, len(ITEMS))))
                until = TODAY + timedelta(days=chance.randint(0, 3))
                (row,) = take(suzuki, family_id, support.wish(suzuki, to, items, until_on=until))
                model = (set(items), row.id, until)
            case "withdraw" if model is not None:
                with acting_as(suzuki), transaction() as session:
                    service.withdraw(session, model[1], actor=suzuki, now=clock.now())
                model = None
            case "run out" if model is None:
                until = TODAY - timedelta(days=1)
                given = support.wish(suzuki, to, ITEMS, until_on=until)
                (row,) = take(suzuki, family_id, given, now=clock.now() - timedelta(days=9))
                model = (set(ITEMS), row.id, until)
            case _:
                pass
        holds_now = model is not None and model[2] >= TODAY
        found = held(suzuki, family_id, to)
        assert (found is not None) is holds_now
        for item in ITEMS:
            for consent_id in known_ids(suzuki, family_id):
                is_allowed = (
                    holds_now and model is not None and consent_id == model[1] and item in model[0]
                )
                assert passes(suzuki, family_id, to, item, consent_id) is is_allowed


def known_ids(worker: Actor, family_id: uuid.UUID) -> list[uuid.UUID]:
    with acting_as(worker) as session:
        rows = queries.of_family(session, family_id, actor=worker)
        ids = [row.id for row in rows]
        session.rollback()
        return ids


def passes(
    worker: Actor, family_id: uuid.UUID, to: uuid.UUID, item: str, consent_id: uuid.UUID
) -> bool:
    """Try to pass one item on, past every service: the database itself is asked."""
    row = Provision(
        id=uuid.uuid4(),
        family_id=family_id,
        provider_id=worker.organisation_id,
        receiver_id=to,
        kind="referral",
        subject_id=uuid.uuid4(),
        items=[item],
        consent_id=consent_id,
        provided_by=worker.user_id,
        provided_at=clock.now(),
        keep_until=provisions.kept_until(TODAY),
    )
    try:
        with acting_as(worker), transaction() as session:
            session.add(row)
    except IntegrityError as error:
        if breached_constraint(error) != "ck_provisions_allowed":
            raise
        return False
    return True


@pytest.mark.proves("R11", "P12")
def test_a_referral_that_has_left_takes_no_item_that_was_not_agreed_to(
    suzuki: Actor, hinata: Site
) -> None:
    sent = referring.referred(suzuki, hinata)
    more = ReferralItem(
        id=uuid.uuid4(), referral_id=sent.id, family_id=sent.family_id, item=Item.HEALTH
    )
    more.value = "血圧の薬"
    with pytest.raises(IntegrityError), acting_as(suzuki), transaction() as session:
        session.add(more)


@pytest.mark.parametrize("is_told_over", [False, True])
def test_new_words_carry_a_referral_on(
    suzuki: Actor, hinata: Site, sato: Actor, *, is_told_over: bool
) -> None:
    sent = referring.referred(suzuki, hinata)
    if is_told_over:
        ON_WITHDRAWN.clear()
        assert sent.told_id is not None
        with acting_as(suzuki), transaction() as session:
            service.withdraw(session, sent.told_id, actor=suzuki, now=clock.now())
    listen_to_families()
    items = [item.value for item in (*referring.ITEMS, Item.HEALTH)]
    (after,) = take(suzuki, sent.family_id, support.wish(suzuki, hinata.organisation_id, items))
    with acting_as(sato), transaction() as session:
        row = session.get_one(Referral, sent.id, populate_existing=True)
        assert (row.state, row.consent_id) == (ReferralState.SENT, after.id)


def test_the_database_lets_no_referral_rest_on_words_that_name_less(
    suzuki: Actor, hinata: Site
) -> None:
    ON_WITHDRAWN.clear()
    sent = referring.referred(suzuki, hinata)
    less = support.wish(suzuki, hinata.organisation_id, ["name_and_phone"])
    (after,) = take(suzuki, sent.family_id, less)
    with pytest.raises(IntegrityError), acting_as(suzuki), transaction() as session:
        session.get_one(Referral, sent.id).consent_id = after.id


@pytest.mark.proves("R11", "R13", "R14")
@pytest.mark.parametrize("purpose", list(SharingPurpose))
def test_the_three_records_have_one_way_in(
    suzuki: Actor, hinata: Site, purpose: SharingPurpose
) -> None:
    family_id, _guardian_id = support.met(suzuki)
    wish = support.wish(suzuki, hinata.organisation_id, ITEMS, purpose=purpose)
    spoken = {"told": Told(Channel.PHONE), "source_on": None, "actor": suzuki, "now": clock.now()}
    for ways in ({"given": [wish]}, {"given": [], "refused": [wish]}):
        with (
            pytest.raises(ValueError, match="taken down"),
            acting_as(suzuki),
            transaction() as session,
        ):
            service.write_down(session, family_id, **ways, **spoken)  # type: ignore[arg-type]
    mother = guardian_of(family_id, suzuki)
    with pytest.raises(ValueError, match="taken down"), acting_as(mother), transaction() as session:
        service.give(session, family_id, wish, actor=mother, now=clock.now())
