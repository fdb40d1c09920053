"""Figures in a provider's own words that the rules themselves do not say. Pure.

Families read both: the lines made from the rules, and what the provider wrote beside them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterable
from typing import NamedTuple

from portal.documents.i18n import gettext as _
from portal.policies.document import RulesDocument
from portal.rulebooks.describe import facts, fee_facts
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_cancel import cancel_facts

_KANJI = str.maketrans("一二三四五六七八九", "123456789")
_KANJI_BEFORE = re.compile(r"[一二三四五六七八九](?=(?:か月|[ヶカヵケ箇]月|日|週間)前)")
#: ``1か月前``, ``3日前``, ``2週間前``, ``15日``, ``9:00``, ``9時半``, ``50%``, ``1,200円``.
_FIGURE = re.compile(
    r"(?P<months>\d+)(?:か月|[ヶカヵケ箇]月)前"
    r"|(?P<weeks>\d+)週間前"
    r"|(?P<days>\d+)日前"
    r"|(?P<before>前日|前の日)"
    r"|(?P<hour>\d{1,2})(?::(?P<minute>\d{2})|時(?!間)(?:(?P<half>半)|(?P<minutes>\d{1,2})分)?)"
    r"|(?P<on>\d{1,2})日(?!間)"
    r"|(?P<percent>\d+)(?:%|パーセント)"
    r"|(?P<yen>\d[\d,]*)円"
)


class Contradiction(NamedTuple):
    """A text of the provider with figures that the rules do not say.

    ``term`` is the text's name on the form, ``rules`` what families read from the rules beside it.
    """

    term: str
    text: str
    figures: tuple[str, ...]
    rules: tuple[Fact, ...]


def contradictions(document: RulesDocument) -> list[Contradiction]:
    """Return each text that names a day, time, percentage or sum its rules do not.

    A figure may well be right (what to pay for parking); a person decides.
    """
    rules, prices = tuple(facts(document)), tuple(fee_facts(document.fee, document.purposes))
    texts, cancel = document.texts, document.cancel
    cancelling = tuple(cancel_facts(cancel)) if cancel else ()
    beside: tuple[tuple[str, str, tuple[Fact, ...]], ...] = (
        (_("ひとこと"), texts.summary, (*rules, *prices)),
        (_("予約について"), texts.booking, _of(rules, _("予約できる期間"))),
        (_("料金について"), texts.fee, prices),
        (_("取り消しについて"), texts.cancel, cancelling),
    )
    found = []
    for term, text, lines in beside:
        said = {key for line in lines for key, _words in _figures(line.text)}
        other = dict.fromkeys(words for key, words in _figures(text) if key not in said)
        if other:
            found.append(Contradiction(term, text, tuple(other), lines))
    return found


def seen_mark(found: Iterable[Contradiction]) -> str:
    """Return what a tick under exactly these texts and rules stands for; empty for none."""
    written = repr([tuple(one) for one in found])
    return "" if written == "[]" else hashlib.sha256(written.encode()).hexdigest()[:16]


def _of(lines: tuple[Fact, ...], term: str) -> tuple[Fact, ...]:
    return tuple(line for line in lines if line.term == term)


def _figures(text: str) -> list[tuple[str, str]]:
    """Return every figure as a key that does not depend on its spelling, and as written."""
    plain = unicodedata.normalize("NFKC", text)
    plain = _KANJI_BEFORE.sub(lambda kanji: kanji[0].translate(_KANJI), plain)
    return [(_key(match), match[0]) for match in _FIGURE.finditer(plain)]


def _key(match: re.Match[str]) -> str:
    part = match.groupdict()
    if part["hour"]:
        minute = 30 if part["half"] else int(part["minute"] or part["minutes"] or 0)
        return f"at {int(part['hour'])}:{minute:02d}"
    if part["weeks"]:
        return f"days {int(part['weeks']) * 7}"
    if part["before"]:
        return "days 1"
    name = next(name for name in ("months", "days", "on", "percent", "yen") if part[name])
    return f"{name} {int(part[name].replace(',', ''))}"
