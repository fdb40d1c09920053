"""Word of a closure: who is told, what becomes of bookings, who says that it was read."""

from __future__ import annotations

import uuid
from dataclasses import replace

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import NoResultFound, ProgrammingError
from sqlalchemy.orm import Session

from portal.accounts.addresses import token_for
from portal.bookings.models import Booking
from portal.bookings.queries import leaving
from portal.bookings.rules import BookingState
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import ANONYMOUS, Actor, Role
from portal.kernel.errors import Refusal
from portal.messages.letters import Wanted
from portal.notices import mail, queries, service
from portal.notices.models import NoticeReceipt
from portal.notices.rules import Audience, Cause, NoticeKind, NoticeRefusal, NoticeWish, Reached
from portal.policies.document import RulesDocument
from portal.rulebooks.queries import document_of
from portal.slots.closures import why_off
from tests.factories import days, people
from tests.factories.places import Site, accept

STORM = NoticeWish(
    NoticeKind.CLOSURE,
    Cause.WEATHER,
    Audience.BOOKED,
    "台風でお休みにします",
    "気をつけてください。",
    days.DAY,
    cancels_bookings=True,
)
WORD = NoticeWish(NoticeKind.ANNOUNCEMENT, Cause.OTHER, Audience.REGISTERED, "門", "工事です。")


def send(site: Site, actor: Actor, wish: NoticeWish) -> service.Sent:
    with acting_as(actor), transaction() as session:
        return service.send_notice(session, site.facility_id, wish, actor=actor, now=clock.now())


def receipt_of(family: Actor) -> NoticeReceipt:
    with acting_as(family) as session:
        return session.scalars(select(NoticeReceipt)).one()


def progress(actor: Actor, sent: service.Sent) -> queries.Progress:
    with acting_as(actor) as session:
        found = queries.notice(session, sent.notice_id, actor=actor)
        return queries.progress(session, found, actor=actor)


@pytest.fixture
def sasaki(hinata: Site) -> Actor:
    """A second family, accepted and without any booking."""
    guardian = people.make_guardian("佐々木 ゆい", children=("佐々木 そら",))
    accept(hinata, guardian, people.children_of(guardian)[0].id)
    return guardian


def test_a_closure_tells_those_who_are_booked_and_cancels_without_a_fee(
    hinata: Site, sato: Actor, tanaka: Actor, sasaki: Actor
) -> None:
    days.book(hinata, tanaka, cancel_until=clock.now())
    sent = send(hinata, sato, STORM)
    assert (sent.families, sent.cancelled) == (1, 1)
    with acting_as(tanaka) as session:
        booking = session.scalars(select(Booking)).one()
        assert booking.state is BookingState.CANCELLED
        assert (booking.cancel_fee_yen, booking.cancel_reason) == (0, "closed_by_facility")
    with acting_as(sato) as session:
        off = why_off(session, hinata.facility_id, days.DAY)
        assert off is not None
        assert [each.words for each in off] == ["臨時休園（天気）"]
    with acting_as(sasaki) as session:
        assert session.scalars(select(NoticeReceipt)).all() == []


def test_bookings_can_be_kept_to_be_talked_about(hinata: Site, sato: Actor, tanaka: Actor) -> None:
    days.book(hinata, tanaka)
    sent = send(hinata, sato, replace(STORM, cancels_bookings=False))
    assert (sent.families, sent.cancelled) == (1, 0)
    with acting_as(tanaka) as session:
        assert session.scalars(select(Booking.state)).one() is BookingState.CONFIRMED


def test_only_hours_that_are_shut_touch_bookings(hinata: Site, sato: Actor, tanaka: Actor) -> None:
    days.book(hinata, tanaka, start="9:00", end="12:00")
    sent = send(hinata, sato, replace(STORM, from_cell=24, to_cell=36))
    assert (sent.families, sent.cancelled) == (0, 0)


def test_all_who_are_registered_can_be_told(
    hinata: Site, sato: Actor, tanaka: Actor, sasaki: Actor
) -> None:
    days.book(hinata, tanaka)
    assert send(hinata, sato, WORD).families == 2
    assert receipt_of(sasaki).mails == 1


def test_nobody_is_told_of_nothing(hinata: Site, sato: Actor) -> None:
    with pytest.raises(Refusal) as refused:
        send(hinata, sato, replace(WORD, title=" ", body=""))
    assert [reason.code for reason in refused.value.reasons] == [
        NoticeRefusal.TITLE_MISSING,
        NoticeRefusal.BODY_MISSING,
    ]
    with pytest.raises(Refusal, match="nobody_to_tell"):
        send(hinata, sato, WORD)


def test_another_providers_facility_is_not_to_be_closed(hinata: Site, yamada: Actor) -> None:
    with pytest.raises(NoResultFound):
        send(hinata, yamada, STORM)


def test_the_family_says_that_it_has_read_and_nobody_for_her(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    days.book(hinata, tanaka)
    sent = send(hinata, sato, STORM)
    receipt = receipt_of(tanaka)
    with (
        pytest.raises(ProgrammingError, match="only the family itself"),
        acting_as(sato),
        transaction() as session,
    ):
        session.execute(text("UPDATE notice_receipts SET read_at = now(), read_by_link = false"))
    with (
        pytest.raises(ProgrammingError, match="only staff"),
        acting_as(tanaka),
        transaction() as session,
    ):
        session.execute(text("UPDATE notice_receipts SET told_at = now()"))
    with acting_as(tanaka), transaction() as session:
        service.mark_read(session, receipt.id, actor=tanaka, now=clock.now(), by_link=False)
    (line,) = progress(sato, sent).lines
    assert line.reached is Reached.READ


def test_the_link_of_a_mail_opens_the_notice_of_its_family_alone(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    days.book(hinata, tanaka)
    send(hinata, sato, STORM)
    receipt = receipt_of(tanaka)
    with acting_as(ANONYMOUS) as session:
        assert queries.by_token(session, token_for(receipt.id)) == (receipt.id, tanaka.family_id)
        assert queries.by_token(session, token_for(uuid.uuid4())) is None
        assert session.scalars(select(NoticeReceipt)).all() == []


def test_a_family_without_mail_is_to_be_called_and_then_told(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    days.book(hinata, tanaka)
    sent = send(hinata, sato, STORM)
    with acting_as(sato), transaction() as session:
        session.execute(text("UPDATE notice_receipts SET mails = 0"))
    (line,) = progress(sato, sent).to_call
    assert line.reached is Reached.NO_MAIL
    with acting_as(sato), transaction() as session:
        service.mark_told(session, line.receipt.id, actor=sato, now=clock.now())
    told = progress(sato, sent)
    assert (told.to_call, told.knowing) == ([], 1)
    assert told.lines[0].receipt.told_by == sato.user_id


def test_those_who_have_not_read_are_written_to_once_more_and_no_oftener(
    hinata: Site, sato: Actor, tanaka: Actor, sasaki: Actor
) -> None:
    days.book(hinata, tanaka)
    sent = send(hinata, sato, WORD)
    with acting_as(sasaki), transaction() as session:
        service.mark_read(
            session, receipt_of(sasaki).id, actor=sasaki, now=clock.now(), by_link=True
        )
    with acting_as(sato), transaction() as session:
        again = service.remind_unread(session, sent.notice_id, actor=sato, now=clock.now())
    assert again == 1
    assert (receipt_of(tanaka).mails, receipt_of(sasaki).mails) == (2, 1)
    with (
        pytest.raises(Refusal, match="already_reminded"),
        acting_as(sato),
        transaction() as session,
    ):
        service.remind_unread(session, sent.notice_id, actor=sato, now=clock.now())


def test_a_closure_taken_back_opens_the_day_and_tells_the_same_families(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    days.book(hinata, tanaka)
    sent = send(hinata, sato, STORM)
    with acting_as(sato), transaction() as session:
        back = service.reopen(
            session, sent.notice_id, "開きます", "予定どおりです。", actor=sato, now=clock.now()
        )
        assert why_off(session, hinata.facility_id, days.DAY) is None
    assert back.families == 1
    with acting_as(tanaka) as session:
        found = queries.received(session, actor=tanaka, now=clock.now())
        assert {each.notice.kind for each in found} == {NoticeKind.CLOSURE, NoticeKind.REOPENING}
    with pytest.raises(Refusal, match="withdrawn"), acting_as(sato), transaction() as session:
        service.reopen(session, sent.notice_id, "a", "b", actor=sato, now=clock.now())


def test_the_mail_names_no_child_and_is_not_sent_once_it_is_read(
    hinata: Site, sato: Actor, tanaka: Actor
) -> None:
    days.book(hinata, tanaka)
    send(hinata, sato, STORM)
    receipt = receipt_of(tanaka)
    wanted = Wanted(
        id=uuid.uuid4(),
        kind="notices/sent",
        subject_ids=(receipt.id,),
        context={},
        organisation_id=hinata.organisation_id,
        family_id=tanaka.family_id,
        to_user_id=tanaka.user_id,
        to_mail="miho@example.test",
        to_name="田中 みほ",
        base_url="https://portal.example",
        is_demo=False,
        now=clock.now(),
    )
    family = Actor(role=Role.GUARDIAN, family_id=tanaka.family_id)
    with acting_as(family) as session:
        letter = mail.sent(session, wanted)
    assert letter is not None
    assert letter.subject.startswith("【臨時休園・予約の取り消し】")
    assert "園が次の予約を取り消しました。お金はかかりません。" in letter.text
    assert f"https://portal.example/n/{token_for(receipt.id)}" in letter.text
    assert "はな" not in letter.subject + letter.text
    with acting_as(family), transaction() as session:
        service.mark_read(session, receipt.id, actor=family, now=clock.now(), by_link=True)
        assert mail.sent(session, replace(wanted, kind="notices/again")) is None


def test_nobody_pays_for_a_door_that_the_facility_shut_whatever_the_rules_say(
    hinata: Site, sato: Actor, tanaka: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    days.book(hinata, tanaka, cancel_until=clock.now())
    plain = document_of

    def strict(session: Session, rulebook_id: uuid.UUID | None) -> RulesDocument:
        document = plain(session, rulebook_id)
        assert document.cancel is not None
        assert document.cancel.free_until is not None
        free_until = document.cancel.free_until.model_copy(update={"days": 60})
        rule = document.cancel.model_copy(update={"waived": frozenset(), "free_until": free_until})
        return document.model_copy(update={"cancel": rule})

    monkeypatch.setattr(leaving, "document_of", strict)
    send(hinata, sato, STORM)
    with acting_as(tanaka) as session:
        assert session.scalars(select(Booking.cancel_fee_yen)).one() == 0
