"""Kinds G1, G8, G9, G22 to G24 and G26 to G28 in words: what a facility says of how it works."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from portal.documents.dates import jdate, jduration
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, sentences
from portal.documents.money import yen
from portal.documents.wording.sentences import sentence
from portal.kernel.errors import Reason
from portal.policies.allocation import (
    ALLOCATION_WORDS,
    PRIORITY_FOR_WORDS,
    TOLD_WORDS,
    AllocationMethod,
    AllocationRule,
    Draw,
    Papers,
)
from portal.policies.channels import (
    ACTION_WORDS,
    CHANNEL_WORDS,
    Action,
    ChannelName,
    ChannelsRule,
    Way,
)
from portal.policies.discretion import GROUND_WORDS, DiscretionRule, Stop
from portal.policies.display import (
    SHOWN_AS_WORDS,
    DayState,
    DisplayRule,
    FewWhen,
)
from portal.policies.document import RulesDocument
from portal.policies.exceptions import HEAD_WORDS, ExceptionsRule
from portal.policies.judging import decided_by_people
from portal.policies.papers_issued import (
    ISSUED_AS_WORDS,
    ISSUED_WHEN_WORDS,
    PAPER_KIND_WORDS,
    IssuedPaper,
    PapersRule,
)
from portal.policies.programme import PROGRAMME_KIND_WORDS, ROOM_WORDS, ProgrammeRule
from portal.policies.purposes import PurposesRule
from portal.policies.reasons import BookingRefusal
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_day import child_sheet_facts, classes_words, day_of_use_facts


def programme_facts(rule: ProgrammeRule | None) -> list[Fact]:
    """Return what the programme is."""
    if rule is None:
        return []
    said = [_("%(kind)sです。") % {"kind": _(PROGRAMME_KIND_WORDS[rule.kind])}]
    if rule.room:
        said.append(_("%(said)s。") % {"said": _(ROOM_WORDS[rule.room])})
    if rule.shares_places_with:
        others = listed([_(each) for each in rule.shares_places_with])
        said.append(_("%(others)sと、同じ席を分け合います。") % {"others": others})
    if rule.reports_as and rule.reports_as is not rule.kind:
        kind = _(PROGRAMME_KIND_WORDS[rule.reports_as])
        said.append(_("報告では、%(kind)sとして数えます。") % {"kind": kind})
    return [Fact(_(rule.name) if rule.name else _("この預かり"), sentences(*said))]


def paper_facts(document: RulesDocument) -> list[Fact]:
    """Return how a facility works: ways to ask, how places are given, the day, and its papers."""
    found = []
    if document.channels:
        people_decide = decided_by_people(_as_by_web(document))
        found += [
            Fact(_("申し込みの方法"), _way(each, people_decide=people_decide))
            for each in document.channels.ways
        ]
        found.append(Fact(_("申し込みの順番"), _order(document.channels)))
    # First come is what everybody expects; it is said where anything else stands beside it.
    if document.allocation != AllocationRule():
        said = _allocation(document.allocation, is_chosen=_is_chosen(document))
        found.append(Fact(_("予約の決まり方"), sentences(*said)))
    found += child_sheet_facts(document.child_sheet)
    found += day_of_use_facts(document.day_of_use)
    if document.display:
        found.append(Fact(_("空きの見せ方"), sentences(*_display(document.display))))
    if document.discretion:
        found += _discretion(document.discretion, document.purposes or PurposesRule())
    if document.exceptions:
        found.append(Fact(_("特別に認める場合"), sentences(*_exceptions(document.exceptions))))
    if document.papers:
        found += _papers(document.papers)
    return found


def _as_by_web(document: RulesDocument) -> RulesDocument:
    """The rules with those rounds alone that families can enter by the web."""
    window = document.booking_window
    if window is None:
        return document
    rounds = [
        each for each in window.phases if not each.channels or ChannelName.WEB in each.channels
    ]
    kept = window.model_copy(update={"phases": tuple(rounds)})
    return document.model_copy(update={"booking_window": kept})


def _is_chosen(document: RulesDocument) -> bool:
    """Say whether anybody can go before others: where it is first come in all rounds, nobody."""
    rounds = document.booking_window.phases if document.booking_window else ()
    methods = {document.allocation.method, *(each.allocation for each in rounds)}
    return bool(methods - {AllocationMethod.FIRST_COME, None})


def _way(way: Way, *, people_decide: bool) -> str:
    name = _(CHANNEL_WORDS[way.channel])
    parts = [_("%(way)sで、どの手続きもできます。") % {"way": name}]
    if people_decide and way.channel is ChannelName.WEB:
        parts = list(_web_beside_people(way))
    elif way.actions:
        parts = [_can_be_done(way, way.actions)]
    if way.desk:
        hours = {"hours": listed(list(way.hours_words))}
        parts.append(
            _("受付は%(hours)sで、園が休みの日も受けます。") % hours
            if way.on_closed_days
            else _("受付は%(hours)sです（園が休みの日は受けません）。") % hours
        )
    return sentences(*parts, _(way.words))


def _can_be_done(way: Way, actions: Sequence[Action]) -> str:
    named = listed([_(ACTION_WORDS[each]) for each in actions])
    return _("%(way)sで、%(actions)sができます。") % {
        "way": _(CHANNEL_WORDS[way.channel]),
        "actions": named,
    }


def _web_beside_people(way: Way) -> Iterator[str]:
    """What can be done by the web where staff enter what they have decided: no booking."""
    others = [each for each in way.actions if each not in {Action.BOOK, Action.CHANGE}]
    if not way.actions:
        yield _("%(way)sで、予約と変更のほかの手続きができます。") % {
            "way": _(CHANNEL_WORDS[way.channel])
        }
    elif others:
        yield _can_be_done(way, others)
    if len(others) < len(way.actions) or not way.actions:
        yield _("予約と変更は、園が確かめてから決めるので、ほかの方法で申し込みます。")


def _order(rule: ChannelsRule) -> str:
    if len(rule.ways) == 1:
        return _("順番は、園に届いた順です。")
    return _("どの方法でも、順番は園に届いた順です。")


def _allocation(rule: AllocationRule, *, is_chosen: bool) -> Iterator[str]:
    yield _("%(said)s。") % {"said": _(ALLOCATION_WORDS[rule.method])}
    if rule.answer_days:
        yield _("返事は、開いている日で%(days)s日以内にします。") % {"days": rule.answer_days}
    if rule.priorities and is_chosen:
        who = listed([_(PRIORITY_FOR_WORDS[each]) for each in rule.priorities])
        several = len(rule.priorities) > 1
        said = (
            _("先に決めるのは、順に、%(who)sです。")
            if several
            else _("先に決めるのは、%(who)sです。")
        )
        yield said % {"who": who}
    if rule.equalise and is_chosen:
        yield _("多くのご家庭が使えるように、利用の少ない方を先にします。")
    if rule.draw:
        yield from _draw(rule.draw)
    if rule.method is AllocationMethod.PROVISIONAL:
        yield _provisional(rule.papers or Papers())


def _draw(draw: Draw) -> Iterator[str]:
    values = {"days": draw.days_after_collection, "at": _clock(draw.at) if draw.at else ""}
    day = _("締め切りの日") if not draw.days_after_collection else _("締め切りの%(days)s日後")
    when = day % values
    yield (
        _("抽選は、%(when)sの %(at)s です。") % {"when": when, "at": values["at"]}
        if draw.at
        else _("抽選は、%(when)sです。") % {"when": when}
    )
    yield _("%(said)s。") % {"said": _(TOLD_WORDS[draw.told])}
    if draw.told_within_days is not None:
        yield (
            _("結果は、抽選の日に知らせます。")
            if draw.told_within_days == 0
            else _("結果は、抽選から%(days)s日以内に知らせます。") % {"days": draw.told_within_days}
        )


def _provisional(papers: Papers) -> str:
    paper = papers.words or _("申し込みの書類")
    if papers.within_days:
        return _("「%(paper)s」が%(days)s日以内に届かないと、取り消しになります。") % {
            "paper": paper,
            "days": papers.within_days,
        }
    if papers.within_hours:
        return _("「%(paper)s」が%(hours)s以内に届かないと、取り消しになります。") % {
            "paper": paper,
            "hours": jduration(papers.within_hours * 60),
        }
    return _("いる書類は「%(paper)s」です。") % {"paper": paper}


def _display(rule: DisplayRule) -> Iterator[str]:
    yield _("日ごとに、%(what)sを見られます。") % {"what": _(SHOWN_AS_WORDS[rule.shows])}
    signs = [
        f"{rule.sign(state)}（{_(rule.words(state))}）"
        for state in DayState
        if state is not DayState.FEW or rule.few_when is not FewWhen.NEVER
    ]
    yield _("しるしの意味は、次のとおりです：%(signs)s。") % {"signs": listed(signs)}
    few = {"few": rule.few, "sign": rule.sign(DayState.FEW)}
    if rule.few_when is FewWhen.PLACES_LEFT:
        yield _("残りが%(few)s人以下の日は、%(sign)sです。") % few
    elif rule.few_when is FewWhen.PERCENT_LEFT:
        yield _("残りが全体の%(few)s%%以下の日は、%(sign)sです。") % few
    elif rule.few_when is FewWhen.SOME_TIME_FULL:
        yield _("いっぱいの時間帯がある日は、%(sign)sです。") % few
    if rule.by_class:
        yield _("クラス（年齢）ごとに見られます。")
    if rule.by_hour:
        yield _("時間ごとの空きも見られます。")
    yield (
        _("登録していない方も見られます。")
        if rule.before_sign_in
        else _("登録した方が見られます。")
    )
    if rule.last_updated:
        yield _("いつの空きかを書いてあります。")


def _discretion(rule: DiscretionRule, purposes: PurposesRule) -> Iterator[Fact]:
    said = []
    if rule.grounds:
        grounds = listed([_(GROUND_WORDS[each]) for each in rule.grounds])
        said.append(
            _("空きがあっても、%(grounds)sは、お受けできないことがあります。")
            % {"grounds": grounds}
        )
        if rule.after_confirmation:
            said.append(_("予約が決まったあとでも、お願いすることがあります。"))
        if rule.offers_another_day:
            said.append(_("そのときは、ほかの日や園を案内します。"))
    said.append(_(rule.words))
    if any(said):
        yield Fact(_("お受けできない場合"), sentences(*said))
    for stop in rule.stops:
        yield Fact(_("預かりを止めている期間"), _stop(stop, purposes))


def _stop(stop: Stop, purposes: PurposesRule) -> str:
    since = _("%(day)sから") % {"day": jdate(stop.days.from_)} if stop.days.from_ else ""
    until = _("%(day)sまで") % {"day": jdate(stop.days.until)} if stop.days.until else ""
    whom = [classes_words(stop.class_ages)] if stop.class_ages else []
    whom += [
        _("「%(name)s」の利用") % {"name": _(purposes.name_of(code))} for code in stop.purposes
    ]
    values = {"when": since + until or _("当分のあいだ"), "whom": listed(whom)}
    said = _("%(when)s、%(whom)sの預かりを止めます") if whom else _("%(when)s、預かりを止めます")
    ground = _(GROUND_WORDS[stop.ground])
    return sentences(
        _("%(said)s（%(ground)s）。") % {"said": said % values, "ground": ground}, _(stop.message)
    )


def _exceptions(rule: ExceptionsRule) -> Iterator[str]:
    head = {"head": _(HEAD_WORDS[rule.head])}
    if rule.staff_may is None:
        yield _("きまりに合わないときも、事情があれば、職員が特別に認めることがあります。")
    elif rule.staff_may:
        yield _("職員が特別に認めることがあるのは、次の場合です：%(cases)s。") % {
            "cases": _cases(rule.staff_may)
        }
    else:
        yield _("職員だけでは、特別に認めることができません。")
    if rule.head_may:
        yield _("%(head)sが特別に認めることがあるのは、次の場合です：%(cases)s。") % {
            **head,
            "cases": _cases(rule.head_may),
        }
    else:
        yield _("%(head)sが認めることもあります。") % head
    if rule.never:
        yield _("次の場合は、だれも認められません：%(cases)s。") % {"cases": _cases(rule.never)}
    yield _("認めたときは、理由・人・時刻を記録に残します。")
    yield _(rule.words)


def _cases(codes: tuple[BookingRefusal, ...]) -> str:
    return listed([_("「%(case)s」") % {"case": sentence(Reason(code))} for code in codes])


def _papers(rule: PapersRule) -> Iterator[Fact]:
    for paper in rule.issued:
        yield Fact(_(PAPER_KIND_WORDS[paper.kind]), sentences(*_paper(paper)))
    yield Fact(
        _("領収書の内訳"),
        _("利用料と、食事などの費用を分けて書きます。")
        if rule.splits
        else _("利用料と、食事などの費用をまとめて書きます。"),
    )


def _paper(paper: IssuedPaper) -> Iterator[str]:
    if paper.day is not None:
        yield _("次の月の%(day)s日に渡します。") % {"day": paper.day}
    else:
        yield _("%(said)s。") % {"said": _(ISSUED_WHEN_WORDS[paper.when])}
    if paper.within_days is not None:
        yield (
            _("その日のうちに渡します。")
            if paper.within_days == 0
            else _("%(days)s日以内に渡します。") % {"days": paper.within_days}
        )
    if paper.forms:
        forms = listed([_(ISSUED_AS_WORDS[each]) for each in paper.forms])
        yield _("渡し方は、%(forms)sです。") % {"forms": forms}
    if paper.fee_yen:
        yield _("手数料は%(yen)sです。") % {"yen": yen(paper.fee_yen)}
    yield _(paper.note)


def _clock(written: str) -> str:
    return f"{int(written[:2])}:{written[3:]}"
