"""Who acts: every query and every service function takes an ``Actor``."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What somebody is to the portal; one session has one role."""

    DIRECTOR = "director"  # 園長・主任
    STAFF = "staff"  # 保育士・職員
    GUARDIAN = "guardian"  # 保護者
    LIAISON = "liaison"  # 市区町村の保健師・相談員
    CENTER_WORKER = "center_worker"  # こども家庭センター
    OFFICE_WORKER = "office_worker"  # 地域子育て相談機関
    OPERATOR = "operator"  # 運用担当


#: Roles that need a second factor: all that see other people's data.
WITH_SECOND_FACTOR = frozenset(Role) - {Role.GUARDIAN}
#: Roles that belong to a provider of care.
PROVIDER_ROLES = frozenset({Role.DIRECTOR, Role.STAFF})
#: Roles that belong to a body that supports families.
SUPPORT_ROLES = frozenset({Role.LIAISON, Role.CENTER_WORKER, Role.OFFICE_WORKER})


class Right(StrEnum):
    """What one guardian of a family may do; all of them, unless something was withheld."""

    BOOKINGS = "bookings"  # see bookings, applications, days; the family's calendar
    BOOK = "book"  # apply, book, change, cancel, say "late" or "absent"
    CHILDREN = "children"  # see and correct the children and their records
    CONTACTS = "contacts"  # see and correct the other guardians and who picks up
    MAILS = "mails"  # get the family's mails
    PICKUP = "pickup"  # be handed the child


#: Rights that decide which rows the database shows; the other two decide what people do.
_SHOWN_ROWS = (Right.BOOKINGS, Right.BOOK, Right.CHILDREN, Right.CONTACTS)


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, and in whose name she acts.

    ``organisation_id`` is set for everyone who works for a body, ``family_id`` for a guardian whose
    family is registered. Both are never set together: one person in two parts signs in twice.
    ``withheld`` is what this guardian may not do in her family; see docs/apart.md.
    ``knows_support`` is off for staff who need not know why a family is supported; see
    docs/support-needs.md.
    """

    role: Role | None
    user_id: uuid.UUID | None = None
    organisation_id: uuid.UUID | None = None
    family_id: uuid.UUID | None = None
    withheld: frozenset[Right] = frozenset()
    knows_support: bool = True

    def __post_init__(self) -> None:
        if self.organisation_id is not None and self.family_id is not None:
            raise ValueError("an actor acts for an organisation or for a family, not for both")

    @property
    def is_provider(self) -> bool:
        """Whether the actor works for a provider of care."""
        return self.role in PROVIDER_ROLES

    @property
    def is_support(self) -> bool:
        """Whether the actor works for a body that supports families."""
        return self.role in SUPPORT_ROLES

    def has(self, right: Right) -> bool:
        """Whether nothing is withheld that this needs: who may not see bookings cannot book."""
        if right in {Right.BOOK, Right.MAILS} and Right.BOOKINGS in self.withheld:
            return False
        return right not in self.withheld

    @property
    def sees_whole_family(self) -> bool:
        """Whether every row of the family is hers to see and to change."""
        return all(self.has(right) for right in _SHOWN_ROWS)

    @property
    def shown_rights(self) -> tuple[Right, ...]:
        """The rights that decide which rows she is shown, as far as they are hers."""
        return tuple(right for right in _SHOWN_ROWS if self.has(right))


#: Nobody in particular: the public pages before sign-in.
ANONYMOUS = Actor(role=None)
