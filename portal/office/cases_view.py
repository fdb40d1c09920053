"""A case as its page shows it: the timeline, the next thing to do, the limit of contacts."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portal.contacts import queries as contacts
from portal.contacts.rules import ContactChannel
from portal.contacts.service import next_advance
from portal.documents.dates import jdatetime
from portal.documents.i18n import gettext as _
from portal.facilities.models import Facility
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.noshow import queries, receivers
from portal.noshow.models import CareCase, CaseEventRow, CaseReport
from portal.noshow.receivers import ToPhone
from portal.noshow.rules import CaseKind, CaseState
from portal.noshow.words import event_words, kind_words, until_words
from portal.organisations.models import Organisation


@dataclass(frozen=True, slots=True)
class Limit:
    """From when the family may be contacted to encourage it; ``None``: it asked for no contact.

    Duty calls about this case are not counted.
    """

    at: datetime | None
    most: int
    days: int
    now: datetime

    @property
    def is_open(self) -> bool:
        """Whether it may be contacted now."""
        return self.at is not None and self.at <= self.now


@dataclass(frozen=True, slots=True)
class CaseView:
    """Everything the page shows."""

    case: CareCase
    facility: Facility
    title: str
    children: tuple[str, ...]
    guardians: tuple[ToPhone, ...]
    starts_at: datetime | None
    ends_at: datetime | None
    timeline: tuple[dict[str, str], ...]
    attempts: int
    reports: tuple[CaseReport, ...]
    bodies: Mapping[uuid.UUID, Organisation]
    sender: Organisation | None
    limit: Limit
    may_close: bool
    is_overdue: bool

    @property
    def was_alerted(self) -> bool:
        """Whether the sender was told by itself that the child did not come."""
        return any(report.sent_by is None for report in self.reports)

    @property
    def is_referred(self) -> bool:
        """Whether the family was referred here."""
        return self.sender is not None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.case.state is not CaseState.CLOSED


def case_view(
    session: Session, case_id: uuid.UUID, *, actor: Actor, now: datetime, may_close: bool
) -> CaseView:
    """Return a case of the actor's provider; the caller commits, since words are read.

    Raises:
        NoResultFound: not a case of the actor's provider.
    """
    of = queries.own(session, case_id, actor=actor)
    reports = queries.reports(session, of.id, actor=actor)
    sender_id = receivers.sender_of(session, of)
    events = queries.read_events(session, of, actor=actor)
    bodies = queries.bodies(
        session,
        [
            sender_id,
            of.organisation_id,
            *(each.receiver_id for each in reports),
            *(event.organisation_id for event, _words in events),
        ],
    )
    children = tuple(receivers.children_names(session, of, actor=actor))
    starts_at, ends_at = receivers.stay_of(session, of)
    policy = contacts.policy_of(session, of.family_id)
    return CaseView(
        case=of,
        facility=session.get_one(Facility, of.facility_id),
        title=title_of(of, children),
        children=children,
        guardians=tuple(receivers.to_phone(session, of, actor=actor)),
        starts_at=starts_at,
        ends_at=ends_at,
        timeline=tuple(_timeline(of, events, reports, bodies, now)),
        attempts=sum("." in event.kind for event, _words in events),
        reports=tuple(reports),
        bodies=bodies,
        sender=bodies.get(sender_id) if sender_id else None,
        limit=Limit(
            next_advance(session, of.family_id, ContactChannel.PHONE, actor=actor, now=now),
            policy.most_in_window,
            policy.window.days,
            now,
        ),
        may_close=may_close,
        is_overdue=of.state is CaseState.SUSPECTED and of.due_at < now,
    )


def title_of(of: CareCase, children: Sequence[str]) -> str:
    """Return what the page of a case is called: what happened, without blame."""
    if not children:
        return kind_words(of.kind)
    names = "・".join(_("%(name)sさん") % {"name": name} for name in children)
    if of.kind is CaseKind.WORRY:
        return _("%(names)sについて気になること") % {"names": names}
    return _("%(names)sが来ませんでした") % {"names": names}


def _timeline(
    of: CareCase,
    events: Sequence[tuple[CaseEventRow, str | None]],
    reports: Sequence[CaseReport],
    bodies: Mapping[uuid.UUID, Organisation],
    now: datetime,
) -> list[dict[str, str]]:
    found, attempt = [], 0
    for event, words in events:
        when = jdatetime(event.at, today(now))
        if "." in event.kind:
            attempt += 1
            when = _("%(when)s　連絡 %(count)s回め") % {"when": when, "count": attempt}
        is_theirs = event.organisation_id != of.organisation_id
        what = event_words(event.kind)
        body = bodies.get(event.organisation_id)
        found.append(
            {
                "when": when,
                "what": _("%(body)s：%(what)s") % {"body": body.name, "what": what}
                if is_theirs and body
                else what,
                "note": words or "",
                "state": "bad"
                if event.kind == "raised" or event.kind.startswith("overdue")
                else "",
            }
        )
    if of.state is CaseState.CLOSED:
        return found
    found.extend(
        {
            "when": _("待っています（%(until)s）") % {"until": until_words(report.due_at, now)},
            "what": _("%(body)sの受け取り") % {"body": bodies[report.receiver_id].name},
            "note": "",
            "state": "open",
        }
        for report in {each.receiver_id: each for each in reports}.values()
        if report.acknowledged_at is None and report.reporter_id == of.organisation_id
    )
    return found
