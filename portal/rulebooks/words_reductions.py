"""Kind G17 in words: who pays less, how much, and what tickets pay."""

from __future__ import annotations

from collections.abc import Iterator

from portal.documents.dates import jduration, jeach
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed
from portal.documents.money import yen
from portal.policies.coupons import CouponRule
from portal.policies.fee import FeeRule
from portal.policies.proofs import PAPER_WORDS
from portal.policies.purposes import PurposesRule
from portal.policies.reductions import (
    COMBINING_WORDS,
    OF_WORDS,
    RETROACTIVE_WORDS,
    WITHIN_WORDS,
    Combining,
    Of,
    Reduction,
    Retroactive,
    SiblingOrder,
    SiblingReduction,
    Within,
)
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_marks import mark_name
from portal.rulebooks.words_when import day_span_words, when_words

_WHOLE = 100


def reduction_facts(rule: FeeRule, purposes: PurposesRule | None = None) -> Iterator[Fact]:
    """Yield everything that is taken off: for brothers and sisters, reductions, tickets."""
    if rule.siblings:
        yield Fact(_("きょうだい"), siblings_words(rule.siblings, purposes))
    for reduction in rule.reductions:
        yield Fact(_(reduction.label), reduction_words(reduction, purposes))
    if len(rule.reductions) + (rule.siblings is not None) > 1:
        said = [_(COMBINING_WORDS[rule.combining])]
        # Of the cheapest alone it is all one which is looked at first.
        if rule.siblings and rule.reductions and rule.combining is not Combining.BEST:
            said.append(
                _("きょうだいの割引は、減免のあとに見ます")
                if rule.siblings_last
                else _("きょうだいの割引は、減免より先に見ます")
            )
        yield Fact(_("割引が重なるとき"), listed(said, "。"))
    for coupon in rule.coupons:
        yield Fact(_(coupon.label), coupon_words(coupon, purposes))


def siblings_words(rule: SiblingReduction, purposes: PurposesRule | None = None) -> str:
    """Return ``2人目は利用料 50% 引き`` and so on, and how the children are counted."""
    second, third = _off(rule.second_percent, rule.of), _off(rule.third_percent, rule.of)
    told = _("2人目は%(second)s、3人目からは%(third)s")
    if second == third:
        told = _("2人目からは%(second)s")
    said = [_("%(said)sです") % {"said": told % {"second": second, "third": third}}]
    if rule.order_by is SiblingOrder.PRESCHOOLERS:
        said.append(
            _("小学校に入る前のお子さん全員のなかで、何人目かを数えます（預けないお子さんも）")
        )
    else:
        said.append(_("いっしょに預けるお子さんのなかで、何人目かを数えます"))
    if rule.youngest_first:
        said.append(_("いちばん小さいお子さんを1人目と数えます"))
    else:
        said.append(_("いちばん大きいお子さんを1人目と数えます"))
    if rule.when:
        said.append(_("%(when)sのときだけです") % {"when": when_words(rule.when, purposes)})
    return listed(said, "。")


def reduction_words(rule: Reduction, purposes: PurposesRule | None = None) -> str:
    """Return who pays less and how much, with everything that is asked for it."""
    whom = listed(list(_whom(rule, purposes)), "で、") or _("すべての方")
    told = _("%(whom)sのときは、%(how)sです") if rule.when else _("%(whom)sは、%(how)sです")
    said = [told % {"whom": whom, "how": _how(rule)}]
    if rule.days:
        said.append(_("%(days)sの利用が対象です") % {"days": day_span_words(rule.days)})
    if rule.proof:
        said.append(
            _("「%(paper)s」を見せた期間だけです")
            % {"paper": _(PAPER_WORDS.get(rule.proof, rule.proof))}
        )
    elif rule.marks and rule.needs_proof:
        said.append(_("園が証明を確かめてから引きます"))
    elif rule.marks:
        said.append(_("申し出だけで引きます"))
    if (rule.marks and rule.needs_proof) or rule.proof:
        if rule.retroactive is Retroactive.NONE:
            said.append(_("前の利用にさかのぼっては引きません"))
        else:
            since = _(RETROACTIVE_WORDS[rule.retroactive])
            said.append(_("%(since)s引きます") % {"since": since})
    return listed(said, "。")


def _whom(rule: Reduction, purposes: PurposesRule | None) -> Iterator[str]:
    if rule.marks:
        yield _("か").join(mark_name(code) for code in rule.marks)
    if rule.tax_below_yen is not None:
        yield _("市町村民税の所得割が %(line)s より少ない世帯") % {"line": yen(rule.tax_below_yen)}
    if rule.first_uses is not None:
        count = {"count": rule.first_uses}
        if rule.within is Within.EVER:
            yield _("はじめの%(count)s回まで") % count
        else:
            within = {**count, "within": _(WITHIN_WORDS[rule.within])}
            yield _("%(within)sのはじめの%(count)s回まで") % within
    if rule.when:
        yield when_words(rule.when, purposes)


def _how(rule: Reduction) -> str:
    if rule.percent is not None:
        return _off(rule.percent, rule.of)
    amount = rule.off_yen if rule.off_yen is not None else rule.pays_yen or 0
    values = {"yen": yen(amount), "of": _of(rule.of)}
    if rule.unit_minutes is not None:
        each = _("%(unit)sごとに %(yen)s") if rule.off_yen is not None else _("%(unit)s %(yen)s")
        values["yen"] = each % {
            "unit": jeach(rule.unit_minutes),
            "yen": yen(amount),
        }
    if rule.off_yen is not None:
        return _("%(of)sから %(yen)s 引き") % values
    if not rule.pays_yen:
        return _("%(of)sが 0円") % values
    return _("%(of)sが %(yen)s（ふつうの額がそれより安いときは、ふつうの額）") % values


def coupon_words(rule: CouponRule, purposes: PurposesRule | None = None) -> str:
    """Return what one ticket pays, for whom, and how many may be spent."""
    if rule.yen is not None:
        worth = _("1枚で、%(yen)sまで払えます（おつりは出ません）") % {"yen": yen(rule.yen)}
    elif rule.minutes is not None:
        worth = _("1枚で、%(length)s分の利用料を払えます") % {"length": jduration(rule.minutes)}
    else:
        worth = _("1枚で、1回分の全部を払えます")
    said = [worth]
    if rule.minutes is None:
        said.append(_("使えるのは、%(of)sです") % {"of": _(OF_WORDS[rule.of])})
    if rule.most_per_use is not None:
        said.append(
            _("お子さん1人の1回の利用に、%(count)s枚まで使えます") % {"count": rule.most_per_use}
        )
    if not rule.with_reductions:
        said.append(_("割引や減免がある利用には使えません"))
    if rule.when:
        said.append(_("%(when)sのときだけです") % {"when": when_words(rule.when, purposes)})
    return listed(said, "。")


def _of(of: Of) -> str:
    return {
        Of.BASE: _("利用料（加算を除く）"),
        Of.CARE: _("利用料"),
        Of.TOTAL: _("料金の全部（食事なども）"),
    }[of]


def _off(percent: int, of: Of = Of.CARE) -> str:
    # Meals and the like may be paid still: what is free is said, not that all is.
    if percent == _WHOLE:
        return _("%(of)sが無料") % {"of": _of(of)}
    return _("%(of)s %(percent)s%% 引き") % {"of": _of(of), "percent": percent}
