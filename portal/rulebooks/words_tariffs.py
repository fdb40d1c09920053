"""Kind G16 in words: the table of prices, a line for each row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portal.documents.dates import jduration, jeach, written_span
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.documents.money import yen
from portal.policies.age import AgeRule, AgeUnit
from portal.policies.fee import FeeRule
from portal.policies.fee_ages import AgeBasis, Band, band_of
from portal.policies.tariff_blocks import BlocksBand, BlocksTariff
from portal.policies.tariff_hourly import HourlyBand, HourlyTariff, RateChange
from portal.policies.tariffs import (
    DayBand,
    DayTariff,
    HalfDayBand,
    HalfDayTariff,
    PackagesBand,
    PackagesTariff,
    StepsBand,
    Tariff,
)
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_day import ages_words
from portal.rulebooks.words_openings import clock

_YEAR = 12
#: From the babies to those before school.
_ALL_CLASSES = range(6)


def tariff_facts(rule: FeeRule, age: AgeRule | None = None) -> Iterator[Fact]:
    """Yield a line for each row of the table, and one for what holds for all rows.

    Args:
        age: Who may come: the first row says nothing of younger children.
    """
    since, youngest = 0, _youngest(rule.age_basis, age)
    for band in rule.tariff.bands:
        yield Fact(_band(since, band, rule.age_basis, youngest), _row(rule.tariff, band))
        since = band.limit_months or since
    if how := listed(list(_how(rule.tariff)), "。"):
        yield Fact(_("数え方"), how)


def from_price(rule: FeeRule | None, classes: Sequence[int] = _ALL_CLASSES) -> str:
    """Return ``1時間 300円から``, or nothing where no fee is set.

    Args:
        classes: Whose least price is told: children of these class ages.
    """
    if rule is None:
        return ""
    # Where no class age counts, each child of a class has a birthday within the year.
    birthdays = rule.age_basis is not AgeBasis.CLASS_AGE
    ages = range(min(classes) * _YEAR, (max(classes) + 1 + birthdays) * _YEAR)
    bands = [band_of(rule.tariff.bands, months) for months in ages]
    least = min(map(_least, bands), key=lambda price: price[0])
    values = {"what": _unit_of(rule.tariff, least[1]), "yen": yen(least[0])}
    return _("%(what)s %(yen)sから") % values


def _least(band: Band) -> tuple[int, str]:
    """The least price in a row, and what it is for where only the row knows."""
    if isinstance(band, HourlyBand):
        return min(band.yen, *(rate.yen for rate in band.then), band.yen), ""
    if isinstance(band, HalfDayBand):
        return band.half_day_yen, ""
    if isinstance(band, BlocksBand):
        cheapest = min(band.prices, key=lambda price: price.yen)
        return cheapest.yen, cheapest.label
    if isinstance(band, StepsBand):
        step = min(band.steps, key=lambda one: one.yen)
        return step.yen, _("%(length)sまで") % {"length": jduration(step.up_to_minutes)}
    if isinstance(band, PackagesBand):
        package = min(band.packages, key=lambda one: one.yen)
        return package.yen, jduration(package.minutes)
    return (band.yen if isinstance(band, DayBand) else 0), ""


def _unit_of(tariff: Tariff, named: str) -> str:
    if isinstance(tariff, HourlyTariff):
        return jeach(tariff.unit_minutes)
    if isinstance(tariff, HalfDayTariff):
        return _("半日")
    return _(named) if named else _("1日")


def _row(tariff: Tariff, band: Band) -> str:
    if isinstance(band, HourlyBand):
        unit = tariff.unit_minutes if isinstance(tariff, HourlyTariff) else 0
        return _hourly(band, unit)
    if isinstance(band, HalfDayBand):
        values = {"half": yen(band.half_day_yen), "day": yen(band.day_yen)}
        return _("半日 %(half)s、1日 %(day)s") % values
    if isinstance(band, BlocksBand):
        prices = [
            _("%(what)s %(yen)s") % {"what": _(p.label), "yen": yen(p.yen)} for p in band.prices
        ]
        return listed(prices)
    if isinstance(band, StepsBand):
        return _steps(band)
    if isinstance(band, PackagesBand):
        return listed(
            [
                _("%(what)s %(yen)s") % {"what": jduration(p.minutes), "yen": yen(p.yen)}
                for p in band.packages
            ]
        )
    return _("1日 %(yen)s") % {"yen": yen(band.yen)} if isinstance(band, DayBand) else ""


def _hourly(band: HourlyBand, unit_minutes: int) -> str:
    unit = jeach(unit_minutes)
    said = [_("%(unit)s %(yen)s") % {"unit": unit, "yen": yen(band.yen)}]
    said += [
        _("%(length)sをこえると%(unit)s %(yen)s")
        % {"length": jduration(rate.after_minutes), "unit": unit, "yen": yen(rate.yen)}
        for rate in band.then
    ]
    if band.min_yen is not None:
        said.append(_("1回の最低額 %(yen)s") % {"yen": yen(band.min_yen)})
    if band.max_yen is not None:
        said.append(_("1回の上限 %(yen)s") % {"yen": yen(band.max_yen)})
    return listed(said)


def _steps(band: StepsBand) -> str:
    said = [
        _("%(length)sまで %(yen)s")
        % {"length": jduration(step.up_to_minutes), "yen": yen(step.yen)}
        for step in band.steps
    ]
    if band.then is not None:
        values = {"unit": jeach(band.then.unit_minutes), "yen": yen(band.then.yen)}
        said.append(_("それより長い分は%(unit)sごとに %(yen)s") % values)
    else:
        said.append(_("それより長くても同じ"))
    return listed(said)


def _how(tariff: Tariff) -> Iterator[str]:
    if isinstance(tariff, HourlyTariff):
        yield from _how_hourly(tariff)
    elif isinstance(tariff, HalfDayTariff):
        yield _half_day(tariff)
    elif isinstance(tariff, BlocksTariff):
        yield from _how_blocks(tariff)
    elif isinstance(tariff, PackagesTariff):
        yield _("いくつかを組み合わせて、いちばん安くなる額です")
    elif isinstance(tariff, DayTariff):
        yield _("長さによらず、1回の利用でこの額です")
    elif any(band.then for band in tariff.bands):
        yield _("はじまった分は1つと数えます")


def _how_hourly(tariff: HourlyTariff) -> Iterator[str]:
    if tariff.min_minutes:
        yield _("短い利用も、%(least)s利用したものとして数えます") % {
            "least": jduration(tariff.min_minutes)
        }
    if tariff.grace_minutes:
        yield _("最後の%(unit)sは、%(grace)sまでなら数えません") % {
            "unit": jeach(tariff.unit_minutes),
            "grace": jduration(tariff.grace_minutes),
        }
    if any(band.then for band in tariff.bands):
        if tariff.rate_change is RateChange.WHOLE_STAY:
            yield _("長くなって料金が変わるときは、はじめからの全部がその料金になります")
        else:
            yield _("長くなって料金が変わるときは、こえた分だけがその料金になります")


def _half_day(tariff: HalfDayTariff) -> str:
    parts = []
    if tariff.half_day_minutes is not None:
        parts.append(_("%(length)sまで") % {"length": jduration(tariff.half_day_minutes)})
    if tariff.border is not None:
        parts.append(_("%(border)s をまたがないとき") % {"border": clock(tariff.border)})
    return _("半日は、%(limits)sです") % {"limits": _("で、").join(parts)}


def _how_blocks(tariff: BlocksTariff) -> Iterator[str]:
    if tariff.blocks:
        yield listed(
            [
                f"{_(block.label)} {written_span(clock(block.starts), clock(block.ends))}"
                for block in tariff.blocks
            ]
        )
    yield _("いくつかの区分にまたがるときは、合わせていちばん安くなる額です")


def _band(since: int, band: Band, basis: AgeBasis, youngest: int) -> str:
    """Return whose row it is: ``0歳児クラス``, ``1〜2歳``, ``1歳6か月から``."""
    is_class = basis is AgeBasis.CLASS_AGE
    below = band.limit_months
    if below is None and not since:
        return _("利用料")
    if below is None or below > youngest:  # else it is a row that no child reaches
        since = max(since, youngest)
    if is_class:  # whose months are those of whole years
        since, below = _class_months(since), _class_months(below) if below else None
    if since % _YEAR or (below or 0) % _YEAR:
        return ages_words(since or None, below)
    first = since // _YEAR
    if below is None:
        said = _("%(age)s歳児クラスから") if is_class else _("%(age)s歳から")
        return said % {"age": first}
    last = below // _YEAR - 1
    if first == last:
        said = _("%(age)s歳児クラス") if is_class else _("%(years)s歳")
        return said % {"age": first, "years": first}
    said = _("%(youngest)s〜%(oldest)s歳児クラス") if is_class else _("%(youngest)s〜%(oldest)s歳")
    return said % {"youngest": first, "oldest": last}


def _youngest(basis: AgeBasis, age: AgeRule | None) -> int:
    """The months of age from which children come, where that is counted as prices are; else 0."""
    units = {AgeBasis.CLASS_AGE: AgeUnit.CLASS_AGE, AgeBasis.ON_THE_DAY: AgeUnit.YEARS}
    if age is None or age.min is None or age.with_sibling or age.min.unit is not units.get(basis):
        return 0
    return (age.min.value or 0) * _YEAR


def _class_months(months: int) -> int:
    """The class from which a limit in months is reached: 18 months are in the class of two."""
    return -(-months // _YEAR) * _YEAR
