"""What staff are asked today, each found by its own function; numbers and days, never names."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from flask import url_for
from sqlalchemy.orm import Session

from portal.bookings.queries.lists import programmes_to_book
from portal.datarequests.queries import open_count
from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.families.protections import count_to_see_to
from portal.families.rules import PROTECTION_REMINDED_BEFORE
from portal.kernel.actor import Actor
from portal.kernel.clock import at, local_date, today
from portal.letters.queries import count_waiting
from portal.messages.queries import failed
from portal.notices.queries import unread_before
from portal.notices.words import days_words
from portal.office.today_cases import cases_to_do
from portal.office.today_outreach import outreach_to_do
from portal.office.today_shortages import Lack, Shortage, shortages
from portal.office.today_trials import trials_to_do
from portal.office.today_visits import visits_to_do
from portal.preregistration.listing import Show, overdue, renewals_waiting, words_waiting
from portal.preregistration.waiting import ending_until, waiting_for_facility
from portal.referrals.ground_todo import grounds_to_do
from portal.referrals.todo import received_to_do
from portal.rulebooks.describe import next_opening, next_opening_words
from portal.rulebooks.queries import rules_of
from portal.slots.opening import OpenDays
from portal.web.access import Permission, may
from portal.web.todo import ToDo

#: How many days ahead lacks of places and staff are looked for.
LOOK_AHEAD = timedelta(days=14)
#: From when on an opening of bookings, or the end of acceptances, is told.
OPENING_TOLD = timedelta(days=7)
ENDING_TOLD = timedelta(days=45)


@dataclass(frozen=True, slots=True)
class Asked:
    """Whose home page it is, and when."""

    session: Session
    actor: Actor
    now: datetime
    facilities: Sequence[Facility]
    opening: Mapping[uuid.UUID, OpenDays]

    @property
    def today(self) -> date:
        """The day in Japan."""
        return today(self.now)

    def name_of(self, facility_id: uuid.UUID) -> str:
        """Return the facility's name where there are several to tell apart."""
        if len(self.facilities) == 1:
            return ""
        return next((each.name for each in self.facilities if each.id == facility_id), "")


def to_do(asked: Asked) -> list[ToDo]:
    """Return what waits for staff, the most urgent first."""
    found = [
        *_notices(asked),
        *_protections(asked),
        *_applications(asked),
        *_of_support(asked),
        *_data_requests(asked),
        *_mails(asked),
        *visits_to_do(asked.session, actor=asked.actor, now=asked.now),
        *trials_to_do(asked.session, actor=asked.actor, now=asked.now),
        *cases_to_do(asked.session, actor=asked.actor, now=asked.now),
        *_letters(asked),
        *_lacks(asked),
    ]
    return sorted(found, key=lambda item: not item.is_urgent)


def _of_support(asked: Asked) -> Iterator[ToDo]:
    if not may(Permission.KNOW_SUPPORT):
        return
    for what in (received_to_do, grounds_to_do, outreach_to_do):
        yield from what(asked.session, actor=asked.actor, now=asked.now)


def to_know(asked: Asked) -> list[ToDo]:
    """Return what comes by itself and is good to know before."""
    return [*_openings(asked), *_endings(asked)]


def _notices(asked: Asked) -> Iterator[ToDo]:
    until = at(asked.today + timedelta(days=1), time(12))
    for notice, families in unread_before(asked.session, until, actor=asked.actor, now=asked.now):
        yield ToDo(
            _("お知らせを、まだ知らないご家庭"),
            _("%(count)s家庭") % {"count": families},
            url_for("office_notices.show", notice_id=notice.id),
            " ".join(filter(None, (notice.title, days_words(notice, asked.today)))),
            is_urgent=True,
        )


def _protections(asked: Asked) -> Iterator[ToDo]:
    by = asked.today + PROTECTION_REMINDED_BEFORE
    count = count_to_see_to(asked.session, actor=asked.actor, by=by)
    if count:
        yield ToDo(
            _("住所非公開の申し出と、期限が近い書類"),
            _("%(count)s件") % {"count": count},
            url_for("office_families_apart.protected"),
            is_urgent=True,
        )


def _applications(asked: Asked) -> Iterator[ToDo]:
    waiting = waiting_for_facility(asked.session, actor=asked.actor)
    answered = [one for one in waiting if one.answered_at]
    fresh = [one for one in waiting if not one.answered_at]
    href = url_for("office_preregistrations.index")
    yield from _registrations(asked)
    for what, some in (
        (_("質問に答えがとどいた事前登録"), answered),
        (_("返事を待っている事前登録"), fresh),
    ):
        if some:
            oldest = jdate(local_date(some[0].since), asked.today)
            yield ToDo(
                what,
                _("%(count)s件") % {"count": len(some)},
                href,
                _("いちばん長いものは %(day)s から待っています") % {"day": oldest},
            )


def _registrations(asked: Asked) -> Iterator[ToDo]:
    index = "office_preregistrations.index"
    late = overdue(asked.session, asked.today, actor=asked.actor)
    if late:
        yield ToDo(
            _("返事がおくれている事前登録"),
            _("%(count)s件") % {"count": len(late)},
            url_for(index, show=Show.OVERDUE.value),
            _("いちばん早い予定は %(day)s でした") % {"day": jdate(late[0], asked.today)},
            is_urgent=True,
        )
    for what, count, show in (
        (_("返事を待っているご家庭のことば"), words_waiting, Show.FOR_US),
        (_("続けたいという返事"), renewals_waiting, Show.RENEW),
    ):
        found = count(asked.session, actor=asked.actor)
        if found:
            href = url_for(index, show=show.value)
            yield ToDo(what, _("%(count)s件") % {"count": found}, href)


def _data_requests(asked: Asked) -> Iterator[ToDo]:
    if not may(Permission.ANSWER_DATA_REQUESTS):
        return
    count, due_on = open_count(asked.session, actor=asked.actor)
    if due_on is not None:
        yield ToDo(
            _("ご家庭のデータについての求め"),
            _("%(count)s件") % {"count": count},
            url_for("office_data_requests.index"),
            _("%(day)s までに返事をします") % {"day": jdate(due_on, asked.today)},
            is_urgent=due_on <= asked.today,
        )


def _mails(asked: Asked) -> Iterator[ToDo]:
    mails = [mail for mail in failed(asked.session, actor=asked.actor) if mail.failed_at]
    if mails:
        oldest = min(mail.failed_at for mail in mails if mail.failed_at)
        yield ToDo(
            _("届かなかったメール（電話で伝えます）"),
            _("%(count)s通") % {"count": len(mails)},
            url_for("office_mails.index"),
            _("%(day)s から") % {"day": jdate(local_date(oldest), asked.today)},
            is_urgent=True,
        )


def _letters(asked: Asked) -> Iterator[ToDo]:
    count = count_waiting(asked.session, actor=asked.actor)
    if count:
        yield ToDo(
            _("わたすおたより（メールのないご家庭）"),
            _("%(count)s通") % {"count": count},
            url_for("office_letters.index"),
        )


def _lacks(asked: Asked) -> Iterator[ToDo]:
    words = {
        Lack.OPEN_DOOR: _("お休みにした日に、予約が残っています"),
        Lack.PLACES: _("予約より枠が少ない日があります"),
        Lack.STAFF: _("職員が足りない時間があります"),
    }
    found = shortages(asked.session, asked.today, asked.today + LOOK_AHEAD, actor=asked.actor)
    known = {each.id for each in asked.facilities}
    for lack, what in words.items():
        days = [one for one in found if one.lack is lack and one.facility_id in known]
        if days:
            yield ToDo(
                what,
                _("%(count)s日") % {"count": len(days)},
                _day_of(days[0]),
                _("はじめは %(day)s") % {"day": _where(asked, days[0])},
                is_urgent=days[0].day == asked.today,
            )


def _where(asked: Asked, short: Shortage) -> str:
    return " ".join(filter(None, (jdate(short.day, asked.today), asked.name_of(short.facility_id))))


def _day_of(short: Shortage) -> str:
    return url_for("office_place_days.day", facility_id=short.facility_id, day=short.day)


def _openings(asked: Asked) -> Iterator[ToDo]:
    seen: set[tuple[uuid.UUID, datetime]] = set()
    programmes = programmes_to_book(asked.session, actor=asked.actor)
    rules = rules_of(asked.session, [each.id for each in programmes], asked.today)
    for programme in programmes:
        if programme.published_at is None:
            continue
        document = rules[programme.id]
        calendar = asked.opening[programme.facility_id].calendar
        opening = next_opening(document, calendar, now=asked.now)
        if opening is None or opening.opens_at - asked.now > OPENING_TOLD:
            continue
        if (programme.facility_id, opening.opens_at) in seen:
            continue
        seen.add((programme.facility_id, opening.opens_at))
        yield ToDo(
            _("予約の受付が始まります"),
            opening.what,
            url_for("office_places.week", facility_id=programme.facility_id),
            " ".join(
                filter(
                    None,
                    (
                        next_opening_words(opening, now=asked.now),
                        asked.name_of(programme.facility_id),
                    ),
                )
            ),
        )


def _endings(asked: Asked) -> Iterator[ToDo]:
    last = asked.today + ENDING_TOLD
    days = ending_until(asked.session, asked.today, last, actor=asked.actor)
    if days:
        first, soonest = days[0]
        yield ToDo(
            _("期限が来る事前登録"),
            _("%(count)s件") % {"count": sum(count for _day, count in days)},
            url_for("office_preregistrations.index"),
            _(
                "はじめは %(day)s の %(count)s件。"
                "続けて使うご家庭は、続ける手続きか、もう一度の申し込みをします"
            )
            % {"day": jdate(first, asked.today), "count": soonest},
        )
