"""A stay that was booked, decided again by other rules: what would be different. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType

from portal.kernel.errors import Reason
from portal.policies.cancelling import LateStep, late_steps, once_late
from portal.policies.case import Case
from portal.policies.decide import decide
from portal.policies.decision import Decision
from portal.policies.document import RulesDocument
from portal.policies.purposes import reported_as
from portal.policies.reasons import BookingRefusal


class Turn(StrEnum):
    """In what a result turns out otherwise; a stay can have several."""

    REFUSED = "refused"  # could not be booked any more, or not without a word of staff
    EARLY = "early"  # refused only because it was asked for before booking opens
    LATE = "late"  # refused only because it was asked for after booking closes
    FREED = "freed"  # what staff set aside then would not stand against it any more
    OUTCOME = "outcome"  # somebody would have to agree first, or would not have to any more
    FEE = "fee"
    DEADLINE = "deadline"  # until when cancelling is free
    LATE_FEE = "late_fee"  # what cancelling costs after that, step by step


#: What stands against the moment of asking alone, and against nothing of the stay.
_BY_MOMENT: Mapping[str, Turn] = MappingProxyType(
    {BookingRefusal.NOT_YET_OPEN: Turn.EARLY, BookingRefusal.CLOSED_FOR_BOOKING: Turn.LATE}
)


@dataclass(frozen=True, slots=True)
class Replayed:
    """Both answers to one wish, decided on the same facts and at the same moment.

    ``against`` stands against it under the new rules alone; ``freed`` stood against it under the
    old ones and was set aside by staff.
    """

    before: Decision
    after: Decision
    against: tuple[Reason, ...]
    freed: tuple[Reason, ...]
    late_before: tuple[LateStep, ...]
    late_after: tuple[LateStep, ...]

    @property
    def turns(self) -> tuple[Turn, ...]:
        """In what the results differ, the gravest first; empty where in nothing."""
        old, new = self.before, self.after
        refused = self._refused()
        differs = {
            Turn.REFUSED: refused is Turn.REFUSED,
            Turn.EARLY: refused is Turn.EARLY,
            Turn.LATE: refused is Turn.LATE,
            Turn.FREED: bool(self.freed),
            Turn.OUTCOME: old.outcome is not new.outcome,
            Turn.FEE: old.fee.total_yen != new.fee.total_yen,
            Turn.DEADLINE: old.cancel_until != new.cancel_until,
            Turn.LATE_FEE: once_late(self.late_before) != once_late(self.late_after),
        }
        return tuple(turn for turn, is_so in differs.items() if is_so)

    def _refused(self) -> Turn | None:
        """Return how it is refused: a family that knew the other window would ask within it."""
        found = {_BY_MOMENT.get(reason.code, Turn.REFUSED) for reason in self.against}
        return next((turn for turn in (Turn.REFUSED, Turn.LATE, Turn.EARLY) if turn in found), None)


def under(case: Case, document: RulesDocument) -> Case:
    """Return the same wish under other rules.

    A type of use that these do not name becomes the first of theirs that reports count alike.
    """
    rule = document.purposes
    if rule is None or not rule.types or rule.type_of(case.purpose) is not None:
        return replace(case, document=document)
    counted = reported_as(case.document.purposes, case.purpose)
    alike = [kind.code for kind in rule.types if reported_as(rule, kind.code) is counted]
    code = next(iter(alike), rule.types[0].code)
    reason = next((each.code for each in rule.reasons if each.type == code), None)
    needed = reason if rule.reason_needed else None
    return replace(case, document=document, purpose=code, reason=needed)


def replayed(
    case: Case, document: RulesDocument, *, now: datetime, set_aside: Sequence[BookingRefusal] = ()
) -> Replayed:
    """Return a case decided by its own rules, and by others.

    Args:
        case: With nothing overruled: what staff set aside is compared on its own.
        now: The moment at which it was decided then, aware.
        set_aside: Codes that staff set aside then.
    """
    before = decide(case, now=now)
    case_after = under(case, document)
    after = decide(case_after, now=now)
    # A reason that stood against it then too says something of the facts, which are those of today,
    # and nothing of the rules.
    known = {(each.code, each.child_id) for each in before.reasons}
    still = {(each.code, each.child_id) for each in after.reasons}
    return Replayed(
        before,
        after,
        against=tuple(
            r
            for r in after.reasons
            if (r.code, r.child_id) not in known and not _is_untold(r, case)
        ),
        freed=tuple(
            r for r in before.reasons if r.code in set_aside and (r.code, r.child_id) not in still
        ),
        late_before=late_steps(case, before.fee, now=now),
        late_after=late_steps(case_after, after.fee, now=now),
    )


def _is_untold(reason: Reason, case: Case) -> bool:
    """Say whether a reason rests on what nobody has asked the family yet.

    Under rules that ask for it the family would have been asked before it booked.
    """
    home = case.household
    child = next((each for each in case.children if each.child_id == reason.child_id), None)
    match reason.code:
        case BookingRefusal.NOT_RESIDENT:
            return home.city is None and home.ward is None and home.prefecture is None
        case BookingRefusal.ENROLLED_ELSEWHERE:
            return child is not None and child.enrolment is None
        case BookingRefusal.PROOF_MISSING | BookingRefusal.STATEMENT_MISSING:
            return not home.papers and not home.statements
        case BookingRefusal.GATE_UNANSWERED:
            return True
        case _:
            return False
