"""Kind G4, its second half, enrolment: where else a child may go beside temporary care."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from pydantic import Field, model_validator

from portal.kernel.errors import Reason
from portal.policies.facts import ChildFacts, Enrolment
from portal.policies.notes import BookingNote
from portal.policies.reasons import BookingRefusal
from portal.policies.residence import Unknown
from portal.policies.rule import Rule

ENROLMENT_WORDS: Mapping[Enrolment, str] = MappingProxyType(
    {
        Enrolment.NONE: "どこにも通っていない",
        Enrolment.LICENSED: "認可保育所・認定こども園（2号・3号）・地域型保育に通っている",
        Enrolment.KINDERGARTEN: "幼稚園・認定こども園（1号）に通っている",
        Enrolment.UNLICENSED: "認可外の保育施設に通っている",
        Enrolment.COMPANY_LED: "企業主導型の保育施設に通っている",
        Enrolment.OTHER: "そのほかの施設に通っている",
    }
)


class EnrolledToo(Rule):
    """Children who go elsewhere and may come all the same, under what is given here."""

    enrolments: tuple[Enrolment, ...] = Field(
        min_length=1, description="通っているところ", examples=[["kindergarten"]]
    )
    purposes: tuple[str, ...] = Field(
        default=(),
        description="この利用区分のときだけ（書かなければすべて）",
        examples=[["emergency"]],
    )
    own_place_closed: bool = Field(
        default=False,
        description="trueなら、通っているところが休みの日（預かり保育のない日）だけ",
        examples=[True],
    )
    approval: bool = Field(
        default=False,
        description="trueなら、園や市区町村が認めてから予約が決まる",
        examples=[True],
    )


class EnrolmentRule(Rule):
    """Which enrolments are no hindrance. ``also``: those with a condition.

    ``discretion``: the head, or the mayor, may allow any other.
    """

    accepts: tuple[Enrolment, ...] = Field(
        default=(Enrolment.NONE,),
        description="通っているところを問わずに受ける子（どれか1つ）",
        examples=[["none", "unlicensed"]],
    )
    also: tuple[EnrolledToo, ...] = Field(
        default=(),
        description="条件に合うときだけ受ける子",
        examples=[[{"enrolments": ["kindergarten"], "purposes": ["emergency"]}]],
    )
    purposes: tuple[str, ...] = Field(
        default=(),
        description="通っているところを問う利用区分（書かなければすべて）",
        examples=[["irregular_work"]],
    )
    discretion: bool = Field(
        default=False,
        description="trueなら、ほかの子も、園長や市区町村長が認めれば利用できる",
        examples=[True],
    )
    unknown: Unknown = Field(
        default=Unknown.ACCEPT,
        description="まだわからないとき：受けてあとで確かめる（accept）、受けない（refuse）",
        examples=["refuse"],
    )

    @model_validator(mode="after")
    def _takes_somebody(self) -> EnrolmentRule:
        if not self.accepts and not self.also:
            raise ValueError("name the enrolments that are taken")
        return self

    def _also(self, enrolment: Enrolment, purpose: str | None) -> list[EnrolledToo]:
        return [
            each
            for each in self.also
            if enrolment in each.enrolments and (not each.purposes or purpose in each.purposes)
        ]

    def reasons(
        self, child: ChildFacts, purpose: str | None, *, by_head: bool = False
    ) -> Iterator[Reason]:
        """Yield what the child's enrolment says against a stay with this purpose.

        Args:
            by_head: Whether the head or the municipality decides: discretion is theirs.
        """
        if (self.purposes and purpose not in self.purposes) or (by_head and self.discretion):
            return
        enrolment = child.enrolment
        if enrolment is None:
            if self.unknown is Unknown.REFUSE:
                yield Reason(BookingRefusal.ENROLLED_ELSEWHERE, {}, child.child_id)
            return
        if enrolment in self.accepts:
            return
        also = self._also(enrolment, purpose)
        if not also:
            yield Reason(BookingRefusal.ENROLLED_ELSEWHERE, {}, child.child_id)
        elif not child.is_own_place_closed and all(each.own_place_closed for each in also):
            yield Reason(BookingRefusal.OWN_PLACE_OPEN, {}, child.child_id)

    def notes(self, child: ChildFacts, purpose: str | None) -> Iterator[Reason]:
        """Yield what is still looked at, and who still has to agree."""
        if self.purposes and purpose not in self.purposes:
            return
        if child.enrolment is None:
            if self.unknown is Unknown.ACCEPT:
                yield Reason(BookingNote.ENROLMENT_UNKNOWN, {}, child.child_id)
            return
        if child.enrolment in self.accepts:
            return
        open_ways = [
            each
            for each in self._also(child.enrolment, purpose)
            if child.is_own_place_closed or not each.own_place_closed
        ]
        if open_ways and all(each.approval for each in open_ways):
            yield Reason(BookingNote.AWAITS_FACILITY, {"answer_days": None}, child.child_id)
