"""Answers to cases in plain Japanese, as a terminal shows them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from portal.documents.dates import jdatetime, jday, jduration, jeach
from portal.documents.money import yen
from portal.documents.wording.sentences import help_for, sentence
from portal.kernel.clock import JST, local_date
from portal.kernel.errors import Reason
from portal.policies.cap_count import CapUse
from portal.policies.cap_periods import CapPeriod
from portal.policies.caps import CapMetric
from portal.policies.fee_lines import FEE_LABEL_WORDS, FeeLabel, FeeLine
from portal.policies.outcome import OUTCOME_WORDS, Outcome
from portal.policies.reason_rules import RULE_OF
from portal.policies.reasons import BookingRefusal
from portal.policies.registration import NO_END
from portal.policies.siblings_rule import who_may_come
from portal.rulebooks.trying.results import NOT_ANNOUNCED, Tried

#: What can be expected, as people call it.
ANSWER_WORDS: Mapping[str, str] = {
    "allowed": "予約できるか",
    "outcome": "申し込みがどうなるか",
    "reasons": "できない理由",
    "fee_yen": "料金（円）",
    "opens_at": "受付の始まり",
    "closes_at": "受付の終わり",
    "cancel_free_until": "無料で取り消せる終わり",
    "then_yen": "そのあと払う額（円）",
}


def lines_of(tried: Tried) -> Iterator[str]:
    """Yield the lines of one case: its answer, and what came out otherwise than expected."""
    sign = {True: "○", False: "×", None: "－"}[tried.as_expected]
    yield f"{sign} {tried.written.name}"
    decision = tried.decision
    if not decision.reasons:
        yield f"    {OUTCOME_WORDS[decision.outcome]}"
        if decision.outcome is not Outcome.CONFIRMED and not tried.case.by_staff:
            # The same as "portal rules check" says.
            yield "    ご家庭はウェブで予約できず、電話や窓口で申し込みます"
    for reason in decision.overruled:
        yield f"    特別に認めました：{_reason(reason, tried)}"
    for reason in decision.reasons:
        yield f"    できません：{_reason(reason, tried)}"
        helped = help_for(reason, child=_child(reason, tried), today=_today(tried))
        if helped:
            yield f"      → {helped.text}"
    if some := _who_may_come(tried):
        yield f"    {'・'.join(some)}だけなら、予約できます"
    for note in decision.notes:
        yield f"    おしらせ：{_named(note, tried)}"
    yield from _money(tried)
    yield f"    受付 {_opens(tried)}{_moment(decision.closes_at, tried)} の前まで"
    until = decision.cancel_until
    yield f"    無料で取り消せる終わり {_moment(until, tried) if until else 'なし（いつでも無料）'}"
    for cap in decision.caps:
        several = len(tried.written.children) > 1 and cap.child_id is not None
        child = f"{_name(cap.child_id, tried)}　" if several and cap.child_id else ""
        yield f"    {child}{cap_words(cap)}"
    for one in tried.differences:
        what = ANSWER_WORDS[one.what]
        yield f"    ちがい：{what} は、期待 {_said(one.expected)}、結果 {_said(one.found)}"


def _who_may_come(tried: Tried) -> list[str]:
    """Return the children who may come without the others, where the rules let some come."""
    reasons, case = tried.decision.reasons, tried.case
    ids = [child.child_id for child in case.children]
    some = who_may_come(case.document.siblings, ids, reasons, case.options) if reasons else ()
    return [_name(child_id, tried) for child_id in some]


def _money(tried: Tried) -> Iterator[str]:
    is_unsaid = not tried.decision.fee.lines and tried.case.document.fee is None
    unsaid = "（料金のきまりがありません）" if is_unsaid else ""
    yield f"    料金 {yen(tried.decision.fee.total_yen)}{unsaid}"
    for line in tried.decision.fee.lines:
        yield f"      {_fee_line(line, tried)}"
    if tried.then_yen is not None:
        yield f"    そのあと払う額 {yen(tried.then_yen)}"


def summary_of(results: tuple[Tried, ...]) -> str:
    """Return how many cases came out as expected."""
    wrong = sum(one.as_expected is False for one in results)
    open_ones = sum(one.as_expected is None for one in results)
    said = f"{len(results)}件のうち、期待と違ったのは {wrong}件です。"
    return said + (f"期待を書いていないものが {open_ones}件あります。" if open_ones else "")


def _opens(tried: Tried) -> str:
    """From when it can be booked, as the sentence goes on with the end."""
    decision = tried.decision
    if not decision.is_announced:
        return "（始まりは、まだ決まっていません） "
    return f"{_moment(decision.opens_at, tried)} から " if decision.opens_at else ""


def _reason(reason: Reason, tried: Tried) -> str:
    code = reason.code
    rule = f"、{RULE_OF[code]}" if isinstance(code, BookingRefusal) and code in RULE_OF else ""
    return f"{_named(reason, tried)}（{code.value}{rule}）"


def _named(reason: Reason, tried: Tried) -> str:
    child = _child(reason, tried)
    said = sentence(reason, child=child, today=_today(tried))
    return of_child(said, child) if len(tried.written.children) > 1 else said


def of_child(said: str, child: str | None) -> str:
    """Return a sentence with the child it is about before it, where it names none itself."""
    return said if child is None or child in said else f"{child}：{said}"


def _child(reason: Reason, tried: Tried) -> str | None:
    return _name(reason.child_id, tried) if reason.child_id else None


def _name(child_id: uuid.UUID, tried: Tried) -> str:
    child = tried.written.children[child_id.int - 1]
    return child.name or (f"{child_id.int}人目" if len(tried.written.children) > 1 else "お子さん")


def _fee_line(line: FeeLine, tried: Tried) -> str:
    label, values = line.values.get("label"), line.values
    kind = FEE_LABEL_WORDS[line.label_code]
    # What a kind of line is good for is plain from the name; which part a ticket pays is not.
    short = kind if line.label_code in _TICKETS else kind.partition("（")[0]
    said = f"{short}：{label}" if label else kind
    if "unit_minutes" in values and "unit_yen" in values:
        unit, price = jeach(int(values["unit_minutes"])), yen(int(values["unit_yen"]))
        said += f"（{unit} {price} × {values['units']}）"
    if "order" in values:
        said += f"（{values['order']}人目）"
    child = f"{_name(line.child_id, tried)}　" if len(tried.written.children) > 1 else ""
    return f"{child}{said} {yen(line.amount_yen)}"


def _moment(moment: datetime, tried: Tried) -> str:
    return jdatetime(moment, _today(tried))


def _today(tried: Tried) -> Any:
    return local_date(tried.written.now)


def _said(value: Any) -> str:
    if isinstance(value, bool):
        return "はい" if value else "いいえ"
    if isinstance(value, list):
        return "、".join(value) or "なし"
    if value == NOT_ANNOUNCED:
        return "まだ決まっていない"
    if value in list(Outcome):
        return OUTCOME_WORDS[Outcome(value)]
    if isinstance(value, str):
        return f"{datetime.fromisoformat(value).astimezone(JST):%Y-%m-%d %H:%M}"
    return "なし" if value is None else str(value)


_TICKETS = frozenset({FeeLabel.COUPON, FeeLabel.ITEM_COUPON})
_HOURS = frozenset({CapMetric.HOURS, CapMetric.HOURS_ROUNDED_UP})
_HOUR = 60
_UNITS: Mapping[CapMetric, str] = {
    CapMetric.DAYS: "日",
    CapMetric.HALF_DAYS: "日",
    CapMetric.CONSECUTIVE_DAYS: "日",
    CapMetric.DAYS_FROM_FIRST: "日",
    CapMetric.HOURS: "時間",
    CapMetric.HOURS_ROUNDED_UP: "時間",
    CapMetric.CAUSES: "つ",
    CapMetric.REGISTRATIONS: "か所",
}


def cap_words(use: CapUse) -> str:
    """Return what is used of a cap and what is left, without a full stop."""
    amounts = (use.limit, use.used, use.this, use.left)
    limit, used, this, left = (_amount(use.unit, amount) for amount in amounts)
    name = f"「{use.label}」" if use.label else ""
    return f"上限{name}{limit}{_days(use)}のうち、これまで {used}、今回 {this}、残り {left}"


def _amount(metric: CapMetric, amount: Decimal) -> str:
    if metric in _HOURS and amount:
        return jduration(round(amount * _HOUR))
    return f"{amount.normalize():f}{_UNITS.get(metric, '回')}"


def _days(use: CapUse) -> str:
    """The days that a cap counts, in brackets; nothing of a single one, or of all time."""
    if use.first is None or use.last is None or use.first == use.last:
        return ""
    if use.last == NO_END:
        return f"（{jday(use.first, with_year=True)}から）"
    with_year = use.first.year != use.last.year
    first, last = (jday(day, with_year=with_year) for day in (use.first, use.last))
    if use.cap.period is CapPeriod.RUNNING_DAYS:
        return f"（続く{use.cap.running_days}日間ごと。{first}から{last}までを調べました）"
    return f"（{first}から{last}まで）"
