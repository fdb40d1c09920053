"""Which rule a reason comes from, by its name and in its own words, for families and staff."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

from portal.documents.i18n import resolved
from portal.policies.caps import CapRule
from portal.policies.document import RulesDocument
from portal.policies.reason_rules import RULE_OF
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.describe import facts
from portal.rulebooks.fact import Fact
from portal.rulebooks.kinds import KINDS

#: What a family calls the kinds that can speak against a stay.
RULE_NAMES: Mapping[str, str] = MappingProxyType(
    {
        "G2": "使える年齢",
        "G3": "お子さんのようす",
        "G4": "住まいと、通っている園",
        "G5": "利用の理由と書類",
        "G6": "使える日数と時間",
        "G7": "予約できる期間",
        "G9": "申し込みの方法",
        "G10": "空き待ち",
        "G11": "取り消し",
        "G12": "連絡のないお休み",
        "G13": "開いている日と時間",
        "G14": "預かりの時間",
        "G19": "事前登録",
        "G20": "はじめて使う前にすること",
        "G21": "きょうだいの利用",
        "G22": "体のことの確認",
        "G25": "定期の利用",
        "G27": "園が断れるとき",
    }
)
#: Said by bookings and places of what is there now, whatever the rules.
_OF_THE_MOMENT = frozenset(
    {
        BookingRefusal.FULL,
        BookingRefusal.CLOSED_TO_NEW,
        BookingRefusal.CHILD_BOOKED_ELSEWHERE,
        BookingRefusal.ALREADY_CANCELLED,
        BookingRefusal.ALREADY_STARTED,
        BookingRefusal.STAY_HAS_STARTED,
    }
)
#: What bookings say instead where nobody has told a fact that a rule asks for.
_UNTOLD: Mapping[str, str] = MappingProxyType({"home_not_told": "G4", "enrolment_not_told": "G4"})
_USUAL = RulesDocument()
_NO_VALUES: Mapping[str, object] = MappingProxyType({})


class NamedRule(NamedTuple):
    """A kind of rules: ``G6``, its name, and the lines of a document that say it.

    ``facts`` is empty where the document leaves it to what always holds.
    """

    number: str
    name: str
    facts: tuple[Fact, ...]


def rule_of(
    code: StrEnum, document: RulesDocument, values: Mapping[str, object] = _NO_VALUES
) -> NamedRule | None:
    """Return the rule of a document that a reason comes from; None where none does.

    A place that is taken comes from no rule, though the kind of its code is about places.

    Args:
        values: Those of the reason: of several limits, only the lines of that one are told.
    """
    number = _number(code)
    if number is None:
        return None
    asked = _with_that_limit(document, values)
    return NamedRule(number, resolved(RULE_NAMES[number]), kind_facts(asked, number))


def _with_that_limit(document: RulesDocument, values: Mapping[str, object]) -> RulesDocument:
    """Return the document with that limit alone which a reason speaks of, where it is one of it."""
    if "cap" not in values:
        return document
    said = [values.get(name) for name in ("cap", "scope", "limit", "period")]
    caps = tuple(cap for cap in document.caps if _is_said(cap, *said))
    return document.model_copy(update={"caps": caps}) if caps else document


def _is_said(cap: CapRule, label: object, scope: object, limit: object, period: object) -> bool:
    metric = limit[1] if isinstance(limit, tuple) else None
    if (cap.label or None, cap.scope.value, cap.metric.value) != (label, scope, metric):
        return False
    return not isinstance(period, tuple) or cap.period == period[0]


def rule_name(code: StrEnum) -> str | None:
    """Return only what the rule is called, whatever a document says of it."""
    number = _number(code)
    return resolved(RULE_NAMES[number]) if number else None


def _number(code: StrEnum) -> str | None:
    number = RULE_OF.get(code) if isinstance(code, BookingRefusal) else _UNTOLD.get(code.value)
    known = number in RULE_NAMES and code not in _OF_THE_MOMENT
    return number if known else None


def kind_facts(document: RulesDocument, number: str) -> tuple[Fact, ...]:
    """Return the lines of a document that would not stand without one kind, in their order."""
    fields = next(kind.fields for kind in KINDS if kind.number == number)
    said = [name for name in fields if getattr(document, name) != getattr(_USUAL, name)]
    if not said:
        return ()
    # What one kind says can hang on another (types of use are named in limits): so it is left out
    # of the whole, rather than read alone. Lines of the others that changed with it do not count.
    rest = facts(document.model_copy(update={name: getattr(_USUAL, name) for name in said}))
    terms = {fact.term for fact in rest}
    found = [fact for fact in facts(document) if fact not in rest]
    return tuple(fact for fact in found if fact.term not in terms) or tuple(found)
