"""The steps before the first stay in words for families, in their order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType

from portal.documents.dates import jduration
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, sentences
from portal.documents.money import yen
from portal.documents.wording.step_names import step_name
from portal.policies.steps import (
    Before,
    Demand,
    StepKind,
    StepRule,
    StepsRule,
    TrialFeeKind,
    TrialPart,
    TrialRule,
)

#: The reasons of use that a step can open, as short as a sentence needs them.
PURPOSES: Mapping[str, str] = MappingProxyType(
    {
        "respite": "リフレッシュ",
        "irregular_work": "仕事・学校",
        "emergency": "通院・出産・介護など",
    }
)


def steps_words(
    rule: StepsRule | None, ordered: Collection[StepKind] = ()
) -> list[tuple[str, str]]:
    """Return a line for each step: what it is, and when and how it is done.

    Args:
        ordered: What staff asked of the child that is spoken of, beyond what all are asked.
    """
    if rule is None:
        return []
    return [
        (
            _("利用の前に %(number)s　%(step)s")
            % {"number": number, "step": step_name(step.kind.value)},
            sentences(*_said_of(step, is_ordered=step.kind in ordered)),
        )
        for number, step in enumerate(rule.steps, start=1)
    ]


def part_words(part: TrialPart, number: int) -> str:
    """Return the limits of a part of trial care, without a full stop."""
    values = {
        "number": number,
        "length": jduration(part.longest_minutes),
        "at": f"{int(part.ends_by[:2])}:{part.ends_by[3:]}" if part.ends_by else "",
    }
    if part.ends_by and part.with_guardian:
        said = _("%(number)s回目は%(length)sまで、%(at)sまでに終わります（保護者もいっしょ）")
    elif part.ends_by:
        said = _("%(number)s回目は%(length)sまで、%(at)sまでに終わります")
    elif part.with_guardian:
        said = _("%(number)s回目は%(length)sまで（保護者もいっしょ）")
    else:
        said = _("%(number)s回目は%(length)sまで")
    return said % values


def trial_fee_words(rule: TrialRule) -> str:
    """Return what a part of trial care costs, as a sentence."""
    if rule.fee is TrialFeeKind.FREE:
        return _("ならし預かりは無料です。")
    if rule.fee is TrialFeeKind.FIXED:
        return _("ならし預かりは、1回 %(yen)sです。") % {"yen": yen(rule.fixed_yen or 0)}
    return _("ならし預かりの料金は、ふだんの預かりと同じです。")


def _said_of(step: StepRule, *, is_ordered: bool) -> Iterator[str]:
    if is_ordered:
        yield _("園からのお願いです。はじめて使う前にします。")
    elif step.demand is Demand.RECOMMENDED:
        yield _("おすすめしています。しなくても使えます。")
    elif step.demand is Demand.ORDERED:
        yield _("園からお願いしたときに、していただきます。")
    elif step.before is Before.ACCEPTANCE:
        yield _("登録の前にします。")
    else:
        yield _("はじめて使う前にします。")
    if step.opens:
        purposes = listed([_(PURPOSES[each]) for each in step.opens], "・")
        yield _("「%(purposes)s」で使うときだけです。") % {"purposes": purposes}
    if step.trial is not None:
        for number, part in enumerate(step.trial.parts, start=1):
            yield _("%(said)s。") % {"said": part_words(part, number)}
        if step.trial.may_be_prolonged:
            yield _("お子さんのようすで、回数がふえることがあります。")
        yield trial_fee_words(step.trial)
    yield _(step.words)
