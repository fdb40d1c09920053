"""Prices that mostly are not meant so, and prices that nobody ever pays. Pure."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from portal.documents.i18n import gettext as _
from portal.policies.age import AgeRule
from portal.policies.blocks import Block
from portal.policies.document import RulesDocument
from portal.policies.facts import ChildFacts
from portal.policies.fee import FeeRule
from portal.policies.fee_ages import AgeBasis, months_for_price
from portal.policies.reductions import SiblingOrder
from portal.policies.surcharges import OutsideHours
from portal.policies.tariff_hourly import RateChange
from portal.policies.tariffs import BlocksTariff, HourlyTariff
from portal.rulebooks.caution import Caution, every_document
from portal.rulebooks.doubtful_cancel import cancelling_without_price
from portal.rulebooks.reading.mistakes import Path

_YEAR = 12
_ANY = uuid.UUID(int=0)
#: Rows of prices are looked at for children born every so many days, on days of one fiscal year.
_BIRTHS = tuple(timedelta(days=n) for n in range(0, 366 * 9, 4))
_DAYS = tuple(date(2026, 4, 1) + timedelta(days=15 * n) for n in range(24))
_BANDS: Path = ("fee", "tariff", "bands")


def prices_doubted(document: RulesDocument) -> Iterator[Caution]:
    """Yield what of the prices is mostly not meant so."""
    fee = document.fee
    if fee is None:
        return
    for path, words in unpriced_blocks(document):
        yield Caution(path, words)
    yield from _months_of_classes(fee)
    if isinstance(fee.tariff, HourlyTariff):
        yield from _rates_inside_a_unit(fee.tariff)
    yield from _reductions_of_everybody(fee)
    siblings = fee.siblings
    if siblings is None:
        return
    if siblings.third_percent < siblings.second_percent:
        said = _("3人目からのほうが、2人目より割引が小さくなっています。割合を見てください。")
        yield Caution(("fee", "siblings", "third_percent"), said)
    if (
        siblings.order_by is SiblingOrder.BOOKING
        and document.siblings is not None
        and document.siblings.most == 1
    ):
        said = _(
            "いっしょに申し込めるのは1人（siblings.most = 1）なので、この割引はありません。"
            "most か order_by を見てください。"
        )
        yield Caution(("fee", "siblings"), said)


def _reductions_of_everybody(fee: FeeRule) -> Iterator[Caution]:
    """A reduction of which nothing says for whom or when: mostly the ticks were forgotten."""
    for number, one in enumerate(fee.reductions):
        limits = (one.marks, one.tax_below_yen, one.when, one.first_uses, one.days, one.proof)
        if not any(limits):
            said = _(
                "「%(name)s」は、どのご家庭かが決まっていないので、すべてのご家庭が安くなります。"
                "一部のご家庭だけなら、どのご家庭かをえらんでください（marks）。"
            )
            yield Caution(("fee", "reductions", number), said % {"name": one.label})


def unpriced_blocks(document: RulesDocument) -> Iterator[tuple[Path, str]]:
    """Yield the blocks that cost nothing because no price is written for any of their time."""
    fee, units = document.fee, document.units
    if fee is None or units is None or not isinstance(fee.tariff, BlocksTariff):
        return
    tariff = fee.tariff
    priced = [one for one in tariff.blocks or units.blocks if one.label in tariff.labels]
    for block in units.blocks:
        if not any(_meet(block, one) for one in priced):
            said = _(
                "「%(name)s」（%(from)s〜%(to)s）の料金がないので、0円になります。"
                "「%(name)s」の料金を書き加えてください（無料なら、0円と書きます）。"
            )
            values = {"name": block.label, "from": block.starts, "to": block.ends}
            yield (*_BANDS, 0, "prices"), said % values


def _meet(one: Block, other: Block) -> bool:
    return one.starts < other.ends and other.starts < one.ends


def _months_of_classes(fee: FeeRule) -> Iterator[Caution]:
    """A class counts in whole years: who is a month too old on 1 April pays the row all year."""
    if fee.age_basis is not AgeBasis.CLASS_AGE:
        return
    for number, band in enumerate(fee.tariff.bands):
        if band.below_months is not None and band.below_months % _YEAR:
            oldest = -(-band.below_months // _YEAR) - 1
            classes = f"0〜{oldest}" if oldest else "0"
            said = _(
                "料金を4月1日の年齢（age_basis = class_age）で決めるので、月では分かれず、"
                "%(classes)s歳児クラスがこの行の料金になります。月齢で分けるときは、"
                'age_basis = "on_the_day" と書いてください。クラスで分けるときは、'
                "below_age で書いてください。"
            )
            yield Caution((*_BANDS, number, "below_months"), said % {"classes": classes})


def _rates_inside_a_unit(tariff: HourlyTariff) -> Iterator[Caution]:
    if tariff.rate_change is not RateChange.MARGINAL:
        return
    unit = tariff.unit_minutes
    for number, band in enumerate(tariff.bands):
        for nth, rate in enumerate(band.then):
            if rate.after_minutes % unit:
                begins = -(-rate.after_minutes // unit) * unit
                said = _(
                    "料金は%(unit)s分ごとなので、%(after)s分ではなく、%(begins)s分をこえた分から"
                    "この単価になります。%(unit)sで割りきれる数にしてください。"
                )
                values = {"unit": unit, "after": rate.after_minutes, "begins": begins}
                place = (*_BANDS, number, "then", nth, "after_minutes")
                yield Caution(place, said % values)


# --- what nobody ever pays ---


def prices_never_paid(document: RulesDocument) -> Iterator[Caution]:
    """Yield the prices that no rule and no variant lets fall due."""
    documents = [laid for _inside, laid in every_document(document)]
    if all(one.fee is None for one in documents):
        yield from cancelling_without_price(document)
    if document.fee is None:
        return
    yield from _rows_of_nobody(document.fee, [one.age for one in documents])
    spans = _spans_of_blocks(documents) or _open_spans(documents)
    if spans:
        yield from _meals(document.fee, spans)
        yield from _never_outside(document.fee, spans)


def _rows_of_nobody(fee: FeeRule, ages: Sequence[AgeRule | None]) -> Iterator[Caution]:
    bands = fee.tariff.bands
    rules = list(dict.fromkeys(rule for rule in ages if rule is not None))
    if len(bands) == 1 or None in ages or any(rule.with_sibling for rule in rules):
        return
    months = {
        months_for_price(fee.age_basis, ChildFacts(_ANY, born), day, fee.age_reading)
        for rule in rules
        for day in _DAYS
        for born in (day - age for age in _BIRTHS)
        if _may_come(rule, born, day)
    }
    least = 0
    for number, band in enumerate(bands):
        most = band.limit_months
        if months and not any(least <= one and (most is None or one < most) for one in months):
            said = _(
                "この行の年齢のお子さんは、年齢のきまり（age）で使えません。"
                "行を消すか、年齢を見てください。"
            )
            if most is None:
                said = _(
                    "この行の年齢のお子さんは、年齢のきまり（age）で使えません。この行を消し、"
                    "前の行の below_age か below_months を消してください。"
                )
            yield Caution((*_BANDS, number), said)
        least = most or least


def _may_come(rule: AgeRule, born: date, day: date) -> bool:
    last = rule.last_day(born)
    return rule.first_day(born) <= day and (last is None or day <= last)


def _spans_of_blocks(documents: Sequence[RulesDocument]) -> list[tuple[str, str]]:
    """Every stay that blocks make; empty where there are others, too."""
    found: list[tuple[str, str]] = []
    for document in documents:
        units = document.units
        if units is None or not units.blocks or units.also_by_the_hour:
            return []
        found += [(_clock(shape.starts), _clock(shape.ends)) for shape in units.shapes]
    return found


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def _open_spans(documents: Sequence[RulesDocument]) -> list[tuple[str, str]]:
    """Every hours that stand in the rules; empty where some day has hours that do not."""
    found: list[tuple[str, str]] = []
    for document in documents:
        hours = document.hours
        if hours is None or not hours.weekly:
            return []
        seasons = (one for season in hours.seasons for one in season.weekly)
        single = (one for special in hours.days for one in special.hours)
        found += [
            (one.starts, one.ends)
            for one in (*hours.weekly, *seasons, *single, *hours.holiday_hours)
        ]
    return found


def _meals(fee: FeeRule, spans: Sequence[tuple[str, str]]) -> Iterator[Caution]:
    for field, items in (("per_use", fee.per_use), ("items", fee.items)):
        for number, item in enumerate(items):
            at = item.at
            if at is not None and not any(starts <= at < ends for starts, ends in spans):
                said = _(
                    "%(at)s にいるお子さんがない（開いていないか、枠がない）ので、"
                    "「%(name)s」はかかりません。時刻か、開いている時間を見てください。"
                )
                values = {"at": at, "name": item.label}
                yield Caution(("fee", field, number, "at"), said % values)


def _never_outside(fee: FeeRule, spans: Sequence[tuple[str, str]]) -> Iterator[Caution]:
    first, last = min(starts for starts, _e in spans), max(ends for _s, ends in spans)
    for number, one in enumerate(fee.surcharges):
        if not isinstance(one, OutsideHours):
            continue
        usual = one.standard
        if (usual.from_ is None or usual.from_ <= first) and (
            usual.until is None or last <= usual.until
        ):
            said = _(
                "預かる時間（%(from)s〜%(to)s）が、どれもふつうの料金の時間の中なので、"
                "「%(name)s」はかかりません。時刻を見てください。"
            )
            values = {"from": first, "to": last, "name": one.label}
            yield Caution(("fee", "surcharges", number, "standard"), said % values)
