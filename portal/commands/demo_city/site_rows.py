"""A facility's programme, rules, places and duty as rows: what its provider has set up."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from portal.commands.demo_city.rows import Rows, ident
from portal.facilities.rules import ProgrammeKind
from portal.policies.document import RulesDocument, load_template
from portal.slots.rules import PoolKind

SATURDAY, SUNDAY = 5, 6


@dataclass(frozen=True, slots=True)
class SiteShape:
    """How a facility takes children. Hours are half-hour cells, half-open; ``None`` is shut.

    ``bands``: label, youngest and oldest class, places. ``rules``: what differs from the template.
    ``load``: between which shares of its places its days are booked.
    """

    template: str
    total: int
    bands: tuple[tuple[str, int, int, int], ...]
    weekday: tuple[int, int] = (17, 34)
    saturday: tuple[int, int] | None = (17, 24)
    sunday: tuple[int, int] | None = None
    on_duty: int = 3
    load: tuple[float, float] = (0.35, 0.85)
    rules: Mapping[str, Any] = field(default_factory=dict)

    def hours(self, weekday: int) -> tuple[int, int] | None:
        """Return the open cells of a weekday (Monday is 0)."""
        return {SATURDAY: self.saturday, SUNDAY: self.sunday}.get(weekday, self.weekday)

    def document(self) -> RulesDocument:
        """Return the rules: the template with what differs."""
        written = load_template(self.template).model_dump(mode="json")
        for part, changes in self.rules.items():
            before = written[part]
            is_nested = isinstance(before, dict) and isinstance(changes, Mapping)
            written[part] = {**before, **changes} if is_nested else changes
        # What the template says in its own words is of its own figures.
        for part, words in (("booking_window", "booking"), ("cancel", "cancel"), ("fee", "fee")):
            if part in self.rules:
                written["texts"][words] = ""
        return RulesDocument.model_validate(written)


def add_site(
    rows: Rows,
    facility_id: uuid.UUID,
    organisation_id: uuid.UUID,
    shape: SiteShape,
    since: date,
    now: datetime,
    *,
    published: bool = True,
) -> uuid.UUID:
    """Add all that a facility needs to be booked from ``since`` on; return its programme."""
    ours = {"facility_id": facility_id, "organisation_id": organisation_id}
    programme_id = ident("programme", facility_id)
    rows.add(
        "programmes",
        id=programme_id,
        **ours,
        kind=ProgrammeKind.TEMPORARY_CARE.value,
        name="一時預かり",
        description="休みたいとき、用事のあるとき、仕事のときに、お子さんをあずかります。",
        belongings="着替え2組、タオル、名前を書いた水筒。おむつの子は、おむつ5枚とおしりふき。",
        published_at=now if published else None,
    )
    rows.add(
        "rulebooks",
        id=ident("rulebook", facility_id),
        programme_id=programme_id,
        **ours,
        version=1,
        in_force_from=since,
        document=shape.document().model_dump(mode="json"),
    )
    pools = [(PoolKind.TOTAL, "園全体", 0, 5, shape.total)]
    pools += [(PoolKind.AGE_BAND, *band) for band in shape.bands]
    for position, (kind, label, youngest, oldest, count) in enumerate(pools):
        pool_id = ident("pool", facility_id, position)
        rows.add(
            "pools",
            id=pool_id,
            **ours,
            kind=kind.value,
            label=label,
            youngest_class=youngest,
            oldest_class=oldest,
            position=position,
        )
        for weekday in range(7):
            hours = shape.hours(weekday)
            if hours is not None:
                rows.add(
                    "pool_patterns",
                    pool_id=pool_id,
                    weekday=weekday,
                    in_force_from=since,
                    **ours,
                    capacity=_cells(hours, count),
                )
    for weekday in range(7):
        hours = shape.hours(weekday)
        if hours is not None:
            on_duty = _cells((hours[0] - 1, hours[1] + 1), shape.on_duty)
            rows.add("duty_patterns", **ours, weekday=weekday, on_duty=on_duty)
            rows.add(
                "facility_hours", **ours, weekday=weekday, from_cell=hours[0], to_cell=hours[1]
            )
    return programme_id


def _cells(hours: tuple[int, int], number: int) -> list[int]:
    return [number if hours[0] <= cell < hours[1] else 0 for cell in range(48)]
