"""Signs that no typed text needs: they cannot be shown as they stand, or turn a page around."""

from __future__ import annotations

import unicodedata
from typing import Final

#: Written one way and shown another: no name needs them, and a page can be turned around by them.
_TURNING: Final = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_REFUSED: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})


def has_control_character(text: str, *, lines: bool = False) -> bool:
    """Say whether ``text`` holds signs that cannot be shown as they stand.

    Args:
        lines: Line breaks and tabs are fine, as in a text of several lines.
    """
    allowed = "\r\n\t" if lines else ""
    return any(
        unicodedata.category(sign) in _REFUSED or sign in _TURNING
        for sign in text
        if sign not in allowed
    )


def on_one_line(text: str | None) -> str:
    """Return what was typed into one line: spaces, tabs and line breaks are one space each.

    What holds signs that are refused stays as typed: Python counts some of them as spaces, and
    they would vanish without a word.
    """
    typed = text or ""
    return typed if has_control_character(typed, lines=True) else " ".join(typed.split())
