"""What happens once in the city, done as its people do it: by the portal's own services.

A facility shuts a day and tells its families, an address is protected, a record is to be put right.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from sqlalchemy import select

from portal.commands.demo_city import names
from portal.commands.demo_city.record import City, Site
from portal.datarequests.rules import RequestTopic
from portal.datarequests.service import ask_correction
from portal.db.session import acting_as, transaction
from portal.families import protections, rights
from portal.families.models import Guardian
from portal.families.protections import ProtectionDetails, Shown
from portal.kernel.actor import Actor, Right, Role
from portal.kernel.clock import today
from portal.notices import service as notices
from portal.notices.models import NoticeReceipt
from portal.notices.rules import Audience, Cause, NoticeKind, NoticeWish

#: Of the families that were told, every second has read it by now, and one was called.
_READS = 2


def happen(city: City, now: datetime) -> None:
    """Let all of it happen by ``now``."""
    _closure(city, city.site("by_the_hour"), now)
    _announcement(city, city.sites[0], now)
    _protect(city.sites[0], now)
    _limit(city.sites[0])
    _ask_for_protection(city.sites[0])
    _data_request(city.sites[0], now)


def _director(site: Site) -> Actor:
    return Actor(Role.DIRECTOR, site.director_id, site.organisation_id)


def _closure(city: City, site: Site, now: datetime) -> None:
    """The water is cut off in some days: the facility shuts, cancels, and tells its families."""
    day = today(now) + timedelta(days=5)
    while day.weekday() not in range(5):
        day += timedelta(days=1)
    wish = NoticeWish(
        kind=NoticeKind.CLOSURE,
        cause=Cause.BUILDING,
        audience=Audience.BOOKED,
        title="断水のため、お休みします",
        body="水道の工事で一日水が使えないため、お休みします。料金はかかりません。ご迷惑をおかけします。",
        from_day=day,
        to_day=day,
        cancels_bookings=True,
    )
    _send(city, site, wish, now)


def _announcement(city: City, site: Site, now: datetime) -> None:
    wish = NoticeWish(
        kind=NoticeKind.ANNOUNCEMENT,
        cause=Cause.INFECTION,
        audience=Audience.BOOKED,
        title="胃腸炎がはやっています",
        body="吐いたり下痢をしたりしているお子さんは、よくなって一日たってから来てください。"
        "着替えを1組多く持たせてください。",
    )
    _send(city, site, wish, now)


def _send(city: City, site: Site, wish: NoticeWish, now: datetime) -> None:
    director = _director(site)
    with acting_as(director), transaction() as session:
        sent = notices.send_notice(session, site.facility_id, wish, actor=director, now=now)
        receipts = session.execute(
            select(NoticeReceipt.id, Guardian.user_id, NoticeReceipt.family_id)
            .join(Guardian, Guardian.family_id == NoticeReceipt.family_id)
            .where(NoticeReceipt.notice_id == sent.notice_id, Guardian.is_primary)
            .order_by(NoticeReceipt.family_id)
        ).all()
        callers = [row.id for row in receipts if row.user_id is None]
        for receipt_id in callers[:1]:
            notices.mark_told(session, receipt_id, actor=director, now=now)
    for number, (receipt_id, user_id, family_id) in enumerate(receipts):
        if user_id is not None and number % _READS == 0 and family_id not in city.featured[:1]:
            _read(receipt_id, Actor(Role.GUARDIAN, user_id, family_id=family_id), now)


def _read(receipt_id: uuid.UUID, reader: Actor, now: datetime) -> None:
    with acting_as(reader), transaction() as session:
        notices.mark_read(session, receipt_id, actor=reader, now=now, by_link=True)


def _guardian(site: Site, name: str) -> Guardian:
    with acting_as(_director(site)) as session:
        return session.scalars(select(Guardian).where(Guardian.name == name)).one()


def _protect(site: Site, now: datetime) -> None:
    """Keep the address of a mother from her children's father, as she showed staff papers for."""
    mother = _guardian(site, names.DOORS["apart"])
    shown_on = today(now) - timedelta(days=40)
    details = ProtectionDetails(Shown.NOTICE, shown_on, shown_on + timedelta(days=365))
    director = _director(site)
    with acting_as(director), transaction() as session:
        protections.set_protection(session, mother.id, details, actor=director, now=now)


def _limit(site: Site) -> None:
    """Let a father who lives apart see the bookings, but not make them."""
    father = _guardian(site, names.SECONDS[names.SECOND_DOORS["apart_father"]][0])
    director = _director(site)
    with acting_as(director), transaction() as session:
        rights.set_rights(
            session,
            father.id,
            [Right.BOOK, Right.CONTACTS],
            actor=director,
            reason="離婚の調停で、予約は母が行うと決めたとのこと。書類を見ました。",
        )


def _ask_for_protection(site: Site) -> None:
    asker = _guardian(site, names.ASKS_FOR_PROTECTION)
    actor = Actor(Role.GUARDIAN, asker.user_id, family_id=asker.family_id)
    with acting_as(actor), transaction() as session:
        protections.request(session, actor=actor)


def _data_request(site: Site, now: datetime) -> None:
    asker = _guardian(site, names.ASKS_FOR_CORRECTION)
    actor = Actor(Role.GUARDIAN, asker.user_id, family_id=asker.family_id)
    with acting_as(actor), transaction() as session:
        ask_correction(
            session,
            asker.family_id,
            site.organisation_id,
            RequestTopic.ATTENDANCE,
            "いちばん新しい利用の降園の時刻が、じっさいより30分おそくなっています。",
            actor=actor,
            now=now,
        )
