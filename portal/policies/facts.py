"""What rules know of a child and its home: no name, nothing that a reason could give away."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType

from portal.policies.standing import FIRST_PART, NOTHING_DONE, StepStanding, TrialStanding


class Enrolment(StrEnum):
    """Where a child is enrolled beside temporary care."""

    NONE = "none"
    LICENSED = "licensed"  # 認可保育所・認定こども園(2・3号)・地域型保育
    KINDERGARTEN = "kindergarten"  # 幼稚園・認定こども園(1号)
    UNLICENSED = "unlicensed"  # 認可外
    COMPANY_LED = "company_led"  # 企業主導型
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class GateAnswer:
    """What the family said to a yes-or-no question about the child, on which local day."""

    said: bool
    on: date
    is_confirmed: bool = False  # by staff


@dataclass(frozen=True, slots=True)
class Mark:
    """A circumstance that rules ask for by its code, such as ``welfare`` or ``multiple_birth``.

    Both ends are days on which it holds; None is open. ``is_proven``: its paper was shown.
    """

    code: str
    valid_from: date | None = None
    valid_until: date | None = None
    is_proven: bool = True

    def holds_on(self, day: date) -> bool:
        """Say whether it holds on a local day, proven or not."""
        return (self.valid_from is None or self.valid_from <= day) and (
            self.valid_until is None or day <= self.valid_until
        )


@dataclass(frozen=True, slots=True)
class Paper:
    """A proof that was shown, for a purpose, a reason or a reduction: kind and local days."""

    kind: str
    valid_from: date | None = None
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Coupon:
    """Tickets that a family holds for one child (None: for any), and how many are left.

    ``key`` is the mark by which whoever keeps them knows them again; rules pass it by.
    """

    code: str
    left: int
    valid_from: date | None = None
    valid_until: date | None = None
    child_id: uuid.UUID | None = None
    key: str = ""

    def pays_for(self, code: str, child_id: uuid.UUID, day: date) -> bool:
        """Say whether they are of a kind, and this child may spend them on a local day."""
        return (
            self.code == code
            and self.child_id in {None, child_id}
            and (self.valid_from is None or self.valid_from <= day)
            and (self.valid_until is None or day <= self.valid_until)
        )


@dataclass(frozen=True, slots=True)
class Household:
    """The home as far as rules need it. None: nobody knows.

    ``circumstances``: why a family that lives elsewhere may come (``homecoming``, ``workplace``,
    ``building``, ``juror`` …); ``statements``: those it handed in in writing. ``tax_yen``: the
    municipal income levy. ``preschoolers``: birth dates of all children before school, used here
    or not, for orders among brothers and sisters.
    """

    city: str | None = None
    ward: str | None = None
    prefecture: str | None = None
    circumstances: frozenset[str] = frozenset()
    statements: frozenset[str] = frozenset()
    marks: tuple[Mark, ...] = ()
    tax_yen: int | None = None
    papers: tuple[Paper, ...] = ()
    coupons: tuple[Coupon, ...] = ()
    preschoolers: tuple[date, ...] = ()


NOT_ASKED = Household()
NO_ANSWERS: Mapping[str, GateAnswer] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class ChildFacts:
    """A child as far as rules need it.

    Both ends of the registration are days on which it holds. ``registered_until`` is None where
    no pre-registration has been accepted. ``has_application``: one runs or holds there. ``trial``
    is known for a wish of trial care alone.
    """

    child_id: uuid.UUID
    born_on: date
    registered_until: date | None = None
    registered_from: date | None = None
    has_application: bool = False
    steps: StepStanding = NOTHING_DONE
    trial: TrialStanding = FIRST_PART
    #: Whether each side has said that it read what it needs to know of the other.
    family_agreed: bool = False
    facility_agreed: bool = False
    #: Whether the facility accepted with conditions.
    has_conditions: bool = False
    #: Whether the child's record was confirmed lately; asked where the rules demand it alone.
    record_holds: bool = True
    #: None: nobody has asked.
    enrolment: Enrolment | None = None
    #: Whether the place where the child is enrolled is closed on the day of the stay.
    is_own_place_closed: bool = False
    gates: Mapping[str, GateAnswer] = field(default_factory=lambda: NO_ANSWERS)
    #: Of this child alone; those of the household hold for it too.
    marks: tuple[Mark, ...] = ()
