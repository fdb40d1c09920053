"""The lines of a fee in words: what each is for, and how it came about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

from portal.documents.dates import jduration, jeach
from portal.documents.i18n import gettext as _
from portal.documents.money import yen
from portal.policies.fee import FeeLabel, FeeLine

_HALF, _WHOLE, _HOUR = 50, 100, 60

Values = Mapping[str, int | str]


def fee_line_words(line: FeeLine, minutes: int | None = None) -> str:
    """Return what a line is for.

    Args:
        minutes: The length of the stay, where it is known; explains a started hour charged whole.
    """
    if line.label_code is FeeLabel.CARE_HOURLY:
        return _by_unit(line.values, minutes)
    return _WORDS[line.label_code](line.values)


def _by_unit(values: Values, minutes: int | None) -> str:
    unit, count = int(values["unit_minutes"]), int(values["units"])
    words = _("%(unit)s %(price)s × %(length)s") % {
        "unit": jeach(unit),
        "price": yen(int(values["unit_yen"])),
        "length": _length(unit, count),
    }
    if minutes is not None and unit * count > minutes:
        return _("%(words)s（はじまった%(unit)sごと）") % {"words": words, "unit": jeach(unit)}
    return words


def _length(unit: int, count: int) -> str:
    return jduration(count * _HOUR) if unit == _HOUR else _("%s回") % count


def _labelled(values: Values) -> str:
    """A name given by the rules, with how its sum came about."""
    label = _(str(values["label"]))
    if "percent" in values:
        percent = values["percent"]
        return _("%(label)s（利用料の %(percent)s%%）") % {"label": label, "percent": percent}
    if "units" not in values:
        return label
    price, count = yen(int(values["unit_yen"])), int(values["units"])
    if "unit_minutes" not in values:
        return _("%(label)s（%(price)s × %(count)s）") % {
            "label": label,
            "price": price,
            "count": count,
        }
    unit = int(values["unit_minutes"])
    return _("%(label)s（%(unit)s %(price)s × %(length)s）") % {
        "label": label,
        "unit": jeach(unit),
        "price": price,
        "length": _length(unit, count),
    }


def _what_is_off(values: Values) -> str:
    label = _(str(values["label"]))
    if "percent" not in values:
        return label
    how = _off(int(values["percent"]))
    return _("%(label)s（%(how)s）") % {"label": label, "how": how}


def _off(percent: int) -> str:
    return {_HALF: _("半額"), _WHOLE: _("無料")}.get(percent, _("%s%%引き") % percent)


def _package(values: Values) -> str:
    return _("%(length)s %(price)s × %(count)s") % {
        "length": jduration(int(values["minutes"])),
        "price": yen(int(values["unit_yen"])),
        "count": values["units"],
    }


def _sibling(values: Values) -> str:
    words = _("きょうだい割引（%(order)s人目は%(how)s）")
    return words % {"order": values["order"], "how": _off(int(values["percent"]))}


def _ticket(values: Values) -> str:
    count, ticket = values["count"], _(str(values["label"]))
    return _("%(ticket)s %(count)s枚") % {"ticket": ticket, "count": count}


def _for_items(what: str) -> str:
    return _("%(what)s（食事などの分）") % {"what": what}


def _yen_in(values: Values, key: str) -> str:
    return yen(int(values[key]))


_WORDS: Mapping[FeeLabel, Callable[[Values], str]] = MappingProxyType(
    {
        FeeLabel.CARE_HALF_DAY: lambda _values: _("半日の利用料"),
        FeeLabel.CARE_DAY: lambda _values: _("1日の利用料"),
        FeeLabel.CARE_BLOCK: lambda v: _("%(block)sの利用料") % {"block": _(str(v["label"]))},
        FeeLabel.CARE_STEP: lambda v: (
            _("%(length)sまでの利用料") % {"length": jduration(int(v["up_to_minutes"]))}
        ),
        FeeLabel.CARE_PACKAGE: _package,
        FeeLabel.CARE_MOST: lambda v: (
            _("1回の上限 %(most)s までにする値引き") % {"most": _yen_in(v, "yen")}
        ),
        FeeLabel.CARE_LEAST: lambda v: (
            _("1回の最低額 %(least)s までの追加") % {"least": _yen_in(v, "yen")}
        ),
        FeeLabel.TRIAL_CARE: lambda v: _("ならし預かり（%(part)s回目）") % {"part": v["part"]},
        FeeLabel.SURCHARGE: _labelled,
        FeeLabel.SIBLING_REDUCTION: _sibling,
        FeeLabel.REDUCTION: _what_is_off,
        FeeLabel.COUPON: _ticket,
        FeeLabel.ROUNDING: lambda v: _("%(yen)s未満の端数") % {"yen": _yen_in(v, "to_yen")},
        FeeLabel.PER_USE: lambda v: _(str(v["label"])),
        FeeLabel.ITEM: _labelled,
        FeeLabel.ITEM_REDUCTION: lambda v: _for_items(_what_is_off(v)),
        FeeLabel.ITEM_COUPON: lambda v: _for_items(_(str(v["label"]))),
    }
)
