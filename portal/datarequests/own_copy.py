"""Everything the portal holds about a family, gathered for the family itself.

What the actor may not see is not in it: each query names the family, and row-level security stands
behind. *Source:* 個人情報の保護に関する法律 33条.
"""

from __future__ import annotations

import io
import json
import uuid
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from typing import Any

from jinja2 import Environment
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portal.accounts.models import User
from portal.attendance.models import Attendance, WordFromFamily
from portal.audit.service import record_read
from portal.bookings.models import Booking
from portal.datarequests import queries, words
from portal.datarequests.brought import consents_of, photos_of
from portal.documents.dates import jtime
from portal.documents.pdf import pdf_bytes
from portal.documents.templating import environment
from portal.families import queries as families
from portal.families.models import ChildRecord, Guardian
from portal.families.record_lines import lines_of, plain
from portal.families.record_models import RecordSection, RecordVersion
from portal.families.record_sections import BY_KEY
from portal.families.record_store import unpacked
from portal.kernel.actor import Actor
from portal.kernel.clock import JST, today
from portal.preregistration.models import Preregistration, PreregistrationMessage
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

    def as_json(self) -> bytes:
        """Return the copy as UTF-8 JSON; times with their offset of Japan."""
        whole = {
            "layout": LAYOUT,
            "made_at": self.made_at.astimezone(JST).isoformat(),
            "family_number": self.number,
            **self.topics,
        }
        return json.dumps(whole, ensure_ascii=False, indent=2).encode()


def gather(session: Session, family_id: uuid.UUID, *, actor: Actor, now: datetime) -> OwnCopy:
    """Return all that is held about the family and open to the actor; the reading is written down.

    Raises:
        NoResultFound: not this actor's family.
    """
    family = families.family(session, family_id, actor=actor)
    children = families.children(session, family_id, actor=actor)
    names = {child.id: child.name for child in children}
    record_read(session, actor, "own_copy", *names, family_id=family_id)
    asked = [row for row in queries.requests(session, actor=actor) if row.family_id == family_id]
    bodies = queries.bodies_of(session, {row.organisation_id for row in asked})
    records = session.scalars(select(ChildRecord).where(ChildRecord.family_id == family_id))
    return OwnCopy(
        number=family.number,
        made_at=now,
        topics={
            "guardians": _guardians(session, families.guardians(session, family_id, actor=actor)),
            "children": _rows(children, ("name", "name_kana", "born_on", "due_on", "created_at")),
            "pickup_persons": _rows(
                families.pickup_persons(session, family_id, actor=actor),
                ("name", "relation", "phone", "created_at"),
            ),
            "child_records": [
                {"child": names.get(row.child_id), **one}
                for row in records
                for one in _rows(
                    [row],
                    ("allergies", "conditions", "habits", "notes", "confirmed_on", "updated_at"),
                )
            ],
            "record_sections": _sections(session, family_id, names, actor=actor),
            "record_versions": _versions(session, family_id, names, actor=actor),
            "preregistrations": _preregistrations(session, family_id, names),
            "bookings": _bookings(session, family_id, names),
            "visits": _visits(session, family_id, names),
            "words": _words(session, family_id),
            "consents": consents_of(session, family_id, actor=actor),
            "photos": photos_of(session, family_id, actor=actor),
            "requests": [
                {
                    "provider": bodies[row.organisation_id],
                    **one,
                }
                for row in asked
                for one in _rows(
                    [row],
                    ("kind", "topic", "state", "text", "answer", "received_at", "decided_at"),
                )
            ],
            "may_see": [
                {"provider": each.body, "since": _plain(each.since)}
                for each in queries.holders(session, actor=actor)
            ],
            **_seen(session, family.created_at, actor=actor, now=now),
        },
    )


def archive(copy: OwnCopy, *, is_demo: bool) -> bytes:
    """Return a ZIP: ``data.json`` for programs, and a paper as PDF for people.

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
        for guardian, one in zip(guardians, _rows(guardians, fields), strict=True)
    ]


def _seen(session: Session, since: datetime, *, actor: Actor, now: datetime) -> Topics:
    """Return who saw the family's data, the latest first; nothing where staff make the copy."""
    if actor.family_id is None:
        return {}
    lines = queries.log_of(session, today(since), today(now), actor=actor)
    return {
        "seen": [
            {
                "last_at": _plain(line.last_at),
                "who": words.who_word(line),
                "what": words.action_word(line.action),
                "times": line.times,
            }
            for line in lines
            if line.is_read
        ]
    }


def _sections(
    session: Session,
    family_id: uuid.UUID,
    names: Mapping[uuid.UUID, str | None],
    *,
    actor: Actor,
) -> list[dict[str, Any]]:
    """Return the sections of the records as texts; numbers in full to the family itself alone."""
    rows = session.scalars(select(RecordSection).where(RecordSection.family_id == family_id))
    return [
        {
            "child": names.get(row.child_id),
            "section": BY_KEY[row.section].title,
            "text": _section_text(row, actor),
            "confirmed_on": _plain(today(row.confirmed_at)) if row.confirmed_at else None,
            "channel": row.channel,
        }
        for row in rows
    ]


def _versions(
    session: Session,
    family_id: uuid.UUID,
    names: Mapping[uuid.UUID, str | None],
    *,
    actor: Actor,
) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(RecordVersion)
        .where(RecordVersion.family_id == family_id)
        .order_by(RecordVersion.replaced_at)
    )
    return [
        {
            "child": names.get(row.child_id),
            "section": BY_KEY[row.section].title,
            "text": _section_text(row, actor),
            **_rows([row], ("written_at", "replaced_at"))[0],
        }
        for row in rows
    ]


def _section_text(row: RecordSection | RecordVersion, actor: Actor) -> str:
    section = BY_KEY[row.section]
    lines = lines_of(section, unpacked(row.content), bare=actor.family_id is not None)
    return "／".join(f"{line.label}：{plain(line)}" for line in lines)


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
            "messages": _rows(
                [each for each in said if each.preregistration_id == row.id],
                ("is_from_family", "text", "written_at"),
            ),
        }
        for row in rows
        for one in _rows([row], _OF_APPLICATION)
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
            **_rows([row.session], ("kind", "day", "starts_at", "ends_at"))[0],
            **_rows([row], ("state", "adults", "note", "channel", "received_at", "cancelled_at"))[
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
        came = _rows([stay] if stay else [], ("arrived_at", "departed_at", "collected_by"))
        result.append(
            {
                "facility": row.facility.name,
                "child": names.get(row.child_id),
                **_rows([row], fields + more)[0],
                **(came[0] if came else {}),
            }
        )
    return result


def _words(session: Session, family_id: uuid.UUID) -> list[dict[str, Any]]:
    rows = session.scalars(
        select(WordFromFamily)
        .where(WordFromFamily.family_id == family_id)
        .order_by(WordFromFamily.received_at)
    )
    return _rows(rows, ("kind", "expected_at", "channel", "received_at"))


def _rows(rows: Iterable[object], names: Iterable[str]) -> list[dict[str, Any]]:
    wanted = tuple(names)
    return [{name: _plain(getattr(row, name)) for name in wanted} for row in rows]


def _plain(value: object) -> object:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, datetime):
        return value.astimezone(JST).isoformat(timespec="minutes")
    if isinstance(value, date):
        return value.isoformat()
    return value
