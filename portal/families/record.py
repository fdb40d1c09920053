"""The child's record: open it, save a section, say that nothing changed, take note of changes.

Everything is sealed; every opening leaves a row in the audit. What records said before there were
sections is read as their first content and becomes sections at the first writing.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.audit.service import record, record_read
from portal.families import queries, record_store
from portal.families.models import Child, ChildRecord
from portal.families.record_lines import Change, changes
from portal.families.record_models import RecordReading, RecordSection, RecordVersion
from portal.families.record_parts import Kind
from portal.families.record_rules import (
    Answers,
    RecordRefusal,
    ask_again,
    compacted,
    faults,
    normalised,
)
from portal.families.record_sections import ALLERGIES, BY_KEY, EARLIER, NO, YES
from portal.families.record_store import Part, unpacked
from portal.families.rules import RecordDetails
from portal.kernel.actor import Actor
from portal.kernel.channel import BY_HERSELF, Told
from portal.kernel.clock import today
from portal.kernel.errors import Reason, Refusal
from portal.policies.record import RecordRule


@dataclass(frozen=True, slots=True)
class OpenRecord:
    """A child's record with every section that the actor may read."""

    child: Child
    head: ChildRecord | None
    parts: Mapping[str, Part]

    @property
    def confirmed_on(self) -> date | None:
        """The day since which all of it holds; ``None``: not asked, or not since the birth."""
        return self.head.confirmed_on if self.head else None

    @property
    def is_asked(self) -> bool:
        """Whether somebody said of the born child if it has allergies."""
        part = self.parts[ALLERGIES.key]
        return bool(part.answers.get("has_allergies")) and part.confirmed_on is not None


def open_record(session: Session, child_id: uuid.UUID, *, actor: Actor) -> ChildRecord | None:
    """Return the day's lines of a record to be shown, and leave the trace; ``None``: it is empty.

    Raises:
        NoResultFound: the child is not one this actor may see.
    """
    child = queries.child(session, child_id, actor=actor)
    found = queries.record_of(session, child.id, actor=actor)
    record_read(session, actor, "child_record", child.id, family_id=child.family_id)
    return found


def open_parts(session: Session, child_id: uuid.UUID, *, actor: Actor) -> OpenRecord:
    """Return a record by sections and leave the trace; to staff without the closed ones.

    The caller commits before the page leaves.

    Raises:
        NoResultFound: the child is not one this actor may see.
    """
    child = queries.child(session, child_id, actor=actor)
    record_read(session, actor, "child_record", child.id, family_id=child.family_id)
    found = _opened(session, child, actor)
    if actor.family_id is not None:
        return found
    shown = {key: part for key, part in found.parts.items() if not part.section.is_closed}
    return replace(found, parts=shown)


def open_closed(
    session: Session, child_id: uuid.UUID, *, actor: Actor, numbers: bool = False
) -> OpenRecord:
    """Return the closed sections alone (support, insurance), and leave a trace of its own.

    Args:
        numbers: The full numbers are shown; the trace says so.

    Raises:
        NoResultFound: the child is not one this actor may see.
    """
    child = queries.child(session, child_id, actor=actor)
    what = "insurance_numbers" if numbers else "support_data"
    record_read(session, actor, what, child.id, family_id=child.family_id)
    found = _opened(session, child, actor)
    shown = {key: part for key, part in found.parts.items() if part.section.is_closed}
    return replace(found, parts=shown)


def save_section(
    session: Session,
    child_id: uuid.UUID,
    key: str,
    typed: Answers,
    *,
    actor: Actor,
    now: datetime,
    told: Told = BY_HERSELF,
    seen: datetime | None = None,
    forget: frozenset[str] = frozenset(),
) -> RecordSection:
    """Write one section, keep what it said before, and mark it confirmed by whoever told it.

    A number that is left empty stays as it was, unless its key is in ``forget``.

    Args:
        seen: When what the writer had before her eyes was written; ``None``: does not matter.

    Raises:
        Refusal: with every reason; ``WRITTEN_MEANWHILE`` where another was faster.
        NoResultFound: the child is not one this actor may see.
    """
    section = BY_KEY[key]
    child = queries.child(session, child_id, actor=actor)
    answers = normalised(section, typed)
    found = faults(section, answers, born_on=child.born_on, today=today(now))
    reasons = [each.reason for each in found] + _against_receipt(told, now)
    if reasons:
        raise Refusal(reasons)
    answers = compacted(section, answers)
    head = record_store.head_to_write(session, child, actor, now)
    rows = record_store.rows_of(session, child, actor)
    record_store.carry_over(session, child, head, rows)
    row = rows.get(key)
    if seen is not None and row is not None and row.written_at > seen:
        raise Refusal([RecordRefusal.WRITTEN_MEANWHILE])
    kept = unpacked(row.content) if row is not None else {}
    for question in section.questions:
        is_left = question.kind is Kind.NUMBER and question.key not in forget
        if is_left and not answers.get(question.key) and kept.get(question.key):
            answers[question.key] = kept[question.key]
    content = record_store.packed(answers)
    if row is None:
        row = rows[key] = record_store.new(RecordSection, child, head, key)
        record_store.write(row, content, actor, now, told)
        session.add(row)
    elif answers != kept:
        record_store.keep(session, child, head, row, now)
        record_store.write(row, content, actor, now, told)
    if row.written_at == now and not section.is_closed:
        head.changed_at = now
    record_store.mark_confirmed(row, actor, now, told)
    record_store.summarise(head, rows, now)
    session.flush()
    _trace(session, actor, "saved", child, now, told, section=key)
    return row


def save_record(
    session: Session,
    child_id: uuid.UUID,
    details: RecordDetails,
    *,
    actor: Actor,
    now: datetime,
    told: Told = BY_HERSELF,
) -> ChildRecord:
    """Write the texts of a record as told at once; what else its sections say stays.

    Raises:
        Refusal: a text cannot be kept as it stands.
        NoResultFound: the child is not one this actor may see.
    """
    child = queries.child(session, child_id, actor=actor)
    parts = _opened(session, child, actor).parts
    for question, key in EARLIER.items():
        text: str = getattr(details, question)
        answers = {**parts[key].answers, question: text}
        if question == "allergies":
            answers["has_allergies"] = YES if text else NO
        if key == ALLERGIES.key or text or parts[key].answers:
            save_section(session, child_id, key, answers, actor=actor, now=now, told=told)
    return record_store.head_to_write(session, child, actor, now)


def confirm(
    session: Session,
    child_id: uuid.UUID,
    *,
    actor: Actor,
    now: datetime,
    told: Told = BY_HERSELF,
) -> None:
    """Mark all of a record as still holding: nothing has changed.

    Raises:
        Refusal: nobody has said yet whether the child has allergies, or not since its birth.
        NoResultFound: the child is not one this actor may see.
    """
    child = queries.child(session, child_id, actor=actor)
    reasons = _against_receipt(told, now)
    if not _opened(session, child, actor).is_asked:
        reasons.append(Reason(RecordRefusal.NOT_ASKED_YET))
    if reasons:
        raise Refusal(reasons)
    head = record_store.head_to_write(session, child, actor, now)
    rows = record_store.rows_of(session, child, actor)
    record_store.carry_over(session, child, head, rows)
    for row in rows.values():
        record_store.mark_confirmed(row, actor, now, told)
    record_store.summarise(head, rows, now)
    session.flush()
    _trace(session, actor, "confirmed", child, now, told)


def due_again(
    session: Session,
    rules: Mapping[uuid.UUID, RecordRule],
    *,
    on: date,
    actor: Actor,
) -> dict[uuid.UUID, date]:
    """Return the children whose record is asked for once more, with the day it was confirmed on.

    Args:
        rules: By child; of one that has none, nothing is asked.

    Who never had one is not among them. Says nothing about health, so it leaves no trace.
    """
    confirmed = queries.confirmed_days(session, list(rules), actor=actor)
    return {key: day for key, day in confirmed.items() if ask_again(day, rules[key], on=on)}


def confirm_asked(
    session: Session, child_ids: Sequence[uuid.UUID], *, actor: Actor, now: datetime
) -> None:
    """Mark the records of children as still holding, as far as they have one that was confirmed."""
    for child_id in queries.confirmed_days(session, child_ids, actor=actor):
        with suppress(Refusal):  # one that was confirmed without allergies says so on its page
            confirm(session, child_id, actor=actor, now=now)


def changes_since(
    session: Session, found: OpenRecord, since: datetime, *, actor: Actor
) -> list[Change]:
    """Return what of an opened record reads otherwise than it did at a moment, by section."""
    versions = session.scalars(
        select(RecordVersion)
        .where(
            RecordVersion.child_id == found.child.id,
            RecordVersion.replaced_at > since,
            queries.visible(RecordVersion.family_id, actor),
        )
        .order_by(RecordVersion.replaced_at)
    )
    then: dict[str, RecordVersion] = {}
    for version in versions:
        then.setdefault(version.section, version)
    result: list[Change] = []
    for key, part in found.parts.items():
        was = then.get(key)
        if was is not None:
            before = unpacked(was.content) if was.written_at <= since else None
            result += changes(part.section, before, part.answers)
        elif part.written_at is not None and part.written_at > since:
            result += changes(part.section, None, part.answers)
    return result


def seen_until(session: Session, child_id: uuid.UUID, *, actor: Actor) -> datetime | None:
    """Return until when the actor's provider has taken note of changes; ``None``: never."""
    row = _reading(session, child_id, actor)
    return row.seen_at if row else None


def take_note(
    session: Session, child_id: uuid.UUID, *, actor: Actor, until: datetime, now: datetime
) -> None:
    """Write down that the actor's provider knows of all changes up to ``until``.

    Raises:
        NoResultFound: the child is not one this actor may see.
    """
    child = queries.child(session, child_id, actor=actor)
    head = record_store.head_to_write(session, child, actor, now)
    row = _reading(session, child_id, actor)
    if row is None:
        row = record_store.new(RecordReading, child, head)
        if actor.organisation_id is not None:
            row.organisation_id = actor.organisation_id
        session.add(row)
    row.seen_at = min(until, now)
    row.seen_by = actor.user_id
    session.flush()
    record(session, actor, "child_record.noted", child.id, family_id=child.family_id)


def _opened(session: Session, child: Child, actor: Actor) -> OpenRecord:
    head = record_store.head_of(session, child, actor)
    return OpenRecord(child, head, record_store.parts_of(session, child, actor))


def _reading(session: Session, child_id: uuid.UUID, actor: Actor) -> RecordReading | None:
    return session.scalars(
        select(RecordReading).where(
            RecordReading.child_id == child_id,
            RecordReading.organisation_id == actor.organisation_id,
        )
    ).one_or_none()


def _against_receipt(told: Told, now: datetime) -> list[Reason]:
    is_ahead = told.received_at is not None and told.received_at > now
    return [Reason(RecordRefusal.RECEIVED_IN_FUTURE)] if is_ahead else []


def _trace(
    session: Session,
    actor: Actor,
    what: str,
    child: Child,
    now: datetime,
    told: Told,
    **about: str,
) -> None:
    record(
        session,
        actor,
        f"child_record.{what}",
        child.id,
        family_id=child.family_id,
        channel=told.channel.value,
        received_at=(told.received_at or now).isoformat(),
        **about,
    )
