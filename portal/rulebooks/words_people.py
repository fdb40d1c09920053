"""Kinds G2 to G5 in words: who may come, for what, and with which papers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portal.documents.dates import jdate
from portal.documents.i18n import either, listed, sentences
from portal.documents.i18n import gettext as _
from portal.policies.age import (
    AGE_REFERENCE_WORDS,
    AgeLimit,
    AgeReading,
    AgeReference,
    AgeRule,
    AgeUnit,
)
from portal.policies.document import RulesDocument
from portal.policies.enrolment import ENROLMENT_WORDS, EnrolledToo, EnrolmentRule
from portal.policies.facts import Enrolment
from portal.policies.gates import GateFailure, GateMoment, GateRule
from portal.policies.proofs import ProofDemand, ProofDue, ProofRule, ProofValidity
from portal.policies.purposes import Approver, PurposesRule
from portal.policies.residence import OtherHome, ResidenceRule, Unknown
from portal.rulebooks.fact import Fact
from portal.rulebooks.words_day import ages_words, months_words


def people_facts(document: RulesDocument) -> list[Fact]:
    """Return who may come and for what, as lines; kinds that ask for nothing are left out."""
    found: list[Fact] = []
    purposes = document.purposes or PurposesRule()
    if document.age:
        found.append(Fact(_("対象"), age_words(document.age)))
        found += _more_of_age(document.age)
    if document.residence:
        found.append(Fact(_("住んでいるところ"), residence_words(document.residence, purposes)))
    if document.enrolment:
        found.append(
            Fact(_("ほかの園に通うお子さん"), enrolment_words(document.enrolment, purposes))
        )
    found += [Fact(_("お子さんのようす"), gate_words(each, purposes)) for each in document.gates]
    if document.purposes:
        found += purpose_facts(document.purposes)
    return found


def age_words(rule: AgeRule) -> str:
    """Return ``0歳6か月から小学校に入る前まで``."""
    youngest, eldest = youngest_words(rule), eldest_words(rule)
    if youngest and eldest:
        return _("%(youngest)s%(eldest)s") % {"youngest": youngest, "eldest": eldest}
    return youngest or eldest


def youngest_words(rule: AgeRule) -> str:
    """Return ``0歳6か月から``; nothing where a newborn may come."""
    if rule.min is None:
        return ""
    if rule.min.unit is AgeUnit.MATERNITY_LEAVE_END:
        return _("産後休業（産後8週間）が終わった次の日から")
    return _("%(age)sから") % {"age": _age(rule.min)}


def eldest_words(rule: AgeRule) -> str:
    """Return ``小学校に入る前まで``; nothing without an upper limit."""
    limit = rule.max
    if limit is None:
        return ""
    if limit.unit is AgeUnit.SCHOOL_ENTRY:
        return _("小学校に入る前まで")
    if limit.days_before is not None:
        return _("%(age)sの誕生日の%(days)s日前まで") % {
            "age": _age(limit),
            "days": limit.days_before,
        }
    if limit.inclusive and limit.unit in {AgeUnit.YEARS, AgeUnit.MONTHS}:
        after = limit.model_copy(update={"value": (limit.value or 0) + 1})
        values = {"age": _age(limit), "after": _age(after)}
        return _("%(age)sまで（%(after)sになる前の日まで）") % values
    if limit.unit is AgeUnit.CLASS_AGE or limit.inclusive:
        return _("%(age)sまで") % {"age": _age(limit)}
    return _("%(age)sになる前まで") % {"age": _age(limit)}


def _age(limit: AgeLimit) -> str:
    if limit.unit is AgeUnit.CLASS_AGE:
        return _("%(age)s歳児クラス") % {"age": limit.value}
    if limit.unit is AgeUnit.DAYS:
        return _("生後%(days)s日") % {"days": limit.value}
    if limit.unit is AgeUnit.WEEKS:
        return _("生後%(weeks)s週") % {"weeks": limit.value}
    if limit.unit is AgeUnit.YEARS:
        return _("%(years)s歳") % {"years": limit.value}
    return months_words(limit.value)


def _more_of_age(rule: AgeRule) -> Iterator[Fact]:
    """What stands in few rules: other days to look at, dates of birth, brothers and sisters."""
    said = [*_references(rule), *_readings(rule)]
    if said:
        yield Fact(_("年齢の数え方"), sentences(*said))
    if rule.born_from or rule.born_until:
        yield Fact(_("生まれた日"), _born(rule))
    if rule.with_sibling:
        words = _("きょうだいといっしょに申し込むときは、%(ages)sです。") % {
            "ages": age_words(rule.for_siblings())
        }
        yield Fact(_("きょうだいの年齢"), words)


def _born(rule: AgeRule) -> str:
    if rule.born_until is None:
        said = _("%(since)sからあとに生まれたお子さん")
    elif rule.born_from is None:
        said = _("%(until)sまでに生まれたお子さん")
    else:
        said = _("%(since)sから%(until)sまでに生まれたお子さん")
    since, until = rule.born_from, rule.born_until
    return said % {"since": jdate(since) if since else "", "until": jdate(until) if until else ""}


def _ends(rule: AgeRule) -> list[tuple[str, AgeLimit]]:
    named = ((_("何歳から"), rule.min), (_("何歳まで"), rule.max))
    return [(name, end) for name, end in named if end is not None]


def _readings(rule: AgeRule) -> Iterator[str]:
    """A sentence where a birthday counts a day early: for both ends, or for one of them."""
    counted = [
        (name, end.reading or rule.reading)
        for name, end in _ends(rule)
        if end.unit in {AgeUnit.MONTHS, AgeUnit.YEARS} and end.days_before is None
    ]
    by_law = [name for name, reading in counted if reading is AgeReading.DAY_BEFORE]
    if by_law and len(by_law) == len(counted):
        yield _("年齢は、法律の数え方（誕生日の前の日に年をとる）で見ます。")
    elif by_law:
        yield _("「%(name)s」は、法律の数え方（誕生日の前の日に年をとる）で見ます。") % {
            "name": by_law[0]
        }


def _references(rule: AgeRule) -> Iterator[str]:
    """A sentence for each end whose age is looked at on another day than that of use."""
    by_class = {AgeUnit.CLASS_AGE, AgeUnit.SCHOOL_ENTRY}
    for name, end in _ends(rule):
        if end.unit in by_class:
            continue
        reference = end.reference or rule.reference
        if reference is not AgeReference.DAY_OF_USE:
            yield _("「%(name)s」は、%(day)sの年齢で見ます。") % {
                "name": name,
                "day": _(AGE_REFERENCE_WORDS[reference]),
            }


def residence_words(rule: ResidenceRule, purposes: PurposesRule) -> str:
    """Return where families live, and who may come from elsewhere."""
    places = {"places": listed(list(rule.place_words))}
    if not rule.required:
        return (
            _(
                "どこに住む方も使えます。%(places)sに住む方と、ほかの方とで、"
                "きまりがちがうことがあります。"
            )
            % places
        )
    said = [_only_for(rule.purposes, purposes), _("%(places)sに住む方が使えます。") % places]
    said += [_other_home(other, purposes) for other in rule.others]
    if rule.discretion:
        said.append(_("ほかの地域に住む方も、認められれば使えます。園に聞いてください。"))
    if rule.unknown is Unknown.REFUSE:
        said.append(_("住所がわかるまで、予約は受けません。"))
    return sentences(*said)


def _other_home(other: OtherHome, purposes: PurposesRule) -> str:
    places = listed([*other.cities, *other.prefectures])
    said = _("%(who)sは、よそに住んでいても使えます") % {"who": _(other.words)}
    details = []
    if places:
        details.append(_("%(places)sに住む方だけ") % {"places": places})
    if other.purposes:
        details.append(
            _("「%(purposes)s」で使うときだけ") % {"purposes": _names(other.purposes, purposes)}
        )
    if other.statement:
        details.append(_("「%(paper)s」がいります") % {"paper": _(other.paper)})
    if other.approval:
        details.append(_("園や市区町村が認めてから決まります"))
    return _with_details(said, details)


def enrolment_words(rule: EnrolmentRule, purposes: PurposesRule) -> str:
    """Return which children may come though they go elsewhere."""
    said = [_only_for(rule.purposes, purposes)]
    if rule.accepts:
        said.append(_("%(whom)sが使えます。") % {"whom": _children(rule.accepts)})
    said += [_enrolled_too(each, purposes) for each in rule.also]
    if rule.discretion:
        said.append(_("ほかのお子さんも、認められれば使えます。園に聞いてください。"))
    if rule.unknown is Unknown.REFUSE:
        said.append(_("通っている園がわかるまで、予約は受けません。"))
    return sentences(*said)


def _enrolled_too(also: EnrolledToo, purposes: PurposesRule) -> str:
    details = []
    if also.purposes:
        details.append(
            _("「%(purposes)s」で使うときだけ") % {"purposes": _names(also.purposes, purposes)}
        )
    if also.own_place_closed:
        details.append(_("その園が休みの日だけ"))
    if also.approval:
        details.append(_("園や市区町村が認めてから決まります"))
    said = _("%(whom)sも使えます") % {"whom": _children(also.enrolments)}
    return _with_details(said, details)


def _children(enrolments: Iterable[Enrolment]) -> str:
    """Return ``幼稚園に通っているお子さん、どこにも通っていないお子さん``."""
    kinds = [_(ENROLMENT_WORDS[each]) for each in enrolments]
    return listed([_("%(kind)sお子さん") % {"kind": kind} for kind in kinds])


def gate_words(gate: GateRule, purposes: PurposesRule) -> str:
    """Return one question and what comes of its answer."""
    answer = _("はい") if gate.needed else _("いいえ")
    said = [
        _("「%(gate)s」が「%(answer)s」のお子さんを預かります。")
        % {"gate": _(gate.words), "answer": answer}
    ]
    if gate.max_temperature is not None:
        said.append(_("%(degrees)s℃以上のときは預かれません。") % {"degrees": gate.max_temperature})
    if ages := ages_words(gate.from_months, gate.below_months):
        said.append(_("%(ages)sのお子さんにたずねます。") % {"ages": ages})
    said.append(_only_for(gate.purposes, purposes))
    said.append(
        {
            GateMoment.REGISTRATION: _("登録のときに返事をします。"),
            GateMoment.BOOKING: _("予約のときに返事をします。"),
            GateMoment.ARRIVAL: _("当日の朝に確かめます。"),
        }[gate.asked_at]
    )
    if gate.staff_confirm:
        said.append(_("園が確かめてから、予約できます。"))
    if gate.valid_days is not None:
        said.append(
            _("返事は、その日だけ使えます。")
            if gate.valid_days == 0
            else _("返事は%(days)s日のあいだ使えます。") % {"days": gate.valid_days}
        )
    if gate.each_fiscal_year:
        said.append(_("年度が変わると、もう一度たずねます。"))
    if gate.on_failure is GateFailure.ASK_STAFF:
        said.append(_("ちがうときは、園が話を聞いてから決めます。"))
    return sentences(*said)


def purpose_facts(rule: PurposesRule) -> list[Fact]:
    """Return for what families may come: a line for each type of use."""
    if not rule.ask:
        return [Fact(_("利用の理由"), _("理由は問いません。"))]
    found = []
    for kind in rule.types:
        reasons = [
            _("「%(name)s」") % {"name": _(each.label)}
            for each in rule.reasons
            if each.type == kind.code
        ]
        said = [_("%(words)s") % {"words": _(kind.words)} if kind.words else ""]
        if reasons:
            said.append(_("理由は、%(reasons)sです。") % {"reasons": listed(reasons)})
        said += [proof_words(kind.proof), _approver(kind.approved_by)]
        found.append(Fact(_(kind.name), sentences(*said) or _("この理由で使えます。")))
    for reason in rule.reasons:
        own = [proof_words(reason.proof)]
        if reason.approved_by is not None:
            own.append(_approver(reason.approved_by) or _("だれの承認もいりません。"))
        if rule.type_of(reason.type) is None:
            kind_name = {"kind": _(rule.name_of(reason.type))}
            own.insert(0, _("「%(kind)s」の利用になります。") % kind_name)
        if any(own):
            found.append(Fact(_(reason.label), sentences(*own)))
    if rule.reason_needed:
        found.append(Fact(_("利用の理由"), _("予約のときに、理由を1つえらびます。")))
    elif not found:
        found.append(Fact(_("利用の理由"), _("予約のときに、利用区分をえらびます。")))
    return found


def proof_words(proof: ProofRule | None) -> str:
    """Return which paper is asked for, by when and for how long; nothing where none is."""
    if proof is None or proof.demand is ProofDemand.NONE:
        return _("書類はいりません。") if proof else ""
    paper = {"paper": either(proof.paper)}
    if proof.demand is ProofDemand.MAY_BE_ASKED:
        said = [_("「%(paper)s」を見せていただくことがあります。") % paper]
    else:
        said = [
            {
                ProofDue.BOOKING: _("予約の前に「%(paper)s」を出します。"),
                ProofDue.DAY_OF_USE: _("利用の日に「%(paper)s」を持ってきます。"),
                ProofDue.AFTER_USE: _("利用のあとで「%(paper)s」を出します。"),
            }[proof.due]
            % paper
        ]
    is_shown = proof.demand is ProofDemand.NEEDED
    said.append(
        {
            ProofValidity.PAPER: _("書類に期限があれば、その日まで使えます。") if is_shown else "",
            ProofValidity.FISCAL_YEAR: _("その年度の終わり（3月31日）まで使えます。"),
            ProofValidity.MONTHS: _("%(months)sか月のあいだ使えます。"),
            ProofValidity.EACH_USE: _("利用の日ごとに出します。"),
        }[proof.validity]
        % {"months": proof.months}
    )
    return sentences(*said)


def _approver(approver: Approver) -> str:
    return {
        Approver.NOBODY: "",
        Approver.FACILITY: _("園が承認してから、予約が決まります。"),
        Approver.CITY: _("市区町村が承認してから、予約が決まります。"),
    }[approver]


def _only_for(codes: Iterable[str], purposes: PurposesRule) -> str:
    names = _names(codes, purposes)
    return _("「%(purposes)s」で使うときのきまりです。") % {"purposes": names} if names else ""


def _names(codes: Iterable[str], purposes: PurposesRule) -> str:
    return listed([_(purposes.name_of(code)) for code in codes], "・")


def _with_details(said: str, details: list[str]) -> str:
    if not details:
        return _("%(said)s。") % {"said": said}
    return _("%(said)s（%(details)s）。") % {"said": said, "details": listed(details)}
