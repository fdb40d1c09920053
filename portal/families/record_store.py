"""How a record lies in the database: sealed rows by section, and the head with the day's lines."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TypeVar

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portal.families import queries
from portal.families.models import Child, ChildRecord
from portal.families.record_day import day_lines
from portal.families.record_models import RecordReading, RecordSection, RecordVersion
from portal.families.record_parts import Section
from portal.families.record_rules import Answers
from portal.families.record_sections import ALLERGIES, BY_KEY, EARLIER, NO, SECTIONS, YES
from portal.kernel.actor import Actor
from portal.kernel.channel import Channel, Told
from portal.kernel.clock import at, today

_Row = TypeVar("_Row", RecordSection, RecordVersion, RecordReading)
_NOON = time(12)


@dataclass(frozen=True, slots=True)
class Part:
    """One section as it stands. ``written_at`` is ``None`` while it was never written."""

    section: Section
    answers: Answers
    written_at: datetime | None = None
    confirmed_on: date | None = None
    #: Who confirmed: ``guardian``, or the role of the staff whom she told; ``None``: not kept.
    confirmed_role: str | None = None
    channel: str = Channel.WEB.value


def head_of(
    session: Session, child: Child, actor: Actor, *, lock: bool = False
) -> ChildRecord | None:
    """Return the head of a child's record, or ``None``; locked, one writer comes after another."""
    wanted = select(ChildRecord).where(
        ChildRecord.child_id == child.id, queries.visible(ChildRecord.family_id, actor)
    )
    if lock:
        wanted = wanted.with_for_update().execution_options(populate_existing=True)
    return session.scalars(wanted).one_or_none()


def head_to_write(session: Session, child: Child, actor: Actor, now: datetime) -> ChildRecord:
    """Return the head, locked; made where there was none."""
    found = head_of(session, child, actor, lock=True)
    if found is None:
        found = ChildRecord(
            id=uuid.uuid4(), child_id=child.id, family_id=child.family_id, updated_at=now
        )
        session.add(found)
        session.flush()
    return found


def rows_of(session: Session, child: Child, actor: Actor) -> dict[str, RecordSection]:
    """Return the sections that the actor may read, by key."""
    rows = session.scalars(
        select(RecordSection)
        .where(RecordSection.child_id == child.id, queries.visible(RecordSection.family_id, actor))
        .execution_options(populate_existing=True)
    )
    return {row.section: row for row in rows}


def parts_of(session: Session, child: Child, actor: Actor) -> dict[str, Part]:
    """Return every section, written or not; texts from before there were sections as theirs."""
    rows = rows_of(session, child, actor)
    head = head_of(session, child, actor)
    earlier = _earlier(head) if head is not None and not rows else {}
    found = {}
    for section in SECTIONS:
        row = rows.get(section.key)
        if row is not None:
            found[section.key] = Part(
                section,
                unpacked(row.content),
                row.written_at,
                today(row.confirmed_at) if row.confirmed_at else None,
                row.confirmed_role,
                row.channel,
            )
        elif head is not None and section.key in earlier:
            answers = earlier[section.key]
            found[section.key] = Part(section, answers, head.updated_at, head.confirmed_on)
        else:
            found[section.key] = Part(section, {})
    return found


def _earlier(head: ChildRecord) -> dict[str, Answers]:
    """Return the texts of a record from before there were sections, by section."""
    found: dict[str, Answers] = {}
    for question, section in EARLIER.items():
        text: str | None = getattr(head, question)
        if question == "allergies" and text is not None:
            found[section] = {"has_allergies": YES if text else NO}
        if text:
            found.setdefault(section, {})[question] = text
    return found


def carry_over(
    session: Session, child: Child, head: ChildRecord, rows: dict[str, RecordSection]
) -> None:
    """Make sections of what was written before there were any, each with its own day."""
    if rows:
        return
    for key, answers in _earlier(head).items():
        row = new(RecordSection, child, head, key)
        row.content = packed(answers)
        row.written_at = row.received_at = head.updated_at
        row.written_by = row.confirmed_by = row.confirmed_role = None
        row.channel = Channel.WEB.value
        row.confirmed_at = at(head.confirmed_on, _NOON) if head.confirmed_on else None
        session.add(row)
        rows[key] = row


def new(kind: type[_Row], child: Child, head: ChildRecord, section: str | None = None) -> _Row:
    """Return a row of a record, bound to whose it is before anything sealed is put in."""
    row = kind(id=uuid.uuid4(), record_id=head.id, child_id=child.id, family_id=child.family_id)
    if section is not None and not isinstance(row, RecordReading):
        row.section = section
    return row


def write(row: RecordSection, content: str, actor: Actor, now: datetime, told: Told) -> None:
    """Put in what a section says from now on."""
    row.content = content
    row.written_at = now
    row.written_by = actor.user_id
    row.channel = told.channel.value


def keep(
    session: Session, child: Child, head: ChildRecord, row: RecordSection, now: datetime
) -> None:
    """Keep what a section said until now."""
    version = new(RecordVersion, child, head, row.section)
    version.content = row.content
    version.written_at, version.written_by = row.written_at, row.written_by
    version.channel, version.replaced_at = row.channel, now
    session.add(version)


def mark_confirmed(row: RecordSection, actor: Actor, now: datetime, told: Told) -> None:
    """Say that a section holds, since the moment when it was told."""
    row.received_at = told.received_at or now
    row.confirmed_at = row.received_at
    row.confirmed_by = actor.user_id
    row.confirmed_role = actor.role.value if actor.role else None


def summarise(head: ChildRecord, rows: Mapping[str, RecordSection], now: datetime) -> None:
    """Write the day's lines into the head, and since when all of it holds.

    Closed sections are in neither: not everybody who writes may read them.
    """
    open_rows = {key: row for key, row in rows.items() if not BY_KEY[key].is_closed}
    lines = day_lines({key: unpacked(row.content) for key, row in open_rows.items()})
    head.allergies = lines.allergies
    head.conditions = lines.conditions
    head.habits = lines.habits
    head.notes = lines.notes
    days = [today(row.confirmed_at) for row in open_rows.values() if row.confirmed_at is not None]
    asked = rows.get(ALLERGIES.key)
    is_asked = lines.allergies is not None and asked is not None and asked.confirmed_at is not None
    head.confirmed_on = min(days) if is_asked else None
    head.updated_at = now


def forget_confirmations(session: Session, child: Child, now: datetime) -> None:
    """Let nothing of a record count as confirmed: what was said before a birth holds no more."""
    session.execute(
        update(ChildRecord)
        .where(ChildRecord.child_id == child.id, ChildRecord.family_id == child.family_id)
        .values(confirmed_on=None, updated_at=now)
    )
    session.execute(
        update(RecordSection)
        .where(RecordSection.child_id == child.id, RecordSection.family_id == child.family_id)
        .values(confirmed_at=None, confirmed_by=None, confirmed_role=None)
    )


def packed(answers: Answers) -> str:
    """Return answers as they are sealed; the same answers are the same text."""
    return json.dumps(answers, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def unpacked(content: str | None) -> Answers:
    """Return the answers of ``packed``."""
    found: Answers = json.loads(content or "{}")
    return found
