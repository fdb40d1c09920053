"""Codes of circumstances and choices that many documents use, with their words."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

#: Circumstances of a home or a child (``Mark.code``). A document may use others.
MARK_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "welfare": "生活保護を受けている世帯",
        "tax_exempt": "市町村民税が非課税の世帯",
        "single_parent": "ひとり親の世帯",
        "multiple_birth": "ふたご・みつごなどの世帯",
        "disability": "障害のある方がいる世帯",
        "juror": "裁判員などをつとめる方",
        "referred": "相談の窓口から紹介された方",
        "needs_support": "支援が必要と市区町村が認めた方",
        "disaster": "災害にあった世帯",
        "student": "学生の保護者",
        "extension": "延長の承認",
    }
)

#: What a family chooses beside the stay (``Case.options``). A document may use others.
OPTION_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "own_lunch": "お弁当を持ってくる",
        "lunch": "給食をたのむ",
        "snack": "おやつをたのむ",
        "nappies": "おむつの処分をたのむ",
        "walk_in": "予約なしで当日に来る",
        "regular": "定期の利用",
    }
)


def mark_words(code: str) -> str:
    """Return the words of a circumstance, or its code where a document made its own."""
    return MARK_WORDS.get(code, code)


def option_words(code: str) -> str:
    """Return the words of a choice, or its code where a document made its own."""
    return OPTION_WORDS.get(code, code)
