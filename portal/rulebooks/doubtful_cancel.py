"""Prices of cancelling late, and of paying, that mostly are not meant so. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import pairwise

from portal.documents.i18n import gettext as _
from portal.kernel.spans import Span
from portal.policies.cancel import CancelRule
from portal.policies.decide import booking_window
from portal.policies.document import RulesDocument
from portal.policies.late_fees import LateFee, LateFlat, LateFree, LateItems, LatePercent
from portal.policies.payment import PaymentRule
from portal.policies.rule import moment_on
from portal.rulebooks.caution import Caution
from portal.rulebooks.doubtful_days import SAMPLE, TWO_MONTHS, WORKDAYS
from portal.rulebooks.reading.mistakes import Path

#: Late on the day, so that a deadline of that day falls before it if it can fall before any stay.
_SPANS = tuple(
    Span(moment_on(day, "22:00"), moment_on(day, "23:00")) for day in SAMPLE[:TWO_MONTHS]
)
_AFTER_MONTH = 32


def cancelling_doubted(document: RulesDocument) -> Iterator[Caution]:
    """Yield what of cancelling and paying is mostly not meant so."""
    if document.cancel is not None:
        yield from _never_due(document, document.cancel)
        yield from _after_the_tiers(document.cancel)
        yield from _before_booking(document, document.cancel)
        yield from _falling(document.cancel)
    if document.payment is not None:
        yield from _invoices(document.payment)


def _never_due(document: RulesDocument, rule: CancelRule) -> Iterator[Caution]:
    """A late fee where cancelling is free, or in tiers, until the stay begins."""
    if rule.late_fee is None or isinstance(rule.late_fee, LateFree):
        return
    if any(_last_limit(rule, span) < span.starts_at for span in _SPANS):
        return
    if rule.tiers:
        why = _("最後の段階が、預かりの始まりまで続くので、取り消しにこの料金はかかりません。")
    elif rule.free_until is None and rule.free_until_minutes_before is None:
        why = _("無料の期限（free_until）がないので、いつ取り消しても無料です。")
    else:
        why = _("無料の期限が、預かりの始まりより後なので、いつ取り消しても無料です。")
    if document.no_show is None or document.no_show.fee is None:
        why += _("この料金は、連絡のないお休みにだけかかります。")
    yield Caution(("cancel", "late_fee"), why)


def _last_limit(rule: CancelRule, span: Span) -> datetime:
    tiers = rule.tiers
    return tiers[-1].ends_at(span, WORKDAYS) if tiers else rule.until(span, WORKDAYS)


def _after_the_tiers(rule: CancelRule) -> Iterator[Caution]:
    if (
        rule.tiers
        and rule.late_fee is None
        and any(_last_limit(rule, span) < span.starts_at for span in _SPANS)
    ):
        said = _(
            "この段階のあとは、始まるまで、また無料になります。そのあとの料金を late_fee に"
            '書いてください。かからないときは、late_fee = { kind = "none" } と書きます。'
        )
        yield Caution(("cancel", "tiers", len(rule.tiers) - 1), said)


def _before_booking(document: RulesDocument, rule: CancelRule) -> Iterator[Caution]:
    """Nobody could ever cancel for nothing: the free time is over when booking opens."""
    late = rule.first_late_fee
    if late is None or isinstance(late, LateFree):
        return
    opened = [booking_window(document, WORKDAYS, span.day).opens_at for span in _SPANS]
    if all(
        opens_at is not None and rule.until(span, WORKDAYS) <= opens_at
        for span, opens_at in zip(_SPANS, opened, strict=True)
    ):
        field = "free_until" if rule.free_until is not None else "free_until_minutes_before"
        said = _(
            "予約が始まる前に終わるので、予約したときから、取り消しに料金がかかります。"
            "無料の期限を、予約の始まりより後にしてください。"
        )
        yield Caution(("cancel", field), said)


def _falling(rule: CancelRule) -> Iterator[Caution]:
    """Who cancels later pays less."""
    steps: list[tuple[Path, LateFee]] = [
        (("cancel", "tiers", number, "fee"), tier.fee) for number, tier in enumerate(rule.tiers)
    ]
    if rule.late_fee is not None:
        steps.append((("cancel", "late_fee"), rule.late_fee))
    for (_path, before), (path, after) in pairwise(steps):
        if _is_less(after, before):
            said = _("おそく取り消したほうが、前の段階より安くなります。料金を見てください。")
            yield Caution(path, said)


def _is_less(one: LateFee, other: LateFee) -> bool:
    if isinstance(one, LatePercent) and isinstance(other, LatePercent):
        return one.of == other.of and one.percent < other.percent
    return isinstance(one, LateFlat) and isinstance(other, LateFlat) and one.yen < other.yen


def _invoices(rule: PaymentRule) -> Iterator[Caution]:
    days = [
        _AFTER_MONTH if day == "last" else day
        for day in (rule.invoice_day, rule.due_day)
        if day is not None
    ]
    if days != sorted(days):
        said = _("請求書を出す日（invoice_day）より先です。期限を、その日より後にしてください。")
        yield Caution(("payment", "due_day"), said)


def cancelling_without_price(document: RulesDocument) -> Iterator[Caution]:
    """Yield a share of a price where no rule gives one."""
    rule = document.cancel
    if rule is None:
        return
    steps: list[tuple[Path, LateFee | None]] = [
        (("cancel", "tiers", number), tier.fee) for number, tier in enumerate(rule.tiers)
    ]
    for path, late in (*steps, (("cancel", "late_fee"), rule.late_fee)):
        if isinstance(late, LatePercent | LateItems):
            said = _("料金（fee）がないので、この額は0円です。料金を書いてください。")
            yield Caution(path, said)
