"""Refusal: the portal says no, with every reason at once."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason against something, as a code with what its sentence needs.

    The sentence itself, in each language, stands in ``documents/wording``; ``values`` holds only
    plain values (numbers, dates, labels of settings), never a family's circumstances.
    """

    code: StrEnum
    values: Mapping[str, object] = field(default_factory=dict)
    #: The child the reason speaks of, where a wish holds several.
    child_id: uuid.UUID | None = None


class Refusal(Exception):  # noqa: N818 - an answer, not an error
    """Something may not be done. Carries all reasons; nothing has been written.

    Args:
        reasons: Codes or ``Reason`` values, at least one.
    """

    def __init__(self, reasons: Iterable[Reason | StrEnum]) -> None:
        self.reasons: tuple[Reason, ...] = tuple(
            reason if isinstance(reason, Reason) else Reason(reason) for reason in reasons
        )
        if not self.reasons:
            raise ValueError("a refusal needs a reason")
        super().__init__(", ".join(str(reason.code) for reason in self.reasons))

    @property
    def codes(self) -> tuple[StrEnum, ...]:
        """The codes alone, in order."""
        return tuple(reason.code for reason in self.reasons)
