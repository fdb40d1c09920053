"""Everything the portal holds about a family, gathered for the family itself.

What the actor may not see is not in it: each query names the family, and row-level security stands
behind. *Source:* 個人情報の保護に関する法律 33条.
"""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Any

from jinja2 import Environment
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import User
from portal.attendance.models import Attendance, WordFromFamily
from portal.audit.service import record_read
from portal.bookings.models import Booking
from portal.bookings.queries.chosen import chosen_words
from portal.bookings.tickets import count_of
from portal.bookings.use_kinds import UseKind, words_of
from portal.datarequests import queries, words
from portal.datarequests.brought import consents_of, photos_of
from portal.datarequests.own_home import home_of, uses_of
from portal.datarequests.own_record import sections_of, versions_of
from portal.datarequests.plain import plain, rows_of
from portal.documents.dates import jdate, jtime
from portal.documents.i18n import gettext as _
from portal.documents.pdf import pdf_bytes
from portal.documents.templating import environment
from portal.families import queries as families
from portal.families.models import Child, ChildRecord, Guardian, PickupPerson
from portal.kernel.actor import Actor
from portal.kernel.clock import JST, today
from portal.preregistration.models import Preregistration, PreregistrationMessage
from portal.rulebooks.queries import document_of
from portal.visits.models import Visit, VisitSession

#: Version of the layout of ``data.json``.
LAYOUT = 1
Topics = Mapping[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class OwnCopy:
    """A family's data by topic: rows of plain values, ready for JSON, and for the paper."""

    number: str
    made_at: datetime
    topics: Topics
    #: The photos themselves, by the name that they have in the ZIP.
    photos: Mapping[str, bytes]

    def as_json(self) -> bytes:
        """Return the copy as UTF-8 JSON; times with their offset of Japan."""
        whole = {
            "layout": LAYOUT,
            "made_at": self.made_at.astimezone(JST).isoformat(),
            "family_number": self.number,
            **self.topics,
        }
        return json.dumps(whole, ensure_ascii=False, indent=2).encode()


def gather(
    session: Session,
    family_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    with_photos: bool = False,
) -> OwnCopy:
    """Return all that is held about the family and open to the actor; the reading is written down.

    What was closed or taken off the lists is in it, with the day, as long as it is kept.

    Args:
        with_photos: The photos themselves too, each with its line in the audit.

    Raises:
        NoResultFound: not this actor's family.
    """
    family = families.family(session, family_id, actor=actor)
    children = session.scalars(
        select(Child)
        .where(Child.family_id == family_id, families.visible(Child.family_id, actor))
        .order_by(Child.created_at, Child.id)
    ).all()
    names = {child.id: _called(child) for child in children}
    people = session.scalars(
        select(PickupPerson)
        .where(PickupPerson.family_id == family_id, families.visible(PickupPerson.family_id, actor))
        .order_by(PickupPerson.created_at, PickupPerson.id)
    ).all()
    photos, files = photos_of(session, family_id, people, actor=actor, now=now, whole=with_photos)
    record_read(session, actor, "own_copy", *names, family_id=family_id)
    asked = [row for row in queries.requests(session, actor=actor) if row.family_id == family_id]
    bodies = queries.bodies_of(session, {row.organisation_id for row in asked})
    records = session.scalars(select(ChildRecord).where(ChildRecord.family_id == family_id))
    return OwnCopy(
        number=family.number,
        made_at=now,
        topics={
            "guardians": _guardians(session, families.guardians(session, family_id, actor=actor)),
            "children": rows_of(
                children, ("name", "name_kana", "born_on", "due_on", "created_at", "ended_at")
            ),
            "pickup_persons": rows_of(
                people, ("name", "relation", "phone", "created_at", "removed_at")
            ),
            "child_records": [
                {"child": names.get(row.child_id), **one}
                for row in records
                for one in rows_of(
                    [row],
                    ("allergies", "conditions", "habits", "notes", "confirmed_on", "updated_at"),
                )
            ],
            "record_sections": sections_of(session, family_id, names, actor=actor),
            "record_versions": versions_of(session, family_id, names, actor=actor),
            "preregistrations": _preregistrations(session, family_id, names),
            "bookings": _bookings(session, family_id, names),
            "visits": _visits(session, family_id, names),
            "words": _words(session, family_id),
            "declared_uses": uses_of(session, family_id, names),
            "home_facts": home_of(session, family_id, names),
            "consents": consents_of(session, family_id, actor=actor),
            "photos": photos,
            "requests": [
                {
                    "provider": bodies[row.organisation_id],
                    **one,
                }
                for row in asked
                for one in rows_of(
                    [row],
                    ("kind", "topic", "state", "text", "answer", "received_at", "decided_at"),
                )
            ],
            "may_see": [
                {"provider": each.body, "since": plain(each.since)}
                for each in queries.holders(session, actor=actor)
            ],
            **_seen(session, family.created_at, actor=actor, now=now),
        },
        photos=files,
    )


def _called(child: Child) -> str | None:
    """Return how other rows name a child; of several without name, by the day it was expected."""
    if child.name or child.due_on is None:
        return child.name
    return _("お名前のないお子さん（出産予定日 %(day)s）") % {"day": jdate(child.due_on)}


def archive(copy: OwnCopy, *, is_demo: bool) -> bytes:
    """Return a ZIP: ``data.json`` for programs, a paper as PDF for people, and the photos.

    Raises:
        PdfUnavailable: Pango is missing on this machine.
    """
    packed = io.BytesIO()
    moment = copy.made_at.astimezone(JST).timetuple()[:6]
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as files:
        for name, content in (
            ("data.json", copy.as_json()),
            ("data.pdf", paper(copy, is_demo=is_demo)),
        ):
            files.writestr(zipfile.ZipInfo(name, moment), content)
        for name, content in copy.photos.items():
            # A JPEG gets no smaller.
            files.writestr(zipfile.ZipInfo(name, moment), content, zipfile.ZIP_STORED)
    return packed.getvalue()


def paper(copy: OwnCopy, *, is_demo: bool) -> bytes:
    """Return the copy as PDF, for people and for the letter to those who asked by phone."""
    html = _templates().get_template("datarequests/own_copy.html")
    return pdf_bytes(
        html.render(
            copy=copy,
            now=copy.made_at,
            is_demo=is_demo,
            moment=datetime.fromisoformat,
            day=date.fromisoformat,
            clock=lambda text: jtime(datetime.fromisoformat(text)),
        )
    )


@cache
def _templates() -> Environment:
    return environment()


def _guardians(session: Session, guardians: Sequence[Guardian]) -> list[dict[str, Any]]:
    """Return the guardians, with the address by which the actor signs in, where it is hers."""
    accounts = {each.user_id for each in guardians if each.user_id is not None}
    found = session.execute(select(User.id, User.mail).where(User.id.in_(accounts)))
    mails = {row.id: row.mail for row in found}
    fields = ("name", "name_kana", "relation", "phone", "mail", "address", "created_at")
    return [
        {**one, "mail": mails.get(guardian.user_id, guardian.mail)}
        for guardian, one in zip(guardians, rows_of(guardians, fields), strict=True)
    ]


def _seen(session: Session, since: datetime, *, actor: Actor, now: datetime) -> Topics:
    """Return who saw the family's data, the latest first; nothing where staff make the copy."""
    if actor.family_id is None:
        return {}
    lines = queries.log_of(session, today(since), today(now), actor=actor)
    return {
        "seen": [
            {
                "last_at": plain(line.last_at),
                "who": words.who_word(line),
                "what": words.action_word(line.action),
                "times": line.times,
            }
            for line in lines
            if line.is_read
        ]
    }


_OF_APPLICATION = (
    *("state", "channel", "received_at", "answer_by", "decided_at", "accepted_until"),
    *("family_agreed_at", "facility_agreed_at", "renewal_asked_at"),
)


def _preregistrations(
    session: Session, family_id: uuid.UUID, names: Mapping[uuid.UUID, str | None]
) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Preregistration)
        .options(joinedload(Preregistration.facility))
        .where(Preregistration.family_id == family_id)
        .order_by(Preregistration.applied_at)
    ).all()
    said = session.scalars(
        select(PreregistrationMessage)
        .where(PreregistrationMessage.family_id == family_id)
        .order_by(PreregistrationMessage.written_at)
    ).all()
    return [
        {
            "facility": row.facility.name,
            "child": names.get(row.child_id),
            **one,
            "messages": rows_of(
                [each for each in said if each.preregistration_id == row.id],
                ("is_from_family", "text", "written_at"),
            ),
        }
        for row in rows
        for one in rows_of([row], _OF_APPLICATION)
    ]


def _visits(
    session: Session, family_id: uuid.UUID, names: Mapping[uuid.UUID, str | None]
) -> list[dict[str, Any]]:
    """Return visits with what the family said; the staff's own notes are not hers to read."""
    rows = session.scalars(
        select(Visit)
        .options(joinedload(Visit.session).joinedload(VisitSession.facility))
        .where(Visit.family_id == family_id)
        .order_by(Visit.received_at, Visit.id)
    ).all()
    return [
        {
            "facility": row.session.facility.name,
            "child": "、".join(filter(None, map(names.get, row.child_ids))),
            **rows_of([row.session], ("kind", "day", "starts_at", "ends_at"))[0],
            **rows_of([row], ("state", "adults", "note", "channel", "received_at", "cancelled_at"))[
                0
            ],
        }
        for row in rows
    ]


def _bookings(
    session: Session, family_id: uuid.UUID, names: Mapping[uuid.UUID, str | None]
) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(Booking)
        .options(joinedload(Booking.facility))
        .where(Booking.family_id == family_id)
        .order_by(Booking.starts_at, Booking.id)
    ).all()
    stays = {
        stay.booking_id: stay
        for stay in session.scalars(select(Attendance).where(Attendance.family_id == family_id))
    }
    fields = ("day", "starts_at", "ends_at", "state", "purpose", "fee_yen", "cancel_fee_yen")
    more = ("note", "channel", "received_at", "cancelled_at")
    result = []
    for row in rows:
        stay = stays.get(row.id)
        came = rows_of([stay] if stay else [], ("arrived_at", "departed_at", "collected_by"))
        result.append(
            {
                "facility": row.facility.name,
                "child": names.get(row.child_id),
                **rows_of([row], fields + more)[0],
                **_beside(session, row),
                **(came[0] if came else {}),
            }
        )
    return result


def _beside(session: Session, row: Booking) -> dict[str, Any]:
    """What was said and chosen beside a stay, in the words of its rules, where anything was."""
    found: dict[str, Any] = {}
    if row.use_type:
        kind = UseKind(row.use_type, row.use_reason)
        found["use_type"] = words_of(document_of(session, row.rulebook_id), kind, row.purpose)
    if row.options:
        found["options"] = "、".join(chosen_words(session, row))
    if row.tickets:
        found["tickets"] = count_of(row.tickets)
    return found


def _words(session: Session, family_id: uuid.UUID) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(WordFromFamily)
        .where(WordFromFamily.family_id == family_id)
        .order_by(WordFromFamily.received_at)
    )
    return rows_of(rows, ("kind", "expected_at", "channel", "received_at"))
