"""Kinds G16 and G18 in words: what a stay costs, and how it is paid."""

from __future__ import annotations

from collections.abc import Iterator

from portal.documents.dates import jduration, jeach
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, sentences
from portal.documents.money import yen
from portal.policies.age import AgeReading, AgeRule
from portal.policies.fee import ROUNDING_WORDS, FeeRule
from portal.policies.fee_ages import AgeBasis
from portal.policies.fee_items import ITEM_PER_WORDS, FeeItem, ItemPer, PerUseItem
from portal.policies.marks import option_words
from portal.policies.payment import (
    EARLY_PICKUP_WORDS,
    PAY_WHEN_WORDS,
    PAYMENT_METHOD_WORDS,
    REFUND_WORDS,
    PaymentRule,
)
from portal.policies.purposes import PurposesRule
from portal.policies.surcharges import (
    COUNTED_FROM_WORDS,
    AboveCap,
    Extra,
    OutsideHours,
    OverrunRule,
    Surcharge,
)
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_openings import clock, day_of_month_words, moved
from portal.rulebooks.words_reductions import reduction_facts
from portal.rulebooks.words_tariffs import tariff_facts
from portal.rulebooks.words_when import when_words

_BASIS = {
    AgeBasis.MONTH_START: "年齢は、利用する月の1日で見ます",
    AgeBasis.FISCAL_YEAR_START: "年齢は、利用する年度の4月1日で見ます",
    AgeBasis.REGISTRATION_DAY: "年齢は、登録が始まった日で見ます",
    AgeBasis.ON_THE_DAY: "年齢は、利用日で見ます",
}


def fee_facts(
    rule: FeeRule | None, purposes: PurposesRule | None = None, age: AgeRule | None = None
) -> list[Fact]:
    """Return what a stay costs as lines: everything that the rule says.

    Args:
        purposes: The types of use as the document names them, for what holds for some alone.
        age: Who may come.
    """
    if rule is None:
        return []
    found = price_rows(rule, age)
    found += [Fact(_(one.label), _surcharge(one, purposes)) for one in rule.surcharges]
    if rule.overrun:
        found.append(Fact(_(rule.overrun.label), _overrun(rule.overrun, purposes)))
    found += [Fact(_(item.label), item_words(item, purposes)) for item in rule.per_use]
    found += [Fact(_(item.label), item_words(item, purposes)) for item in rule.items]
    found += reduction_facts(rule, purposes)
    if rule.rounding:
        said = _("お子さんごとの利用料は、%(unit)s未満を%(how)s")
        how = _(ROUNDING_WORDS[rule.rounding.mode])
        found.append(Fact(_("端数"), said % {"unit": yen(rule.rounding.to_yen), "how": how}))
    return found


def price_rows(rule: FeeRule, age: AgeRule | None = None) -> list[Fact]:
    """Return the first lines of ``fee_facts``: the table of prices and how it is read."""
    found = list(tariff_facts(rule, age))
    if len(rule.tariff.bands) > 1:
        found += _ages(rule)
    return found


def rows_words(rule: FeeRule, age: AgeRule | None = None, *, by_age: bool) -> str:
    """Return the table of prices as one text.

    Args:
        age: Who may come.
        by_age: Whether other prices go by age, so that one price for all has to be said.
    """
    first, *more = price_rows(rule, age)
    is_for_all = len(rule.tariff.bands) == 1
    if is_for_all and by_age:
        first = first._replace(text=_("年齢によらず、%(price)s") % {"price": first.text})
    named = [
        _("%(term)s：%(text)s") % {"term": each.term, "text": each.text}
        for each in (more if is_for_all else (first, *more))
    ]
    return listed([first.text, *named] if is_for_all else named, "。")


def _ages(rule: FeeRule) -> Iterator[Fact]:
    said = []
    if basis := _BASIS.get(rule.age_basis):
        said.append(_(basis))
    if rule.age_reading is AgeReading.DAY_BEFORE and rule.age_basis is not AgeBasis.CLASS_AGE:
        said.append(_("誕生日の前の日から、新しい年齢と数えます"))
    # On the day of use and from the birthday is what everybody takes it for.
    if said and (rule.age_basis is not AgeBasis.ON_THE_DAY or len(said) > 1):
        yield Fact(_("年齢の見方"), listed(said, "。"))


def _surcharge(rule: Surcharge, purposes: PurposesRule | None) -> str:
    said = []
    if isinstance(rule, OutsideHours):
        sides = []
        if rule.standard.from_ is not None:
            sides.append(_("%(time)s より前") % {"time": clock(rule.standard.from_)})
        if rule.standard.until is not None:
            sides.append(_("%(time)s よりあと") % {"time": clock(rule.standard.until)})
        said.append(_("%(sides)sの分に、") % {"sides": listed(sides, "・")})
    if isinstance(rule, Extra) and rule.percent is not None:
        said.append(_("利用料の %(percent)s%%") % {"percent": rule.percent})
    else:
        said.append(_timed(rule.yen or 0, rule.unit_minutes))
    if isinstance(rule, OutsideHours | AboveCap) and rule.instead:
        said.append(_("（その分には、ふつうの料金はかかりません）"))
    else:
        said.append(_("を加えます"))
    words = sentences(*said)
    return _with_when(words, rule, purposes)


def _timed(amount: int, unit_minutes: int | None) -> str:
    if unit_minutes is None:
        return _("1回 %(yen)s") % {"yen": yen(amount)}
    return _("%(unit)sごとに %(yen)s") % {"unit": jeach(unit_minutes), "yen": yen(amount)}


def _overrun(rule: OverrunRule, purposes: PurposesRule | None) -> str:
    said = [
        _("予約の終わりよりおそいお迎えには、%(price)sがかかります")
        % {"price": _timed(rule.yen, rule.unit_minutes)}
    ]
    if rule.grace_minutes:
        said.append(
            _("%(grace)sまでは無料で、こえたら%(counted)s")
            % {
                "grace": jduration(rule.grace_minutes),
                "counted": _(COUNTED_FROM_WORDS[rule.counted_from]),
            }
        )
    if rule.early_too:
        said.append(_("予約より早く来た分も、同じように数えます"))
    return _with_when(listed(said, "。"), rule, purposes)


def item_words(item: PerUseItem, purposes: PurposesRule | None = None) -> str:
    """Return ``300円（11:30 にいるとき）``: the price of an item, and when it is paid."""
    price = yen(item.yen)
    conditions = list(_conditions(item, purposes))
    if isinstance(item, FeeItem) and item.per is ItemPer.TIME:
        price = _timed(item.yen, item.unit_minutes)
    elif isinstance(item, FeeItem) and item.per is ItemPer.COUNT:
        price = _("1つ %(yen)s") % {"yen": yen(item.yen)}
    elif isinstance(item, FeeItem) and item.per is not ItemPer.USE:
        conditions.insert(0, _(ITEM_PER_WORDS[item.per]))
    if not conditions:
        return price
    return _("%(yen)s（%(when)s）") % {"yen": price, "when": listed(conditions)}


def _conditions(item: PerUseItem, purposes: PurposesRule | None) -> Iterator[str]:
    if item.at is not None:
        yield _("%(at)s にいるとき") % {"at": clock(item.at)}
    if item.min_minutes is not None:
        yield _("%(length)s以上の利用だけ") % {"length": jduration(item.min_minutes)}
    if item.with_option is not None:
        yield _("「%(option)s」を選んだとき") % {"option": _(option_words(item.with_option))}
    if item.without_option is not None:
        option = _(option_words(item.without_option))
        yield _("「%(option)s」を選ばないとき") % {"option": option}
    if item.when is not None:
        yield when_words(item.when, purposes)


def _with_when(words: str, rule: Surcharge | OverrunRule, purposes: PurposesRule | None) -> str:
    if rule.when is None:
        return words
    when = when_words(rule.when, purposes)
    return _("%(words)s。%(when)sのときだけです") % {"words": words, "when": when}


def payment_facts(rule: PaymentRule | None) -> list[Fact]:
    """Return how a stay is paid: everything that the rule says."""
    return [Fact(_("支払い"), listed(said, "。"))] if rule and (said := _payment(rule)) else []


def _payment(rule: PaymentRule) -> list[str]:
    said = []
    if rule.when is not None:
        said.append(_("%(when)sに払います") % {"when": _(PAY_WHEN_WORDS[rule.when])})
    if rule.invoice_day is not None:
        said.append(
            _("請求書は次の月の%(day)sに出します") % {"day": day_of_month_words(rule.invoice_day)}
        )
    if rule.due_day is not None:
        said.append(
            _("期限は次の月の%(day)s%(moved)sです")
            % {
                "day": day_of_month_words(rule.due_day),
                "moved": moved(rule.due_shift, None),
            }
        )
    if rule.methods:
        ways = listed([_(PAYMENT_METHOD_WORDS[method]) for method in rule.methods], "・")
        said.append(_("払い方は、%(ways)sです") % {"ways": ways})
    said.append(_(EARLY_PICKUP_WORDS[rule.on_early_pickup]))
    if rule.refund is not None:
        said.append(_(REFUND_WORDS[rule.refund]))
    if rule.receipt is not None:
        said.append(_("領収証を出します") if rule.receipt else _("領収証は出しません"))
    if rule.receipt is not False and rule.splits_receipt:
        said.append(_("領収証では、利用料と特定費用（食事など）を分けて書きます"))
    if rule.words:
        said.append(rule.words.removesuffix("。"))
    return said
