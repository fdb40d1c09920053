"""Children's records as families fill them in: by sections, some long ago, some changed lately."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from portal.commands.demo_city.family_rows import StoredFamily
from portal.commands.demo_city.people import Kid
from portal.commands.demo_city.record_words import sections_of
from portal.commands.demo_city.rows import Rows, ident
from portal.db.sealed import seal
from portal.families.record_day import day_lines
from portal.families.record_rules import Answers, compacted, normalised
from portal.families.record_sections import BY_KEY
from portal.families.record_store import packed
from portal.kernel.channel import Channel
from portal.kernel.clock import today

#: Children whose record staff find changed, whatever the dice say.
CHANGED: Final = frozenset({"中村 つむぎ", "田中 はな"})
#: Families that confirmed it again since, and records changed lately.
_CONFIRMED_AGAIN, _CHANGED_LATELY = 0.72, 0.05
#: An answer as it was before the change, by section.
_BEFORE: Final[Mapping[str, Answers]] = {
    "feeding": {"likes": "野菜はまだ苦手です。"},
    "habits": {"calm": "抱っこすると、すぐに落ち着きます。"},
}


def fill(rows: Rows, families: Iterable[StoredFamily], now: datetime, seed: str) -> None:
    """Write the sections of all born children; staff of those who accepted them have read them."""
    heads = {row["child_id"]: row for row in rows.of("child_records")}
    readers: dict[uuid.UUID, dict[uuid.UUID, dict[str, Any]]] = {}
    for row in rows.of("preregistrations"):
        if row["state"] == "accepted":
            readers.setdefault(row["child_id"], {})[row["organisation_id"]] = row
    for family in families:
        for child_id, kid in zip(family.child_ids, family.household.kids, strict=True):
            if kid.born_on is not None:
                dice = random.Random(f"{seed}|record|{child_id}")  # noqa: S311 - invented lives
                _child(rows, family, kid, heads[child_id], readers.get(child_id, {}), now, dice)


def _child(
    rows: Rows,
    family: StoredFamily,
    kid: Kid,
    head: dict[str, Any],
    readers: Mapping[uuid.UUID, dict[str, Any]],
    now: datetime,
    dice: random.Random,
) -> None:
    written = sections_of(kid, family.household, today(now), dice)
    answers = {key: _as_saved(key, said) for key, said in written.items()}
    written_at = head["updated_at"]
    confirmed_at = written_at
    if dice.random() < _CONFIRMED_AGAIN:
        confirmed_at = max(written_at, now - timedelta(days=dice.uniform(2, 80)))
    seen_at = max((row["decided_at"] for row in readers.values()), default=None)
    changed = None
    if seen_at is not None and (kid.name in CHANGED or dice.random() < _CHANGED_LATELY):
        changed = next((key for key in dice.sample(sorted(_BEFORE), 2) if key in answers), None)
    changed_at = None
    if changed is not None and seen_at is not None:
        at = max(seen_at + timedelta(hours=2), now - timedelta(days=dice.uniform(1, 5)))
        changed_at = confirmed_at = min(at, now - timedelta(minutes=20))
        before = {**answers[changed], **_BEFORE[changed]}
        _keep(rows, family, head, changed, before, (written_at, changed_at))
    for key, said in answers.items():
        row_id = ident("record_section", head["child_id"], key)
        rows.add(
            "record_sections",
            id=row_id,
            **_of(head),
            section=key,
            content_sealed=_sealed("record_sections", row_id, head, key, said),
            written_at=changed_at if changed == key and changed_at else written_at,
            written_by=family.user_id,
            channel=family.household.channel.value,
            confirmed_at=confirmed_at,
            confirmed_by=family.user_id,
            confirmed_role="guardian" if family.user_id else "staff",
            received_at=confirmed_at,
        )
    _write_head(head, answers, confirmed_at, changed_at)
    for organisation_id, row in readers.items():
        rows.add(
            "record_readings",
            id=ident("record_reading", head["child_id"], organisation_id),
            **_of(head),
            organisation_id=organisation_id,
            seen_at=row["decided_at"],
            seen_by=row["decided_by"],
        )


def _as_saved(key: str, said: Answers) -> Answers:
    section = BY_KEY[key]
    return compacted(section, normalised(section, said))


def _of(head: Mapping[str, Any]) -> dict[str, uuid.UUID]:
    return {
        "record_id": head["id"],
        "child_id": head["child_id"],
        "family_id": head["family_id"],
    }


def _sealed(
    table: str, row_id: uuid.UUID, head: Mapping[str, Any], key: str, said: Answers
) -> bytes:
    bound_to = (table, "content", str(row_id), str(head["family_id"]), str(head["child_id"]), key)
    return seal(packed(said), bound_to=bound_to)


def _keep(
    rows: Rows,
    family: StoredFamily,
    head: Mapping[str, Any],
    key: str,
    before: Answers,
    held: tuple[datetime, datetime],
) -> None:
    """Keep what a section said before it was changed."""
    row_id = ident("record_version", head["child_id"], key)
    rows.add(
        "record_versions",
        id=row_id,
        **_of(head),
        section=key,
        content_sealed=_sealed("record_versions", row_id, head, key, before),
        written_at=held[0],
        written_by=family.user_id,
        channel=Channel.WEB.value,
        replaced_at=held[1],
    )


def _write_head(
    head: dict[str, Any],
    answers: Mapping[str, Answers],
    confirmed_at: datetime,
    changed_at: datetime | None,
) -> None:
    lines = day_lines({key: said for key, said in answers.items() if not BY_KEY[key].is_closed})
    told = {
        "allergies": lines.allergies,
        "conditions": lines.conditions,
        "habits": lines.habits,
        "notes": lines.notes,
    }
    for name, words in told.items():
        bound_to = ("child_records", name, str(head["id"]), str(head["family_id"]))
        head[f"{name}_sealed"] = None if words is None else seal(words, bound_to=bound_to)
    head["confirmed_on"], head["changed_at"] = today(confirmed_at), changed_at
    head["updated_at"] = changed_at or head["updated_at"]
