"""Kinds G22 and G23 in words: what the sheet asks, and what happens on the day of care."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portal.documents.dates import jage, jduration
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, sentences
from portal.policies.child_sheet import SHEET_PART_WORDS, ChildSheetRule, SheetQuestion
from portal.policies.day_of_use import STAMP_WORDS, Belonging, DayOfUseRule
from portal.policies.marks import option_words
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_dates import deadline_words


def child_sheet_facts(rule: ChildSheetRule | None) -> list[Fact]:
    """Return what the sheet asks, and what comes with it."""
    if rule is None:
        return []
    said = []
    if rule.asks:
        asks = listed([_(SHEET_PART_WORDS[each]) for each in rule.asks])
        said.append(_("たずねるのは、%(asks)sです。") % {"asks": asks})
    if rule.required:
        required = listed([_(SHEET_PART_WORDS[each]) for each in rule.required])
        said.append(_("%(parts)sは、答えてから出します。") % {"parts": required})
    said += [_question(each) for each in rule.questions]
    said += list(_with_sheet(rule))
    if rule.allergy_each_fiscal_year:
        said.append(_("アレルギーなどは、年度ごとに確かめ直します。"))
    if rule.allergy_before_each_use:
        said.append(_("アレルギーなどは、利用の前にも毎回確かめます。"))
    return [Fact(_("児童票"), sentences(*said))] if said else []


def _question(question: SheetQuestion) -> str:
    ages = ages_words(question.from_months, question.below_months)
    if question.required:
        said = _("「%(label)s」に答えてから出します。") % {"label": _(question.label)}
    else:
        said = _("「%(label)s」もたずねます。") % {"label": _(question.label)}
    return sentences(said, _("（%(ages)sのお子さん）") % {"ages": ages} if ages else "")


def _with_sheet(rule: ChildSheetRule) -> Iterator[str]:
    papers = [
        words
        for words, is_asked in (
            (_("お子さんの写真"), rule.child_photo),
            (_("お迎えに来る人の写真"), rule.pickup_photo),
            (_("健康保険と医療証の写し"), rule.insurance_copy),
            (_("最近の健診の結果の写し"), rule.health_check_copy),
        )
        if is_asked
    ]
    if papers:
        yield _("%(papers)sをつけてください。") % {"papers": listed(papers)}
    if rule.photo_within_months:
        yield _("写真は、%(months)sか月以内のものです。") % {"months": rule.photo_within_months}


def day_of_use_facts(rule: DayOfUseRule | None) -> list[Fact]:
    """Return what happens on the day, and what to bring."""
    if rule is None:
        return []
    found = []
    if said := sentences(*_morning(rule), *_pickup(rule), *_told(rule), _(rule.words)):
        found.append(Fact(_("当日のこと"), said))
    found += [Fact(_("持ちもの"), belonging_words(each)) for each in rule.belongings]
    return found


def _morning(rule: DayOfUseRule) -> Iterator[str]:
    if rule.health_sheet:
        yield _("朝に、体調の用紙（健康チェック表）を出します。")
    if rule.temperature:
        yield _("朝に、体温を測ります。")
    if rule.max_temperature is not None:
        yield _("%(degrees)s℃以上のときは、預かれません。") % {"degrees": rule.max_temperature}
    if rule.stamps:
        ways = [_("%(said)s。") % {"said": _(STAMP_WORDS[each])} for each in rule.stamps]
        yield sentences(_("登園と降園の記録のしかたは、次のとおりです。"), *ways)


def _pickup(rule: DayOfUseRule) -> Iterator[str]:
    if rule.records_collector:
        yield _("お迎えに来た人を記録します。")
    if rule.pickup_registered_only:
        yield _("お迎えは、登録した人にお願いします。")
    if rule.pickup_id:
        yield _("お迎えの人に、本人とわかるものを見せていただきます。")
    if rule.called_when_ill:
        yield _("預かりのあいだに具合が悪くなったときは、お迎えをお願いします。")


def _told(rule: DayOfUseRule) -> Iterator[str]:
    if rule.late_notice_by:
        yield _("遅れるときや休むときは、%(at)s までに連絡してください。") % {
            "at": _clock(rule.late_notice_by)
        }
    if rule.waits_until:
        yield _("連絡がないときは、%(at)s まで待ちます。") % {"at": _clock(rule.waits_until)}
    if rule.meal_order_by:
        yield _("食事の注文と取りやめは、%(limit)sまでです。") % {
            "limit": deadline_words(rule.meal_order_by)
        }


def belonging_words(belonging: Belonging) -> str:
    """Return one thing to bring, for whom, and when."""
    name = _(belonging.name)
    if belonging.count:
        name = _("%(name)s×%(count)s") % {"name": name, "count": belonging.count}
    details = []
    if ages := ages_words(belonging.from_months, belonging.below_months):
        details.append(_("%(ages)sのお子さん") % {"ages": ages})
    if belonging.from_minutes:
        details.append(_("%(length)sからの利用") % {"length": jduration(belonging.from_minutes)})
    if belonging.below_minutes:
        details.append(_("%(length)sより短い利用") % {"length": jduration(belonging.below_minutes)})
    if belonging.at:
        details.append(_("%(at)s にいるとき") % {"at": _clock(belonging.at)})
    if belonging.with_options:
        details.append(
            _("「%(options)s」をえらんだとき")
            % {"options": listed([_(option_words(each)) for each in belonging.with_options], "・")}
        )
    if belonging.without_options:
        details.append(
            _("「%(options)s」をえらんだときは、いりません")
            % {
                "options": listed(
                    [_(option_words(each)) for each in belonging.without_options], "・"
                )
            }
        )
    said = name
    if details:
        said = _("%(name)s（%(details)s）") % {"name": name, "details": listed(details)}
    if not belonging.note:
        return said
    return _("%(said)s：%(note)s") % {"said": said, "note": _(belonging.note)}


def ages_words(from_months: int | None, below_months: int | None) -> str:
    """Return ``1歳から3歳になる前まで``; nothing for all ages."""
    since = _("%(age)sから") % {"age": months_words(from_months)} if from_months is not None else ""
    below = _("%(age)sになる前まで") % {"age": months_words(below_months)} if below_months else ""
    return since + below


def months_words(months: int) -> str:
    """Return ``生後6か月``, ``1歳6か月``, or ``3歳`` where no months are left over."""
    years, left = divmod(months, 12)
    if not years:
        return _("生後%(months)sか月") % {"months": left}
    return jage(months) if left else _("%(years)s歳") % {"years": years}


def classes_words(classes: Iterable[int]) -> str:
    """Return ``0〜2歳児クラス``, or ``0・2歳児クラス`` where one between is not meant."""
    ages = sorted(classes)
    youngest, *more = ages or [0]
    if more and ages[-1] - youngest == len(more):
        values = {"youngest": youngest, "oldest": ages[-1]}
        return _("%(youngest)s〜%(oldest)s歳児クラス") % values
    return _("%(classes)s歳児クラス") % {"classes": listed([str(age) for age in ages], "・")}


def _clock(written: str) -> str:
    return f"{int(written[:2])}:{written[3:]}"
