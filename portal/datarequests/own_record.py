"""A family's records of its children, section by section, as rows of plain values."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portal.datarequests.plain import plain, rows_of
from portal.families.record_lines import lines_of
from portal.families.record_lines import plain as line_text
from portal.families.record_models import RecordSection, RecordVersion
from portal.families.record_sections import BY_KEY
from portal.families.record_store import unpacked
from portal.kernel.actor import Actor
from portal.kernel.clock import today


def sections_of(
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
            "confirmed_on": plain(today(row.confirmed_at)) if row.confirmed_at else None,
            "channel": row.channel,
        }
        for row in rows
    ]


def versions_of(
    session: Session,
    family_id: uuid.UUID,
    names: Mapping[uuid.UUID, str | None],
    *,
    actor: Actor,
) -> list[dict[str, Any]]:
    """Return what the sections said before, in the order in which they were replaced."""
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
            **rows_of([row], ("written_at", "replaced_at"))[0],
        }
        for row in rows
    ]


def _section_text(row: RecordSection | RecordVersion, actor: Actor) -> str:
    section = BY_KEY[row.section]
    lines = lines_of(section, unpacked(row.content), bare=actor.family_id is not None)
    return "／".join(f"{line.label}：{line_text(line)}" for line in lines)
