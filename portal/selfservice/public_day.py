"""What the page of a day shows: half hours, the chosen time, where it leads."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import url_for

from portal.bookings.day_hours import DayHours
from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.documents.money import yen
from portal.kernel.clock import today
from portal.kernel.spans import cell_label
from portal.policies.charging import usual_fee
from portal.policies.facts import ChildFacts
from portal.slots.classes import ClassChoice


@dataclass(kw_only=True)
class DayPage(DayHours):
    """A day of a facility, seen for one class, or by a guardian for certain children of hers."""

    chosen: ClassChoice
    #: For whom a signed-in guardian looks: ``all`` of her children, or the id of one.
    who: str | None = None
    children: Sequence[ChildFacts] = ()

    @cached_property
    def fee_words(self) -> str | None:
        """What one child would cost; a span of prices where its birthday decides."""
        document = self.place.document
        if document.fee is None or self.span is None:
            return None
        if self.children:
            return yen(usual_fee(document, self.children, self.span).total_yen)
        totals = {
            usual_fee(document, [ChildFacts(uuid.UUID(int=0), born_on)], self.span).total_yen
            for born_on in self.chosen.born_between(self.day)
        }
        return "〜".join(yen(total) for total in sorted(totals))

    @cached_property
    def cancel_until(self) -> datetime | None:
        """Until when cancelling would be free; ``None`` where it always is, or already is not."""
        rule = self.place.document.cancel
        if rule is None or self.span is None:
            return None
        until = rule.until(self.span, self.opening.calendar)
        return until if until > self.now else None

    @cached_property
    def book_href(self) -> str | None:
        """Where the chosen time is booked."""
        if self.start is None or self.end is None:
            return None
        values: dict[str, Any] = {
            "class": self.chosen.youngest,
            "start": cell_label(self.start),
            "end": cell_label(self.end),
            "child": [child.child_id for child in self.children],
        }
        return url_for(
            "selfservice_bookings.new",
            facility=self.place.id,
            day=self.day.isoformat(),
            **values,
        )

    @cached_property
    def month_href(self) -> str:
        """The calendar this day stands in."""
        values: dict[str, Any] = {"class": self.chosen.youngest, "month": f"{self.day:%Y-%m}"}
        return url_for("public.facility", facility_id=self.place.id, **values)

    @cached_property
    def title(self) -> str:
        """The heading of the page."""
        return _("%(day)sの空き時間") % {"day": jdate(self.day, today(self.now))}

    def _href(self, start: int | None, end: int | None) -> str:
        values: dict[str, Any] = {
            "class": self.chosen.youngest,
            "who": self.who,
            "start": None if start is None else cell_label(start),
            "end": None if end is None else cell_label(end),
        }
        return url_for("public.day", facility_id=self.place.id, day=self.day, **values)
