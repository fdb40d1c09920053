"""What the pages of an interview show: its steps, who could help, what is still missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any

from flask import url_for
from sqlalchemy.orm import Session

from portal.consents.queries import holds
from portal.consents.rules import SharingPurpose
from portal.documents.i18n import gettext as _
from portal.families import queries as families
from portal.families.models import Child, Guardian
from portal.kernel.actor import Actor
from portal.kernel.clock import today
from portal.organisations.models import Organisation
from portal.referrals import ground_queries, queries
from portal.referrals.labels import item_label
from portal.referrals.models import Interview, Referral
from portal.referrals.offering import receiver_names
from portal.referrals.on_the_spot import children_meant
from portal.referrals.receivers import other_bodies
from portal.referrals.records_forms import Towards
from portal.referrals.rules import NEEDED_ITEMS, OPEN, Item, ReferralState
from portal.referrals.said import child_words
from portal.referrals.words import stage_words, urgency_words

#: An interview that led nowhere stands on the lists for so long.
UNFINISHED_FOR = timedelta(days=180)


class Step(StrEnum):
    """The steps of an interview, in their order."""

    FAMILY = "family"
    CHILDREN = "children"
    LEARNED = "learned"
    RECEIVERS = "receivers"
    CONSENTS = "consents"
    SEND = "show"


def step_names() -> dict[Step, str]:
    """Return the names of the steps."""
    return {
        Step.FAMILY: _("ご家庭"),
        Step.CHILDREN: _("お子さん"),
        Step.LEARNED: _("わかったこと"),
        Step.RECEIVERS: _("紹介先"),
        Step.CONSENTS: _("同意"),
        Step.SEND: _("確認して送る"),
    }


def step_links(row: Interview | None) -> list[dict[str, Any]]:
    """Return the steps with their pages; before the family is kept there is none but the first."""
    return [
        {
            "step": step,
            "name": name,
            "href": url_for(f"liaison_interviews.{step.value}", interview_id=row.id)
            if row is not None
            else None,
        }
        for step, name in step_names().items()
    ]


def towards_of(session: Session, row: Interview, *, actor: Actor) -> list[Towards]:
    """Return the receivers of the drafts as the words of the consents name them."""
    named = drafts_by_name(session, row, actor=actor)
    return [Towards(draft.receiver_id, name) for draft, name in named]


def drafts_by_name(session: Session, row: Interview, *, actor: Actor) -> list[tuple[Referral, str]]:
    """Return the drafts of an interview, each with the name of its receiver."""
    drafts = [
        each
        for each in queries.drafts_of(session, row, actor=actor)
        if each.state is ReferralState.DRAFT
    ]
    return list(zip(drafts, receiver_names(session, drafts), strict=True))


def reports_of(
    session: Session, row: Interview, towards: Sequence[Towards], *, actor: Actor, on: date
) -> tuple[list[Towards], list[str]]:
    """Return whom nurseries could be allowed to tell later, and the names of those who may be told.

    Whoever holds words of the family keeps them: new ones for reports alone would end the old.
    """
    own = session.get_one(Organisation, actor.organisation_id)
    bodies = [
        Towards(own.id, own.name),
        *(Towards(each.organisation_id, each.name) for each in other_bodies(session, actor=actor)),
    ]
    taken = {each.organisation_id for each in towards}
    asked, there = [], []
    for each in bodies:
        held = holds(session, row.family_id, SharingPurpose.SHARING, each.organisation_id, on)
        if held is not None and Item.NO_SHOW.value in held.items:
            there.append(each.name)
        elif held is None and each.organisation_id not in taken:
            asked.append(each)
    return asked, there


@dataclass(frozen=True, slots=True)
class DraftLine:
    """One receiver of an interview with the records that are there for it."""

    row: Referral
    name: str
    children: str
    items: tuple[str, ...]
    shared: str | None
    told: str | None
    booking: bool
    #: Sentences of what is missing before it can leave.
    missing: tuple[str, ...]
    #: A decision to pass on without consent: one that waits for a colleague, or that holds.
    is_ground_waiting: bool = False
    has_ground: bool = False
    #: Whether it was sent and a place can be booked with her beside.
    can_book: bool = False


@dataclass(frozen=True, slots=True)
class Overview:
    """The whole interview on one page."""

    guardian: Guardian
    stage: str
    children: tuple[str, ...]
    learned: tuple[tuple[str, str], ...]
    drafts: tuple[DraftLine, ...]
    sent: tuple[DraftLine, ...]
    urgency: str | None
    target_on: date | None
    #: Whom nurseries may tell when she does not come.
    may_be_told: tuple[str, ...]
    missing: tuple[tuple[str, str], ...]


def overview(session: Session, row: Interview, *, actor: Actor, now: datetime) -> Overview:
    """Return everything of an interview. To read what was learned leaves a trace; commit it."""
    on = today(now)
    guardian = queries.guardian_met(session, row, actor=actor)
    kids = families.children(session, row.family_id, actor=actor)
    known = queries.learned(session, row, actor=actor)
    rows = queries.drafts_of(session, row, actor=actor)
    lines = [
        _line(session, each, name, kids, actor=actor, on=on)
        for each, name in zip(rows, receiver_names(session, rows), strict=True)
    ]
    drafts = tuple(each for each in lines if each.row.state is ReferralState.DRAFT)
    missing = []
    link = {step["step"]: step["href"] for step in step_links(row)}
    if row.guide_ticked_on is None:
        missing.append((_("「子育てガイド」の印がまだです"), link[Step.FAMILY]))
    if not kids:
        missing.append((_("お子さんがまだです"), link[Step.CHILDREN]))
    if not drafts:
        missing.append((_("紹介先がまだです"), link[Step.RECEIVERS]))
    for each in drafts:
        missing += [
            (_("%(name)s：%(what)s") % {"name": each.name, "what": what}, link[Step.CONSENTS])
            for what in each.missing
        ]
    return Overview(
        guardian,
        stage_words(row.stage),
        tuple(child_words(child, on) for child in kids),
        tuple((item_label(item), words) for item, words in known.items()),
        drafts,
        tuple(each for each in lines if each.row.sent_at is not None),
        urgency_words(drafts[0].row.urgency) if drafts else None,
        drafts[0].row.target_on if drafts else None,
        tuple(reports_of(session, row, (), actor=actor, on=on)[1]),
        tuple(missing),
    )


def next_after_sending(
    session: Session, row: Interview, sent: Sequence[Referral], *, actor: Actor, now: datetime
) -> str:
    """Return the page that comes next: with a yes to booking now, the places, she is still there.

    Several go back to the interview, which leads to the places of each.
    """
    if len(sent) != 1:
        return url_for("liaison_interviews.show", interview_id=row.id)
    page = (
        "booking.places"
        if _can_book(session, sent[0], actor=actor, on=today(now))
        else "referrals.show"
    )
    return url_for(f"liaison_{page}", referral_id=sent[0].id)


def _can_book(session: Session, row: Referral, *, actor: Actor, on: date) -> bool:
    """Say whether places can be looked for: a nursery, a yes, and a child that is born."""
    agreed = holds(
        session,
        row.family_id,
        SharingPurpose.BOOKING,
        row.receiver_id,
        on,
        asked_by=actor.organisation_id,
    )
    return (
        agreed is not None
        and row.facility_id is not None
        and bool(children_meant(session, row, actor=actor))
    )


def _line(
    session: Session, row: Referral, name: str, kids: Sequence[Child], *, actor: Actor, on: date
) -> DraftLine:
    records = {
        purpose: holds(
            session, row.family_id, purpose, row.receiver_id, on, asked_by=actor.organisation_id
        )
        for purpose in SharingPurpose
    }
    sharing, told = records[SharingPurpose.SHARING], records[SharingPurpose.TOLD]
    ground, holds_now = ground_queries.towards(session, row.family_id, row.receiver_id, actor=actor)
    missing = []
    if sharing is None:
        missing.append(_("同意1（情報を伝えること）がまだです"))
    elif not {item.value for item in NEEDED_ITEMS} <= set(sharing.items):
        missing.append(_("お名前・電話とお子さんのことを伝える同意がまだです"))
    if told is None:
        missing.append(_("同意2（連絡が来ること）がまだです"))
    return DraftLine(
        row,
        name,
        "、".join(child_words(child, on) for child in kids if child.id in row.child_ids),
        tuple(item_label(item) for item in sharing.items) if sharing else (),
        sharing.wording if sharing else None,
        told.wording if told else None,
        records[SharingPurpose.BOOKING] is not None,
        tuple(missing),
        can_book=row.state in OPEN and _can_book(session, row, actor=actor, on=on),
        is_ground_waiting=ground is not None and ground.released_at is None and not holds_now,
        has_ground=holds_now,
    )
