"""What came of a tried wish, in words: reasons with their rules, fee, limits, what is used up."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from types import MappingProxyType
from typing import Any

from portal.bookings.words import Explained, explain, fee_groups
from portal.documents.dates import jdatetime, jlimit
from portal.documents.i18n import gettext as _
from portal.documents.money import yen
from portal.documents.wording.sentences import sentence
from portal.kernel.clock import local_date
from portal.kernel.errors import Reason
from portal.office.rules_late import late_words
from portal.office.rules_try_aside import who_may
from portal.office.rules_try_case import NAMES
from portal.policies.cancelling import late_steps
from portal.policies.case import Case
from portal.policies.decide import decide
from portal.policies.decision import Decision
from portal.policies.matching import variants_that_hold
from portal.policies.outcome import Outcome
from portal.rulebooks.kept import takes_the_web_alone
from portal.rulebooks.rule_facts import NamedRule
from portal.rulebooks.trying.words import cap_words, of_child

OUTCOME_WORDS: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.CONFIRMED: "予約できます",
        Outcome.PROVISIONAL: "仮の予約になります（書類がそろうと決まります）",
        Outcome.AWAITS_APPROVAL: "申し込めます（承認を待ちます）",
        Outcome.LOTTERY: "申し込めます（抽選です）",
    }
)
#: The same of a family that asks for itself: what people decide it cannot book on the web.
_BY_CALL: Mapping[Outcome, str] = MappingProxyType(
    {
        Outcome.PROVISIONAL: "電話や窓口で、仮に予約できます（書類がそろうと決まります）",
        Outcome.AWAITS_APPROVAL: "電話や窓口で申し込めます（職員が決めます）",
        Outcome.LOTTERY: "電話や窓口で申し込めます（抽選です）",
    }
)


@dataclass(frozen=True, slots=True)
class Tried:
    """An answer as the page shows it; ``decision`` is what it is made of."""

    decision: Decision
    headline: str
    reasons: Sequence[Explained]
    #: What is set aside as it was asked for; without it these would be reasons.
    aside: Sequence[Explained]
    #: Who may set a reason aside, by its code.
    who_may: Mapping[str, str]
    notes: Sequence[str]
    fee_groups: Sequence[dict[str, Any]]
    is_priced: bool
    limits: Sequence[tuple[str, str]]
    caps: Sequence[str]
    variants: Sequence[str]
    #: Why the family has no way to ask for it, though nothing stands against it; else empty.
    no_way: str = ""

    @property
    def is_allowed(self) -> bool:
        """Whether nothing of the rules stands against it, and the family can ask for it."""
        return not self.decision.reasons and not self.no_way

    @property
    def rules(self) -> list[NamedRule]:
        """The rules that the reasons come from, each once."""
        found = {each.rule.number: each.rule for each in self.reasons if each.rule}
        return list(found.values())

    @property
    def fee_words(self) -> str:
        """The fee as one figure."""
        return yen(self.decision.fee.total_yen) if self.is_priced else _("料金のきまりなし")


def tried(case: Case, *, now: datetime) -> Tried:
    """Decide a case and put the answer into words."""
    decision = decide(case, now=now)
    no_way = _no_way(decision, case)
    today = local_date(now)
    names = {uuid.UUID(int=n): name for n, name in enumerate(NAMES, start=1)}
    several = len(case.children) > 1
    groups = fee_groups(decision.fee, names, minutes=case.span.minutes)
    steps = late_steps(case, decision.fee, now=now)
    variants = (name for child in case.children for name in variants_that_hold(case, child))
    document = case.document
    reasons, aside = (
        explain(found, names, today=today, document=document)
        for found in (decision.reasons, decision.overruled)
    )
    return Tried(
        decision=decision,
        headline=_("申し込む方法がありません") if no_way else _headline(decision, case),
        reasons=reasons,
        aside=aside,
        who_may={each.code: who_may(each.code, document) for each in (*reasons, *aside)},
        notes=_once(_note(note, names if several else {}, today) for note in decision.notes),
        fee_groups=groups,
        is_priced=document.fee is not None or bool(decision.fee.lines),
        limits=_limits(decision, late_words(steps, today), today),
        caps=_once(
            f"{names[use.child_id]}：{cap_words(use)}"
            if several and use.child_id in names
            else cap_words(use)
            for use in decision.caps
        ),
        variants=_once(variants),
        no_way=no_way,
    )


def _note(note: Reason, names: Mapping[uuid.UUID, str], today: date) -> str:
    """A note; of several children it says whose it is."""
    child = names.get(note.child_id) if note.child_id else None
    return of_child(sentence(note, child=child, today=today), child)


def otherwise(new: Tried, old: Tried) -> list[tuple[str, str, str]]:
    """Return in what the answer differs from that of other rules: term, old, new."""
    pairs = [
        (_("結果"), _short(old), _short(new)),
        (_("料金"), old.fee_words, new.fee_words),
        *(
            (term, before, after)
            for (term, before), (_term, after) in zip(old.limits, new.limits, strict=True)
        ),
    ]
    return [each for each in pairs if each[1] != each[2]]


def _short(one: Tried) -> str:
    if not one.reasons:
        return one.headline
    names = [each.rule.name if each.rule else each.sentence for each in one.reasons]
    return _("予約できません（%(rules)s）") % {"rules": "、".join(dict.fromkeys(names))}


def _no_way(decision: Decision, case: Case) -> str:
    """Return why nobody can apply, where people decide what is taken by the web alone."""
    if decision.reasons or case.by_staff or decision.outcome is Outcome.CONFIRMED:
        return ""
    if not takes_the_web_alone(case.document):
        return ""
    return _(
        "職員が決める予約なのに、受けるのがインターネットだけです。"
        "ご家庭はウェブで予約できないので、だれも申し込めません。"
    )


def _headline(decision: Decision, case: Case) -> str:
    if decision.reasons:
        return _("予約できません。理由は%(count)sつです") % {"count": len(decision.reasons)}
    if decision.overruled:
        return _("特別に認めると、%(outcome)s") % {"outcome": _(OUTCOME_WORDS[decision.outcome])}
    words = OUTCOME_WORDS if case.by_staff else {**OUTCOME_WORDS, **_BY_CALL}
    return _(words[decision.outcome])


def _limits(decision: Decision, late: str, today: date) -> list[tuple[str, str]]:
    opens, until = decision.opens_at, decision.cancel_until
    said = _("%(until)s まで")
    always = _("いつでも") if decision.is_announced else _("まだ決まっていません")
    return [
        (_("予約の始まり"), jdatetime(opens, today) if opens else always),
        (_("予約のしめきり"), jlimit(decision.closes_at, today)),
        (_("無料の取り消し"), said % {"until": jlimit(until, today)} if until else _("いつでも")),
        (_("そのあとの取り消し"), late),
    ]


def _once(found: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(found))
