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


@dataclass(frozen=True, slots=True)
class Actor:
    """A person, and in whose name she acts.

    ``organisation_id`` is set for everyone who works for a body, ``family_id`` for a guardian whose
    family is registered. Both are never set together: one person in two parts signs in twice.
    """

    role: Role | None
    user_id: uuid.UUID | None = None
    organisation_id: uuid.UUID | None = None
    family_id: uuid.UUID | None = None

    def __post_init__(self) -> None:
        if self.organisation_id is not None and self.family_id is not None:
            raise ValueError("an actor acts for an organisation or for a family, not for both")

    @property
    def is_provider(self) -> bool:
        """Whether the actor works for a provider of care."""
        return self.role in PROVIDER_ROLES


#: Nobody in particular: the public pages before sign-in.
ANONYMOUS = Actor(role=None)
