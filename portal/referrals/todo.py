"""What of referrals waits today, for the home pages of both sides; counts and days, never names."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from flask import url_for
from sqlalchemy.orm import Session

from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.kernel.actor import Actor
from portal.kernel.clock import local_date, today
from portal.referrals import queries
from portal.referrals.models import Referral
from portal.referrals.pages import Tab, is_late
from portal.referrals.rules import Outcome, ReferralState, Urgency
from portal.web.todo import ToDo

#: For so many days a referral that was taken back stands among what is to know.
_TOLD_FOR = timedelta(days=3)
#: For so many days the nursery is asked to look whether something of its own goes on.
_ASKED_FOR = timedelta(days=7)


def sent_to_do(session: Session, *, actor: Actor, now: datetime) -> Iterator[ToDo]:
    """Yield what waits for whoever referred families."""
    on = today(now)
    rows = [row for row in queries.sent_by_us(session, actor=actor) if queries.is_standing(row)]
    refused = [row for row in rows if row.next_by == actor.organisation_id]
    if refused:
        yield ToDo(
            _("こちらの番の紹介（ほかの園・支援をさがす）"),
            _("%(count)s件") % {"count": len(refused)},
            url_for("liaison_referrals.index"),
            _until(refused, now),
            is_urgent=any(is_late(row, on) for row in refused),
        )
    late = [row for row in rows if is_late(row, on)]
    # As many as the list behind it shows; left out where it would repeat the line above.
    if any(row not in refused for row in late):
        yield ToDo(
            _("期限をすぎた紹介"),
            _("%(count)s件") % {"count": len(late)},
            url_for("liaison_referrals.index", show=Tab.OVERDUE.value),
            _until(late, now),
            is_urgent=True,
        )


def received_to_do(session: Session, *, actor: Actor, now: datetime) -> Iterator[ToDo]:
    """Yield what waits for whoever was asked to help."""
    on = today(now)
    rows = queries.received_by_us(session, actor=actor)
    fresh = [row for row in rows if row.state is ReferralState.SENT]
    if fresh:
        yield ToDo(
            _("受け取りを待っている紹介"),
            _("%(count)s件") % {"count": len(fresh)},
            url_for("office_referrals.index"),
            _until(fresh, now),
            is_urgent=any(
                is_late(row, on) or row.urgency is Urgency.URGENT or row.next_on == on
                for row in fresh
            ),
        )
    late = [row for row in rows if is_late(row, on)]
    if any(row not in fresh for row in late):
        yield ToDo(
            _("期限をすぎた紹介"),
            _("%(count)s件") % {"count": len(late)},
            url_for("office_referrals.index", show=Tab.OVERDUE.value),
            _until(late, now),
            is_urgent=True,
        )
    ended = [row for row in rows if row.outcome == Outcome.ENDED and _since(row, on) <= _ASKED_FOR]
    open_ones = queries.may_go_on(session, ended, actor=actor)
    if open_ones:
        yield ToDo(
            _("紹介が終わったご家庭（申し込みや予定が残っていないか、たしかめます）"),
            _("%(count)s件") % {"count": len(open_ones)},
            url_for("office_referrals.index", show=Tab.ENDED.value),
            is_urgent=True,
        )
    gone = [
        row
        for row in rows
        if row.state is ReferralState.RECALLED
        and _since(row, on) <= _TOLD_FOR
        and row not in open_ones
    ]
    if gone:
        yield ToDo(
            _("取り下げられた紹介（連絡をやめます）"),
            _("%(count)s件") % {"count": len(gone)},
            url_for("office_referrals.index", show=Tab.ENDED.value),
        )


def _since(row: Referral, on: date) -> timedelta:
    return on - local_date(row.state_at)


def _until(rows: list[Referral], now: datetime) -> str:
    days = [row.next_on or row.target_on for row in rows]
    first = min((day for day in days if day is not None), default=None)
    if first is None:
        return ""
    return _("いちばん早い期限は %(day)s") % {"day": jdate(first, today(now))}
