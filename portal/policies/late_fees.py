"""Kind G11, what cancelling late costs: a share, a fixed sum, the booked hours, the meals alone."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from portal.policies.fee_lines import Fee, Percent, Yen, units_of
from portal.policies.rule import Rule


class LatePercent(Rule):
    """A share of the fee, a broken yen left to the family."""

    kind: Literal["percent"] = Field(default="percent", description="料金に対する割合。")
    percent: Percent = Field(description="割合（%）。100は全額。円未満は切り捨て。", examples=[50])
    #: ``care``: the care fee after reductions; ``total``: meals and the like too.
    of: Literal["care", "total"] = Field(
        default="care",
        description="何の割合か：care 利用料（割引のあと）／total 食事なども入れた全部。",
        examples=["total"],
    )

    def amount(self, fee: Fee, children: int, minutes: int) -> int:  # noqa: ARG002 - one shape for all late fees
        """Return whole yen for all children of ``fee``."""
        return (fee.care_yen if self.of == "care" else fee.total_yen) * self.percent // 100


class LateFlat(Rule):
    """A fixed amount for each child."""

    kind: Literal["flat"] = Field(default="flat", description="お子さん1人につき決まった額。")
    yen: Yen = Field(description="お子さん1人の額（円）。", examples=[500])

    def amount(self, fee: Fee, children: int, minutes: int) -> int:  # noqa: ARG002 - one shape for all late fees
        """Return whole yen for ``children``."""
        return self.yen * children


class LateHours(Rule):
    """The booked time at a rate of its own, for each child."""

    kind: Literal["booked_hours"] = Field(
        default="booked_hours", description="予約した時間 × 決まった単価。"
    )
    yen: Yen = Field(description="1単位の額（円）。", examples=[200])
    unit_minutes: int = Field(
        default=60,
        ge=5,
        le=1440,
        description="何分ごとの額か。はじまった分は1つと数えます。",
        examples=[60],
    )
    max_yen: Yen | None = Field(
        default=None, description="お子さん1人の上限（円）。", examples=[2000]
    )

    def amount(self, fee: Fee, children: int, minutes: int) -> int:  # noqa: ARG002 - one shape for all late fees
        """Return whole yen for ``children`` who booked ``minutes`` each."""
        yen = self.yen * units_of(minutes, self.unit_minutes)
        return children * (yen if self.max_yen is None else min(yen, self.max_yen))


class LateItems(Rule):
    """Meals and the like alone, since they were ordered; care costs nothing."""

    kind: Literal["items"] = Field(
        default="items", description="食事などの実費（特定費用）だけ。利用料はかかりません。"
    )

    def amount(self, fee: Fee, children: int, minutes: int) -> int:  # noqa: ARG002 - one shape for all late fees
        """Return the items of ``fee`` in whole yen."""
        return fee.items_yen


class LateFree(Rule):
    """Nothing: late, but free all the same."""

    kind: Literal["none"] = Field(default="none", description="かかりません。")

    def amount(self, fee: Fee, children: int, minutes: int) -> int:  # noqa: ARG002 - one shape for all late fees
        """Return 0."""
        return 0


LateFee = Annotated[
    LatePercent | LateFlat | LateHours | LateItems | LateFree, Field(discriminator="kind")
]
