"""Kind G16: what a tariff is asked about, and a line of its answer."""

from __future__ import annotations

import uuid
from typing import Annotated, NamedTuple

from pydantic import Field

from portal.kernel.spans import Span
from portal.policies.blocks import Block
from portal.policies.fee_lines import FeeLabel, FeeLine

Minutes = Annotated[int, Field(ge=5, le=1440)]


class Charged(NamedTuple):
    """What a tariff is asked about: one child's stay, and how much of it is at the usual price.

    ``months``: the age that picks the row. ``minutes``: those at the usual price; fewer than the
    stay has where others have a rate of their own. ``blocks``: the blocks of the rule of units.
    """

    child_id: uuid.UUID
    months: int
    span: Span
    minutes: int
    blocks: tuple[Block, ...] = ()

    def line(self, label_code: FeeLabel, amount_yen: int, /, **values: int | str) -> FeeLine:
        """Return a line for this child."""
        return FeeLine(label_code, values, self.child_id, amount_yen)
