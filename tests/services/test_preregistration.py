"""Pre-registration: both sides see where it stands, a stranger sees nothing."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from sqlalchemy import create_engine, func, select, text, update
from sqlalchemy.engine import Engine
from sqlalchemy.exc import NoResultFound, ProgrammingError
from sqlalchemy.orm import Session

from portal.db.session import acting_as, transaction
from portal.families import queries as family_queries
from portal.families import service as families
from portal.families.rules import ChildDetails, GuardianDetails, RecordDetails
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel
from portal.kernel.errors import Refusal
from portal.messages.letters import Wanted
from portal.preregistration import queries, service
from portal.preregistration.mail import MAILS
from portal.preregistration.models import Preregistration, PreregistrationMessage
from portal.preregistration.rules import (
    PreregistrationRefusal,
    PreregistrationState,
    accepted_until,
)
from tests.database import TestServer
from tests.factories.people import children_of, make_child, make_guardian, make_worker
from tests.factories.places import Site, make_site
from tests.factories.registration import ask

S = PreregistrationState
#: With tests of their own: test_record_asked_yearly, test_withdrawn_mail.
OF_THEIR_OWN = {"preregistration/record", "preregistration/withdrawn"}


def confirm(guardian: Actor, child_id: uuid.UUID) -> None:
    with acting_as(guardian), transaction() as session:
        families.save_record(
            session, child_id, RecordDetails(allergies=""), actor=guardian, now=clock.now()
        )


def applied(site: Site, guardian: Actor, child: uuid.UUID | None = None) -> uuid.UUID:
    child_id = child or children_of(guardian)[0].id
    confirm(guardian, child_id)
    with acting_as(guardian), transaction() as session:
        return service.apply(
            session,
            site.facility_id,
            [child_id],
            actor=guardian,
            now=clock.now(),
            note="初めてです",
        )[0]


def state_of(actor: Actor, preregistration_id: uuid.UUID) -> PreregistrationState:
    with acting_as(actor) as session:
        return queries.preregistration(session, preregistration_id, actor=actor).state


@pytest.mark.proves("R5", "J3")
def test_applying_opens_the_family_and_both_sides_see_the_same(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    assert tanaka.family_id is not None
    with acting_as(sato) as session, pytest.raises(NoResultFound):
        family_queries.family(session, tanaka.family_id, actor=sato)
    found = applied(hinata, tanaka)
    assert state_of(sato, found) is state_of(tanaka, found) is S.APPLIED
    with acting_as(sato), transaction() as session:
        assert family_queries.family(session, tanaka.family_id, actor=sato)
        note = service.open_messages(session, found, actor=sato)[0]
        assert (note.text, note.is_from_family) == ("初めてです", True)
        service.ask_back(session, found, "平熱は何度ですか", actor=sato, now=clock.now())
    assert state_of(tanaka, found) is S.ASKED_BACK
    with acting_as(tanaka), transaction() as session:
        service.answer(session, found, "36.8度です", actor=tanaka, now=clock.now())
    with acting_as(sato), transaction() as session:
        accepted = service.accept(session, found, actor=sato, now=clock.now())
        assert accepted.accepted_until == accepted_until(clock.today(clock.now()))
    with acting_as(tanaka) as session:
        child = queries.children_with_registration(session, hinata.facility_id, actor=tanaka)[0]
        assert child.may_book(clock.today(clock.now()))
        assert not child.may_book(accepted.accepted_until + timedelta(days=1))


def test_all_reasons_of_all_children_come_at_once(hinata: Site, tanaka: Actor) -> None:
    found = applied(hinata, tanaka)
    make_child(tanaka, "田中 そら")
    with acting_as(tanaka), transaction() as session:
        assert tanaka.family_id is not None
        families.add_child(
            session,
            tanaka.family_id,
            ChildDetails("まだ", born_on=date(2024, 6, 15)),
            actor=tanaka,
            now=clock.now(),
        )
    ids = [child.id for child in children_of(tanaka)]
    with acting_as(tanaka), pytest.raises(Refusal) as refused, transaction() as session:
        service.apply(session, hinata.facility_id, ids, actor=tanaka, now=clock.now())
    assert set(refused.value.codes) == {
        PreregistrationRefusal.ALREADY_APPLIED,
        PreregistrationRefusal.RECORD_NOT_CONFIRMED,
    }
    with acting_as(tanaka) as session:
        assert [row.id for row in queries.of_family(session, actor=tanaka)] == [found]


def test_an_acceptance_of_last_year_is_renewed_on_its_row(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    found = applied(hinata, tanaka)
    with acting_as(sato), transaction() as session:
        service.accept(session, found, actor=sato, now=clock.now())
        session.execute(update(Preregistration).values(accepted_until=date(2026, 3, 31)))
    with acting_as(tanaka), transaction() as session:
        child = queries.children_with_registration(session, hinata.facility_id, actor=tanaka)[0]
        assert not child.may_book(clock.today(clock.now()))
        again = service.apply(
            session, hinata.facility_id, [child.child.id], actor=tanaka, now=clock.now()
        )
    assert again == (found,)
    assert state_of(sato, found) is S.APPLIED


@pytest.mark.proves("J7")
def test_a_caller_is_entered_and_stands_in_the_same_queue(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    now = clock.now()
    on_the_web = applied(hinata, tanaka)
    with acting_as(sato), transaction() as session:
        made = families.register_family(
            session,
            GuardianDetails("森 あい", "母", phone="090-1234-5678"),
            (ChildDetails("森 りん", born_on=date(2024, 5, 1)),),
            actor=sato,
            now=now,
            channel=Channel.FAX,
            received_at=now - timedelta(hours=3),
        )
        families.save_record(
            session, made.child_ids[0], RecordDetails(allergies="卵"), actor=sato, now=now
        )
        (by_fax,) = service.apply(
            session,
            hinata.facility_id,
            made.child_ids,
            actor=sato,
            now=now,
            channel=Channel.FAX,
            received_at=now - timedelta(hours=3),
            family_id=made.family_id,
        )
        rows = queries.waiting_first(session, actor=sato)
        assert [row.id for row in rows] == [by_fax, on_the_web]
        service.accept(session, by_fax, actor=sato, now=now)
        child = queries.children_with_registration(
            session, hinata.facility_id, actor=sato, family_id=made.family_id
        )[0]
        assert child.may_book(clock.today(now))


def test_a_time_of_receipt_in_the_future_is_refused(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    found = applied(hinata, tanaka)
    with acting_as(sato) as session:
        row = queries.preregistration(session, found, actor=sato)
    later = clock.now() + timedelta(hours=1)
    with acting_as(sato), pytest.raises(Refusal) as refused, transaction() as session:
        service.apply(
            session,
            hinata.facility_id,
            [row.child_id],
            actor=sato,
            now=clock.now(),
            received_at=later,
            family_id=row.family_id,
        )
    assert PreregistrationRefusal.RECEIVED_IN_FUTURE in refused.value.codes


def test_a_decline_needs_its_reason(hinata: Site, sato: Actor, tanaka: Actor) -> None:
    found = applied(hinata, tanaka)
    with acting_as(sato), pytest.raises(Refusal) as refused, transaction() as session:
        service.decline(session, found, "　", actor=sato, now=clock.now())
    assert refused.value.codes == (PreregistrationRefusal.TEXT_MISSING,)
    assert state_of(sato, found) is S.APPLIED


def test_after_a_withdrawal_the_family_stays_visible_and_may_apply_again(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    found = applied(hinata, tanaka)
    with acting_as(tanaka), transaction() as session:
        service.withdraw(session, found, actor=tanaka, now=clock.now())
    with acting_as(sato), pytest.raises(Refusal), transaction() as session:
        service.accept(session, found, actor=sato, now=clock.now())
    with acting_as(sato) as session:
        assert tanaka.family_id is not None
        assert family_queries.family(session, tanaka.family_id, actor=sato)
    assert applied(hinata, tanaka) != found


def test_a_stranger_gets_nothing_and_changes_nothing(
    hinata: Site, midori: Site, yamada: Actor, tanaka: Actor
) -> None:
    found = applied(hinata, tanaka)
    # The stranger has a family of her own at hand.
    other = make_guardian("森 あい", children=("森 りん",))
    applied(midori, other)
    assert tanaka.family_id is not None
    with acting_as(yamada), transaction() as session:
        for attempt in (service.accept, service.withdraw):
            with pytest.raises(NoResultFound):
                attempt(session, found, actor=yamada, now=clock.now())
        with pytest.raises(NoResultFound):
            service.open_messages(session, found, actor=yamada)
        with pytest.raises(NoResultFound):
            family_queries.family(session, tanaka.family_id, actor=yamada)
        for table in (Preregistration, PreregistrationMessage):
            theirs = select(func.count()).where(table.family_id == tanaka.family_id)
            assert session.scalar(theirs) == 0
        changed = session.scalars(
            update(Preregistration).values(decided_by=None).returning(Preregistration.family_id)
        )
        assert changed.all() == [other.family_id]


def test_the_database_itself_keeps_a_family_from_accepting(hinata: Site, tanaka: Actor) -> None:
    found = applied(hinata, tanaka)
    with acting_as(tanaka), pytest.raises(ProgrammingError), transaction() as session:
        service.accept(session, found, actor=tanaka, now=clock.now())


def test_the_database_takes_no_child_of_another_family(
    hinata: Site, sato: Actor, yamada: Actor, midori: Site, tanaka: Actor
) -> None:
    applied(hinata, tanaka)
    child = children_of(tanaka)[0]
    for actor, site in ((yamada, midori), (sato, midori)):
        with acting_as(actor), pytest.raises(ProgrammingError), transaction() as session:
            _insert(session, actor, site, child.id, child.family_id)


def _insert(
    session: Session, actor: Actor, site: Site, child_id: uuid.UUID, family_id: uuid.UUID
) -> None:
    session.add(
        Preregistration(
            id=uuid.uuid4(),
            family_id=family_id,
            child_id=child_id,
            facility_id=site.facility_id,
            organisation_id=actor.organisation_id,
            state=S.APPLIED,
            channel=Channel.PHONE,
            received_at=clock.now(),
            applied_at=clock.now(),
        )
    )
    session.flush()


def test_a_facility_that_is_not_published_takes_none(tanaka: Actor, hinata: Site) -> None:
    del hinata
    with acting_as(tanaka) as session, pytest.raises(NoResultFound):
        queries.facility_to_apply_to(session, uuid.uuid4(), actor=tanaka)


@pytest.mark.parametrize("kind", sorted(MAILS.keys() - OF_THEIR_OWN))
def test_a_mail_says_the_next_step_names_no_child_and_dies_with_its_state(
    hinata: Site, sato: Actor, tanaka: Actor, kind: str
) -> None:
    ask(hinata, limit=9)
    found = applied(hinata, tanaka)
    with acting_as(sato), transaction() as session:
        if kind == "preregistration/asked_back":
            service.ask_back(session, found, "はなさんの平熱は？", actor=sato, now=clock.now())
        elif kind == "preregistration/declined":
            service.decline(session, found, "はなさんの年の空きがない", actor=sato, now=clock.now())
        elif kind == "preregistration/waiting":
            service.wait(session, found, actor=sato, now=clock.now())
        elif kind != "preregistration/received":
            service.accept(session, found, actor=sato, now=clock.now())
        if kind == "preregistration/word":
            service.say(session, found, "はなさんの帽子を", actor=sato, now=clock.now())
    with acting_as(tanaka) as session:
        letter = MAILS[kind](session, wanted(kind, found, tanaka))
    assert letter is not None
    assert "ひなた保育園" in letter.subject
    assert f"https://portal.example/my/preregistrations/{found}" in letter.text
    assert "はな" not in letter.subject + letter.text
    if kind == "preregistration/declined":
        return
    with acting_as(tanaka), transaction() as session:
        service.withdraw(session, found, actor=tanaka, now=clock.now())
        assert MAILS[kind](session, wanted(kind, found, tanaka)) is None


def wanted(kind: str, subject: uuid.UUID, family: Actor, *more: uuid.UUID) -> Wanted:
    return Wanted(
        id=uuid.uuid4(),
        kind=kind,
        subject_ids=(subject, *more),
        context={},
        organisation_id=None,
        family_id=family.family_id,
        to_user_id=None,
        to_mail="miho@example.test",
        to_name="田中 みほ",
        base_url="https://portal.example",
        is_demo=False,
        now=clock.now(),
    )


def test_children_accepted_at_once_are_told_in_one_mail(
    emptied: Engine, server: TestServer
) -> None:
    site = make_site("ひなた保育園")
    sato = make_worker("佐藤 まり", site.organisation_id, "staff")
    family = make_guardian("田中 みほ", children=("田中 はな", "田中 そうた", "田中 けい"))
    one, *others = [applied(site, family, child.id) for child in children_of(family)]
    with acting_as(sato), transaction() as session:
        service.accept_all(session, others, actor=sato, now=clock.now())
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.connect() as connection:
        mails = connection.execute(
            text("SELECT subject_ids FROM outbox_messages WHERE kind = 'preregistration/accepted'")
        ).all()
    admin.dispose()
    (mail,) = mails
    assert set(mail.subject_ids) == set(others)
    with acting_as(family) as session:
        asked = wanted("preregistration/accepted", others[0], family, *others[1:])
        letter = MAILS[asked.kind](session, asked)
        assert letter is not None
        assert "お子さん2人分のお知らせです" in letter.text
    with acting_as(sato), transaction() as session:
        service.decline(session, one, "定員です", actor=sato, now=clock.now())
    with acting_as(family) as session:
        letter = MAILS[asked.kind](session, asked)
        assert letter is not None
        assert "人分" not in letter.text


def test_each_step_leaves_its_trace_and_queues_its_mail(
    emptied: Engine, server: TestServer
) -> None:
    site = make_site("ひなた保育園")
    sato = make_worker("佐藤 まり", site.organisation_id, "staff")
    tanaka = make_guardian("田中 みほ", children=("田中 はな",))
    found = applied(site, tanaka)
    with acting_as(sato), transaction() as session:
        service.open_messages(session, found, actor=sato)
        service.accept(session, found, actor=sato, now=clock.now())
    admin = create_engine(server.url("portal_admin", str(emptied.url.database)))
    with admin.connect() as connection:
        kinds = set(connection.scalars(text("SELECT kind FROM outbox_messages")))
        actions = set(connection.scalars(text("SELECT action FROM audit_log")))
    admin.dispose()
    assert kinds == {"preregistration/received", "preregistration/accepted"}
    assert {
        "preregistration.applied",
        "preregistration.accept",
        "read.preregistration_messages",
    } <= actions


@pytest.mark.proves("P7")
def test_the_database_lets_no_family_accept_itself(hinata: Site, tanaka: Actor) -> None:
    now = clock.now()
    child = children_of(tanaka)[0]
    row = Preregistration(
        id=uuid.uuid4(),
        family_id=tanaka.family_id,
        child_id=child.id,
        facility_id=hinata.facility_id,
        organisation_id=hinata.organisation_id,
        state=PreregistrationState.ACCEPTED,
        channel=Channel.WEB,
        received_at=now,
        applied_at=now,
        accepted_until=now.date(),
    )
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        acting_as(tanaka),
        transaction() as session,
    ):
        session.add(row)
