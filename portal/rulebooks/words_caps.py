"""Kind G6 in words: how much may be used, counted how, and what lies beyond."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

from portal.documents.dates import jday, jduration
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, sentences
from portal.documents.wording.cap_words import cap_amount
from portal.policies.cap_periods import CapPeriod, WeekStart
from portal.policies.caps import (
    MINUTES,
    ROUNDING_WORDS,
    Breach,
    CapMetric,
    CapRule,
    CapScope,
    ClosedDays,
    Per,
    StayWeight,
    TrialCounting,
)
from portal.policies.purposes import PURPOSE_WORDS, PurposesRule
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_marks import mark_name

_PERIODS: Mapping[CapPeriod, str] = MappingProxyType(
    {
        CapPeriod.DAY: "1日に",
        CapPeriod.MONTH: "1か月（1日から末日まで）に",
        CapPeriod.HALF_YEAR: "半年（4〜9月、10〜3月）に",
        CapPeriod.FISCAL_YEAR: "1年度（4月〜3月）に",
        CapPeriod.CALENDAR_YEAR: "1年（1月〜12月）に",
        CapPeriod.REGISTRATION: "登録の期間に",
        CapPeriod.WHOLE_TIME: "通して",
    }
)
#: Of these there is a next one. What runs on, or is a single day, leaves nothing behind.
_COMES_AGAIN = frozenset(
    {
        CapPeriod.WEEK,
        CapPeriod.MONTH,
        CapPeriod.TERM,
        CapPeriod.HALF_YEAR,
        CapPeriod.FISCAL_YEAR,
        CapPeriod.CALENDAR_YEAR,
        CapPeriod.REGISTRATION,
    }
)
_SCOPES: Mapping[CapScope, str] = MappingProxyType(
    {
        CapScope.FACILITY: "この園での利用を数えます。",
        CapScope.PROVIDER: "同じ法人の、ほかの園での利用も合わせて数えます。",
        CapScope.MUNICIPALITY: "同じ市区町村の、ほかの園での利用も合わせて数えます。",
        CapScope.EVERYWHERE: "市外も含め、ほかの園での利用も合わせて数えます。",
    }
)
_CLOSED: Mapping[ClosedDays, str] = MappingProxyType(
    {
        ClosedDays.NOT_COUNTED: "間にある休みの日は数えませんが、続きは切れません。",
        ClosedDays.COUNTED: "間にある休みの日も数えます。",
        ClosedDays.END_THE_RUN: "休みの日があると、続きはそこで切れます。",
    }
)
_TRIALS: Mapping[TrialCounting, str] = MappingProxyType(
    {
        TrialCounting.LIKE_OTHERS: "ならし預かりも、ふだんの利用と同じに数えます。",
        TrialCounting.ALWAYS: "ならし預かりは、どの理由のものでもここに数えます。",
        TrialCounting.NEVER: "ならし預かりは数えません。",
    }
)
_BREACHES: Mapping[Breach, str] = MappingProxyType(
    {
        Breach.REFUSE: "こえる分は予約できません。",
        Breach.SURCHARGE: "こえる分も予約できますが、別の料金がかかります。",
        Breach.ASK_STAFF: "こえる分は、園が認めたときに利用できます。",
    }
)


def caps_words(caps: Sequence[CapRule], purposes: PurposesRule | None = None) -> list[Fact]:
    """Return each cap as one line that says all of it.

    Args:
        purposes: The types of use and reasons as the document names them.
    """
    return [
        Fact(_(cap.label) if cap.label else _("利用の上限"), sentences(*_said(cap, purposes)))
        for cap in caps
    ]


def cap_name(cap: CapRule, purposes: PurposesRule | None = None) -> str:
    """Return what a limit is called: its own name, else the uses that it is for; nothing of any."""
    only = [*_types(cap.purposes, purposes), *_reasons(cap.reasons, purposes)]
    if cap.label or not only:
        return _(cap.label)
    return _("%(uses)sの利用") % {"uses": listed(only)}


def _said(cap: CapRule, purposes: PurposesRule | None) -> Iterator[str]:
    yield _limit(cap)
    if cap.weekly_average:
        yield _("%(period)sの日数÷7×%(amount)sが、その間の上限です（端数は%(rounding)s）。") % {
            "period": _period(cap).removesuffix("に"),
            "amount": _amount(cap, cap.amount),
            "rounding": _(ROUNDING_WORDS[cap.average_rounding]),
        }
    yield from _for_whom(cap, purposes)
    yield from _weighed(cap)
    if cap.metric is CapMetric.CONSECUTIVE_DAYS:
        yield _(_CLOSED[cap.closed_days])
    if cap.metric is not CapMetric.REGISTRATIONS:
        yield _(_SCOPES[cap.scope])
        yield from _counted(cap)
        if cap.trials is not None:
            yield _(_TRIALS[cap.trials])
    yield _(_BREACHES[cap.on_breach])
    if cap.extension is not None:
        said = (
            _("園や市区町村が認めると、1回だけ、%(amount)s延ばせます（%(mark)s）。")
            if cap.extensions == 1
            else _("園や市区町村が認めると、%(amount)sずつ%(times)s回まで延ばせます（%(mark)s）。")
        )
        yield said % {
            "amount": _amount(cap, cap.extension),
            "times": cap.extensions,
            "mark": mark_name(cap.extension_mark),
        }
    if cap.period in _COMES_AGAIN:
        yield _("使わなかった分は、次へ持ち越せません。")


def _limit(cap: CapRule) -> str:
    if cap.per_cause:
        who = _("世帯の、") if cap.per is Per.HOUSEHOLD else _("お子さん1人の、")
    else:
        who = _("世帯で、") if cap.per is Per.HOUSEHOLD else _("お子さん1人につき、")
    values = {
        "who": who,
        "when": _period(cap),
        "cause": _("1つの事情につき、") if cap.per_cause else "",
        "amount": _amount(cap, cap.amount),
    }
    if cap.weekly_average:
        return _("%(who)s%(cause)s平均して1週間に%(amount)sまで利用できます。") % values
    if cap.metric is CapMetric.REGISTRATIONS:
        return _("%(who)s%(amount)sまでできます。") % values
    if cap.metric is CapMetric.UPCOMING_VISITS:
        return _("%(who)s%(when)s%(amount)sまで持てます。") % values
    return _("%(who)s%(cause)s%(when)s%(amount)sまで利用できます。") % values


def _amount(cap: CapRule, amount: Decimal) -> str:
    return cap_amount((float(amount), cap.metric.value))


def _period(cap: CapRule) -> str:
    match cap.period:
        case None:
            said = ""
        case CapPeriod.WEEK:
            is_sunday = cap.week_starts is WeekStart.SUN
            week = _("日曜日から土曜日まで") if is_sunday else _("月曜日から日曜日まで")
            said = _("1週間（%(week)s）に") % {"week": week}
        case CapPeriod.TERM:
            said = _("4月から数えて%(months)sか月ずつの間に") % {"months": cap.term_months}
        case CapPeriod.RUNNING_DAYS:
            said = _("どの日から数えても、続く%(days)s日間に") % {"days": cap.running_days}
        case CapPeriod.DATES if cap.first_day and cap.last_day:
            said = _("%(first)sから%(last)sまでに") % {
                "first": jday(cap.first_day, with_year=True),
                "last": jday(cap.last_day, with_year=True),
            }
        case _:
            said = _(_PERIODS[cap.period])
    return said


def _for_whom(cap: CapRule, purposes: PurposesRule | None) -> Iterator[str]:
    only = [*_types(cap.purposes, purposes), *_reasons(cap.reasons, purposes)]
    never = [*_types(cap.except_purposes, purposes), *_reasons(cap.except_reasons, purposes)]
    if only:
        yield _("この上限があるのは、%(uses)sの利用です。") % {"uses": listed(only)}
    if never:
        yield _("%(uses)sの利用には、この上限がありません。") % {"uses": listed(never)}
    if only or never:
        if cap.counts_all_purposes:
            yield _("数えるときは、ほかの利用も合わせて数えます。")
        else:
            yield _("この上限がかからない利用は、数えません。")


def _types(codes: Iterable[str], rule: PurposesRule | None) -> list[str]:
    names = [rule.name_of(code) if rule else PURPOSE_WORDS.get(code, code) for code in codes]
    return [_("「%(name)s」") % {"name": _(name)} for name in names]


def _reasons(codes: Iterable[str], rule: PurposesRule | None) -> list[str]:
    found = [(rule.reason_of(code) if rule else None, code) for code in codes]
    names = [reason.label if reason else code for reason, code in found]
    return [_("「%(name)s」") % {"name": _(name)} for name in names]


def _weighed(cap: CapRule) -> Iterator[str]:
    if cap.half_day_units:
        units = listed([_(unit) for unit in cap.half_day_units], "・")
        yield _("「%(units)s」の利用は半分（0.5）と数えます。") % {"units": units}
    if cap.half_day_minutes is not None:
        yield _("%(length)sまでの利用は半分（0.5）と数えます。") % {
            "length": jduration(cap.half_day_minutes)
        }
    for weight in cap.weights:
        yield _weight(weight)
    if cap.weights:
        yield _("そのほかの利用は、1つを1と数えます。")
    if cap.metric is CapMetric.HOURS_ROUNDED_UP:
        yield _("1回ごとに、%(unit)sに満たない分を%(unit)sに切り上げて数えます。") % {
            "unit": jduration(cap.round_up_minutes)
        }
    if cap.metric is CapMetric.DAYS:
        yield _("同じ日に何回か使っても、1日と数えます。")


def _weight(weight: StayWeight) -> str:
    values = {"counts": f"{weight.counts.normalize():f}"}
    if weight.unit is not None:
        return _("「%(unit)s」の利用は%(counts)sと数えます。") % {**values, "unit": _(weight.unit)}
    length = jduration(weight.up_to_minutes or MINUTES)
    return _("%(length)sまでの利用は%(counts)sと数えます。") % {**values, "length": length}


def _counted(cap: CapRule) -> Iterator[str]:
    if cap.all_programmes:
        yield _("ほかの事業（こども誰でも通園など）の利用も数えます。")
    if cap.scope is not CapScope.FACILITY:
        yield (
            _("ほかの園の利用は、ご家庭の申し出だけの分も数えます。")
            if cap.counts_declared
            else _("ほかの園の利用のうち、家庭が申し出ただけの分は数えません。")
        )
    if cap.metric is CapMetric.UPCOMING_VISITS:
        return
    states = {
        _("期限までの取り消し"): cap.counts_cancelled,
        _("期限を過ぎた取り消し"): cap.counts_late_cancelled,
        _("連絡なしのお休み"): cap.counts_no_show,
    }
    counting = [state for state, counts in states.items() if counts]
    others = [state for state, counts in states.items() if not counts]
    if counting:
        yield _("%(states)sも、使った分に数えます。") % {"states": listed(counting, "・")}
    if others:
        yield _("%(states)sは数えません。") % {"states": listed(others, "・")}
