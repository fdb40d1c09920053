"""The steps before the first stay in words for families, in their order."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from portal.documents.dates import jduration, weekday
from portal.documents.i18n import gettext as _
from portal.documents.i18n import listed, sentences
from portal.documents.money import yen
from portal.documents.wording.step_names import step_name
from portal.policies.calendar import WEEKDAY_WORDS
from portal.policies.meeting import MEETING_PLACE_WORDS, Meeting
from portal.policies.purposes import PurposesRule
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


def steps_words(
    rule: StepsRule | None,
    ordered: Collection[StepKind] = (),
    purposes: PurposesRule | None = None,
) -> list[tuple[str, str]]:
    """Return a line for each step: what it is, and when and how it is done.

    Args:
        ordered: What staff asked of the child that is spoken of, beyond what all are asked.
        purposes: Where types of use that the provider named itself have their names.
    """
    if rule is None:
        return []
    names = purposes or PurposesRule()
    first = [(_("はじめての利用"), _first(rule, names))] if rule.first_use_purposes else []
    return first + [
        (
            _("利用の前に %(number)s　%(step)s")
            % {"number": number, "step": step_name(step.kind.value)},
            sentences(*_said_of(step, names, is_ordered=step.kind in ordered)),
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


def _first(rule: StepsRule, names: PurposesRule) -> str:
    return _("「%(purposes)s」から始めます。そのあと、ほかの理由でも使えます。") % {
        "purposes": listed([_purpose(each, names) for each in rule.first_use_purposes], "・")
    }


def _purpose(code: str, names: PurposesRule) -> str:
    """The name of a type of use, the same that all other lines have."""
    return _(names.name_of(code))


def _said_of(step: StepRule, names: PurposesRule, *, is_ordered: bool) -> Iterator[str]:
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
        purposes = listed([_purpose(each, names) for each in step.opens], "・")
        yield _("「%(purposes)s」で使うときだけです。") % {"purposes": purposes}
    if step.meeting is not None:
        yield from _held(step.meeting)
    if step.trial is not None:
        for number, part in enumerate(step.trial.parts, start=1):
            yield _("%(said)s。") % {"said": part_words(part, number)}
        if step.trial.may_be_prolonged:
            yield _("お子さんのようすで、回数がふえることがあります。")
        yield trial_fee_words(step.trial)
        yield from _counted(step.trial)
    yield _(step.words)


def _counted(rule: TrialRule) -> Iterator[str]:
    """What a trial means for limits and for the stays after it, where that is unusual."""
    if not rule.counts_toward_caps:
        yield _("ならし預かりは、日数や時間の上限に数えません。")
    if rule.free_tickets:
        yield _("ならし預かりのあと、お試し券を%(count)s枚渡します。") % {
            "count": rule.free_tickets
        }


def _held(meeting: Meeting) -> Iterator[str]:
    """Where and when a step is held, and with how many families."""
    if meeting.places:
        places = listed([_(MEETING_PLACE_WORDS[each]) for each in meeting.places], "→")
        yield _("場所は、%(places)sです。") % {"places": places}
    days = listed([weekday(WEEKDAY_WORDS[each]) for each in meeting.weekdays], "・")
    starts = listed([f"{int(at[:2])}:{at[3:]}" for at in meeting.starts], "・")
    if days and starts:
        yield _("%(days)s曜日の %(starts)s からです。") % {"days": days, "starts": starts}
    elif days or starts:
        said = _("%(days)s曜日に行います。") if days else _("%(starts)s からです。")
        yield said % {"days": days, "starts": starts}
    if meeting.minutes:
        yield _("%(length)sくらいです。") % {"length": jduration(meeting.minutes)}
    if meeting.families_from > 1:
        yield _("%(least)s組から%(most)s組までで、いっしょに行います。") % {
            "least": meeting.families_from,
            "most": meeting.families,
        }
    elif meeting.families > 1:
        yield _("1回に%(most)s組までです。") % {"most": meeting.families}
    if not meeting.by_appointment:
        yield _("予約なしで来られます。")
    if meeting.child_present:
        yield _("お子さんもいっしょに来てください。")
    if meeting.open_to_expecting:
        yield _("妊娠中の方も参加できます。")
