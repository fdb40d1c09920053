"""Kind G21, siblings: how brothers and sisters are booked together. Prices stand with the fee."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator, Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from pydantic import Field

from portal.kernel.errors import Reason
from portal.policies.reasons import BookingRefusal
from portal.policies.rule import Rule


class Together(StrEnum):
    """What becomes of a wish when not all children of it can come."""

    ALL_OR_NONE = "all_or_none"
    SOME_MAY_COME = "some_may_come"
    FAMILY_CHOOSES = "family_chooses"


TOGETHER_WORDS: Mapping[Together, str] = MappingProxyType(
    {
        Together.ALL_OR_NONE: "全員がそろって利用できるときだけ予約できる",
        Together.SOME_MAY_COME: "利用できるお子さんだけで予約できる",
        Together.FAMILY_CHOOSES: "全員そろってか、1人でも利用できればよいかを、家庭がえらぶ",
    }
)

#: The option of a wish by which a family says that some may come alone.
SOME_ARE_ENOUGH = "some_are_enough"


class SiblingsRule(Rule):
    """How brothers and sisters come together. Each is judged and placed by its own age."""

    together: Together = Field(
        default=Together.ALL_OR_NONE,
        description="きょうだいの一部が利用できないときに、どうするか",
        examples=["some_may_come"],
    )
    most: int | None = Field(
        default=None,
        ge=1,
        le=20,
        description="1度に予約できる、きょうだいの人数。1なら、1人ずつ予約する",
        examples=[2],
    )
    same_group: bool = Field(
        default=False,
        description="true：同じ部屋で過ごす。false：それぞれの年齢のクラスで過ごす",
        examples=[True],
    )
    own_form: bool = Field(
        default=True, description="true：申込書や児童票は、1人ずつ出す", examples=[False]
    )
    shared_coupons: bool = Field(
        default=False,
        description="true：利用券を、きょうだいで分けて使える。false：お子さんごと",
        examples=[True],
    )
    one_account: bool = Field(
        default=True,
        description="true：1つの家庭で1つの登録（保護者2人がべつべつに登録しない）",
        examples=[False],
    )

    def reasons(self, children: int) -> Iterator[Reason]:
        """Yield what the rule says against so many children in one wish."""
        if self.most is not None and children > self.most:
            yield Reason(BookingRefusal.TOO_MANY_SIBLINGS, {"most": self.most})


def may_part(rule: SiblingsRule | None) -> bool:
    """Say whether a wish for several may become one for some; without a rule, as they like."""
    return rule is None or rule.together is not Together.ALL_OR_NONE


def who_may_come(
    rule: SiblingsRule | None,
    children: Sequence[uuid.UUID],
    reasons: Collection[Reason],
    options: Collection[str] = (),
) -> tuple[uuid.UUID, ...]:
    """Return the children of a wish who may come, in order: all, some, or none.

    A reason without a child speaks of all of them. Where the rule leaves it to the family, some
    may come if it chose so (``SOME_ARE_ENOUGH`` among the options).
    """
    against = {reason.child_id for reason in reasons}
    if not against:
        return tuple(children)
    together = rule.together if rule else Together.ALL_OR_NONE
    some = together is Together.SOME_MAY_COME or (
        together is Together.FAMILY_CHOOSES and SOME_ARE_ENOUGH in options
    )
    if None in against or not some:
        return ()
    return tuple(child for child in children if child not in against)
