"""Codes that are a letter or two from a usual one: most are misspelt, and hold for nobody. Pure.

Documents may make codes of their own, so nothing is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from portal.documents.i18n import gettext as _
from portal.policies.document import RulesDocument
from portal.policies.marks import MARK_WORDS, OPTION_WORDS
from portal.policies.proofs import PAPER_WORDS
from portal.policies.residence import CIRCUMSTANCE_WORDS
from portal.rulebooks.caution import Caution
from portal.rulebooks.fields import fields_of_document
from portal.rulebooks.reading.mistakes import Path

_LATIN = re.compile(r"[A-Za-z][A-Za-z0-9_ -]*")
_LETTERS = 2
#: Below this length two letters make another word.
_LONG = 6

#: Field → the codes that are usual there.
_USUAL: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        **dict.fromkeys(("marks", "spared_marks", "extension_mark"), MARK_WORDS),
        **dict.fromkeys(("kinds", "proof"), PAPER_WORDS),
        **dict.fromkeys(("circumstance", "circumstances"), CIRCUMSTANCE_WORDS),
        **dict.fromkeys(("with_option", "without_option", "options"), OPTION_WORDS),
    }
)


def near_codes(document: RulesDocument) -> Iterator[Caution]:
    """Yield each code in Latin letters that is nearly a usual one."""
    for path, name, value, _beside in fields_of_document(document):
        usual = _USUAL.get(name, {})
        for at, code in _codes(path, value):
            if meant := _meant(code, usual):
                said = _(
                    "「%(code)s」は、よく使う符号にありません。「%(meant)s」（%(words)s）のことですか。"
                    "自分で決めた符号なら、このままでかまいません。"
                )
                values = {"code": code, "meant": meant, "words": usual[meant]}
                yield Caution(at, said % values)


def _codes(path: Path, value: object) -> Iterator[tuple[Path, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, list | tuple):
        for number, code in enumerate(value):
            if isinstance(code, str):
                yield (*path, number), code


def _meant(code: str, usual: Mapping[str, str]) -> str | None:
    if not usual or code in usual or not _LATIN.fullmatch(code):
        return None
    most = _LETTERS if len(code) >= _LONG else 1
    near = {name: letters_between(code.lower(), name, most) for name in usual}
    best = min(near, key=lambda name: near[name])
    return best if near[best] <= most else None


def letters_between(one: str, other: str, most: int) -> int:
    """Return how many letters to put in, take out, change or swap make one word of the other.

    Args:
        most: Words that differ by more are only said to differ by more.
    """
    if abs(len(one) - len(other)) > most:
        return most + 1
    rows: list[list[int]] = [list(range(len(other) + 1))]
    for i, letter in enumerate(one, start=1):
        row = [i]
        for j, beside in enumerate(other, start=1):
            row.append(min(rows[-1][j] + 1, row[-1] + 1, rows[-1][j - 1] + (letter != beside)))
            if i > 1 and j > 1 and (letter, one[i - 2]) == (other[j - 2], beside):
                row[-1] = min(row[-1], rows[-2][j - 2] + 1)
        rows.append(row)
    return rows[-1][-1]
