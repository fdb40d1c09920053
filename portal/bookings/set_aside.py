"""What staff set aside for a booking, as it is kept with it and read again in the same words."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any

from portal.documents.wording.sentences import values_said
from portal.kernel.errors import Reason
from portal.policies.reasons import BookingRefusal

#: How a value that JSON does not have is written: its mark, then what makes it from text.
_WRITTEN: tuple[tuple[type, str, Callable[[str], object]], ...] = (
    (datetime, "at", datetime.fromisoformat),  # before date, which it is as well
    (date, "on", date.fromisoformat),
    (time, "time", time.fromisoformat),
)

#: Left out, since it tells how a child is, which stands nowhere else in the open.
_OF_THE_CHILD = frozenset({"gate", "gate_so"})


def reasons_as_kept(
    reasons: Iterable[Reason], child_there: Callable[[uuid.UUID], uuid.UUID]
) -> list[dict[str, Any]]:
    """Return the reasons as plain JSON: code, the child, and the values that the sentence takes.

    Nothing else of them is kept: how much a family used elsewhere is no part of the sentence, and
    what a child cannot do yet is told by its code alone.

    Args:
        child_there: From a child of the wish to the same one in the record of the booking.
    """
    return [
        {
            "code": reason.code.value,
            "values": {
                name: _written(value)
                for name, value in values_said(reason).items()
                if name not in _OF_THE_CHILD
            },
            "child": str(child_there(reason.child_id)) if reason.child_id else None,
        }
        for reason in reasons
    ]


def reasons_kept(overruled: Mapping[str, Any]) -> list[Reason]:
    """Return what was set aside for a booking; of an older one only the codes are known."""
    if "reasons" not in overruled:
        return [Reason(BookingRefusal(code)) for code in overruled.get("codes", ())]
    return [
        Reason(
            BookingRefusal(each["code"]),
            {name: _read(value) for name, value in each["values"].items()},
            uuid.UUID(each["child"]) if each["child"] else None,
        )
        for each in overruled["reasons"]
    ]


def _written(value: object) -> object:
    if isinstance(value, tuple):
        return [_written(each) for each in value]
    for kind, mark, _ in _WRITTEN:
        if isinstance(value, kind):
            return {mark: value.isoformat()}  # type: ignore[attr-defined]
    return value


def _read(value: object) -> object:
    if isinstance(value, list):
        return tuple(_read(each) for each in value)
    if isinstance(value, dict):
        ((mark, text),) = value.items()
        return next(make for _, known, make in _WRITTEN if known == mark)(text)
    return value
