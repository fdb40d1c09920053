"""Codes of reasons, notes and fee lines as tables, from the wording that families read. Pure."""

from __future__ import annotations

import re
from enum import StrEnum

from portal.documents.wording.sentences import template
from portal.policies.fee_lines import FEE_LABEL_WORDS
from portal.policies.notes import BookingNote
from portal.policies.reason_rules import RULE_OF
from portal.policies.reasons import OVERRULABLE, BookingRefusal

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


def _said(code: StrEnum) -> str:
    """The sentence with ``〔opens_at〕`` where a value of the case will stand."""
    said = template(code)
    return _PLACE.sub(lambda place: "お子さん" if place[1] == "child" else f"〔{place[1]}〕", said)
