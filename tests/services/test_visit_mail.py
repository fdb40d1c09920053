"""Mails about visits: facts and a calendar entry, no child's name, dropped when overtaken."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime, timedelta

import pytest
from icalendar import Calendar

from portal.calendars.queries import facility_feed, family_feed
from portal.db.session import acting_as, transaction
from portal.documents.ics import feed
from portal.kernel import clock
from portal.kernel.actor import Actor
from portal.messages.letters import Letter, Wanted
from portal.visits import afterwards, service, sessions
from portal.visits.mail import MAILS
from portal.visits.rules import Place, VisitKind, VisitState
from tests.factories import visits
from tests.factories.people import children_of, make_child
from tests.factories.places import Site

BASE = "https://portal.example"


def mail(
    family: Actor,
    kind: str,
    *visit_ids: uuid.UUID,
    context: Mapping[str, object] | None = None,
    now: datetime | None = None,
) -> Letter | None:
    wanted = Wanted(
        id=uuid.uuid4(),
        kind=f"visits/{kind}",
        subject_ids=visit_ids,
        context=context or {},
        organisation_id=None,
        family_id=family.family_id,
        to_user_id=family.user_id,
        to_mail="tanaka@example.test",
        to_name="田中 みほ",
        base_url=BASE,
        is_demo=False,
        now=now or clock.now(),
    )
    with acting_as(family), transaction() as session:
        return MAILS[wanted.kind](session, wanted)


def entry(file: bytes | None) -> tuple[str, str, str, int]:
    assert file is not None
    calendar = Calendar.from_ical(file)
    (event,) = calendar.walk("VEVENT")
    return (
        str(calendar["method"]),
        str(event["uid"]),
        str(event["status"]),
        int(str(event["sequence"])),
    )


@pytest.mark.proves("R4", "R24")
def test_the_confirmation_has_all_facts_the_link_and_no_childs_name(
    hinata: Site, tanaka: Actor
) -> None:
    online = visits.open_session(
        hinata, place=Place.ONLINE, online_url=visits.LINK, bring="母子手帳", words="カメラは任意"
    )
    hana = children_of(tanaka)[0]
    visit_id = visits.book(tanaka, online, child_ids=(hana.id,), note="アレルギーのこと")
    letter = mail(tanaka, "booked", visit_id)
    assert letter is not None
    assert letter.subject.startswith("【予約】見学 ")
    for words in (visits.LINK, "母子手帳", "カメラは任意", f"{BASE}/my/visits/{visit_id}"):
        assert words in letter.text
    assert "10:00〜10:30" in letter.text
    whole = letter.subject + letter.text + (letter.invitation or b"").decode()
    assert "はな" not in whole
    assert "アレルギー" not in whole
    assert entry(letter.invitation) == ("REQUEST", f"visit-{visit_id}@portal", "CONFIRMED", 0)


def test_what_was_overtaken_is_not_sent_and_a_cancelling_clears_the_calendar(
    hinata: Site, tanaka: Actor
) -> None:
    visit_id = visits.book(tanaka, visits.open_session(hinata))
    assert mail(tanaka, "cancelled", visit_id) is None
    with acting_as(tanaka), transaction() as session:
        service.cancel(session, visit_id, actor=tanaka, now=clock.now())
    assert mail(tanaka, "booked", visit_id) is None
    letter = mail(tanaka, "cancelled", visit_id)
    assert letter is not None
    assert entry(letter.invitation)[::2] == ("CANCEL", "CANCELLED")


def test_a_changed_time_has_the_same_entry_with_a_higher_sequence(
    hinata: Site, tanaka: Actor
) -> None:
    tour = visits.open_session(hinata)
    visit_id = visits.book(tanaka, tour)
    at = visits.session_of(tanaka, tour).starts_at
    with acting_as(hinata.owner), transaction() as session:
        sessions.change(
            session,
            tour,
            visits.wish(start=24),
            with_rest=False,
            actor=hinata.owner,
            now=clock.now(),
        )
    letter = mail(tanaka, "changed_by_facility", visit_id)
    assert letter is not None
    assert "12:00〜12:30" in letter.text
    assert entry(letter.invitation) == ("REQUEST", f"visit-{visit_id}@portal", "CONFIRMED", 1)
    assert mail(tanaka, "reminder", visit_id, context={"starts_at": at.isoformat()}) is None
    now_at = visits.session_of(tanaka, tour).starts_at
    reminder = mail(tanaka, "reminder", visit_id, context={"starts_at": now_at.isoformat()})
    assert reminder is not None
    assert "あしたは、見学の日です" in reminder.text


def test_the_facilitys_cancelling_says_sorry_why_and_where_other_days_are(
    hinata: Site, tanaka: Actor
) -> None:
    tour = visits.open_session(hinata)
    visit_id = visits.book(tanaka, tour)
    with acting_as(hinata.owner), transaction() as session:
        sessions.cancel_sessions(
            session,
            tour,
            "園で感染症が出たため",
            with_rest=False,
            actor=hinata.owner,
            now=clock.now(),
        )
    letter = mail(tanaka, "cancelled_by_facility", visit_id)
    assert letter is not None
    for words in (
        "ごめんなさい",
        "園で感染症が出たため",
        f"/facilities/{hinata.facility_id}/visits",
    ):
        assert words in letter.text
    assert entry(letter.invitation)[0] == "CANCEL"


def test_changing_to_another_day_clears_the_old_entry_and_brings_the_new(
    hinata: Site, tanaka: Actor
) -> None:
    old, new = visits.open_session(hinata), visits.open_session(hinata, start=24)
    first = visits.book(tanaka, old)
    with acting_as(tanaka), transaction() as session:
        second = service.move(session, first, new, actor=tanaka, now=clock.now())
    letter = mail(tanaka, "moved", second, first)
    assert letter is not None
    assert entry(letter.invitation)[:2] == ("REQUEST", f"visit-{second}@portal")
    assert entry(letter.more_invitations[0])[:2] == ("CANCEL", f"visit-{first}@portal")


def test_who_did_not_come_is_told_not_to_mind_and_nothing_once_taken_back(
    hinata: Site, tanaka: Actor
) -> None:
    tour = visits.open_session(hinata)
    visit_id = visits.book(tanaka, tour)
    visits.begin(hinata, tour)

    def mark(state: VisitState) -> None:
        with acting_as(hinata.owner), transaction() as session:
            afterwards.record_attendance(
                session, visit_id, state, actor=hinata.owner, now=clock.now()
            )

    mark(VisitState.MISSED)
    letter = mail(tanaka, "missed", visit_id)
    assert letter is not None
    assert "気になさらないで" in letter.text
    assert letter.invitation is None
    mark(VisitState.BOOKED)
    assert mail(tanaka, "missed", visit_id) is None


def test_a_stranger_gets_no_mail_of_anothers_visit(hinata: Site, tanaka: Actor) -> None:
    visit_id = visits.book(tanaka, visits.open_session(hinata))
    stranger = Actor(role=tanaka.role, user_id=uuid.uuid4(), family_id=uuid.uuid4())
    assert mail(stranger, "booked", visit_id) is None


@pytest.mark.proves("R4")
def test_visits_are_in_both_feeds_and_the_facilitys_names_nobody(
    hinata: Site, tanaka: Actor
) -> None:
    make_child(tanaka, "田中 そら")
    tour = visits.open_session(hinata, kind=VisitKind.INTERVIEW)
    visit_id = visits.book(tanaka, tour, child_ids=tuple(c.id for c in children_of(tanaka)))
    now = clock.now() + timedelta(minutes=1)
    with acting_as(tanaka) as session:
        own = family_feed(session, actor=tanaka, now=now, base_url=BASE)
    assert [each.uid for each in own.entries] == [f"visit-{visit_id}@portal"]
    with acting_as(hinata.owner) as session:
        theirs = facility_feed(
            session, hinata.facility_id, actor=hinata.owner, now=now, base_url=BASE
        )
    (only,) = theirs.entries
    assert only.summary == "面談 1組（4組まで）"
    for content in (own, theirs):
        text = feed(content.entries, name=content.name).decode()
        assert "田中" not in text
        assert "そら" not in text
