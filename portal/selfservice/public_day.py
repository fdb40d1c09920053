"""What the page of a day shows: half hours, the chosen time, where it leads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from flask import url_for

from portal.bookings.day_hours import DayHours
from portal.bookings.time_words import state_words, window_words
from portal.bookings.words import Explained, explain
from portal.documents.dates import jdate
from portal.documents.i18n import gettext as _
from portal.documents.money import yen
from portal.kernel.clock import today
from portal.kernel.spans import cell_label
from portal.policies.channels import ChannelName
from portal.policies.facts import ChildFacts
from portal.policies.looking import Onlooker, by_web
from portal.policies.looking_times import timed_windows
from portal.policies.window import WindowState
from portal.slots.availability import Sign
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
        if self.span is None or all(rules.fee is None for rules in self.rules.at(self.span)):
            return None
        totals = {fee.total_yen for fee in self.rules.fees(self.span)}
        return "〜".join(yen(total) for total in sorted(totals))

    @cached_property
    def cancel_until(self) -> datetime | None:
        """Until when cancelling would be free; ``None`` where it always is, or already is not."""
        until = self.rules.cancel_until(self.span) if self.span else None
        return until if until is not None and until > self.now else None

    @property
    def onlooker(self) -> Onlooker:
        """The children whom a guardian looks for, or one of the class."""
        if self.children:
            return Onlooker(children=tuple(self.children), channel=ChannelName.WEB.value)
        return by_web(*self.chosen.ages)

    @cached_property
    def not_by_web(self) -> Explained | None:
        """Why nobody can book this day by the web itself, whatever time is chosen, and what to do.

        Said before sign-in, in the words in which the booking would be refused.
        """
        reason = self.rules.against_booking(self.now)
        return explain((reason,), {}, today=today(self.now))[0] if reason else None

    @cached_property
    def by_time(self) -> list[str]:
        """From when stays of some hours can be booked, where rules open them otherwise."""
        if self.day < today(self.now) or self.vacancy.sign is Sign.CLOSED:
            return []
        return list(window_words(self.rules, self.now))

    @cached_property
    def form_href(self) -> str | None:
        """Where a time is typed that can be booked although the day's others cannot, if any."""
        now, rules = self.now, self.rules
        if rules.state(now) is WindowState.OPEN or not any(
            rules.state(now, span) is WindowState.OPEN for _variant, span in timed_windows(rules)
        ):
            return None
        day = self.day.isoformat()
        return url_for("selfservice_bookings.new", facility=self.place.id, day=day)

    @cached_property
    def not_open(self) -> str | None:
        """Why the chosen time cannot be booked now although the day can, as a sentence."""
        state = self.rules.state(self.now, self.span)
        if self.span is None or state is WindowState.OPEN:
            return None
        return state_words(state, self.rules.opens_at(self.now, self.span), now=self.now)

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
