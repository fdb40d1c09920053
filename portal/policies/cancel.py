"""Kind G11, cancelling: until when it is free, what it costs after that, and who need not pay."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Literal, NamedTuple

from pydantic import Field

from portal.kernel.spans import Span
from portal.policies.calendar import FacilityCalendar
from portal.policies.deadlines import Deadline
from portal.policies.fee import Fee, Percent, Yen
from portal.policies.rule import Rule


class WaivedReason(StrEnum):
    """Why a late cancellation may cost nothing."""

    ILLNESS = "illness"
    DISASTER = "disaster"
    BEREAVEMENT = "bereavement"
    CLOSED_BY_FACILITY = "closed_by_facility"


class CancelFee(NamedTuple):
    """What cancelling costs now. ``until`` is the end of the free time, None if always free."""

    amount_yen: int
    is_late: bool
    until: datetime | None


class LatePercent(Rule):
    """A share of the fee, a broken yen left to the family."""

    kind: Literal["percent"] = "percent"
    percent: Percent
    #: ``care``: the care fee after reductions; ``total``: meals and the like too.
    of: Literal["care", "total"] = "care"

    def amount(self, fee: Fee, children: int) -> int:  # noqa: ARG002 - one shape for all late fees
        """Return whole yen for all children of ``fee``."""
        return (fee.care_yen if self.of == "care" else fee.total_yen) * self.percent // 100


class LateFlat(Rule):
    """A fixed amount for each child."""

    kind: Literal["flat"] = "flat"
    yen: Yen

    def amount(self, fee: Fee, children: int) -> int:  # noqa: ARG002 - one shape for all late fees
        """Return whole yen for ``children``."""
        return self.yen * children


class CancelRule(Rule):
    """Until when cancelling is free, and what a late one costs.

    ``late_online``: whether a family may still cancel by itself after the free time, or has to
    call. ``waived``: reasons for which a late cancellation costs nothing.
    """

    free_until: Deadline
    late_fee: Annotated[LatePercent | LateFlat, Field(discriminator="kind")] | None = None
    late_online: bool = True
    waived: frozenset[WaivedReason] = frozenset({WaivedReason.CLOSED_BY_FACILITY})

    def until(self, span: Span, calendar: FacilityCalendar) -> datetime:
        """Return the moment from which cancelling is late; never after the stay starts."""
        return min(self.free_until.before(span.day, calendar), span.starts_at)
