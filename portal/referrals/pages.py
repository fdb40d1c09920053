"""What lists and pages of referrals show, on either side of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy.orm import Session

from portal.documents.dates import jdatetime
from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.kernel.actor import Actor
from portal.kernel.clock import local_date, today
from portal.organisations.models import Organisation
from portal.referrals import queries
from portal.referrals.labels import item_label
from portal.referrals.models import Referral
from portal.referrals.passed_on import PassedOn, opened
from portal.referrals.rules import (
    Outcome,
    ReferralEvent,
    ReferralState,
    Side,
    Todo,
    Urgency,
    days_waiting,
    is_overdue,
    possible,
)
from portal.referrals.said import ages_words, child_words
from portal.referrals.words import (
    event_words,
    outcome_words,
    source_words,
    state_kind,
    state_words,
    todo_words,
    urgency_words,
)


class Tab(StrEnum):
    """The parts of a list of referrals."""

    OPEN = "open"
    OVERDUE = "overdue"
    USED = "used"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Line:
    """A referral on a list."""

    row: Referral
    #: Whom it is about, as far as this side may read it without opening it.
    who: str
    about: str
    other: str
    state: str
    kind: str
    #: From the sending until today, or until it was used or ended.
    days: int
    has_waited: bool
    what: str
    by: str
    is_overdue: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """One referral on its page."""

    line: Line
    passed: PassedOn | None
    children: tuple[str, ...]
    learned: tuple[tuple[str, str], ...]
    timeline: list[dict[str, Any]]
    urgency: str
    source: str
    outcome: str | None
    #: Whom to call on the other side.
    phone: str | None
    #: The events that this side may say now, as codes.
    can: frozenset[str]


def is_late(row: Referral, on: date) -> bool:
    """Say whether somebody should have done something by now."""
    return is_overdue(row.state, row.next_on, row.target_on, today=on)


def tab_of(row: Referral) -> Tab:
    """Return in which part of the list a referral stands, whether late or not."""
    if row.state is ReferralState.USED:
        return Tab.USED
    return Tab.OPEN if queries.is_standing(row) else Tab.ENDED


def lines_of(session: Session, rows: Sequence[Referral], *, actor: Actor, on: date) -> list[Line]:
    """Return the lines of a list. Names are shown to whoever has the family's own record."""
    known = {row.family_id for row in rows} | {
        row.client_family_id for row in rows if row.client_family_id
    }
    guardians = queries.first_guardians(session, known, actor=actor)
    children = queries.children_meant(
        session, {each for row in rows for each in row.child_ids}, actor=actor
    )
    bodies = queries.body_names(
        session, [each for row in rows for each in (row.sender_id, row.receiver_id)]
    )
    lines = []
    for row in rows:
        is_sender = queries.side_of(row, actor) is Side.SENDER
        own = row.family_id if is_sender else row.client_family_id
        guardian = guardians.get(own) if own else None
        place = session.get(Facility, row.facility_id) if row.facility_id else None
        to = place.name if place else bodies.get(row.receiver_id, "")
        meant = [children[each] for each in row.child_ids if each in children]
        until = queries.waiting_until(row, on)
        lines.append(
            Line(
                row,
                _("%(name)sさん") % {"name": guardian.name}
                if guardian
                else _("紹介 %(number)s番") % {"number": row.number},
                "・".join(filter(None, (ages_words(meant, on) if is_sender else "", _hurry(row)))),
                to if is_sender else bodies.get(row.sender_id, ""),
                state_words(row.state),
                state_kind(row.state),
                days_waiting(local_date(row.sent_at), today=until) if row.sent_at else 0,
                until < on or not queries.is_standing(row),
                todo_words(Todo(row.next_what)) if row.next_what else "",
                _whose(row, actor, bodies.get(row.next_by) if row.next_by else None),
                is_late(row, on),
            )
        )
    return lines


def _hurry(row: Referral) -> str:
    if row.urgency is Urgency.NORMAL:
        return ""
    return _("急ぎ：%(words)s") % {"words": urgency_words(row.urgency)}


def _whose(row: Referral, actor: Actor, name: str | None) -> str:
    if row.next_by is None:
        return ""
    return _("こちら") if row.next_by == actor.organisation_id else name or ""


def phone_of(session: Session, row: Referral, side: Side) -> str | None:
    """Return whom to call on the other side: the nursery itself, else the body."""
    if side is Side.SENDER and row.facility_id is not None:
        place = session.get(Facility, row.facility_id)
        if place is not None and place.phone:
            return place.phone
    body = session.get(Organisation, row.receiver_id if side is Side.SENDER else row.sender_id)
    return body.phone if body else None


def referral_page(session: Session, row: Referral, *, actor: Actor, now: datetime) -> Seen:
    """Return one referral. To read what was passed on leaves a trace; the caller commits.

    A receiver opens it by receiving it: before, it reads who sent it and how urgent it is.
    """
    on = today(now)
    side = queries.side_of(row, actor)
    is_closed_yet = side is Side.RECEIVER and row.state is ReferralState.SENT
    passed = None
    if not is_closed_yet:
        values = queries.items(session, row, actor=actor)
        passed = opened(values, row.child_ids) if values else None
    names = queries.body_names(session, [row.sender_id, row.receiver_id])
    timeline = [
        {
            "when": jdatetime(each.at, on),
            "what": _("%(who)s：%(what)s")
            % {"who": names.get(each.organisation_id, ""), "what": event_words(each.kind)},
            "note": None if is_closed_yet else each.words,
            "state": "bad" if each.kind in {"withdrawn", "ended", "no_contact"} else "",
        }
        for each in queries.events(session, row, actor=actor)
    ]
    return Seen(
        lines_of(session, [row], actor=actor, on=on)[0],
        passed,
        tuple(child_words(child, on) for child in passed.children) if passed else (),
        tuple((item_label(item), words) for item, words in passed.learned) if passed else (),
        timeline,
        urgency_words(row.urgency),
        source_words(row.source),
        outcome_words(Outcome(row.outcome)) if row.outcome else None,
        phone_of(session, row, side),
        frozenset(event.value for event in possible(row.state, side)) - {ReferralEvent.SEND.value},
    )
