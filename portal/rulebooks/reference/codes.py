"""Codes of reasons, notes and fee lines as tables, from the wording that families read. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from portal.documents.wording.sentences import template
from portal.policies.channels import CHANNEL_WORDS
from portal.policies.fee_lines import FEE_LABEL_WORDS
from portal.policies.gates import GATE_WORDS
from portal.policies.marks import MARK_WORDS, OPTION_WORDS
from portal.policies.notes import BookingNote
from portal.policies.proofs import PAPER_WORDS
from portal.policies.purposes import PURPOSE_WORDS
from portal.policies.reason_rules import RULE_OF
from portal.policies.reasons import OVERRULABLE, BookingRefusal
from portal.policies.residence import CIRCUMSTANCE_WORDS

_R = BookingRefusal
#: Said by places, bookings and the database: never by rules alone.
NOT_OF_RULES = frozenset(
    {
        _R.FULL,
        _R.CLOSED_TO_NEW,
        _R.CHILD_BOOKED_ELSEWHERE,
        _R.ALREADY_CANCELLED,
        _R.CANCEL_BY_PHONE_ONLY,
        _R.STAY_HAS_STARTED,
    }
)

_PLACE = re.compile(r"\{(\w+)(?::\w+)?\}")


def reason_codes() -> str:
    """Return every code that can stand in ``reasons``, with when it comes."""
    rows = ["| 符号 | いつ | 種類 | 職員が認められるか |", "|---|---|---|---|"]
    for code in BookingRefusal:
        rule = "try には出ない" if code in NOT_OF_RULES else RULE_OF.get(code, "")
        may = "はい" if code in OVERRULABLE else "いいえ"
        rows.append(f"| `{code.value}` | {_said(code)} | {rule} | {may} |")
    return "\n".join(rows)


def notes() -> str:
    """Return every note that does not forbid."""
    rows = ["| 符号 | いつ |", "|---|---|"]
    rows += [f"| `{code.value}` | {_said(code)} |" for code in BookingNote]
    return "\n".join(rows)


def fee_labels() -> str:
    """Return every kind of line that a fee can have."""
    rows = ["| 符号 | 意味 |", "|---|---|"]
    rows += [f"| `{label.value}` | {words} |" for label, words in FEE_LABEL_WORDS.items()]
    return "\n".join(rows)


def usual_codes() -> str:
    """Return the codes that many documents share: whoever writes need not invent them."""
    tables: tuple[tuple[str, str, Mapping[Any, str]], ...] = (
        ("利用区分", "`purpose`、`purposes`", PURPOSE_WORDS),
        ("申し込みの方法", "`channel`、`channels`", CHANNEL_WORDS),
        ("世帯やお子さんの事情", "`marks`", MARK_WORDS),
        ("よそに住む家庭の事情", "`circumstances`", CIRCUMSTANCE_WORDS),
        ("いっしょに選ぶこと", "`options`、`with_option` など", OPTION_WORDS),
        ("書類", "`kinds`、`papers`", PAPER_WORDS),
        ("体調や発達の問い", "`gates`", GATE_WORDS),
    )
    rows = ["| 何の符号か | 使うところ | 符号 |", "|---|---|---|"]
    for what, where, words in tables:
        codes = "<br>".join(f"`{code}` {said}" for code, said in words.items())
        rows.append(f"| {what} | {where} | {codes} |")
    return "\n".join(rows)


def _said(code: StrEnum) -> str:
    """The sentence with ``〔opens_at〕`` where a value of the case will stand."""
    said = template(code)
    return _PLACE.sub(lambda place: "お子さん" if place[1] == "child" else f"〔{place[1]}〕", said)
