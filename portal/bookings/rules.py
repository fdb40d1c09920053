"""States of a booking, reasons of use, and what a family may wish for. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from portal.kernel.channel import Channel
from portal.kernel.spans import Span
from portal.policies.cancel import WaivedReason
from portal.policies.reasons import BookingRefusal


class BookingState(StrEnum):
    """Where a booking stands; ``confirmed`` and ``attended`` hold places."""

    CONFIRMED = "confirmed"
    CANCELLED = "cancelled"
    ATTENDED = "attended"
    NO_SHOW = "no_show"  # 連絡なしのお休み
    EXCUSED_ABSENCE = "excused_absence"  # 連絡ありのお休み


class UsePurpose(StrEnum):
    """利用区分: the type that reports count by."""

    IRREGULAR_WORK = "irregular_work"  # 非定型
    EMERGENCY = "emergency"  # 緊急
    RESPITE = "respite"  # リフレッシュ


#: How reasons of use are called on screen; every reason has the same right to a place.
PURPOSE_LABELS: Mapping[UsePurpose, str] = MappingProxyType(
    {
        UsePurpose.RESPITE: "リフレッシュ（休みたい・用事）",
        UsePurpose.IRREGULAR_WORK: "仕事・学校（非定型）",
        UsePurpose.EMERGENCY: "通院・出産・介護など（緊急）",
    }
)
STATE_LABELS: Mapping[BookingState, str] = MappingProxyType(
    {
        BookingState.CONFIRMED: "予約ずみ",
        BookingState.CANCELLED: "取り消しました",
        BookingState.ATTENDED: "利用しました",
        BookingState.NO_SHOW: "連絡なしのお休み",
        BookingState.EXCUSED_ABSENCE: "連絡ありのお休み",
    }
)
WAIVED_LABELS: Mapping[WaivedReason, str] = MappingProxyType(
    {
        WaivedReason.ILLNESS: "お子さんや家族の病気・けが",
        WaivedReason.DISASTER: "災害・悪天候",
        WaivedReason.BEREAVEMENT: "家族の不幸",
        WaivedReason.CLOSED_BY_FACILITY: "園の都合",
    }
)
#: What a family itself may give as its reason for cancelling late.
SAID_BY_FAMILY = frozenset(WaivedReason) - {WaivedReason.CLOSED_BY_FACILITY}


class BookingChangeRefusal(StrEnum):
    """Why something is not done now, beside the reasons that rules and places give."""

    TOO_LATE_TO_CHANGE = "too_late_to_change"
    NOTHING_TO_CHANGE = "nothing_to_change"
    FEE_CHANGED = "fee_changed"  # since the page told it
    MOVED_MEANWHILE = "moved_meanwhile"  # since the page was opened
    REST_FEE_CHANGED = "rest_fee_changed"  # of the children who still come
    REGISTRATION_WAITS = "registration_waits"  # for the facility's answer
    REGISTRATION_IN_LINE = "registration_in_line"  # all registrations are taken
    REGISTRATION_ASKED_BACK = "registration_asked_back"  # it waits for the family's
    HOME_NOT_TOLD = "home_not_told"  # nobody knows where it lives, and the rules ask for it
    ENROLMENT_NOT_TOLD = "enrolment_not_told"


#: Reasons that another day or time takes away; for the others something else must be done.
GONE_AT_ANOTHER_TIME = frozenset(
    {
        BookingRefusal.NOT_OPEN_DAY,
        BookingRefusal.CLOSED_FOR_BOOKING,
        BookingRefusal.NOT_YET_OPEN,
        BookingRefusal.NOTICE_TOO_SHORT,
        BookingRefusal.ALREADY_STARTED,
        BookingRefusal.START_NOT_OFFERED,
        BookingRefusal.FULL,
        BookingRefusal.OUTSIDE_HOURS,
        BookingRefusal.CLOSED_TO_NEW,
        BookingRefusal.CHILD_BOOKED_ELSEWHERE,
        BookingRefusal.TRIAL_ENDS_TOO_LATE,
    }
)


@dataclass(frozen=True, slots=True)
class KeptAs:
    """The record in which the provider keeps a family, where whoever books sees another of it."""

    family_id: uuid.UUID
    #: Each child that is seen, and the one of that record which it is.
    children: tuple[tuple[uuid.UUID, uuid.UUID], ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """What a family wants, told by herself or by a caller to staff.

    ``together``: brothers and sisters only all at once; otherwise as many of them as possible.
    ``agreed_fee_yen`` is the fee that was told for all of them; another one is told first.
    ``received_at``, ``overruled`` and ``overruled_because`` count for staff alone. ``trial_part``
    is the part of trial care that is wished for, by one child at a time. ``referral_id`` and
    ``priority_id`` name why the family goes first: then places kept for such families count too.
    ``kept_as`` names the record in which the booking stands, where it is another. ``use_type`` and
    ``use_reason`` are codes of the rules, where they name their own; ``options`` and ``coupons``
    what the family chose beside, as ``policies.case`` has them.

    Raises:
        ValueError: no child, or one twice, or several in one trial; or staff overrule without
            saying why.
    """

    programme_id: uuid.UUID
    family_id: uuid.UUID
    child_ids: tuple[uuid.UUID, ...]
    span: Span
    purpose: UsePurpose
    together: bool = True
    pickup_person_id: uuid.UUID | None = None
    note: str | None = None
    agreed_fee_yen: int | None = None
    channel: Channel = Channel.WEB
    received_at: datetime | None = None
    overruled: frozenset[BookingRefusal] = frozenset()
    overruled_because: str = ""
    trial_part: int | None = None
    referral_id: uuid.UUID | None = None
    priority_id: uuid.UUID | None = None
    kept_as: KeptAs | None = None
    use_type: str | None = None
    use_reason: str | None = None
    options: frozenset[str] = frozenset()
    coupons: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.child_ids or len(set(self.child_ids)) != len(self.child_ids):
            raise ValueError("a wish names at least one child, and each once")
        if self.trial_part is not None and len(self.child_ids) > 1:
            raise ValueError("each child has a trial of its own")
        if self.overruled and not self.overruled_because.strip():
            raise ValueError("who overrules a reason says why")

    @property
    def stands_under(self) -> uuid.UUID:
        """The family in whose record the booking stands."""
        return self.kept_as.family_id if self.kept_as else self.family_id

    def child_there(self, child_id: uuid.UUID) -> uuid.UUID:
        """Return the child of that record which one of the wish is.

        Raises:
            KeyError: that record has none of it.
        """
        return dict(self.kept_as.children)[child_id] if self.kept_as else child_id

    @property
    def with_kept(self) -> bool:
        """Whether places kept for families that go first count too."""
        return self.referral_id is not None or self.priority_id is not None


def calendar_uid(group_id: uuid.UUID) -> str:
    """Return the UID of a group's calendar entry: one for all its children, for its whole life."""
    return f"booking-{group_id}@portal"


def calendar_sequence(sequences: Iterable[int]) -> int:
    """Return the SEQUENCE of a group's entry: it rises whenever one of its bookings does."""
    return sum(sequences)


def booking_number(group_id: uuid.UUID) -> str:
    """Return the number (受付番号) that people say on the phone: ``3F7A-92CD``."""
    digits = group_id.hex[:8].upper()
    return f"{digits[:4]}-{digits[4:]}"
