"""Kind G19 in words: how a family registers, how long that holds, and how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from portal.documents.dates import jdate, jday
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, sentences
from portal.policies.registering import ISSUED_WITH_WORDS, RegistrationScope, Suspension
from portal.policies.registration import (
    RENEWAL_PART_WORDS,
    RegistrationRule,
    RenewalRule,
    Validity,
)
from portal.policies.rule import Counting
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_day import classes_words


def registration_facts(rule: RegistrationRule) -> list[Fact]:
    """Return the lines of registration; none where none is asked for."""
    if not rule.required:
        return [Fact(_("はじめての方"), _("事前登録はいりません。"))]
    found = [Fact(_("はじめての方"), registration_words(rule))]
    if asked := list(_asked(rule)):
        found.append(Fact(_("登録の申し込み"), sentences(*asked)))
    found += [Fact(_("登録を止めている期間"), _suspension(each)) for each in rule.suspensions]
    if rule.renewal:
        found.append(Fact(_("登録の更新"), sentences(*_renewal(rule.renewal))))
    return found


def registration_words(rule: RegistrationRule) -> str:
    """Return what a family does before the first booking, and how long a registration holds."""
    first = _("先に事前登録をします")
    if rule.lead_days:
        first = {
            Counting.CALENDAR: _(
                "先に事前登録をします。はじめての利用は、登録の%(days)s日後からです"
            ),
            Counting.OPEN: _(
                "先に事前登録をします。はじめての利用は、開いている日で数えて登録の%(days)s日後からです"
            ),
            Counting.WEEKDAYS: _(
                "先に事前登録をします。はじめての利用は、平日（祝日を除く）で数えて登録の%(days)s日後からです"
            ),
        }[rule.lead_counting]
    parts = [first % {"days": rule.lead_days}]
    values = {
        "months": rule.months,
        "count": rule.limit,
        "days": rule.answer_days,
        "before": rule.renewal.days_before if rule.renewal else 0,
        "last": rule.next_period_days,
    }
    held = {
        Validity.HALF_YEAR: _("登録は半年ごと（9月30日・3月31日まで）です"),
        Validity.MONTHS: _("登録は%(months)sか月使えます"),
        Validity.SCHOOL: _("登録は小学校に入る前まで使えます"),
        Validity.NONE: _("登録に期限はありません"),
        Validity.FISCAL_YEAR: _("登録は年度の終わり（3月31日）まで使えます"),
    }[rule.validity]
    for words, applies in (
        (held, True),
        (
            _("期間の終わりの%(last)s日のあいだに登録すると、次の期間の終わりまで使えます"),
            rule.next_period_days,
        ),
        (_("申し込みから、開いている日で%(days)s日以内に返事をします"), rule.answer_days),
        (_("はじめての予約の前に、園の説明を読みます"), rule.agreement),
        (_("ご家庭と園の両方が確かめてから、使えます"), rule.agreement),
        (_("登録できるのは%(count)s人までです。いっぱいのときは、順に待ちます"), rule.limit),
        (_("期限の%(before)s日前から、続ける手続きができます"), _is_renewed_by_days(rule)),
    ):
        if applies:
            parts.append(words % values)
    said = parts[0]
    for more in parts[1:]:
        said = _("%(said)s。%(more)s") % {"said": said, "more": more}
    return said


def _is_renewed_by_days(rule: RegistrationRule) -> bool:
    """Say whether so many days before the end count: a day of the year wins over them."""
    return rule.renewal is not None and rule.renewal.continuing_from is None


def _asked(rule: RegistrationRule) -> Iterator[str]:
    if rule.early and rule.early.from_pregnancy:
        yield _("妊娠中から申し込めます。")
    elif rule.early and rule.early.days_before is not None:
        yield _("利用できる年齢になる%(days)s日前から申し込めます。") % {
            "days": rule.early.days_before
        }
    if rule.accepted_by is not RegistrationScope.FACILITY:
        yield {
            RegistrationScope.MUNICIPALITY: _("登録は、市区町村が決めます。"),
            RegistrationScope.BOTH: _("登録は、園と市区町村が決めます。"),
        }[rule.accepted_by]
    if rule.scope is not RegistrationScope.FACILITY:
        yield {
            RegistrationScope.MUNICIPALITY: _("一度の登録で、市区町村のどの園でも使えます。"),
            RegistrationScope.BOTH: _("市区町村への登録と、園への登録の両方がいります。"),
        }[rule.scope]
    if rule.first_date_needed:
        yield _("はじめに使いたい日を決めてから申し込みます。")
    if rule.child_present:
        yield _("登録のときは、お子さんもいっしょに来てください。")
    if rule.issues:
        issued = listed([_(ISSUED_WITH_WORDS[each]) for each in rule.issues])
        yield _("登録がすむと、%(issued)sを渡します。") % {"issued": issued}


def _suspension(each: Suspension) -> str:
    ages = classes_words(each.class_ages) if each.class_ages else ""
    since = _("%(day)sから") % {"day": jdate(each.days.from_)} if each.days.from_ else ""
    until = _("%(day)sまで") % {"day": jdate(each.days.until)} if each.days.until else ""
    when = since + until or _("当分のあいだ")
    values = {"when": when, "ages": ages}
    said = (
        _("%(when)s、%(ages)sの新しい登録は受けません。")
        if ages
        else (_("%(when)s、新しい登録は受けません。"))
    )
    return sentences(said % values, _(each.message))


def _renewal(rule: RenewalRule) -> Iterator[str]:
    if rule.confirm:
        parts = listed([_(RENEWAL_PART_WORDS[each]) for each in rule.confirm])
        yield _("続けるときに、%(parts)sを確かめます。") % {"parts": parts}
    if rule.continuing_from:
        yield _("続けて使う方の、次の期間の受付は%(day)sからです。") % {
            "day": _season(rule.continuing_from)
        }
    if rule.new_from:
        yield _("新しい方の、次の期間の受付は%(day)sからです。") % {"day": _season(rule.new_from)}


def _season(day: str) -> str:
    # A leap year, which has every day.
    return jday(date(2000, int(day[:2]), int(day[3:])))
