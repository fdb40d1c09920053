"""Kinds G10, G21 and G25 in words: waiting, brothers and sisters, regular use."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from portal.documents.dates import jday, jduration, weekday
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, sentences
from portal.policies.calendar import WEEKDAY_WORDS
from portal.policies.deadlines import Deadline
from portal.policies.purposes import PURPOSE_WORDS, PurposesRule
from portal.policies.regular import Chosen, EnteredBy, RegularRule, Term, TermApplication, Use
from portal.policies.siblings_rule import SiblingsRule, Together
from portal.policies.waitlist import WAITS_FOR_WORDS, Fills, Order, WaitlistRule
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_dates import deadline_words, first_day_words

_FILLS: Mapping[Fills, str] = MappingProxyType(
    {
        Fills.PROMOTE: "空きが出ると、順番が先の方の予約に自動でなります。",
        Fills.OFFER: "空きが出ると、順番が先の方にお知らせします。",
        Fills.NOTIFY_ALL: "空きが出ると、待つ方みんなにお知らせし、先に予約した方が使えます。",
    }
)
_ORDERS: Mapping[Order, str] = MappingProxyType(
    {
        Order.RECEIVED: "順番は、申し込んだ順です。",
        Order.PRIORITY: "優先される方が先で、同じなら申し込んだ順です。",
        Order.LOTTERY: "順番は抽選で決めます。抽選のあとに申し込んだ方は、そのあとの順です。",
    }
)
_TOGETHER: Mapping[Together, str] = MappingProxyType(
    {
        Together.ALL_OR_NONE: "きょうだいは、全員がそろって利用できるときだけ予約できます。",
        Together.SOME_MAY_COME: "きょうだいの一部だけでも、利用できるお子さんは予約できます。",
        Together.FAMILY_CHOOSES: "全員そろってか、1人でも使えればよいかを、予約でえらべます。",
    }
)
_USES: Mapping[Use, str] = MappingProxyType(
    {
        Use.SINGLE_ONLY: "1日ごとの予約だけで、定期利用はありません。",
        Use.REGULAR_ONLY: "曜日を決めて使う定期利用だけです。",
        Use.BOTH: "1日ごとの予約と、曜日を決めて使う定期利用があります。",
    }
)
_TERMS: Mapping[Term, str] = MappingProxyType(
    {
        Term.MONTH: "期間は1か月ごとです。",
        Term.THREE_MONTHS: "期間は3か月ごと（4〜6月、7〜9月、10〜12月、1〜3月）です。",
        Term.HALF_YEAR: "期間は半年ごと（4〜9月、10〜3月）です。",
        Term.FISCAL_YEAR: "期間は年度ごと（4月〜3月）です。",
        Term.DATES: "期間は、次のとおりです。",
    }
)
_CHOSEN: Mapping[Chosen, str] = MappingProxyType(
    {
        Chosen.FIRST_COME: "申し込みの順に決まります。",
        Chosen.LOTTERY: "申し込みが多いときは抽選です。",
        Chosen.STAFF: "申し込みが多いときは、家庭のようすを見て園が決めます。",
    }
)


def waitlist_words(rule: WaitlistRule) -> list[Fact]:
    """Return all that the rule says, and that rules are asked again when a turn comes."""
    return [Fact(_("空きを待つ"), sentences(*_waiting(rule)))]


def _waiting(rule: WaitlistRule) -> Iterator[str]:
    lists = listed([_(WAITS_FOR_WORDS[each]) for each in rule.waits_for], "・")
    yield _("いっぱいのときは、%(lists)sごとに空きを待てます。") % {"lists": lists}
    yield _(_ORDERS[rule.order])
    yield _(_FILLS[rule.fills])
    if rule.answer_minutes is not None:
        yield _("お知らせから%(time)s以内に返事をします。過ぎると、次の方に回ります。") % {
            "time": jduration(rule.answer_minutes)
        }
    if rule.siblings_as_one:
        yield _("きょうだいは、全員分の空きが出たときに予約できます。")
    else:
        yield _("きょうだいは、1人分の空きでも進めます。")
    if rule.most_waiting is not None:
        yield _("待てるのは、1つの列に%(most)s人までです。") % {"most": rule.most_waiting}
    if rule.most_per_child is not None:
        yield _("お子さん1人が同時に待てるのは、%(most)s件までです。") % {
            "most": rule.most_per_child
        }
    for limit, said in (
        (rule.join_until, _("待つ申し込みは、%(until)sまでです。")),
        (rule.withdraw_until, _("待つのをやめられるのは、%(until)sまでです。")),
        (rule.fills_until, _("空きを順番の方に回すのは、%(until)sまでです。")),
    ):
        if limit is not None:
            yield from _until(limit, said)
    yield _("順番が来たときに、年齢・登録・上限・受付の期間をもう一度確かめます。")


def _until(limit: Deadline, said: str) -> Iterator[str]:
    yield said % {"until": deadline_words(limit)}
    if first := first_day_words(limit):
        yield _("%(said)sです。") % {"said": first}


def siblings_words(rule: SiblingsRule) -> list[Fact]:
    """Return all that the rule says of brothers and sisters; prices stand with the fee."""
    return [Fact(_("きょうだいの利用"), sentences(*_siblings(rule)))]


def _siblings(rule: SiblingsRule) -> Iterator[str]:
    yield _(_TOGETHER[rule.together])
    if rule.most == 1:
        yield _("1人ずつ予約します。")
    elif rule.most is not None:
        yield _("1度に予約できるのは%(most)s人までです。") % {"most": rule.most}
    if rule.same_group:
        yield _("きょうだいは同じ部屋で過ごします。")
    else:
        yield _("それぞれの年齢のクラスで過ごします。")
    yield _("書類は1人ずつ出します。") if rule.own_form else _("書類はまとめて出せます。")
    if rule.shared_coupons:
        yield _("利用券は、きょうだいで分けて使えます。")
    else:
        yield _("利用券は、お子さんごとに使います。")
    if rule.one_account:
        yield _("登録は1つの家庭で1つです。保護者がべつべつに登録しないでください。")
    else:
        yield _("登録は、保護者それぞれでできます。")


def regular_words(rule: RegularRule, purposes: PurposesRule | None = None) -> list[Fact]:
    """Return all that the rule says of regular use.

    Args:
        purposes: The types of use as the document names them.
    """
    if rule.use is Use.SINGLE_ONLY:
        return [Fact(_("定期利用"), _(_USES[rule.use]))]
    return [Fact(_("定期利用"), sentences(*_regular(rule, purposes)))]


def _regular(rule: RegularRule, purposes: PurposesRule | None) -> Iterator[str]:
    yield _(_USES[rule.use])
    if rule.term is not Term.DATES:
        yield _(_TERMS[rule.term])
    if rule.weekdays:
        days = listed([weekday(WEEKDAY_WORDS[each]) for each in rule.weekdays], "・")
        yield _("申し込めるのは、%(days)s曜日です。") % {"days": days}
    yield from _weekdays(rule)
    if rule.purposes:
        names = [purposes.name_of(code) if purposes else PURPOSE_WORDS.get(code, code)
                 for code in rule.purposes]  # fmt: skip
        uses = listed([_("「%(name)s」") % {"name": _(name)} for name in names])
        yield _("定期利用ができるのは、%(uses)sの利用です。") % {"uses": uses}
    if rule.term is Term.DATES:
        yield _(_TERMS[rule.term])
    yield from map(_application, rule.applications)
    yield _(_CHOSEN[rule.chosen])
    yield from _days_of(rule)


def _weekdays(rule: RegularRule) -> Iterator[str]:
    if rule.least_weekdays is not None and rule.least_weekdays == rule.most_weekdays:
        yield _("週に%(count)s日です。") % {"count": rule.most_weekdays}
        return
    if rule.least_weekdays is not None:
        yield _("週に%(least)s日から申し込めます。") % {"least": rule.least_weekdays}
    if rule.most_weekdays is not None:
        yield _("週に%(most)s日まで申し込めます。") % {"most": rule.most_weekdays}


def _days_of(rule: RegularRule) -> Iterator[str]:
    if rule.waitlist:
        yield _("選ばれなかったときは、順番を待てます。")
    if rule.entered_by is EnteredBy.STAFF:
        yield _("決まった期間の予約は、園が入れます。")
    else:
        yield _("決まった期間の予約は、家庭が入れます。")
    if rule.family_cancels_days:
        yield _("お休みする日は、1日ずつ画面で取り消せます。")
    else:
        yield _("お休みする日は、園に連絡して取り消します。")
    if rule.freed_for_singles:
        yield _("取り消した日の空きは、1日ごとの予約で使えます。")
    else:
        yield _("取り消した日の空きは、1日ごとの予約には回しません。")
    if rule.use is Use.BOTH:
        if rule.singles_beside:
            yield _("定期利用の方も、ほかの日を1日ごとに予約できます。")
        else:
            yield _("定期利用の方は、ほかの日を1日ごとには予約できません。")


def _application(one: TermApplication) -> str:
    values = {
        "from": jday(one.use_from, with_year=True),
        "until": jday(one.use_until, with_year=True),
        "opens": _moment(jday(one.opens_on, with_year=True), one.opens_at, "00:00"),
        "closes": _moment(jday(one.closes_on, with_year=True), one.closes_at, "24:00"),
    }
    said = (
        _("%(from)sから%(until)sまでの分は、%(opens)sから%(closes)sまでに申し込みます。") % values
    )
    if one.drawn_on is None:
        return said
    drawn = _("決まるのは%(day)sです。") % {"day": jday(one.drawn_on, with_year=True)}
    return sentences(said, drawn)


def _moment(day: str, clock_time: str, unsaid: str) -> str:
    if clock_time == unsaid:
        return day
    return _("%(day)s %(at)s ") % {"day": day, "at": clock_time.removeprefix("0")}
