"""Kind G26, exceptions: which reasons a person may set aside, and who that person is."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.policies.reasons import OVERRULABLE, BookingRefusal
from portal.policies.rule import Rule

#: What the database holds, or what is no matter of permission: nobody sets it aside.
NEVER_SET_ASIDE = frozenset(
    {
        BookingRefusal.FULL,
        BookingRefusal.CHILD_BOOKED_ELSEWHERE,
        BookingRefusal.ALREADY_CANCELLED,
        BookingRefusal.STAY_HAS_STARTED,
        BookingRefusal.TRIAL_AHEAD,
        BookingRefusal.TRIAL_OVER,
        BookingRefusal.TRIAL_NOT_OFFERED,
        BookingRefusal.NO_APPLICATION,
    }
)


class Head(StrEnum):
    """Who decides on what staff may not."""

    FACILITY_HEAD = "facility_head"
    MAYOR = "mayor"
    BOTH = "both"


HEAD_WORDS: Mapping[Head, str] = MappingProxyType(
    {
        Head.FACILITY_HEAD: "園長",
        Head.MAYOR: "市区町村長",
        Head.BOTH: "園長か市区町村長",
    }
)


class ExceptionsRule(Rule):
    """Who may set aside which reasons. Each time with a reason, the person and the time, in audit.

    ``staff_may`` left out: what staff may set aside anyway (``reasons.OVERRULABLE``); given: these
    alone. ``head_may``: these besides. ``never``: nobody, whatever stands above.
    """

    staff_may: tuple[BookingRefusal, ...] | None = Field(
        default=None,
        description="職員が事情を聞いて認められる理由（断りの呼び名）。書かなければ、ふだんのとおり。"
        "[]なら、職員はどれも認められない",
        examples=[["closed_for_booking", "cap_reached"]],
    )
    head_may: tuple[BookingRefusal, ...] = Field(
        default=(),
        description="職員に加えて、園長や市区町村長が認められる理由",
        examples=[["not_resident", "too_old"]],
    )
    never: tuple[BookingRefusal, ...] = Field(
        default=(), description="だれも認められない理由", examples=[["too_young"]]
    )
    head: Head = Field(
        default=Head.FACILITY_HEAD, description="だれが特別に認めるか", examples=["mayor"]
    )
    words: str = Field(
        default="",
        max_length=400,
        description="家庭への説明",
        examples=["やむを得ない事情があるときは、園に相談してください。"],
    )

    @model_validator(mode="after")
    def _can_be_set_aside(self) -> ExceptionsRule:
        if NEVER_SET_ASIDE & {*(self.staff_may or ()), *self.head_may}:
            raise ValueError("nobody can set aside what places and bookings say")
        return self


def may_set_aside(
    rule: ExceptionsRule | None, *, by_staff: bool, by_head: bool = False
) -> frozenset[BookingRefusal]:
    """Return the reasons that the one who decides may set aside, giving a reason of their own."""
    if not by_staff and not by_head:
        return frozenset()
    if rule is None:
        return OVERRULABLE
    allowed = OVERRULABLE if rule.staff_may is None else frozenset(rule.staff_may)
    if by_head:
        # The head is never more bound than the staff of a document without exceptions.
        allowed |= OVERRULABLE | frozenset(rule.head_may)
    return allowed - frozenset(rule.never)


def set_aside(
    rule: ExceptionsRule | None,
    overruled: Collection[BookingRefusal],
    *,
    by_staff: bool,
    by_head: bool = False,
) -> frozenset[BookingRefusal]:
    """Return which of the reasons that somebody wants to overrule are set aside."""
    return frozenset(overruled) & may_set_aside(rule, by_staff=by_staff, by_head=by_head)
