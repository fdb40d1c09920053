"""Kind G12 in words: what a day is on which nobody came or told, and what follows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from portal.documents.dates import jduration
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, sentences
from portal.documents.money import yen
from portal.policies.caps import Amount, CapScope, Per
from portal.policies.noshow_rule import (
    Follows,
    NoShowConsequence,
    NoShowFee,
    NoShowRule,
    PointsKept,
    StopBegins,
    StopOf,
)
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_marks import mark_name

_SCOPES: Mapping[CapScope, str] = MappingProxyType(
    {
        CapScope.FACILITY: "この園でのこと",
        CapScope.PROVIDER: "同じ法人の園でのこと",
        CapScope.MUNICIPALITY: "同じ市区町村の園でのこと",
        CapScope.EVERYWHERE: "どの園でのことも",
    }
)
_STOPS: Mapping[StopOf, str] = MappingProxyType(
    {
        StopOf.USE: "利用を休んでいただきます",
        StopOf.BOOKING: "新しい申し込みを休んでいただきます",
        StopOf.BOTH: "利用と新しい申し込みを休んでいただきます",
    }
)


def no_show_words(rule: NoShowRule) -> list[Fact]:
    """Return all that the rule says: what it is, its price, the points, and what follows."""
    grace = (
        _("始まりの時刻から%(grace)sたっても来られず、連絡もないとき")
        % {"grace": jduration(rule.grace_minutes)}
        if rule.grace_minutes
        else _("始まりの時刻までに来られず、連絡もないとき")
    )
    what = _("%(when)sは、「連絡なしのお休み」です。") % {"when": grace}
    found = [Fact(_("連絡なしのお休み"), sentences(what, _fee(rule.fee)))]
    if rule.consequences:
        said = [*_points(rule), *map(_consequence, rule.consequences), *_spared(rule)]
        found.append(Fact(_("連絡なしのお休みが重なったとき"), sentences(*said)))
    return found


def _fee(fee: NoShowFee | None) -> str:
    if fee is None:
        return _("料金は、取り消しのきまりのとおりです。")
    if fee.percent is None:
        return _("料金は、お子さん1人につき%(yen)sです。") % {"yen": yen(fee.yen or 0)}
    of = _("食事代なども含めた料金") if fee.of_total else _("利用料")
    return _("%(of)sの%(percent)s%%がかかります。") % {"of": of, "percent": fee.percent}


def _points(rule: NoShowRule) -> Iterator[str]:
    counted = [
        (_("連絡なしのお休み"), rule.points),
        (_("期限を過ぎた取り消し"), rule.late_cancel_points),
        (_("期限までの取り消し"), rule.cancel_points),
    ]
    said = [
        _("%(what)sは%(points)s点") % {"what": what, "points": _number(points)}
        for what, points in counted
        if points
    ]
    yield _("%(said)sと数えます。") % {"said": listed(said)}
    whose = _("世帯ごとに") if rule.per is Per.HOUSEHOLD else _("お子さんごとに")
    yield _("%(whose)s、%(where)sを数えます。") % {"whose": whose, "where": _(_SCOPES[rule.scope])}
    if rule.all_programmes:
        yield _("ほかの事業でのことも数えます。")
    if rule.points_kept is PointsKept.MONTHS:
        yield _("点数は%(months)sか月でなくなります。") % {"months": rule.points_months}
    elif rule.points_kept is PointsKept.FISCAL_YEAR:
        yield _("点数は、年度の終わり（3月31日）でなくなります。")
    else:
        yield _("点数はなくなりません。")


def _consequence(each: NoShowConsequence) -> str:
    at = _number(each.at_points)
    begins = _("次の月の1日から") if each.begins is StopBegins.NEXT_MONTH else _("次の日から")
    values = {"at": at, "begins": begins, "length": _length(each)}
    if each.then is Follows.WARNING:
        said = _("%(at)s点になると、%(begins)s%(length)s、予約のときにお知らせします。")
    elif each.then is Follows.ASK_STAFF:
        said = _("%(at)s点になると、%(begins)s%(length)s、園がお話をうかがってから予約を決めます。")
    else:
        said = _("%(at)s点になると、%(begins)s%(length)s、%(stops)s。")
        values["stops"] = _(_STOPS[each.stops])
        return said % values
    more = "" if each.stops is StopOf.USE else _("（%(of)s）") % {"of": _(_STOP_OF[each.stops])}
    return sentences(said % values, more)


_STOP_OF: Mapping[StopOf, str] = MappingProxyType(
    {StopOf.BOOKING: "その間に申し込むとき", StopOf.BOTH: "その間に利用する、または申し込むとき"}
)


def _length(each: NoShowConsequence) -> str:
    if each.months is not None:
        return _("%(months)sか月のあいだ") % {"months": each.months}
    if each.days is not None:
        return _("%(days)s日のあいだ") % {"days": each.days}
    if each.until_fiscal_year_end:
        return _("その年度の3月31日まで")
    return _("点数が残るあいだ")


#: The circumstance of whoever came from a body that refers families.
_REFERRED = "referred"


def _spared(rule: NoShowRule) -> Iterator[str]:
    whom = [mark_name(code) for code in rule.spared_marks]
    if _REFERRED not in rule.spared_marks:  # whom they would name a second time
        whom.insert(0, _("相談の窓口から紹介されてその場で予約した方"))
    yield _("%(whom)sには、利用を断ることはせず、園がお話をうかがいます。") % {"whom": listed(whom)}


def _number(points: Amount) -> str:
    return f"{points.normalize():f}"
