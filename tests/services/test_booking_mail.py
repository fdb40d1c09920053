"""Mails about bookings: facts and a calendar entry, no child's name, dropped when overtaken."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta

import pytest
from icalendar import Calendar

from portal.bookings.mail import MAILS
from portal.bookings.service import Placed, cancel_booking, change_booking
from portal.db.session import acting_as, transaction
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.kernel.spans import span_on
from portal.messages.letters import Letter, Wanted
from tests.factories.people import children_of, make_child
from tests.factories.places import Site, accept, next_open_day
from tests.services.test_place_booking import place, wish_of

DAY = next_open_day()


def mail(
    actor: Actor,
    kind: str,
    placed: Placed,
    context: Mapping[str, object] | None = None,
    now: datetime | None = None,
) -> Letter | None:
    wanted = Wanted(
        id=uuid.uuid4(),
        kind=f"bookings/{kind}",
        subject_ids=(placed.group_id,),
        context=context or {},
        organisation_id=None,
        family_id=actor.family_id,
        to_user_id=actor.user_id,
        to_mail="tanaka@example.test",
        to_name="田中 みほ",
        base_url="https://portal.example",
        is_demo=False,
        now=now or clock.now(),
    )
    with acting_as(actor) as session:
        return MAILS[wanted.kind](session, wanted)


def entry_of(letter: Letter) -> tuple[str, dict[str, str]]:
    assert letter.invitation is not None
    calendar = Calendar.from_ical(letter.invitation)
    (event,) = calendar.walk("VEVENT")
    shown = {name: str(event.decoded(name)) for name in ("sequence", "dtstart")}
    shown |= {name: str(event[name]) for name in ("uid", "status", "summary")}
    return str(calendar["method"]), shown


@pytest.fixture
def booked(hinata: Site, tanaka: Actor) -> Placed:
    """Hana and Riku as one unit."""
    make_child(tanaka, "田中 りく", born_on=date(2025, 3, 1))
    for child in children_of(tanaka):
        accept(hinata, tanaka, child.id)
    return place(tanaka, wish_of(tanaka, hinata, DAY))


@pytest.mark.proves("J3")
def test_the_confirmation_says_all_and_carries_one_entry(tanaka: Actor, booked: Placed) -> None:
    letter = mail(tanaka, "placed", booked)
    assert letter is not None
    for words in ("9:00〜12:00", "ひなた保育園", "お子さん 2人", "2,400円", "17:00 まで無料"):
        assert words in letter.text
    assert f"https://portal.example/my/bookings/{booked.group_id}" in letter.text
    method, entry = entry_of(letter)
    assert (method, entry["sequence"], entry["status"]) == ("REQUEST", "0", "CONFIRMED")
    whole = letter.subject + letter.text + (letter.invitation or b"").decode()
    assert "はな" not in whole
    assert "りく" not in whole


def test_one_entry_lives_through_change_partial_and_whole_cancellation(
    tanaka: Actor, booked: Placed
) -> None:
    first = mail(tanaka, "placed", booked)
    assert first is not None
    with acting_as(tanaka), transaction() as session:
        span = span_on(DAY, time(13), time(15))
        change_booking(session, booked.group_id, span, actor=tanaka, now=clock.now())
    before = {"starts_at": f"{DAY}T09:00+09:00", "ends_at": f"{DAY}T12:00+09:00"}
    moved = mail(tanaka, "changed", booked, before)
    assert moved is not None
    assert "前の日時" in moved.text
    assert "13:00〜15:00" in moved.text
    letters = [first, moved]
    for going in (children_of(tanaka)[0].id, children_of(tanaka)[1].id):
        with acting_as(tanaka), transaction() as session:
            cancel_booking(
                session, booked.group_id, child_ids=[going], actor=tanaka, now=clock.now()
            )
        letter = mail(tanaka, "cancelled", booked, {"fee_yen": 0, "children": 1})
        assert letter is not None
        letters.append(letter)
    entries = [entry_of(letter) for letter in letters]
    assert [method for method, _ in entries] == ["REQUEST", "REQUEST", "REQUEST", "CANCEL"]
    assert len({entry["uid"] for _, entry in entries}) == 1
    sequences = [int(entry["sequence"]) for _, entry in entries]
    assert sequences == sorted(set(sequences))
    assert "のこっている予約" in letters[2].text
    assert entries[3][1]["summary"].startswith("【取消】")


def test_a_confirmation_after_the_free_time_tells_what_cancelling_costs(
    tanaka: Actor, booked: Placed
) -> None:
    late = clock.at(DAY - timedelta(days=1), time(18))
    letter = mail(tanaka, "placed", booked, now=late)
    assert letter is not None
    assert "いま取り消すと 900円 かかります" in letter.text
    assert "無料です" not in letter.text


def test_a_confirmation_is_dropped_when_cancelled_over_or_not_theirs(
    tanaka: Actor, yamada: Actor, booked: Placed
) -> None:
    after = clock.at(DAY, time(12)) + timedelta(minutes=1)
    assert mail(tanaka, "placed", booked, now=after) is None
    assert mail(yamada, "placed", booked) is None
    with acting_as(tanaka), transaction() as session:
        cancel_booking(session, booked.group_id, actor=tanaka, now=clock.now())
    assert mail(tanaka, "placed", booked) is None
    before = {"starts_at": f"{DAY}T09:00+09:00", "ends_at": f"{DAY}T12:00+09:00"}
    assert mail(tanaka, "changed", booked, before) is None


def test_the_mails_tell_the_old_and_the_new_fee(tanaka: Actor, booked: Placed) -> None:
    told = {"fee_yen": 0, "children": 1, "rest_was_yen": 900, "rest_yen": 1500}
    with acting_as(tanaka), transaction() as session:
        going = [children_of(tanaka)[0].id]
        cancel_booking(session, booked.group_id, child_ids=going, actor=tanaka, now=clock.now())
    letter = mail(tanaka, "cancelled", booked, told)
    assert letter is not None
    assert letter.subject.startswith("【お子さん 1人の取り消し】"), "one still comes"
    assert "ほかのお子さんの予約は、のこっています" in letter.text
    assert "のこっている予約の料金は、900円から1,500円に変わりました" in letter.text
    assert "合計　　1,500円" in letter.text
    before = {"starts_at": f"{DAY}T09:00+09:00", "ends_at": f"{DAY}T12:00+09:00", "was_yen": 2400}
    moved = mail(tanaka, "changed", booked, before)
    assert moved is not None
    assert "前の料金　2,400円" in moved.text
