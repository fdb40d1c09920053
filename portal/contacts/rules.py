"""When may we contact a family again? Pure: no clock, no database, no Flask."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from portal.consents.rules import ContactTime
from portal.kernel.clock import JST


class Nature(StrEnum):
    """Why somebody contacts a family. Only advances are limited; all are kept."""

    ADVANCE = "advance"  # to encourage, remind of, offer
    ANSWER = "answer"  # to what the family did or asked itself
    DUTY = "duty"  # safety, a child that did not come


class ContactChannel(StrEnum):
    """How a family is reached."""

    PHONE = "phone"
    MAIL = "mail"
    LETTER = "letter"
    FAX = "fax"
    VISIT = "visit"
    PORTAL = "portal"


class ContactRefusal(StrEnum):
    """Why a contact has to wait; sentences in ``documents/wording``."""

    TOO_SOON = "too_soon"  # carries the moment from which it is allowed
    STOPPED = "stopped"
    CHANNEL_NOT_WISHED = "channel_not_wished"
    NO_CONSENT = "no_consent"
    IN_FUTURE = "in_future"
    RECORDED_MEANWHILE = "recorded_meanwhile"  # carries when, and by whom
    NOT_BEFORE_PAST = "not_before_past"
    UNUSABLE_SETTING = "unusable_setting"


@dataclass(frozen=True, slots=True)
class ContactPolicy:
    """How often one family may be contacted, by all bodies and channels together.

    The nightly quiet time runs over midnight, from ``quiet_from`` to ``quiet_until`` (JST).
    A municipality's setting (R6); these are the numbers until it has set its own.
    """

    most_in_window: int = 2
    window: timedelta = timedelta(days=7)
    least_gap: timedelta = timedelta(hours=20)
    quiet_from: time = time(20)
    quiet_until: time = time(8)

    def __post_init__(self) -> None:
        if self.most_in_window < 1 or self.quiet_until >= self.quiet_from:
            raise ValueError(f"unusable contact policy: {self}")

    @property
    def looks_back(self) -> timedelta:
        """How far back an earlier contact still counts."""
        return max(self.window, self.least_gap)

    def as_settings(self) -> dict[str, Any]:
        """Return what ``of`` reads, to be kept under ``contact``."""
        return {
            "most_in_window": self.most_in_window,
            "window_days": self.window.days,
            "least_gap_hours": int(self.least_gap / timedelta(hours=1)),
            "quiet_from": self.quiet_from.isoformat("minutes"),
            "quiet_until": self.quiet_until.isoformat("minutes"),
        }

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> ContactPolicy:
        """Return the policy in a municipality's ``settings``; what is not set is the usual."""
        kept = settings.get("contact", {})
        usual = cls()
        return cls(
            most_in_window=int(kept.get("most_in_window", usual.most_in_window)),
            window=timedelta(days=kept.get("window_days", usual.window.days)),
            least_gap=timedelta(
                hours=kept.get("least_gap_hours", usual.least_gap / timedelta(hours=1))
            ),
            quiet_from=time.fromisoformat(kept.get("quiet_from", usual.quiet_from.isoformat())),
            quiet_until=time.fromisoformat(kept.get("quiet_until", usual.quiet_until.isoformat())),
        )


def strictest(policies: Iterable[ContactPolicy]) -> ContactPolicy:
    """Return a policy that keeps to every one given; the usual where none is.

    A family that has moved, or that two cities look after, has one telephone all the same.
    """
    every = tuple(policies) or (ContactPolicy(),)
    return ContactPolicy(
        most_in_window=min(each.most_in_window for each in every),
        window=max(each.window for each in every),
        least_gap=max(each.least_gap for each in every),
        quiet_from=min(each.quiet_from for each in every),
        quiet_until=max(each.quiet_until for each in every),
    )


@dataclass(frozen=True, slots=True)
class Wishes:
    """What a family asked for: by which channels alone (empty: any), not before, or not at all."""

    channels: frozenset[ContactChannel] = field(default_factory=frozenset)
    not_before: date | None = None
    stops: bool = False
    #: When she can best be reached: staff read it, nothing is refused for it.
    times: frozenset[ContactTime] = field(default_factory=frozenset)


def next_contact_at(
    earlier: Sequence[datetime], policy: ContactPolicy, *, now: datetime
) -> datetime:
    """Return the first moment, ``now`` or later, at which the family may be contacted.

    A moment rather than yes or no, so that a page can say when instead of only "not yet".
    ``earlier`` holds every advance made or already queued, in any order; all datetimes are
    timezone-aware. Waiting never makes a contact less allowed.
    """
    latest_first = sorted(earlier, reverse=True)
    moment = now
    if latest_first:
        moment = max(moment, latest_first[0] + policy.least_gap)
    if len(latest_first) >= policy.most_in_window:
        moment = max(moment, latest_first[policy.most_in_window - 1] + policy.window)
    return _after_quiet_time(moment, policy)


def next_advance_at(
    earlier: Sequence[datetime],
    policy: ContactPolicy,
    wishes: Wishes,
    channel: ContactChannel,
    *,
    now: datetime,
) -> datetime | None:
    """Return when an advance by ``channel`` is allowed; ``None``: never, as the family wished."""
    if wishes.stops or (wishes.channels and channel not in wishes.channels):
        return None
    start = now
    if wishes.not_before is not None:
        start = max(start, datetime.combine(wishes.not_before, policy.quiet_until, JST))
    return next_contact_at(earlier, policy, now=start)


def _after_quiet_time(moment: datetime, policy: ContactPolicy) -> datetime:
    local = moment.astimezone(JST)
    if local.time() < policy.quiet_until:
        return datetime.combine(local.date(), policy.quiet_until, JST)
    if local.time() >= policy.quiet_from:
        return datetime.combine(local.date() + timedelta(days=1), policy.quiet_until, JST)
    return moment
