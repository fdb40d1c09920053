"""Kind G16, the price by the block: morning, afternoon, the day, and several of them joined."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal, Self

from pydantic import Field, model_validator

from portal.kernel.spans import Span
from portal.policies.blocks import Block
from portal.policies.charged import Charged
from portal.policies.fee_ages import Band, band_of, check_bands
from portal.policies.fee_lines import FeeLabel, FeeLine, Yen
from portal.policies.rule import Rule, moment_on


class BlockPrice(Rule):
    """Price of one block."""

    label: str = Field(
        min_length=1,
        max_length=40,
        description="区分の名前（units.blocks と同じ）。",
        examples=["午前"],
    )
    yen: Yen = Field(description="その区分の料金（円）。", examples=[1500])


class BlocksBand(Band):
    """Prices of all blocks for an age band."""

    prices: tuple[BlockPrice, ...] = Field(
        min_length=1,
        description="区分ごとの料金。",
        examples=[[{"label": "午前", "yen": 1500}, {"label": "1日", "yen": 3000}]],
    )


class BlocksTariff(Rule):
    """A price for each block of the day, and for joined ones together.

    A stay costs what the cheapest blocks cost that together hold all of it; what lies outside
    every block costs nothing here (see the surcharge ``outside_hours``).
    """

    kind: Literal["blocks"] = Field(
        default="blocks", description="区分（午前・午後・1日など）ごと。"
    )
    blocks: tuple[Block, ...] = Field(
        default=(),
        description="料金の区分の時刻。units.blocks と同じなら書きません。",
        examples=[[{"label": "午前", "starts": "08:30", "ends": "12:30"}]],
    )
    bands: tuple[BlocksBand, ...] = Field(
        description="年齢ごとの料金。小さい年齢から順に。",
        examples=[[{"prices": [{"label": "午前", "yen": 1500}]}]],
    )

    @model_validator(mode="after")
    def _covers_all(self) -> Self:
        check_bands(self.bands)
        labels = [sorted(price.label for price in band.prices) for band in self.bands]
        if any(one != labels[0] or len(set(one)) < len(one) for one in labels):
            raise ValueError("every band prices the same blocks, each once")
        if self.blocks and labels[0] != sorted(block.label for block in self.blocks):
            raise ValueError("every block has a price, and each price a block")
        return self

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels of the blocks that have a price."""
        return tuple(price.label for price in self.bands[0].prices)

    def check_labels(self, blocks: Sequence[Block]) -> None:
        """See that prices without times of their own name blocks of the rule of units.

        Raises:
            ValueError: one does not.
        """
        if not self.blocks and not {block.label for block in blocks}.issuperset(self.labels):
            raise ValueError("a price names a block that units does not have")

    def lines(self, charged: Charged) -> Iterator[FeeLine]:
        """Yield the care fee of one child, a line for each block."""
        prices = {p.label: p.yen for p in band_of(self.bands, charged.months).prices}
        offered = [b for b in self.blocks or charged.blocks if b.label in prices]
        for label in _covering(offered, prices, charged.span):
            yield charged.line(FeeLabel.CARE_BLOCK, prices[label], label=label)


def _covering(blocks: Sequence[Block], prices: Mapping[str, int], span: Span) -> tuple[str, ...]:
    """Return the labels of the cheapest blocks that hold what any block holds of the stay."""
    held = []
    for block in blocks:
        starts = max(moment_on(span.day, block.starts), span.starts_at)
        ends = min(moment_on(span.day, block.ends), span.ends_at)
        if starts < ends:
            held.append((starts, ends, block.label))
    borders = sorted({edge for starts, ends, _label in held for edge in (starts, ends)})
    # The best way to hold the stay up to each border: what it costs, how many, and which.
    best: list[tuple[int, int, tuple[str, ...]]] = [(0, 0, ())]
    for before, border in pairwise(borders):
        over = [one for one in held if one[0] <= before and border <= one[1]]
        if not over:  # a pause between blocks
            best.append(best[-1])
            continue
        best.append(
            min(
                (yen + prices[label], count + 1, (*labels, label))
                for starts, _ends, label in over
                for yen, count, labels in best[borders.index(starts) : borders.index(before) + 1]
            )
        )
    return best[-1][2]
