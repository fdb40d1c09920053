"""Dates with the Japanese era, as official sheets write them beside the Western year."""

from __future__ import annotations

import re
from datetime import date

#: Eras by their first day, the latest first.
#: *Source:* cabinet orders on the era name (元号を改める政令) of 2019 and 1989, edicts before.
_ERAS = (
    (date(2019, 5, 1), "令和"),
    (date(1989, 1, 8), "平成"),
    (date(1926, 12, 25), "昭和"),
    (date(1912, 7, 30), "大正"),
    (date(1868, 1, 25), "明治"),
)


def era_year(day: date) -> str:
    """Return the year of a day in its era: ``令和8年``, the first one as ``令和元年``.

    Raises:
        ValueError: the day lies before the Meiji era.
    """
    for first_day, name in _ERAS:
        if day >= first_day:
            number = day.year - first_day.year + 1
            return f"{name}{'元' if number == 1 else number}年"
    raise ValueError(f"{day} is before the eras the portal knows")


def wareki(day: date) -> str:
    """Return a day as ``令和8年11月20日``."""
    return f"{era_year(day)}{day.month}月{day.day}日"


def era_fiscal_year(year: int) -> str:
    """Return a fiscal year as ``令和8年度``; ``year`` is the Western year of its 1 April.

    A year in which the era changed goes by the new one throughout, as budgets and reports did in
    2019 (令和元年度).
    """
    return f"{era_year(date(year, 12, 31))}度"


_LETTERS = {"R": "令和", "H": "平成", "S": "昭和", "T": "大正", "M": "明治"}
_WRITTEN = re.compile(
    r"(令和|平成|昭和|大正|明治|[RHSTM])\s*\.?\s*(元|[0-9]{1,2})\s*年?", re.IGNORECASE
)


def western_year(text: str) -> int | None:
    """Return the Western year of one written with its era: ``令和6``, ``R6``, ``平成元年``.

    ``None`` where the text is no such year. Digits are half-width.
    """
    match = _WRITTEN.fullmatch(text.strip())
    if match is None:
        return None
    name = _LETTERS.get(match[1].upper(), match[1])
    first_day = next(day for day, era in _ERAS if era == name)
    number = 1 if match[2] == "元" else int(match[2])
    return first_day.year + number - 1 if number else None
