"""What a receiver is told of a case, item by item, as far as it was agreed to. Pure.

The preview and what is sent are made here, by the same function.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum

from portal.noshow.rules import CaseKind
from portal.referrals.rules import Item


class Line(StrEnum):
    """The lines of a report, in its order."""

    WHO = "who"
    PHONE = "phone"
    WHAT = "what"
    NOTES = "notes"


#: By which items of a consent a line may be told.
NEEDED = {
    Line.WHO: Item.NAME_AND_PHONE,
    Line.PHONE: Item.NAME_AND_PHONE,
    Line.WHAT: Item.NO_SHOW,
    Line.NOTES: Item.NURSERY_NOTES,
}


@dataclass(frozen=True, slots=True)
class Told:
    """What one receiver sees: for each line its words, or ``None``: it is not told."""

    lines: Mapping[Line, str | None]

    @property
    def words(self) -> dict[str, str]:
        """What is sent: the lines that are told, and have something to say."""
        return {line.value: words for line, words in self.lines.items() if words}


def lines_of(kind: CaseKind) -> tuple[Line, ...]:
    """Return which lines a report has: of a worry there is no stay to speak of."""
    if kind is CaseKind.WORRY:
        return (Line.WHO, Line.PHONE, Line.NOTES)
    return tuple(Line)


def may_be_told(kind: CaseKind, items: Collection[Item]) -> bool:
    """Say whether these items let the case itself be told, and not only who it is about."""
    return (Item.NURSERY_NOTES if kind is CaseKind.WORRY else Item.NO_SHOW) in items


def told(
    kind: CaseKind,
    items: Collection[Item],
    words: Mapping[Line, str],
    *,
    knows_family: bool,
) -> Told:
    """Return what a receiver sees of ``words``.

    Args:
        items: What the consent, or the legal ground, lets be passed on to this receiver.
        knows_family: It met the family itself and took the consent: its name is no news.
    """
    return Told(
        {
            line: words.get(line, "")
            if NEEDED[line] in items or (knows_family and line is Line.WHO)
            else None
            for line in lines_of(kind)
        }
    )
